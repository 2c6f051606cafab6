"""To be reminded of something at its time: a colleague, or a customer (domain.md B-14)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, SoftDeleted, at_most
from crm_api.kit.states import machine


class ReminderStatus(StrEnum):
    """Whether a reminder waits for its time, went out, was taken note of, or was cancelled."""

    SCHEDULED = "scheduled"
    FIRED = "fired"
    ACKNOWLEDGED = "acknowledged"
    CANCELLED = "cancelled"


class ReminderKind(StrEnum):
    """What a reminder is about."""

    CUSTOM = "custom"
    PAYMENT_DUE = "payment_due"
    POLICY_RENEWAL = "policy_renewal"
    DOCUMENT_MISSING = "document_missing"
    BIRTHDAY = "birthday"
    LICENCE_EXPIRY = "licence_expiry"
    CALLBACK = "callback"


class ReminderChannel(StrEnum):
    """The way by which a reminder reaches somebody."""

    IN_APP = "in_app"
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class ReminderRepeat(StrEnum):
    """How often a reminder comes back."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


REMINDER = machine("reminder", "scheduled: fired cancelled \n fired: acknowledged scheduled")
CONNECTED = frozenset({ReminderChannel.IN_APP, ReminderChannel.EMAIL})
"""The ways that lead anywhere: no gateway for SMS or push is connected yet."""
MOST_SNOOZES = 5


class Reminder(SoftDeleted, Entity):
    """For a user or for a contact. Repeating ones make the next when they fire."""

    __tablename__ = "reminders"
    label = "reminder"
    personal: ClassVar = frozenset({"text", "for_contact_id"})
    __table_args__ = (
        Index(
            "ix_reminders_waiting",
            "organization_id",
            "remind_at",
            "id",
            postgresql_where=text("status = 'scheduled' AND deleted_at IS NULL"),
        ),
        Index(
            "ix_reminders_unanswered",
            "organization_id",
            "escalate_at",
            postgresql_where=text("status = 'fired' AND deleted_at IS NULL"),
        ),
        Index(
            "ix_reminders_open",
            "organization_id",
            "for_user_id",
            "remind_at",
            "id",
            postgresql_where=text("status IN ('scheduled', 'fired') AND deleted_at IS NULL"),
        ),
        Index("ix_reminders_user", "organization_id", "for_user_id", "remind_at", "id"),
        Index("ix_reminders_contact", "organization_id", "for_contact_id", "remind_at", "id"),
        Index("ix_reminders_creator", "organization_id", "created_by_id", "remind_at", "id"),
        Index("ix_reminders_object", "organization_id", "object_type", "object_id", "remind_at", "id"),
        Index("uq_reminders_dedupe", "organization_id", "dedupe_key", unique=True),
        Index("uq_reminders_occurrence", "organization_id", "series_id", "occurrence", unique=True),
        *(
            ForeignKeyConstraint(
                ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], name=name
            )
            for column, table, name in (
                ("for_user_id", "users", "fk_reminders_user"),
                ("for_contact_id", "contacts", "fk_reminders_contact"),
                ("escalate_to_user_id", "users", "fk_reminders_escalation"),
            )
        ),
        CheckConstraint("num_nonnulls(for_user_id, for_contact_id) = 1", name="one_recipient"),
        CheckConstraint("snooze_count BETWEEN 0 AND 5", name="snoozes"),
        CheckConstraint("escalate_after_hours BETWEEN 1 AND 720", name="escalation"),
        at_most("text", 300),
        at_most("dedupe_key", 120),
    )

    for_user_id: Mapped[UUID | None]
    for_contact_id: Mapped[UUID | None]
    remind_at: Mapped[datetime]
    kind: Mapped[ReminderKind]
    text: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[UUID]
    channels: Mapped[list[str]]
    repeat: Mapped[ReminderRepeat] = mapped_column(default=ReminderRepeat.NONE)
    repeat_until: Mapped[date | None]
    repeat_count: Mapped[int | None]
    series_id: Mapped[UUID | None]
    series_starts_at: Mapped[datetime | None]
    occurrence: Mapped[int | None]
    status: Mapped[ReminderStatus] = mapped_column(default=ReminderStatus.SCHEDULED)
    snooze_count: Mapped[int] = mapped_column(default=0)
    fired_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    deliveries: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Channel -> what became of it: told, waiting, sent, refused, unreachable."""
    escalate_after_hours: Mapped[int | None]
    escalate_to_user_id: Mapped[UUID | None]
    escalate_at: Mapped[datetime | None]
    """When somebody above is told, while it is fired and not acknowledged."""
    escalated_at: Mapped[datetime | None]
    dedupe_key: Mapped[str | None]
