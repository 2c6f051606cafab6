"""What the house does by itself: a snapshot a day, and a word about what stands still."""

from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.opportunities.forecasts import ForecastService


async def take_pipeline_snapshot(ctx: Context, _: Payload) -> None:
    """As the day begins; again the same day it does nothing."""
    await ForecastService(ctx).take_snapshot()


async def tell_stagnant_opportunities(ctx: Context, _: Payload) -> None:
    await ForecastService(ctx).tell_stagnant()


JOBS: Jobs = {
    "take_pipeline_snapshot": take_pipeline_snapshot,
    "tell_stagnant_opportunities": tell_stagnant_opportunities,
}
SCHEDULES = (
    Schedule("take_pipeline_snapshot", "5 0 * * *"),
    Schedule("tell_stagnant_opportunities", "35 6 * * *"),
)
