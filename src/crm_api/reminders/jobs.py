from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue
from crm_api.reminders.firing import AT_ONCE, Firing


async def fire_reminders(ctx: Context, _: Payload) -> None:
    """Every minute; a long row of them fires in several goes."""
    fired, escalated = await Firing(ctx).fire_due(), await Firing(ctx).escalate_unanswered()
    if AT_ONCE in (fired, escalated):
        await enqueue(ctx, "fire_reminders", {})


async def send_reminder_mail(ctx: Context, payload: Payload) -> None:
    await Firing(ctx).send_mail(UUID(payload["reminder_id"]), int(payload["snooze_count"]))


JOBS: Jobs = {"fire_reminders": fire_reminders, "send_reminder_mail": send_reminder_mail}
SCHEDULES = (Schedule("fire_reminders", "* * * * *"),)
