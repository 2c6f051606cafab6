"""The doors of the domain."""

from crm_api.claims.router import (  # noqa: F401 - they hang their routes on the routers
    claims,
    handling,
    money,
    steps,
)
from crm_api.claims.router.doors import recoveries, router, settings_router

ROUTERS = (router, recoveries, settings_router)
