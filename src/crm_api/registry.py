"""Who is in the house: nothing registers itself by accident."""

from collections.abc import Mapping, Sequence

from crm_api.accounts import listeners as accounts_listeners
from crm_api.accounts import router as accounts
from crm_api.accounts.events import AccountDeleted, AccountMergeUndone, AccountsMerged
from crm_api.agencies import router as agencies
from crm_api.agencies.events import AgencyClosed
from crm_api.contacts import listeners as contacts_listeners
from crm_api.contacts import router as contacts
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.core.events import Event, Listener
from crm_api.core.http import Router
from crm_api.core.jobs import Jobs, Schedule
from crm_api.custom_fields import router as custom_fields
from crm_api.relationships import listeners as relationships_listeners
from crm_api.relationships import router as relationships

ROUTERS: tuple[Router, ...] = (
    *agencies.ROUTERS,
    *custom_fields.ROUTERS,
    *accounts.ROUTERS,
    *contacts.ROUTERS,
    *relationships.ROUTERS,
)

LISTENERS: Mapping[type[Event], Sequence[Listener]] = {
    AgencyClosed: (accounts_listeners.hand_accounts_over, contacts_listeners.hand_contacts_over),
    AccountDeleted: (contacts_listeners.leave_deleted_account,),
    AccountsMerged: (
        contacts_listeners.follow_merged_account,
        relationships_listeners.follow_merged_account,
    ),
    AccountMergeUndone: (
        contacts_listeners.return_to_account,
        relationships_listeners.return_to_account,
    ),
    ContactMerged: (relationships_listeners.follow_merged_contact,),
    ContactUnmerged: (relationships_listeners.return_to_contact,),
}

JOBS: Jobs = {}

SCHEDULES: Sequence[Schedule] = ()
