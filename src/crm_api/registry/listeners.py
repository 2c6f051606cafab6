"""Who hears which fact of a lower floor, in which order."""

from collections.abc import Mapping, Sequence

from crm_api.accounts import listeners as account_listeners
from crm_api.accounts.events import AccountDeleted, AccountMergeUndone, AccountsMerged
from crm_api.agencies.events import AgencyClosed
from crm_api.appointments import listeners as appointment_listeners
from crm_api.assistant import listeners as assistant_listeners
from crm_api.auth import listeners as auth_listeners
from crm_api.billing import listeners as billing_listeners
from crm_api.billing.events import DunningPassed, ReceivableReopened, ReceivableSettled
from crm_api.calendars import listeners as calendar_listeners
from crm_api.channels import listeners as channel_listeners
from crm_api.channels.events import InboundMessageFiled
from crm_api.claims import listeners as claim_listeners
from crm_api.claims.events import ClaimSettled
from crm_api.complaints import listeners as complaint_listeners
from crm_api.consents import listeners as consent_listeners
from crm_api.consents.events import ConsentWithdrawn
from crm_api.contacts import listeners as contact_listeners
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.conversations import listeners as conversation_listeners
from crm_api.core.events import Event, Listener
from crm_api.discussions import listeners as discussion_listeners
from crm_api.duplicates import listeners as duplicate_listeners
from crm_api.interactions import listeners as interaction_listeners
from crm_api.interactions.events import InteractionCorrected, InteractionRecorded
from crm_api.knowledge import listeners as knowledge_listeners
from crm_api.leads import listeners as lead_listeners
from crm_api.leads.events import (
    LeadAnonymised,
    LeadAssigned,
    LeadContacted,
    LeadConversionUndone,
    LeadConverted,
    LeadDisqualified,
    LeadMerged,
    LeadUnmerged,
)
from crm_api.legal_deadlines import listeners as legal_deadline_listeners
from crm_api.loyalty import listeners as loyalty_listeners
from crm_api.mailings import listeners as mailing_listeners
from crm_api.missions import listeners as mission_listeners
from crm_api.notifications import listeners as notification_listeners
from crm_api.opportunities import listeners as opportunity_listeners
from crm_api.organizations.events import OrganizationActivated
from crm_api.policies import listeners as policy_listeners
from crm_api.policies.events import (
    EndorsementApplied,
    PolicyCancelled,
    PolicyExpiring,
    PolicyIssued,
    PolicyReinstatementDue,
    PolicyTerminated,
)
from crm_api.products import listeners as product_listeners
from crm_api.quotes import listeners as quote_listeners
from crm_api.quotes.events import QuoteAccepted, QuoteSent
from crm_api.relationships import listeners as relationship_listeners
from crm_api.roles import listeners as role_listeners
from crm_api.sla import listeners as sla_listeners
from crm_api.sla.events import SlaBreached, SlaEscalated, SlaWarned
from crm_api.surveys import listeners as survey_listeners
from crm_api.tasks import listeners as task_listeners
from crm_api.telephony import listeners as telephony_listeners
from crm_api.telephony.events import CallMissed
from crm_api.templates import listeners as template_listeners
from crm_api.tickets import listeners as ticket_listeners
from crm_api.tickets.events import (
    TicketAssigned,
    TicketMessageAdded,
    TicketOpened,
    TicketReopened,
    TicketSolved,
)
from crm_api.tracking import listeners as tracking_listeners
from crm_api.users.events import UserDeactivated, UserPasswordChanged, UserRoleChanged, UserSuspended

