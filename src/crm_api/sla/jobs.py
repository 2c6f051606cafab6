from datetime import datetime
from uuid import UUID

from crm_api.core.apart import committed
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue
from crm_api.core.progress import Run, start, tracked
from crm_api.sla.clock import BREACH, SlaMetric
from crm_api.sla.events import SlaBreached, SlaEscalated, SlaWarned
from crm_api.sla.hours import HoursWatch
from crm_api.sla.promising import PromiseBook
from crm_api.sla.repository import SlaClockRepository
from crm_api.sla.ruling import RECOUNT, SlaPolicyService
from crm_api.sla.service import SlaService

AT_ONCE = 500
PART = 1000


async def watch_sla(ctx: Context, _: Payload) -> None:
    """Every minute: announces what was crossed, and has everything counted again when the hours changed.

    When that is stands in the rows of the timers, so nothing is forgotten while no worker runs.
    """
    if await SlaService(ctx).tell_due(now(), AT_ONCE) == AT_ONCE:
        await enqueue(ctx, "watch_sla", {})
    if await HoursWatch(ctx).changed():
        await start(ctx, RECOUNT, total=await SlaClockRepository(ctx).count_open())


async def tell_sla_crossings(ctx: Context, payload: Payload) -> None:
    """What one clock crossed, in its order: the events that others listen to."""
    policy_id = UUID(payload["policy_id"]) if payload["policy_id"] else None
    promise = next((each for each in await PromiseBook(ctx).promises() if each.id == policy_id), None)
    for crossed in payload["crossed"]:
        metric, percent = SlaMetric(crossed["metric"]), int(crossed["percent"])
        rules = promise.rules(metric, percent) if promise else []
        due_at = crossed["due_at"]
        event = _kind(percent)(
            clock_id=UUID(payload["clock_id"]),
            metric=metric,
            instance=int(crossed["instance"]),
            percent=percent,
            due_at=datetime.fromisoformat(due_at) if due_at else None,
            policy_id=policy_id,
            notify=sorted({each for rule in rules for each in rule.notify}),
            group_id=next((rule.group_id for rule in rules if rule.group_id), None),
            raise_priority=any(rule.raise_priority for rule in rules),
        )
        await publish(ctx, event)


async def recount_sla(ctx: Context, run: Run) -> None:
    """Every open clock, a thousand in a transaction: agents wait for none of it longer than for one part."""
    await HoursWatch(ctx.apart()).look()
    async with committed(ctx.apart()) as part:
        total = await SlaClockRepository(part).count_open()
    done, last = 0, None
    while True:
        async with committed(ctx.apart()) as part:
            ids = await SlaClockRepository(part).open_after(last, PART)
            if ids:
                await SlaService(part).recount(ids, now())
        if not ids:
            break
        done, last = done + len(ids), ids[-1]
        await run.report(max(total, done), done)
    await run.close()


async def furnish_sla(ctx: Context, _: Payload) -> None:
    """An organization older than the policies gets the usual ones at night."""
    await SlaPolicyService(ctx).seed()


def _kind(percent: int) -> type[SlaWarned | SlaBreached | SlaEscalated]:
    if percent < BREACH:
        return SlaWarned
    return SlaBreached if percent == BREACH else SlaEscalated


JOBS: Jobs = {
    "watch_sla": watch_sla,
    "tell_sla_crossings": tell_sla_crossings,
    RECOUNT: tracked(recount_sla),
    "furnish_sla": furnish_sla,
}
SCHEDULES = (Schedule("watch_sla", "* * * * *"), Schedule("furnish_sla", "25 1 * * *"))
