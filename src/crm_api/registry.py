"""Who is in the house: nothing registers itself by accident."""

from collections.abc import Mapping, Sequence

from crm_api.accounts import listeners as account_listeners
from crm_api.accounts import router as accounts
from crm_api.accounts.events import AccountDeleted, AccountMergeUndone, AccountsMerged
from crm_api.agencies import jobs as agency_jobs
from crm_api.agencies import router as agencies
from crm_api.agencies.events import AgencyClosed
from crm_api.audit import jobs as audit_jobs
from crm_api.audit import router as audit
from crm_api.auth import jobs as auth_jobs
from crm_api.auth import listeners as auth_listeners
from crm_api.auth import router as auth
from crm_api.contacts import listeners as contact_listeners
from crm_api.contacts import router as contacts
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.core.events import Event, Listener
from crm_api.core.housekeeping import keep_house
from crm_api.core.http import Router
from crm_api.core.jobs import Jobs, Schedule
from crm_api.custom_fields import router as custom_fields
from crm_api.events import router as events
from crm_api.invitations import jobs as invitation_jobs
from crm_api.invitations import router as invitations
from crm_api.jobs import router as jobs
from crm_api.leads import listeners as lead_listeners
from crm_api.leads import router as leads
from crm_api.organizations import jobs as organization_jobs
from crm_api.organizations import router as organizations
from crm_api.organizations.events import OrganizationActivated
from crm_api.reference import router as reference
from crm_api.relationships import listeners as relationship_listeners
from crm_api.relationships import router as relationships
from crm_api.roles import listeners as role_listeners
from crm_api.roles import router as roles
from crm_api.users import router as users
from crm_api.users.events import UserDeactivated, UserPasswordChanged, UserRoleChanged, UserSuspended

ROUTERS: tuple[Router, ...] = (
    *auth.ROUTERS,
    *organizations.ROUTERS,
    *roles.ROUTERS,
    *users.ROUTERS,
    *invitations.ROUTERS,
    *agencies.ROUTERS,
    *reference.ROUTERS,
    *custom_fields.ROUTERS,
    *accounts.ROUTERS,
    *contacts.ROUTERS,
    *relationships.ROUTERS,
    *leads.ROUTERS,
    *jobs.ROUTERS,
    *audit.ROUTERS,
    *events.ROUTERS,
)

LISTENERS: Mapping[type[Event], Sequence[Listener]] = {
    OrganizationActivated: (role_listeners.furnish,),
    UserSuspended: (auth_listeners.end_sessions,),
    UserDeactivated: (auth_listeners.end_sessions, lead_listeners.hand_open_leads_over),
    UserRoleChanged: (auth_listeners.stop_refreshing,),
    UserPasswordChanged: (auth_listeners.end_other_sessions,),
    AgencyClosed: (
        account_listeners.hand_accounts_over,
        contact_listeners.hand_contacts_over,
        lead_listeners.move_open_leads,
    ),
    AccountDeleted: (contact_listeners.leave_deleted_account,),
    AccountsMerged: (contact_listeners.follow_merged_account, relationship_listeners.follow_merged_account),
    AccountMergeUndone: (contact_listeners.return_to_account, relationship_listeners.return_to_account),
    ContactMerged: (relationship_listeners.follow_merged_contact,),
    ContactUnmerged: (relationship_listeners.return_to_contact,),
}

JOBS: Jobs = {
    "keep_house": keep_house,
    **agency_jobs.JOBS,
    **audit_jobs.JOBS,
    **organization_jobs.JOBS,
    **invitation_jobs.JOBS,
    **auth_jobs.JOBS,
}

SCHEDULES: Sequence[Schedule] = (
    Schedule("keep_house", "40 2 * * *"),
    *audit_jobs.SCHEDULES,
    *invitation_jobs.SCHEDULES,
    *auth_jobs.SCHEDULES,
)

TAGS: Mapping[str, str] = {
    "auth": "Sign in, register, second factor, keys of partner systems.",
    "sessions": "Sessions of other users.",
    "organization": "The company sheet, its logo and its settings.",
    "users": "The staff, and invitations of colleagues.",
    "roles": "Roles, groups and permissions.",
    "agencies": "The distribution network: regions and agencies.",
    "reference": "Dated reference data and labels of enumerations.",
    "custom-fields": "Fields that an organization defines for itself.",
    "accounts": "Households, companies and public bodies.",
    "contacts": "Natural persons, and their links to accounts.",
    "relationships": "Who is what to whom: families, directors, beneficial owners.",
    "leads": "People who may become customers: capture, routing, qualification, conversion.",
    "jobs": "Long work and its progress.",
    "audit": "Who did and saw what.",
    "events": "The log of facts.",
    "problems": "The catalogue of refusals.",
}
"""What the groups of the published contract are about."""