LISTENERS: Mapping[type[Event], Sequence[Listener]] = {
    OrganizationActivated: (
        role_listeners.furnish,
        calendar_listeners.furnish,
        sla_listeners.furnish,
        ticket_listeners.furnish,
        product_listeners.furnish,
        legal_deadline_listeners.furnish,
        opportunity_listeners.furnish,
        template_listeners.furnish,
    ),
    PolicyIssued: (
        billing_listeners.ask_for_premium,
        opportunity_listeners.win_with_policy,
        survey_listeners.ask_after_policy,
    ),
    ConsentWithdrawn: (mailing_listeners.hold_what_waits,),
    ClaimSettled: (survey_listeners.ask_after_claim,),
    SlaWarned: (ticket_listeners.hear_clock,),
    SlaBreached: (ticket_listeners.hear_clock, complaint_listeners.hear_clock),
    SlaEscalated: (ticket_listeners.hear_clock, complaint_listeners.hear_clock),
    TicketOpened: (complaint_listeners.enter_in_register, assistant_listeners.notice_ticket),
    TicketAssigned: (complaint_listeners.follow_ticket, channel_listeners.hand_item_over),
    TicketSolved: (channel_listeners.finish_item, survey_listeners.ask_after_ticket),
    TicketReopened: (channel_listeners.reopen_item,),
    ReceivableSettled: (loyalty_listeners.settle_points,),
    ReceivableReopened: (loyalty_listeners.settle_points,),
    DunningPassed: (task_listeners.ask_collectors,),
    EndorsementApplied: (billing_listeners.follow_endorsement,),
    PolicyTerminated: (billing_listeners.settle_ended_contract,),
    PolicyCancelled: (billing_listeners.settle_void_contract,),
    PolicyReinstatementDue: (billing_listeners.record_reinstatement,),
    LeadAssigned: (lead_listeners.tell_the_owner, lead_listeners.have_first_call_asked),
    LeadContacted: (lead_listeners.settle_first_call,),
    LeadConverted: (
        lead_listeners.settle_first_call,
        lead_listeners.bring_quotes_along,
        lead_listeners.bring_consents_along,
        duplicate_listeners.follow_converted_lead,
        tracking_listeners.follow_converted_lead,
    ),
    LeadConversionUndone: (
        lead_listeners.take_quotes_back,
        lead_listeners.take_consents_back,
        duplicate_listeners.return_to_unconverted_lead,
    ),
    LeadMerged: (duplicate_listeners.follow_merged_lead, lead_listeners.join_consents),
    LeadUnmerged: (duplicate_listeners.return_to_lead, lead_listeners.part_consents),
    LeadAnonymised: (lead_listeners.end_consents,),
    QuoteSent: (opportunity_listeners.hear_quote_sent,),
    QuoteAccepted: (opportunity_listeners.hear_quote_accepted,),
    LeadDisqualified: (lead_listeners.settle_first_call,),
    CallMissed: (telephony_listeners.ask_for_callback,),
    PolicyExpiring: (opportunity_listeners.open_renewal,),
    UserSuspended: (auth_listeners.end_sessions,),
    UserDeactivated: (
        auth_listeners.end_sessions,
        quote_listeners.hand_open_quotes_over,
        policy_listeners.hand_policies_over,
        billing_listeners.hand_debts_over,
        opportunity_listeners.hand_open_opportunities_over,
        lead_listeners.hand_open_leads_over,
        appointment_listeners.hand_appointments_over,
        mission_listeners.hand_missions_over,
        knowledge_listeners.hand_articles_over,
        claim_listeners.hand_claims_over,
        ticket_listeners.hand_tickets_over,
        complaint_listeners.hand_complaints_over,
        task_listeners.hand_unfinished_tasks_over,
        discussion_listeners.leave_discussions,
    ),
    UserRoleChanged: (
        auth_listeners.stop_refreshing,
        notification_listeners.tell_of_new_rights,
    ),
    UserPasswordChanged: (
        auth_listeners.end_other_sessions,
        notification_listeners.tell_of_new_password,
    ),
    AgencyClosed: (
        account_listeners.hand_accounts_over,
        contact_listeners.hand_contacts_over,
        quote_listeners.move_open_quotes,
        policy_listeners.move_living_policies,
        billing_listeners.move_unfinished_premiums,
        opportunity_listeners.move_open_opportunities,
        lead_listeners.move_open_leads,
        appointment_listeners.move_appointments,
        mission_listeners.move_open_missions,
        claim_listeners.move_open_claims,
        ticket_listeners.move_tickets,
        complaint_listeners.move_complaints,
        task_listeners.move_unfinished_tasks,
    ),
    AccountDeleted: (
        policy_listeners.hold_account,
        billing_listeners.hold_account,
        opportunity_listeners.hold_account,
        claim_listeners.hold_account,
        ticket_listeners.hold_account,
        contact_listeners.leave_deleted_account,
    ),
    AccountsMerged: (
        contact_listeners.follow_merged_account,
        relationship_listeners.follow_merged_account,
        quote_listeners.follow_merged_account,
        policy_listeners.follow_merged_account,
        opportunity_listeners.follow_merged_account,
        claim_listeners.follow_merged_account,
        ticket_listeners.follow_merged_account,
        interaction_listeners.follow_merged_account,
        duplicate_listeners.follow_merged_account,
        billing_listeners.follow_merged_account,
    ),
    AccountMergeUndone: (
        contact_listeners.return_to_account,
        relationship_listeners.return_to_account,
        quote_listeners.return_to_account,
        policy_listeners.return_to_account,
        opportunity_listeners.return_to_account,
        claim_listeners.return_to_account,
        ticket_listeners.return_to_account,
        interaction_listeners.return_to_account,
        duplicate_listeners.return_to_account,
        billing_listeners.return_to_account,
    ),
    ContactMerged: (
        consent_listeners.follow_merged_contact,
        relationship_listeners.follow_merged_contact,
        quote_listeners.follow_merged_contact,
        policy_listeners.follow_merged_contact,
        opportunity_listeners.follow_merged_contact,
        claim_listeners.follow_merged_contact,
        ticket_listeners.follow_merged_contact,
        interaction_listeners.follow_merged_contact,
        duplicate_listeners.follow_merged_contact,
        tracking_listeners.follow_merged_contact,
    ),
    ContactUnmerged: (
        consent_listeners.return_to_contact,
        relationship_listeners.return_to_contact,
        quote_listeners.return_to_contact,
        policy_listeners.return_to_contact,
        opportunity_listeners.return_to_contact,
        claim_listeners.return_to_contact,
        ticket_listeners.return_to_contact,
        interaction_listeners.return_to_contact,
        duplicate_listeners.return_to_contact,
        tracking_listeners.return_to_contact,
    ),
    InteractionRecorded: (opportunity_listeners.hear_interaction, lead_listeners.hear_interaction),
    InteractionCorrected: (lead_listeners.hear_correction,),
    TicketMessageAdded: (channel_listeners.send_answer, conversation_listeners.write_into_conversation),
    InboundMessageFiled: (conversation_listeners.find_who_answers,),
}
