"""Who is in the house: nothing registers itself by accident."""

from collections.abc import Mapping, Sequence

from crm_api.accounts import listeners as accounts_listeners
from crm_api.accounts import router as accounts
from crm_api.agencies import router as agencies
from crm_api.agencies.events import AgencyClosed
from crm_api.contacts import router as contacts
from crm_api.core.events import Event, Listener
from crm_api.core.http import Router
from crm_api.core.jobs import Jobs, Schedule
from crm_api.custom_fields import router as custom_fields
from crm_api.leads import listeners as lead_listeners
from crm_api.leads import router as leads
from crm_api.reference import router as reference

ROUTERS: tuple[Router, ...] = (
    *agencies.ROUTERS,
    *reference.ROUTERS,
    *custom_fields.ROUTERS,
    *accounts.ROUTERS,
    *contacts.ROUTERS,
    *leads.ROUTERS,
)

LISTENERS: Mapping[type[Event], Sequence[Listener]] = {
    AgencyClosed: (accounts_listeners.hand_accounts_over, lead_listeners.move_open_leads),
}

JOBS: Jobs = {}

SCHEDULES: Sequence[Schedule] = ()
