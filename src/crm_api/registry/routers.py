"""Every operation of the API, by its domain; who stands first is asked first."""

from crm_api.accounts import router as accounts
from crm_api.agencies import router as agencies
from crm_api.appointments import router as appointments
from crm_api.assistant import router as assistant
from crm_api.attribution import router as attribution
from crm_api.audit import router as audit
from crm_api.auth import router as auth
from crm_api.automations import router as automations
from crm_api.billing import router as billing
from crm_api.bulk_edits import router as bulk_edits
from crm_api.calendars import router as calendars
from crm_api.campaigns import router as campaigns
from crm_api.channels import router as channels
from crm_api.claims import router as claims
from crm_api.complaints import router as complaints
from crm_api.consents import router as consents
from crm_api.contacts import router as contacts
from crm_api.conversations import router as conversations
from crm_api.core.http import Router
from crm_api.custom_fields import router as custom_fields
from crm_api.discussions import router as discussions
from crm_api.duplicates import router as duplicates
from crm_api.events import router as events
from crm_api.exports import router as exports
from crm_api.files import router as files
from crm_api.home import router as home
from crm_api.imports import router as imports
from crm_api.integrations import router as integrations
from crm_api.interactions import router as interactions
from crm_api.invitations import router as invitations
from crm_api.jobs import router as jobs
from crm_api.knowledge import router as knowledge
from crm_api.leads import router as leads
from crm_api.legal_deadlines import router as legal_deadlines
from crm_api.loyalty import router as loyalty
from crm_api.mailings import router as mailings
from crm_api.mentions import router as mentions
from crm_api.metadata import router as metadata
from crm_api.missions import router as missions
from crm_api.notes import router as notes
from crm_api.notifications import router as notifications
from crm_api.opportunities import router as opportunities
from crm_api.organizations import router as organizations
from crm_api.policies import router as policies
from crm_api.products import router as products
from crm_api.profiles import router as profiles
from crm_api.quotes import router as quotes
from crm_api.reference import router as reference
from crm_api.relationships import router as relationships
from crm_api.reminders import router as reminders
from crm_api.roles import router as roles
from crm_api.saved_views import router as saved_views
from crm_api.search import router as search
from crm_api.segments import router as segments
from crm_api.sla import router as sla
from crm_api.surveys import router as surveys
from crm_api.tasks import router as tasks
from crm_api.telephony import router as telephony
from crm_api.templates import router as templates
from crm_api.tickets import router as tickets
from crm_api.timeline import router as timeline
from crm_api.tracking import router as tracking
from crm_api.users import router as users

ROUTERS: tuple[Router, ...] = (
    *auth.ROUTERS,
    *organizations.ROUTERS,
    *roles.ROUTERS,
    *users.ROUTERS,
    *invitations.ROUTERS,
    *agencies.ROUTERS,
    *calendars.ROUTERS,
    *sla.ROUTERS,
    *legal_deadlines.ROUTERS,
    *notifications.ROUTERS,
    *reference.ROUTERS,
    *custom_fields.ROUTERS,
    *accounts.ROUTERS,
    *contacts.ROUTERS,
    *relationships.ROUTERS,
    *consents.ROUTERS,
    *tickets.ROUTERS,
    *complaints.ROUTERS,
    *claims.ROUTERS,
    *policies.ROUTERS,
    *billing.ROUTERS,
    *products.ROUTERS,
    *quotes.ROUTERS,
    *opportunities.ROUTERS,
    *leads.ROUTERS,
    *imports.ROUTERS,
    *bulk_edits.ROUTERS,
    *duplicates.ROUTERS,
    *tasks.ROUTERS,
    *reminders.ROUTERS,
    *interactions.ROUTERS,
    *notes.ROUTERS,
    *mailings.ROUTERS,
    *surveys.ROUTERS,
    *loyalty.ROUTERS,
    *mentions.ROUTERS,
    *templates.ROUTERS,
    *automations.ROUTERS,
    *tracking.ROUTERS,
    *attribution.ROUTERS,
    *campaigns.ROUTERS,
    *segments.ROUTERS,
    *discussions.ROUTERS,
    *telephony.ROUTERS,
    *channels.ROUTERS,
    *conversations.ROUTERS,
    *timeline.ROUTERS,
    *search.ROUTERS,
    *home.ROUTERS,
    *profiles.ROUTERS,
    *integrations.ROUTERS,
    *appointments.ROUTERS,
    *missions.ROUTERS,
    *knowledge.ROUTERS,
    *assistant.ROUTERS,
    *files.ROUTERS,
    *exports.ROUTERS,
    *jobs.ROUTERS,
    *audit.ROUTERS,
    *events.ROUTERS,
    *metadata.ROUTERS,
    *saved_views.ROUTERS,
)
