"""Segments (domain.md B-36): who belongs to which group of customers, since when, and until when they did."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most, folded, newest
from crm_api.kit.states import machine


class SegmentType(StrEnum):
    """Whether a rule says who belongs, or a list that people keep."""

    DYNAMIC = "dynamic"
    STATIC = "static"


class SegmentStatus(StrEnum):
    """Whether somebody must approve its rule first, its members are being found, it is kept, or put away."""

    AWAITING_APPROVAL = "awaiting_approval"
    BUILDING = "building"
    ACTIVE = "active"
    ARCHIVED = "archived"


SEGMENT = machine(
    "segment",
    """awaiting_approval: building archived
    building: active awaiting_approval archived
    active: building awaiting_approval archived
    archived: building awaiting_approval active""",
    entry=("building", "awaiting_approval", "active"),
)
DEEPEST = 5
"""Levels of a rule tree (domain.md B-36)."""
MOST_RULES = 50


def _of(column: str, table: str, name: str, **more: Any) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], name=name, **more
    )


class Segment(Entity):
    """A group of people."""

    __tablename__ = "segments"
    label = "segment"
    __table_args__ = (
        newest("segments"),
        Index("uq_segments_name", "organization_id", "name_folded", unique=True),
        Index("ix_segments_status", "organization_id", "status", "created_at", "id"),
        _of("approved_by_id", "users", "fk_segments_approver"),
        CheckConstraint("(type = 'dynamic') = (definition IS NOT NULL)", name="rule_of_dynamic_ones"),
        CheckConstraint("member_count >= 0", name="count_sign"),
        at_most("name", 120),
        at_most("description", 500),
    )

    name: Mapped[str]
    name_folded: Mapped[str] = folded("name")
    description: Mapped[str | None]
    type: Mapped[SegmentType]
    status: Mapped[SegmentStatus] = mapped_column(default=SegmentStatus.BUILDING)
    definition: Mapped[dict[str, Any] | None]
    """As it was written: {all, any, not, has, member_of, field}."""
    excludes_open_cases: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    """Whoever waits for the end of a claim or complaint is left out."""
    facts: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    """The kinds of facts its rule looks at: others move nobody."""
    by_the_day: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    """Its rule counts days from today: somebody may come and go although nothing happened."""
    sensitive: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    """Its rule looks at official data (class P3)."""
    approved_by_id: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    member_count: Mapped[int] = mapped_column(server_default="0", default=0)
    refreshed_at: Mapped[datetime | None]
    """When its members were last all found anew."""


class SegmentUse(Ledger):
    """The rule of one segment asks for members of another."""

    __tablename__ = "segment_uses"
    __table_args__ = (
        Index("ix_segment_uses_used", "organization_id", "used_id", "segment_id"),
        _of("segment_id", "segments", "fk_segment_uses_segment", ondelete="CASCADE"),
        _of("used_id", "segments", "fk_segment_uses_used"),
        CheckConstraint("segment_id <> used_id", name="not_itself"),
    )

    segment_id: Mapped[UUID] = mapped_column(primary_key=True)
    used_id: Mapped[UUID] = mapped_column(primary_key=True)


class SegmentMember(Ledger):
    """Somebody in a segment, from one moment to another; who left and came back has two rows."""

    __tablename__ = "segment_members"
    label: ClassVar = "segment_member"
    __table_args__ = (
        Index(
            "uq_segment_members_now",
            *("organization_id", "segment_id", "contact_id"),
            unique=True,
            postgresql_where=text("left_at IS NULL"),
        ),
        Index("ix_segment_members_history", "organization_id", "segment_id", "entered_at", "id"),
        Index("ix_segment_members_contact", "organization_id", "contact_id", "entered_at", "id"),
        _of("segment_id", "segments", "fk_segment_members_segment", ondelete="CASCADE"),
        _of("contact_id", "contacts", "fk_segment_members_contact", ondelete="CASCADE"),
        CheckConstraint("left_at >= entered_at", name="order"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    segment_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class SegmentMark(Ledger):
    """How far an organization's segments have followed the event log. One row; who holds it follows."""

    __tablename__ = "segment_marks"

    xid: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
