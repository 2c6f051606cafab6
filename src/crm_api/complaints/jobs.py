from datetime import timedelta

from crm_api.complaints.repository import ComplaintRepository
from crm_api.complaints.steps import ComplaintSteps
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue

AHEAD = timedelta(hours=6)
"""So long before it would be late the house acknowledges a complaint by itself."""
AT_ONCE = 200


async def acknowledge_complaints(ctx: Context, _: Payload) -> None:
    """Those that no colleague acknowledged in time; safe to run twice."""
    ctx.begin()
    waiting = await ComplaintRepository(ctx).unacknowledged(now() + AHEAD, AT_ONCE)
    for complaint in waiting:
        await ComplaintSteps(ctx).acknowledge_by_itself(complaint)
    if len(waiting) == AT_ONCE:
        await enqueue(ctx, "acknowledge_complaints", {})


JOBS: Jobs = {"acknowledge_complaints": acknowledge_complaints}
SCHEDULES = (Schedule("acknowledge_complaints", "*/15 * * * *"),)
