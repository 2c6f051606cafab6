from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue
from crm_api.tasks.house import AT_ONCE, HouseTasks


async def tell_overdue_tasks(ctx: Context, _: Payload) -> None:
    """Every five minutes; a long row of them is told in several goes."""
    if await HouseTasks(ctx).tell_overdue() == AT_ONCE:
        await enqueue(ctx, "tell_overdue_tasks", {})


JOBS: Jobs = {"tell_overdue_tasks": tell_overdue_tasks}
SCHEDULES = (Schedule("tell_overdue_tasks", "*/5 * * * *"),)
