from typing import Annotated
from uuid import UUID

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, Router, requires
from crm_api.kit.schemas import Json
from crm_api.notifications.schemas import (
    Marked,
    NotificationPage,
    NotificationQuery,
    NotificationRead,
    PreferencesPut,
    PreferencesRead,
    Reading,
    UnreadCounts,
)
from crm_api.notifications.service import NotificationService

router = Router("notifications")
Reader = Annotated[Context, requires("notifications:read")]


@router.get("")
async def list_notifications(
    ctx: Reader, query: Annotated[NotificationQuery, Query()]
) -> Json[NotificationPage]:
    """List what you were told, newest first; others' notifications nobody sees."""
    return await NotificationService(ctx).page(query)


@router.get("/unread")
async def count_unread_notifications(ctx: Reader) -> UnreadCounts:
    """Count what you have not read, in all and by kind."""
    return await NotificationService(ctx).unread()


@router.post("/read")
async def mark_notifications_read(ctx: Reader, body: Reading) -> Marked:
    """Mark many as read: these, or all up to a moment.

    A mail that still waits for one of them is not sent any more.
    """
    return await NotificationService(ctx).read_many(body)


@router.get("/preferences")
async def get_notification_preferences(ctx: Reader) -> PreferencesRead:
    """Read how you are told what: each kind, its channels, and your quiet hours."""
    return await NotificationService(ctx).choices()


@router.put("/preferences")
async def put_notification_preferences(
    ctx: Reader, body: PreferencesPut, version: IfMatch
) -> PreferencesRead:
    """Choose how you are told what.

    What is told from now on goes that way. News of security cannot be switched off, and come at any hour.
    """
    return await NotificationService(ctx).choose(body, version)


@router.get("/{notification_id}")
async def get_notification(ctx: Reader, notification_id: UUID) -> Json[NotificationRead]:
    """Read one of your notifications; it stays unread until you mark it."""
    return await NotificationService(ctx).get(notification_id)


@router.post("/{notification_id}/read")
async def mark_notification_read(ctx: Reader, notification_id: UUID) -> Json[NotificationRead]:
    """Mark one as read; doing it again changes nothing."""
    return await NotificationService(ctx).read(notification_id)


ROUTERS = (router,)
