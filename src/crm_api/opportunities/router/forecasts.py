from typing import Annotated

from fastapi import Query

from crm_api.opportunities.forecasts import ForecastService
from crm_api.opportunities.router.doors import Forecaster, forecast_router, kpi_router
from crm_api.opportunities.schemas.forecast import (
    Comparison,
    ComparisonQuery,
    Forecast,
    ForecastQuery,
    PeriodScope,
    SalesKpis,
    SnapshotList,
    SnapshotQuery,
)


@forecast_router.get("")
async def get_forecast(ctx: Forecaster, query: Annotated[ForecastQuery, Query()]) -> Forecast:
    """Read what is expected of a period.

    `as_of` reads it as it was on a day, by the snapshot of that day (404 `no_snapshot` names the nearest).
    """
    return await ForecastService(ctx).forecast(query)


@forecast_router.get("/snapshots")
async def list_forecast_snapshots(ctx: Forecaster, query: Annotated[SnapshotQuery, Query()]) -> SnapshotList:
    """List the days on which the pipelines were recorded; it happens once a day, as it begins."""
    return await ForecastService(ctx).snapshots(query)


@forecast_router.get("/comparison")
async def compare_forecasts(ctx: Forecaster, query: Annotated[ComparisonQuery, Query()]) -> Comparison:
    """Compare the open pipeline of two days.

    What was added, won, lost, removed, moved to another stage or otherwise changed; the sums add up exactly.
    """
    return await ForecastService(ctx).compare(query)


@kpi_router.get("")
async def get_sales_kpis(ctx: Forecaster, query: Annotated[PeriodScope, Query()]) -> SalesKpis:
    """Read the figures of a period: win rates, cycle, velocity, accuracy.

    Those that lack data are null, never zero. What was lost as a duplicate does not count.
    """
    return await ForecastService(ctx).kpis(query)
