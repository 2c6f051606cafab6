"""The doors of the domain."""

from crm_api.tickets.router import (  # noqa: F401 - they hang their routes on the routers
    around,
    doors,
    messages,
    rules,
    setup,
    tickets,
    work,
)

ROUTERS = (
    doors.router,
    doors.statuses,
    doors.categories,
    doors.rules,
    doors.agents,
    doors.macros,
    doors.incidents,
    doors.settings_router,
)
