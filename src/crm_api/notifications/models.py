"""What the staff are told (domain.md B-45), and how each of them wants to be told."""

from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most


class NotificationKind(StrEnum):
    """What a notification is about."""

    MENTION = "mention"
    ASSIGNMENT = "assignment"
    APPROVAL_REQUEST = "approval_request"
    DECISION = "decision"
    REMINDER = "reminder"
    DEADLINE = "deadline"
    APPOINTMENT = "appointment"
    SLA_WARNING = "sla_warning"
    SLA_BREACH = "sla_breach"
    DUE_PAYMENT = "due_payment"
    RENEWAL = "renewal"
    CLAIM_STATUS = "claim_status"
    DOCUMENT_MISSING = "document_missing"
    IMPORT_DONE = "import_done"
    EXPORT_READY = "export_ready"
    CAMPAIGN_DONE = "campaign_done"
    SYSTEM = "system"
    SECURITY = "security"


class NotificationPriority(StrEnum):
    """How urgent a notification is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class RecipientType(StrEnum):
    """Who gets a notification: a colleague, or a customer on the portal."""

    USER = "user"
    PORTAL_USER = "portal_user"


class MailMode(StrEnum):
    """When one kind of notification goes out by mail."""

    NEVER = "never"
    NOW = "now"
    DAILY = "daily"


class MailStatus(StrEnum):
    """What became of the mail of one notification."""

    NONE = "none"
    WAITING = "waiting"
    DAILY = "daily"
    SENT = "sent"
    SPARED = "spared"
    REFUSED = "refused"


class Notification(Entity):
    """One thing told to one person, written in their language at that moment."""

    __tablename__ = "notifications"
    label = "notification"
    personal = frozenset({"title", "body"})
    __table_args__ = (
        Index("ix_notifications_mine", "organization_id", "recipient_id", "created_at", "id"),
        Index(
            "ix_notifications_unread",
            "organization_id",
            "recipient_id",
            "kind",
            postgresql_where=text("read_at IS NULL AND in_app"),
        ),
        Index(
            "ix_notifications_daily",
            "organization_id",
            "recipient_id",
            "created_at",
            postgresql_where=text("mail = 'daily'"),
        ),
        Index("ix_notifications_expiry", "organization_id", "expires_at"),
        Index("uq_notifications_dedupe", "organization_id", "recipient_id", "dedupe_key", unique=True),
        at_most("title", 160),
        at_most("body", 500),
        at_most("dedupe_key", 160),
        at_most("object_type", 60),
    )

    recipient_type: Mapped[RecipientType] = mapped_column(default=RecipientType.USER)
    recipient_id: Mapped[UUID]
    kind: Mapped[NotificationKind]
    priority: Mapped[NotificationPriority] = mapped_column(default=NotificationPriority.NORMAL)
    title: Mapped[str]
    body: Mapped[str | None]
    object_type: Mapped[str | None]
    object_id: Mapped[UUID | None]
    in_app: Mapped[bool]
    mail: Mapped[MailStatus] = mapped_column(default=MailStatus.NONE)
    read_at: Mapped[datetime | None]
    dedupe_key: Mapped[str | None]
    expires_at: Mapped[datetime]


class NotificationPreference(Entity):
    """What one user chose, beyond the four switches of their own sheet (`users.notification_preferences`)."""

    __tablename__ = "notification_preferences"
    label = "notification_preference"
    __table_args__ = (
        Index("uq_notification_preferences_user", "organization_id", "user_id", unique=True),
        ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["users.organization_id", "users.id"],
            name="fk_notification_preferences_user",
        ),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_from_and_until"),
    )

    user_id: Mapped[UUID]
    kinds: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """kind -> {in_app, email}; a kind that is not here follows the user's sheet."""
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
