from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json
from crm_api.reminders.schemas import (
    ReminderCreate,
    ReminderPage,
    ReminderPatch,
    ReminderQuery,
    ReminderRead,
    ReminderSnooze,
)
from crm_api.reminders.service import ReminderService

router = Router("reminders")
Reader = Annotated[Context, requires("reminders:read")]
Writer = Annotated[Context, requires("reminders:write")]


@router.get("")
async def list_reminders(ctx: Reader, query: Annotated[ReminderQuery, Query()]) -> Json[ReminderPage]:
    """List one's own reminders: those for oneself, and those one made for customers."""
    return await ReminderService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_reminder(ctx: Writer, body: ReminderCreate) -> Json[ReminderRead]:
    """Be reminded of something, or have a customer reminded by mail.

    A customer's mail waits for the end of the quiet hours of the organization, one's own for the end of
    one's own.
    """
    return await ReminderService(ctx).create(body)


@router.get("/{reminder_id}")
async def get_reminder(ctx: Reader, reminder_id: UUID) -> Json[ReminderRead]:
    """Read a reminder."""
    return await ReminderService(ctx).get(reminder_id)


@router.patch("/{reminder_id}")
async def update_reminder(
    ctx: Writer, reminder_id: UUID, body: Annotated[ReminderPatch, MergePatch], version: IfMatch
) -> Json[ReminderRead]:
    """Change a reminder that has not fired."""
    return await ReminderService(ctx).update(reminder_id, body, version)


@router.delete("/{reminder_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_reminder(ctx: Writer, reminder_id: UUID, version: IfMatch) -> None:
    """Put a reminder in the bin; it will not fire."""
    await ReminderService(ctx).delete(reminder_id, version)


@router.post("/{reminder_id}/acknowledge")
async def acknowledge_reminder(ctx: Writer, reminder_id: UUID, version: IfMatch) -> Json[ReminderRead]:
    """Take note of a reminder that fired; nobody above is told any more."""
    return await ReminderService(ctx).acknowledge(reminder_id, version)


@router.post("/{reminder_id}/snooze")
async def snooze_reminder(
    ctx: Writer, reminder_id: UUID, body: ReminderSnooze, version: IfMatch
) -> Json[ReminderRead]:
    """Put a reminder that fired off, five times at most."""
    return await ReminderService(ctx).snooze(reminder_id, body, version)


@router.post("/{reminder_id}/cancel")
async def cancel_reminder(ctx: Writer, reminder_id: UUID, version: IfMatch) -> Json[ReminderRead]:
    """Cancel a reminder that has not fired, and those that would come after it."""
    return await ReminderService(ctx).cancel(reminder_id, version)


ROUTERS = (router,)
