"""What becomes of notifications; streams tell it to the recipient alone."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class NotificationCreated(Event):
    kind: ClassVar = "notification.created"

    notification_id: UUID
    recipient_id: UUID


@dataclass(frozen=True, slots=True)
class NotificationsRead(Event):
    """One or many at once: the unread counts of the recipient have changed."""

    kind: ClassVar = "notification.read"

    notification_id: UUID
    """The newest of them."""
    recipient_id: UUID
    count: int
