"""Slow work, and what is done by the clock."""

from collections.abc import Sequence

from crm_api.agencies import jobs as agency_jobs
from crm_api.appointments import jobs as appointment_jobs
from crm_api.attribution import jobs as attribution_jobs
from crm_api.audit import jobs as audit_jobs
from crm_api.auth import jobs as auth_jobs
from crm_api.automations import jobs as automation_jobs
from crm_api.billing import jobs as billing_jobs
from crm_api.bulk_edits import jobs as bulk_edit_jobs
from crm_api.calendars import jobs as calendar_jobs
from crm_api.campaigns import jobs as campaign_jobs
from crm_api.channels import jobs as channel_jobs
from crm_api.claims import jobs as claim_jobs
from crm_api.complaints import jobs as complaint_jobs
from crm_api.consents import jobs as consent_jobs
from crm_api.core.housekeeping import keep_house
from crm_api.core.jobs import Jobs, Schedule
from crm_api.discussions import jobs as discussion_jobs
from crm_api.duplicates import jobs as duplicate_jobs
from crm_api.exports import jobs as export_jobs
from crm_api.files import jobs as file_jobs
from crm_api.imports import jobs as import_jobs
from crm_api.integrations import jobs as integration_jobs
from crm_api.invitations import jobs as invitation_jobs
from crm_api.knowledge import jobs as knowledge_jobs
from crm_api.leads import jobs as lead_jobs
from crm_api.legal_deadlines import jobs as legal_deadline_jobs
from crm_api.loyalty import jobs as loyalty_jobs
from crm_api.mailings import jobs as mailing_jobs
from crm_api.mentions import jobs as mention_jobs
from crm_api.missions import jobs as mission_jobs
from crm_api.notifications import jobs as notification_jobs
from crm_api.opportunities import jobs as opportunity_jobs
from crm_api.organizations import jobs as organization_jobs
from crm_api.policies import jobs as policy_jobs
from crm_api.products import jobs as product_jobs
from crm_api.quotes import jobs as quote_jobs
from crm_api.reminders import jobs as reminder_jobs
from crm_api.segments import jobs as segment_jobs
from crm_api.sla import jobs as sla_jobs
from crm_api.surveys import jobs as survey_jobs
from crm_api.tasks import jobs as task_jobs
from crm_api.templates import jobs as template_jobs
from crm_api.tickets import jobs as ticket_jobs
from crm_api.tracking import jobs as tracking_jobs

JOBS: Jobs = {
    "keep_house": keep_house,
    **agency_jobs.JOBS,
    **consent_jobs.JOBS,
    **appointment_jobs.JOBS,
    **audit_jobs.JOBS,
    **calendar_jobs.JOBS,
    **sla_jobs.JOBS,
    **ticket_jobs.JOBS,
    **complaint_jobs.JOBS,
    **legal_deadline_jobs.JOBS,
    **organization_jobs.JOBS,
    **product_jobs.JOBS,
    **quote_jobs.JOBS,
    **invitation_jobs.JOBS,
    **opportunity_jobs.JOBS,
    **policy_jobs.JOBS,
    **billing_jobs.JOBS,
    **mission_jobs.JOBS,
    **knowledge_jobs.JOBS,
    **claim_jobs.JOBS,
    **channel_jobs.JOBS,
    **auth_jobs.JOBS,
    **import_jobs.JOBS,
    **integration_jobs.JOBS,
    **bulk_edit_jobs.JOBS,
    **discussion_jobs.JOBS,
    **duplicate_jobs.JOBS,
    **notification_jobs.JOBS,
    **file_jobs.JOBS,
    **export_jobs.JOBS,
    **lead_jobs.JOBS,
    **task_jobs.JOBS,
    **mailing_jobs.JOBS,
    **survey_jobs.JOBS,
    **loyalty_jobs.JOBS,
    **mention_jobs.JOBS,
    **template_jobs.JOBS,
    **automation_jobs.JOBS,
    **tracking_jobs.JOBS,
    **attribution_jobs.JOBS,
    **campaign_jobs.JOBS,
    **template_jobs.JOBS,
    **segment_jobs.JOBS,
    **reminder_jobs.JOBS,
}

SCHEDULES: Sequence[Schedule] = (
    Schedule("keep_house", "40 2 * * *"),
    *audit_jobs.SCHEDULES,
    *calendar_jobs.SCHEDULES,
    *sla_jobs.SCHEDULES,
    *ticket_jobs.SCHEDULES,
    *complaint_jobs.SCHEDULES,
    *product_jobs.SCHEDULES,
    *quote_jobs.SCHEDULES,
    *legal_deadline_jobs.SCHEDULES,
    *invitation_jobs.SCHEDULES,
    *opportunity_jobs.SCHEDULES,
    *policy_jobs.SCHEDULES,
    *billing_jobs.SCHEDULES,
    *mission_jobs.SCHEDULES,
    *knowledge_jobs.SCHEDULES,
    *claim_jobs.SCHEDULES,
    *channel_jobs.SCHEDULES,
    *auth_jobs.SCHEDULES,
    *import_jobs.SCHEDULES,
    *discussion_jobs.SCHEDULES,
    *duplicate_jobs.SCHEDULES,
    *notification_jobs.SCHEDULES,
    *file_jobs.SCHEDULES,
    *lead_jobs.SCHEDULES,
    *task_jobs.SCHEDULES,
    *mailing_jobs.SCHEDULES,
    *survey_jobs.SCHEDULES,
    *loyalty_jobs.SCHEDULES,
    *mention_jobs.SCHEDULES,
    *automation_jobs.SCHEDULES,
    *tracking_jobs.SCHEDULES,
    *attribution_jobs.SCHEDULES,
    *campaign_jobs.SCHEDULES,
    *segment_jobs.SCHEDULES,
    *reminder_jobs.SCHEDULES,
)
