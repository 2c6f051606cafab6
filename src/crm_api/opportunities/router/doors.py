from typing import Annotated

from crm_api.core.context import Context
from crm_api.core.http import Router, requires

router = Router("opportunities")
named_outside = Router("external-ids", tag="opportunities")
pipeline_router = Router("pipelines", tag="opportunities")
forecast_router = Router("forecasts")
kpi_router = Router("sales-kpis", tag="forecasts")
target_router = Router("sales-targets", tag="forecasts")

Reader = Annotated[Context, requires("opportunities:read")]
Writer = Annotated[Context, requires("opportunities:write")]
Approver = Annotated[Context, requires("opportunities:approve")]
Reopener = Annotated[Context, requires("opportunities:reopen")]
Restorer = Annotated[Context, requires("admin:restore")]
Manager = Annotated[Context, requires("pipelines:manage")]
Forecaster = Annotated[Context, requires("forecasts:read")]
