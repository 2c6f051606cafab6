from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.hanging import Sheet, rehang
from crm_api.core.objects import require_object, seen_objects
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import Deleted, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.reminders.errors import (
    ChannelNotConnected,
    NotYourReminder,
    ReminderStarted,
    SnoozedEnough,
    SnoozeInThePast,
    UnknownReminderContact,
)
from crm_api.reminders.models import (
    CONNECTED,
    MOST_SNOOZES,
    REMINDER,
    Reminder,
    ReminderChannel,
    ReminderRepeat,
    ReminderStatus,
)
from crm_api.reminders.repository import ReminderRepository
from crm_api.reminders.schemas import (
    ReminderCreate,
    ReminderPage,
    ReminderPatch,
    ReminderQuery,
    ReminderRead,
    ReminderSnooze,
)


class ReminderService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.reminders = ReminderRepository(ctx)

    async def rehang(self, old: Sheet, new: Sheet, ids: Sequence[UUID] | None) -> list[UUID]:
        """What reminds of a sheet reminds of the one that it became; of `ids`, or all."""
        return await rehang(self.reminders, old, new, ids)

    async def page(self, query: ReminderQuery) -> Json[ReminderPage]:
        return await self.reminders.page(query, ReminderPage)

    async def get(self, reminder_id: UUID) -> Json[ReminderRead]:
        return await self.reminders.get(reminder_id)

    async def create(self, data: ReminderCreate) -> Json[ReminderRead]:
        """For oneself or a customer one sees. Raises NotYourReminder, UnknownObject, ChannelNotConnected."""
        self.ctx.begin()
        if data.for_user_id not in (None, self.ctx.principal.id):
            raise NotYourReminder
        await require_object(self.ctx, data.object_type, data.object_id)
        if data.for_contact_id and not await seen_objects(self.ctx, "contact", [data.for_contact_id]):
            raise UnknownReminderContact
        fields = dict(data)
        if data.for_contact_id is None:
            fields["for_user_id"] = self.ctx.principal.id
        return await self.reminders.get(await self.schedule(**fields))

    async def schedule(self, *, dedupe_key: str | None = None, **fields: Any) -> UUID:
        """A reminder of these columns, by any part of the house; of one key there is one."""
        self.ctx.begin()
        if dedupe_key is not None and (known := await self.reminders.with_key(dedupe_key)):
            return known
        fields["channels"] = _connected(fields["channels"])
        reminder = Reminder(id=new_id(), dedupe_key=dedupe_key, **fields)
        if reminder.repeat not in (None, ReminderRepeat.NONE):
            reminder.series_id, reminder.occurrence = reminder.id, 1
            reminder.series_starts_at = reminder.remind_at
        return (await self.reminders.save(reminder)).id

    async def update(self, reminder_id: UUID, data: ReminderPatch, version: int) -> Json[ReminderRead]:
        reminder = await self._loaded(reminder_id, version)
        if reminder.status is not ReminderStatus.SCHEDULED:
            raise ReminderStarted
        given = {name: value for name, value in data if value is not MISSING}
        if "channels" in given:
            given["channels"] = _connected(given["channels"])
        if reminder.occurrence is not None and given.get("remind_at"):  # the series goes on from here
            reminder.series_starts_at = given["remind_at"]
        for name, value in given.items():
            setattr(reminder, name, value)
        return await self._saved(reminder)

    async def delete(self, reminder_id: UUID, version: int) -> None:
        """To the bin; it will not fire."""
        reminder = await self._loaded(reminder_id, version)
        await self.reminders.discard(reminder_id, reminder.version)

    # --- its life

    async def acknowledge(self, reminder_id: UUID, version: int) -> Json[ReminderRead]:
        reminder = await self._loaded(reminder_id, version)
        REMINDER.check(reminder.status, ReminderStatus.ACKNOWLEDGED)
        reminder.status, reminder.acknowledged_at = ReminderStatus.ACKNOWLEDGED, now()
        return await self._saved(reminder)

    async def snooze(self, reminder_id: UUID, data: ReminderSnooze, version: int) -> Json[ReminderRead]:
        """Five times at most; the clock of the escalation starts anew."""
        reminder = await self._loaded(reminder_id, version)
        REMINDER.check(reminder.status, ReminderStatus.SCHEDULED)
        if reminder.snooze_count >= MOST_SNOOZES:
            raise SnoozedEnough
        until: datetime = data.until or now() + timedelta(minutes=data.minutes or 0)
        if until <= now():
            raise SnoozeInThePast
        reminder.status, reminder.remind_at = ReminderStatus.SCHEDULED, until
        reminder.snooze_count += 1
        reminder.escalate_at = None
        return await self._saved(reminder)

    async def cancel(self, reminder_id: UUID, version: int) -> Json[ReminderRead]:
        """And with it those that would come after."""
        reminder = await self._loaded(reminder_id, version)
        REMINDER.check(reminder.status, ReminderStatus.CANCELLED)
        reminder.status = ReminderStatus.CANCELLED
        return await self._saved(reminder)

    async def _loaded(self, reminder_id: UUID, version: int) -> Reminder:
        reminder = await self.reminders.load(reminder_id)
        if reminder.deleted_at is not None:
            raise Deleted(id=str(reminder_id))
        if version not in (reminder.version, ANY_VERSION):
            raise VersionConflict(current_version=reminder.version)
        return reminder

    async def _saved(self, reminder: Reminder) -> Json[ReminderRead]:
        await self.reminders.save(reminder)
        return await self.reminders.get(reminder.id)


def _connected(channels: list[ReminderChannel]) -> list[str]:
    """Each once. Raises ChannelNotConnected."""
    if missing := set(channels) - CONNECTED:
        raise ChannelNotConnected(channels=", ".join(sorted(missing)))
    return [ReminderChannel(channel).value for channel in dict.fromkeys(channels)]
