"""Promises of time: policies, and the clocks and timers that keep them (domain.md B-31).

A clock knows no ticket: whoever has one started keeps its id. What happened to it is its `history`; the
timers are what follows from that, the policy and the calendar, and can be counted again at any time.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most
from crm_api.kit.ids import new_id
from crm_api.kit.states import machine
from crm_api.sla.clock import SlaCategory, SlaMetric, SlaTimerState

__all__ = ["SlaCategory", "SlaMetric", "SlaTimerState"]


class SlaPolicyStatus(StrEnum):
    """Whether a policy rules what comes in, or is retired."""

    ACTIVE = "active"
    RETIRED = "retired"


class SlaPriority(StrEnum):
    """How pressing the work is that a promise is about."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class SlaHours(StrEnum):
    """Whose hours a promise counts in: the agency's, one calendar's, or around the clock."""

    AGENCY = "agency"
    CALENDAR = "calendar"
    ALWAYS = "always"


class SlaResolutionRule(StrEnum):
    """Whether being on hold counts for the resolution: the requester waits, the agent does not work."""

    REQUESTER_WAIT = "requester_wait"
    AGENT_WORK = "agent_work"


SLA_POLICY = machine("sla_policy", "active: retired \n retired: active")


class SlaPolicy(Entity):
    """The first active one whose conditions all hold rules, by `position`. Never deleted: retired."""

    __tablename__ = "sla_policies"
    label = "sla_policy"
    __table_args__ = (
        Index("uq_sla_policies_name", "organization_id", "name", unique=True),
        Index("ix_sla_policies_position", "organization_id", "position", "id"),
        ForeignKeyConstraint(
            ["organization_id", "calendar_id"],
            ["business_calendars.organization_id", "business_calendars.id"],
            name="fk_sla_policies_calendar",
        ),
        CheckConstraint("(hours = 'calendar') = (calendar_id IS NOT NULL)", name="calendar_named"),
        CheckConstraint("position BETWEEN 1 AND 10000", name="position_range"),
        at_most("name", 80),
    )

    name: Mapped[str]
    position: Mapped[int]
    status: Mapped[SlaPolicyStatus] = mapped_column(default=SlaPolicyStatus.ACTIVE)
    conditions: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """Field -> the values of which it must be one; none: whatever comes."""
    hours: Mapped[SlaHours] = mapped_column(default=SlaHours.AGENCY)
    calendar_id: Mapped[UUID | None]
    resolution_counts: Mapped[SlaResolutionRule] = mapped_column(default=SlaResolutionRule.REQUESTER_WAIT)
    targets: Mapped[list[dict[str, Any]]]
    """[{metric, priority or null for every other one, minutes}]."""
    escalations: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{metric, at_percent, notify, group_id, raise_priority}]."""


class SlaClock(Ledger):
    """One piece of work under promise."""

    __tablename__ = "sla_clocks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "policy_id"],
            ["sla_policies.organization_id", "sla_policies.id"],
            name="fk_sla_clocks_policy",
        ),
        Index("ix_sla_clocks_open", "organization_id", "id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_sla_clocks_policy", "organization_id", "policy_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    policy_id: Mapped[UUID | None]
    about: Mapped[dict[str, Any]]
    """What chooses the policy: type, priority, channel, tier, agency_id, product_code, branch_code."""
    category: Mapped[SlaCategory]
    history: Mapped[list[dict[str, Any]]]
    """[{at, what, category, by}], in their order: everything else follows from it."""
    next_due_at: Mapped[datetime | None]
    """When the next promise that still runs is broken; null while none runs."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """While it is solved or closed."""


class SlaTimer(Ledger):
    """One promise of a clock. Of next replies and updates there are many, each an instance."""

    __tablename__ = "sla_timers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "clock_id"],
            ["sla_clocks.organization_id", "sla_clocks.id"],
            name="fk_sla_timers_clock",
            ondelete="CASCADE",
        ),
        Index("uq_sla_timers_instance", "organization_id", "clock_id", "metric", "instance", unique=True),
        Index(
            "ix_sla_timers_alert",
            "organization_id",
            "next_alert_at",
            "clock_id",
            postgresql_where=text("next_alert_at IS NOT NULL"),
        ),
        Index("ix_sla_timers_over", "organization_id", "over_at", "id"),
        Index("ix_sla_timers_fulfilled", "organization_id", "fulfilled_at", "id"),
        CheckConstraint("target_minutes BETWEEN 1 AND 525600", name="target_range"),
        CheckConstraint("instance >= 1", name="instance_from_one"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clock_id: Mapped[UUID]
    metric: Mapped[SlaMetric]
    instance: Mapped[int]
    state: Mapped[SlaTimerState]
    target_minutes: Mapped[int]
    started_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    elapsed_ms: Mapped[int] = mapped_column(BigInteger)
    """Business time so far, as it was when the row was last written."""
    due_at: Mapped[datetime | None]
    """When the target is reached; null while paused."""
    fulfilled_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]
    """When it was kept or broken: what figures count by (D-48, D-49)."""
    told_percent: Mapped[int]
    """The last threshold that was announced; 0: none."""
    next_alert_at: Mapped[datetime | None]
    """When the next threshold is crossed."""


class SlaHoursSeen(Ledger):
    """By which state of the calendars the open clocks were last counted: one row of an organization."""

    __tablename__ = "sla_hours_seen"

    fingerprint: Mapped[str]
