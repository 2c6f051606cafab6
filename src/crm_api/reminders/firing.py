"""The moment of a reminder: who is told which way, what comes after it, and who is told when nobody answers.

Everything is written in one transaction with its effects as notifications and job rows: a worker that dies
has done nothing, one that is slow finds the rows locked. So each fires at least once, and is told once.
"""

from datetime import timedelta
from uuid import UUID

from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import enqueue
from crm_api.core.letters import Language, compose
from crm_api.core.mail import BadMail, MailNotSent
from crm_api.kit.ids import new_id
from crm_api.notifications.choices import until_noise
from crm_api.notifications.models import NotificationKind, NotificationPriority
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.reminders.events import ReminderEscalated, ReminderFired
from crm_api.reminders.models import REMINDER, Reminder, ReminderChannel, ReminderStatus
from crm_api.reminders.repeating import comes_again_at
from crm_api.reminders.repository import ReminderRepository

AT_ONCE = 200
HANDED_ON = (
    *("for_user_id", "for_contact_id", "kind", "text", "object_type", "object_id", "channels", "repeat"),
    *("repeat_until", "repeat_count", "series_id", "series_starts_at", "escalate_after_hours"),
    "escalate_to_user_id",
)
"""What the next reminder of a series has of the one before."""


class Firing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.reminders = ReminderRepository(ctx)

    async def fire_due(self) -> int:
        """Up to 200 whose moment has come; how many there were."""
        due = await self.reminders.due(AT_ONCE)
        for reminder in due:
            await self._fire(reminder)
        return len(due)

    async def escalate_unanswered(self) -> int:
        """Tells somebody above of up to 200 that nobody took note of; how many there were."""
        unanswered = await self.reminders.unanswered(AT_ONCE)
        for reminder in unanswered:
            await self._escalate(reminder)
        return len(unanswered)

    async def send_mail(self, reminder_id: UUID, snooze_count: int) -> None:
        """To a customer. What was cancelled, put off or taken note of meanwhile is not sent."""
        reminder = await self.reminders.load(reminder_id)
        is_still_meant = reminder.status is ReminderStatus.FIRED and reminder.snooze_count == snooze_count
        if not is_still_meant or reminder.for_contact_id is None or reminder.deleted_at is not None:
            return
        if (wait := await self._quiet_for()) is not None:  # the worker was down when it should have gone out
            await self._enqueue_mail(reminder, wait)
            return
        customer = await self.reminders.customer(reminder.for_contact_id)
        became = "unreachable"
        if customer.email is not None:
            became = await self._sent(reminder, customer.email, customer.language)
        reminder.deliveries = {**reminder.deliveries, "email": became}
        await self.reminders.save(reminder)

    async def _fire(self, reminder: Reminder) -> None:
        REMINDER.check(reminder.status, ReminderStatus.FIRED)
        reminder.status, reminder.fired_at = ReminderStatus.FIRED, now()
        if reminder.escalate_after_hours is not None:
            reminder.escalate_at = now() + timedelta(hours=reminder.escalate_after_hours)
        if reminder.for_user_id is not None:
            await self._tell(reminder, reminder.for_user_id)
        else:
            reminder.deliveries = {"email": "waiting"}
            await self._enqueue_mail(reminder, await self._quiet_for())
        await self.reminders.save(reminder)
        await publish(
            self.ctx,
            ReminderFired(
                reminder.id, reminder.kind, reminder.object_type, reminder.object_id, reminder.for_user_id
            ),
        )
        if reminder.snooze_count == 0:  # one that was put off has its successor already
            await self._plan_next(reminder)

    async def _tell(self, reminder: Reminder, user_id: UUID) -> None:
        """In the application at once; the mail of it waits for the end of the user's quiet hours."""
        told = await NotificationService(self.ctx).notify(
            [user_id],
            NotificationKind.REMINDER,
            title=Message("reminder", text=reminder.text),
            object_type=reminder.object_type,
            object_id=reminder.object_id,
            dedupe_key=f"reminder:{reminder.id}:{reminder.snooze_count}",
            by_mail=ReminderChannel.EMAIL in reminder.channels,
        )
        reminder.deliveries = dict.fromkeys(reminder.channels, "told" if told else "unreachable")

    async def _plan_next(self, reminder: Reminder) -> None:
        zone = (await CalendarService(self.ctx).for_agency(None)).zone
        at = comes_again_at(reminder, zone, max(reminder.remind_at, now()))
        if at is None or reminder.occurrence is None:
            return
        kept = {name: getattr(reminder, name) for name in HANDED_ON}
        following = Reminder(id=new_id(), remind_at=at, occurrence=reminder.occurrence + 1, **kept)
        await self.reminders.save(following)

    async def _escalate(self, reminder: Reminder) -> None:
        """To who was named, else to the head of the agency; where there is nobody, it stays as it is."""
        reminder.escalated_at = now()
        above = reminder.escalate_to_user_id
        concerned = reminder.for_user_id or reminder.created_by_id
        if above is None and concerned is not None:
            above = await self.reminders.head_of(concerned)
        await self.reminders.save(reminder)
        if above is None:
            return
        await NotificationService(self.ctx).notify(
            [above],
            NotificationKind.DEADLINE,
            title=Message("reminder_unanswered", text=reminder.text),
            body=Message("reminder_since", fired=reminder.fired_at or now()),
            object_type=reminder.object_type,
            object_id=reminder.object_id,
            dedupe_key=f"reminder.escalated:{reminder.id}:{reminder.snooze_count}",
            priority=NotificationPriority.HIGH,
        )
        await publish(self.ctx, ReminderEscalated(reminder.id, above))

    # --- mails to customers

    async def _quiet_for(self) -> timedelta | None:
        """How long customers are still left in peace."""
        quiet, zone = await self.reminders.quiet_hours()
        return until_noise(now(), zone, quiet.start, quiet.end)

    async def _enqueue_mail(self, reminder: Reminder, wait: timedelta | None) -> None:
        payload = {"reminder_id": reminder.id, "snooze_count": reminder.snooze_count}
        await enqueue(self.ctx, "send_reminder_mail", payload, delay=wait)

    async def _sent(self, reminder: Reminder, email: str, language: str) -> str:
        """Raises MailNotSent when the server may take it later."""
        tongue: Language = "ar" if language == "ar" else "en" if language == "en" else "fr"
        mail = compose(
            "reminder", tongue, email, {"text": reminder.text, "sender": await self.reminders.sender()}
        )
        try:
            await self.ctx.tools.mailer.send(mail)
        except BadMail:
            return "refused"
        except MailNotSent as refusal:
            if not refusal.permanent:
                raise
            return "refused"
        return "sent"
