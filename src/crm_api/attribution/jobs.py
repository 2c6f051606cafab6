"""What campaigns came to, reckoned every hour."""

from crm_api.attribution.service import AttributionService
from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule


async def reckon_campaigns(ctx: Context, _: Payload) -> None:
    """Touches, reach and shares of revenue of every campaign that may still come to something."""
    await AttributionService(ctx).reckon()


JOBS: Jobs = {"reckon_campaigns": reckon_campaigns}
SCHEDULES = (Schedule("reckon_campaigns", "50 * * * *"),)
