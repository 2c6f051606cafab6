"""Events become sessions every minute; what is old becomes numbers every night."""

from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue
from crm_api.tracking.repository.collecting import CollectingRepository
from crm_api.tracking.service import AT_ONCE


async def gather_web_sessions(ctx: Context, payload: Payload) -> None:
    """Puts what came in into sessions; many events in several goes."""
    most = payload.get("most", AT_ONCE)
    if (await CollectingRepository(ctx).gather(most)).events == most:
        await enqueue(ctx, "gather_web_sessions", payload)


async def forget_web_sessions(ctx: Context, payload: Payload) -> None:
    """After 13 months visits are numbers of their day (domain.md 0.5)."""
    most = payload.get("most", AT_ONCE)
    forgotten = await CollectingRepository(ctx).forget(most)
    if forgotten:
        ctx.note(
            *("web_session.forgotten", "organization", ctx.organization_id), changes={"sessions": forgotten}
        )
    if forgotten == most:
        await enqueue(ctx, "forget_web_sessions", payload)


JOBS: Jobs = {"gather_web_sessions": gather_web_sessions, "forget_web_sessions": forget_web_sessions}
SCHEDULES = (
    Schedule("gather_web_sessions", "* * * * *"),
    Schedule("forget_web_sessions", "35 3 * * *"),
)
