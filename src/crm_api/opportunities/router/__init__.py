"""The doors of the domain."""

from crm_api.opportunities.router import (  # noqa: F401 - they hang their routes on the routers
    forecasts,
    opportunities,
    pipelines,
    steps,
    targets,
)
from crm_api.opportunities.router.doors import (
    forecast_router,
    kpi_router,
    named_outside,
    pipeline_router,
    router,
    target_router,
)

ROUTERS = (router, named_outside, pipeline_router, forecast_router, kpi_router, target_router)
