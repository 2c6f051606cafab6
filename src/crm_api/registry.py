"""Who is in the house: nothing registers itself by accident."""

from collections.abc import Mapping, Sequence

from crm_api.agencies import jobs as agency_jobs
from crm_api.agencies import router as agencies
from crm_api.audit import jobs as audit_jobs
from crm_api.audit import router as audit
from crm_api.core.events import Event, Listener
from crm_api.core.http import Router
from crm_api.core.jobs import Jobs, Schedule
from crm_api.events import router as events
from crm_api.jobs import router as jobs

ROUTERS: tuple[Router, ...] = (*agencies.ROUTERS, *audit.ROUTERS, *events.ROUTERS, *jobs.ROUTERS)

LISTENERS: Mapping[type[Event], Sequence[Listener]] = {}

JOBS: Jobs = {**agency_jobs.JOBS, **audit_jobs.JOBS}

SCHEDULES: Sequence[Schedule] = (*audit_jobs.SCHEDULES,)
