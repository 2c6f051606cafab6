"""The mails of notifications. Each has a name of its own, so that one sent twice is recognised as one."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue_each
from crm_api.core.letters import Language, Letter, Value, compose
from crm_api.core.mail import BadMail, MailNotSent
from crm_api.notifications.choices import Recipient, until_noise
from crm_api.notifications.models import MailStatus
from crm_api.notifications.repository import NotificationRepository

MORNING = time(7)
"""When summaries go out, by the clock of the organization."""
MOST_LINES = 50


async def send_notification_mail(ctx: Context, payload: Payload) -> None:
    """Unless it was read meanwhile, or its recipient has left."""
    notifications = NotificationRepository(ctx)
    told = await notifications.to_mail(UUID(str(payload["notification_id"])))
    if told is None:
        return
    recipient = await notifications.recipient(told.recipient_id)
    if recipient is None:
        await notifications.mailed([told.id], MailStatus.SPARED)
        return
    values: dict[str, Value] = {"title": told.title, "message": told.body or "", "url": _page(ctx)}
    sent = await _sent(ctx, recipient, "notification", values, name=str(told.id))
    await notifications.mailed([told.id], MailStatus.SENT if sent else MailStatus.REFUSED)


async def send_notification_summaries(ctx: Context, _: Payload) -> None:
    """Fired each hour: what came before seven this morning goes out, once it is seven.

    What came later waits for tomorrow; a worker that was down at seven catches up.
    """
    notifications = NotificationRepository(ctx)
    until = last_morning(now(), await notifications.zone())
    for recipient in await notifications.waiting_for_summary(until):
        key = f"{recipient.user_id}:{until.isoformat()}"
        wait = recipient.quiet and until_noise(now(), recipient.zone, *recipient.quiet)
        payload = {"user_id": recipient.user_id, "until": until.isoformat()}
        await enqueue_each(ctx, "send_notification_summary", [payload], [wait], dedupe_keys=[key])


async def send_notification_summary(ctx: Context, payload: Payload) -> None:
    """One mail to one person: the titles, oldest first."""
    notifications = NotificationRepository(ctx)
    recipient = await notifications.recipient(UUID(str(payload["user_id"])))
    until = datetime.fromisoformat(str(payload["until"]))
    waiting = await notifications.for_summary(UUID(str(payload["user_id"])), until)
    if not waiting:
        return
    sent = False
    if recipient is not None:
        titles = tuple(title for _, title in waiting)
        lines = titles[:MOST_LINES] if len(titles) <= MOST_LINES else (*titles[:MOST_LINES], "…")
        values: dict[str, Value] = {"lines": lines, "count": str(len(titles)), "url": _page(ctx)}
        name = f"{recipient.user_id}.{until:%Y%m%d}"
        sent = await _sent(ctx, recipient, "notification_summary", values, name=name)
    ids = [id for id, _ in waiting]
    await notifications.mailed(ids, MailStatus.SENT if sent else MailStatus.REFUSED)


async def purge_notifications(ctx: Context, _: Payload) -> None:
    """What was told a year ago (domain.md B-45), every night."""
    await NotificationRepository(ctx).throw_away()


def last_morning(moment: datetime, zone: ZoneInfo) -> datetime:
    """When it last was seven in the morning there."""
    here = moment.astimezone(zone)
    today = datetime.combine(here.date(), MORNING, zone)
    return today if today <= here else today - timedelta(days=1)


async def _sent(
    ctx: Context, recipient: Recipient, letter: Letter, values: dict[str, Value], *, name: str
) -> bool:
    """False when the server will never take it. Raises MailNotSent when it may later."""
    language: Language = "ar" if recipient.language == "ar" else "en" if recipient.language == "en" else "fr"
    mail = compose(letter, language, recipient.email, values, zone=recipient.zone)
    host = ctx.tools.settings.mail_from.rpartition("@")[2].rstrip("> ")
    try:
        await ctx.tools.mailer.send(replace(mail, message_id=f"<notification.{name}@{host}>"))
    except BadMail:
        return False
    except MailNotSent as refusal:
        if not refusal.permanent:
            raise
        return False
    return True


def _page(ctx: Context) -> str:
    return f"{ctx.tools.settings.base_url}/notifications"


_JOBS = (send_notification_mail, send_notification_summaries, send_notification_summary, purge_notifications)
JOBS: Jobs = {job.__name__: job for job in _JOBS}
SCHEDULES = (
    Schedule("send_notification_summaries", "5 * * * *"),
    Schedule("purge_notifications", "50 3 * * *"),
)
