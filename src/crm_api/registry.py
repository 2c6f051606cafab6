"""Who is in the house: nothing registers itself by accident."""

from collections.abc import Mapping, Sequence

from crm_api.accounts import listeners as accounts_listeners
from crm_api.accounts import router as accounts
from crm_api.agencies import router as agencies
from crm_api.agencies.events import AgencyClosed
from crm_api.core.events import Event, Listener
from crm_api.core.http import Router
from crm_api.core.jobs import Jobs, Schedule
from crm_api.custom_fields import router as custom_fields

ROUTERS: tuple[Router, ...] = (*agencies.ROUTERS, *custom_fields.ROUTERS, *accounts.ROUTERS)

LISTENERS: Mapping[type[Event], Sequence[Listener]] = {
    AgencyClosed: (accounts_listeners.hand_accounts_over,),
}

JOBS: Jobs = {}

SCHEDULES: Sequence[Schedule] = ()
