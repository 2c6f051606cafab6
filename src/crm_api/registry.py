"""Who is in the house: nothing registers itself by accident."""

from collections.abc import Mapping, Sequence

from crm_api.agencies import router as agencies
from crm_api.core.events import Event, Listener
from crm_api.core.http import Router
from crm_api.core.jobs import Jobs, Schedule

ROUTERS: tuple[Router, ...] = (*agencies.ROUTERS,)

LISTENERS: Mapping[type[Event], Sequence[Listener]] = {}

JOBS: Jobs = {}

SCHEDULES: Sequence[Schedule] = ()
