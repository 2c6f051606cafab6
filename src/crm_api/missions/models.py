"""Mission orders (ordres de mission), from the draft to the approved report (domain.md B-6)."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Owned, at_most, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.kit.states import machine


class MissionStatus(StrEnum):
    """Where a mission order stands: from a draft to a mission that was reported on and approved."""

    DRAFT = "draft"
    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    APPROVED = "approved"
    CANCELLED = "cancelled"


MISSION_ORDER = machine(
    "mission_order",
    """draft: issued cancelled
    issued: acknowledged cancelled
    acknowledged: in_progress cancelled
    in_progress: completed
    completed: approved in_progress""",
)
UNDER_WAY = frozenset({MissionStatus.ISSUED, MissionStatus.ACKNOWLEDGED, MissionStatus.IN_PROGRESS})
"""Somebody has been sent, and has not reported yet."""


class MissionType(StrEnum):
    """What a mission is for."""

    PROSPECTING = "prospecting"
    CLIENT_VISIT = "client_visit"
    CLAIM_INSPECTION = "claim_inspection"
    TRAINING = "training"
    AUDIT = "audit"
    DELIVERY = "delivery"
    MEETING = "meeting"
    OTHER = "other"


class TransportMode(StrEnum):
    """How somebody travels on a mission."""

    COMPANY_CAR = "company_car"
    OWN_CAR = "own_car"
    TAXI = "taxi"
    PUBLIC_TRANSPORT = "public_transport"
    PLANE = "plane"
    OTHER = "other"


class ExpenseKind(StrEnum):
    """What money was spent on during a mission."""

    TRANSPORT = "transport"
    FUEL = "fuel"
    LODGING = "lodging"
    MEALS = "meals"
    OTHER = "other"


LONGEST_DAYS = 90


class MissionOrder(Owned, Entity):
    """`owner_user_id` is who is sent."""

    __tablename__ = "mission_orders"
    label = "mission_order"
    personal: ClassVar = frozenset({"place", "objective", "report_text", "send_back_reason", "cancel_reason"})
    __table_args__ = (
        Index("uq_mission_orders_number", "organization_id", "number", unique=True),
        newest("mission_orders"),
        Index("ix_mission_orders_begin", "organization_id", "starts_on", "id"),
        Index("ix_mission_orders_assignee", "organization_id", "owner_user_id", "starts_on", "id"),
        Index("ix_mission_orders_agency", "organization_id", "agency_id", "starts_on", "id"),
        Index(
            "ix_mission_orders_under_way",
            "organization_id",
            "ends_on",
            "id",
            postgresql_where=text("status IN ('issued', 'acknowledged', 'in_progress')"),
        ),
        *(
            ForeignKeyConstraint(
                ["organization_id", column],
                [f"{table}.organization_id", f"{table}.id"],
                name=f"fk_mission_orders_{name}",
            )
            for name, column, table in (
                ("assignee", "owner_user_id", "users"),
                ("agency", "agency_id", "agencies"),
                ("issuer", "issued_by_id", "users"),
                ("approver", "approved_by_id", "users"),
            )
        ),
        CheckConstraint("owner_user_id IS NOT NULL AND agency_id IS NOT NULL", name="sent_by_an_agency"),
        CheckConstraint(f"ends_on - starts_on BETWEEN 0 AND {LONGEST_DAYS - 1}", name="duration"),
        CheckConstraint("approved_by_id <> owner_user_id", name="not_approved_by_oneself"),
        CheckConstraint(
            "status NOT IN ('completed', 'approved') OR report_text IS NOT NULL", name="reported"
        ),
        CheckConstraint(
            "(status = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancelled_for_a_reason"
        ),
        CheckConstraint("advance_amount >= 0 AND expense_amount >= 0", name="amounts"),
        at_most("place", 160),
        at_most("objective", 2000),
        at_most("report_text", 10000),
    )

    number: Mapped[str]
    type: Mapped[MissionType]
    status: Mapped[MissionStatus] = mapped_column(default=MissionStatus.DRAFT)
    place: Mapped[str]
    wilaya_code: Mapped[str | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    objective: Mapped[str]
    target_metric: Mapped[str | None]
    target_value: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    transport_mode: Mapped[TransportMode | None]
    advance_amount: Mapped[Money | None] = mapped_column(Centimes)
    linked_account_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)
    linked_task_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)

    report_text: Mapped[str | None]
    result_value: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    expenses: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{kind, label, spent_on, amount, document_ids}]."""
    expense_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    """The sum of the expenses."""

    issued_by_id: Mapped[UUID | None]
    issued_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    approved_by_id: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    send_back_reason: Mapped[str | None]
    """Why the last report was not enough."""
    cancel_reason: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    overdue_since: Mapped[date | None]
    """The day on which the house said that it is late; said once."""
