"""The doors of the domain."""

from crm_api.appointments.router import (  # noqa: F401 - they hang their routes on the routers
    appointments,
    calendars,
    settings,
    steps,
)
from crm_api.appointments.router.doors import capacities, public_calendars, resources, router

ROUTERS = (router, resources, capacities, public_calendars)
