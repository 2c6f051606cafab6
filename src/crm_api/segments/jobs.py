"""Segments are built, followed all day, and looked at anew when the day turns."""

from uuid import UUID

from pydantic_core import from_json

from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue
from crm_api.core.progress import Run, tracked
from crm_api.segments.audience import SegmentAudience
from crm_api.segments.keeping import Keeper
from crm_api.segments.models import SegmentStatus
from crm_api.segments.repository.segments import SegmentRepository
from crm_api.segments.service import BUILD

FOLLOW = "follow_segments"
PAGES = 4
"""Of one transaction; then the job begins another one."""


async def build_segment(ctx: Context, run: Run) -> None:
    """Its row is held meanwhile, so whoever follows the log comes before or after."""
    segment_id = UUID(from_json(await run.input())["segment_id"])
    segments = SegmentRepository(ctx)
    segment = await segments.load(segment_id)
    if segment.status in (SegmentStatus.BUILDING, SegmentStatus.ACTIVE):
        people = await SegmentAudience(ctx).people()
        await run.report(people, 0)
        segment.status = SegmentStatus.ACTIVE
        await segments.save(segment)
        await Keeper(ctx).build(segment)
        await run.report(people, people)
    await run.succeed([], href=f"/v1/segments/{segment_id}")


async def follow_segments(ctx: Context, _: Payload) -> None:
    """Every minute, and on and on while there is more."""
    keeper = Keeper(ctx)
    for _page in range(PAGES):
        if not await keeper.follow():
            return
    await enqueue(ctx, FOLLOW, {})


async def turn_segments(ctx: Context, _: Payload) -> None:
    """After midnight: thirty days before the expiry is another day now."""
    await Keeper(ctx).turn_day()


JOBS: Jobs = {FOLLOW: follow_segments, "turn_segments": turn_segments, BUILD: tracked(build_segment)}
SCHEDULES = (Schedule(FOLLOW, "* * * * *"), Schedule("turn_segments", "5 0 * * *"))
