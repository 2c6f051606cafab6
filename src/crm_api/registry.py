"""Who is in the house: nothing registers itself by accident."""

from collections.abc import Mapping, Sequence

from crm_api.agencies import router as agencies
from crm_api.auth import jobs as auth_jobs
from crm_api.auth import listeners as auth_listeners
from crm_api.auth import router as auth
from crm_api.contacts import router as contacts
from crm_api.core.events import Event, Listener
from crm_api.core.http import Router
from crm_api.core.jobs import Jobs, Schedule
from crm_api.custom_fields import router as custom_fields
from crm_api.leads import router as leads
from crm_api.reference import router as reference
from crm_api.users.events import UserDeactivated, UserPasswordChanged, UserRoleChanged, UserSuspended

ROUTERS: tuple[Router, ...] = (
    *auth.ROUTERS,
    *agencies.ROUTERS,
    *reference.ROUTERS,
    *custom_fields.ROUTERS,
    *contacts.ROUTERS,
    *leads.ROUTERS,
)

LISTENERS: Mapping[type[Event], Sequence[Listener]] = {
    UserSuspended: (auth_listeners.end_sessions,),
    UserDeactivated: (auth_listeners.end_sessions,),
    UserRoleChanged: (auth_listeners.stop_refreshing,),
    UserPasswordChanged: (auth_listeners.end_other_sessions,),
}

JOBS: Jobs = {**auth_jobs.JOBS}

SCHEDULES: Sequence[Schedule] = (Schedule("purge_sessions", "20 3 * * *"),)
