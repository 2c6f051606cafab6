"""Automations, their versions, and the people on their way through them (domain.md B-37).

A version never changes: whoever entered one finishes on it. Each step that somebody has passed is a line of
`enrolment_steps`, once: what a step costs outside is done in the transaction that writes the line.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most, folded, newest
from crm_api.kit.states import machine


class AutomationStatus(StrEnum):
    """Where an automation stands: being drawn, taking people in, held, or put away."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class AutomationReEntry(StrEnum):
    """Whether somebody may enter again: never, once they are out, or at once, leaving where they are."""

    NEVER = "never"
    AFTER_EXIT = "after_exit"
    ALWAYS = "always"


class AutomationTrigger(StrEnum):
    """What makes people enter."""

    POLICY_ISSUED = "policy_issued"
    POLICY_EXPIRING = "policy_expiring"
    POLICY_ENDED = "policy_ended"
    CLAIM_SETTLED = "claim_settled"
    INSTALMENT_OVERDUE = "instalment_overdue"
    CONTACT_CREATED = "contact_created"
    BIRTHDAY = "birthday"
    MANUAL = "manual"


class AutomationExit(StrEnum):
    """What takes people out before the end."""

    CLAIM = "claim"
    COMPLAINT = "complaint"
    UNPAID = "unpaid"
    CONSENT = "consent"


class EnrolmentStatus(StrEnum):
    """Where somebody stands: under way, at the end, taken out, or stuck."""

    ACTIVE = "active"
    COMPLETED = "completed"
    EXITED = "exited"
    ERROR = "error"


AUTOMATION = machine("automation", "draft: active \n active: paused archived \n paused: active archived")
ENROLMENT = machine("enrolment", "active: completed exited error")
RECIPES = ("welcome", "renewal", "birthday", "win_back", "post_claim_survey")


class Automation(Entity):
    """What happens by itself; its steps are those of its latest version."""

    __tablename__ = "automations"
    label = "automation"
    __table_args__ = (
        newest("automations"),
        Index("uq_automations_name", "organization_id", "name_folded", unique=True),
        Index("ix_automations_status", "organization_id", "status", "id"),
        CheckConstraint("latest >= 1", name="latest"),
        at_most("name", 120),
    )

    name: Mapped[str]
    name_folded: Mapped[str] = folded("name")
    status: Mapped[AutomationStatus] = mapped_column(default=AutomationStatus.DRAFT)
    recipe: Mapped[str | None]
    re_entry: Mapped[AutomationReEntry] = mapped_column(default=AutomationReEntry.AFTER_EXIT)
    exits: Mapped[list[str]]
    latest: Mapped[int] = mapped_column(default=1)
    trigger: Mapped[dict[str, Any]]
    goal: Mapped[dict[str, Any] | None]
    first_step: Mapped[str]
    steps: Mapped[list[dict[str, Any]]]
    version_id: Mapped[UUID | None]
    """The version that takes people in; none before it was first activated."""
    activated_at: Mapped[datetime | None]


class AutomationVersion(Entity):
    """The steps as they were when people entered."""

    __tablename__ = "automation_versions"
    label = "automation_version"
    __table_args__ = (
        newest("automation_versions"),
        Index("uq_automation_versions_revision", "organization_id", "automation_id", "revision", unique=True),
        ForeignKeyConstraint(
            ["organization_id", "automation_id"],
            ["automations.organization_id", "automations.id"],
            name="fk_automation_versions_automation",
        ),
    )

    automation_id: Mapped[UUID]
    revision: Mapped[int]
    trigger: Mapped[dict[str, Any]]
    goal: Mapped[dict[str, Any] | None]
    first_step: Mapped[str]
    steps: Mapped[list[dict[str, Any]]]


class Enrolment(Entity):
    """Somebody on their way through a version."""

    __tablename__ = "enrolments"
    label = "enrolment"
    personal = frozenset({"contact_id"})
    __table_args__ = (
        newest("enrolments"),
        Index(
            "uq_enrolments_active",
            *("organization_id", "automation_id", "contact_id"),
            unique=True,
            postgresql_where=text("status = 'active'"),
        ),
        Index("uq_enrolments_occasion", "organization_id", "automation_id", "occasion", unique=True),
        Index(
            "ix_enrolments_due",
            *("organization_id", "next_at", "id"),
            postgresql_where=text("status = 'active'"),
        ),
        Index("ix_enrolments_step", "organization_id", "automation_id", "step", "status", "next_at", "id"),
        Index("ix_enrolments_contact", "organization_id", "contact_id", "created_at", "id"),
        ForeignKeyConstraint(
            ["organization_id", "automation_id"],
            ["automations.organization_id", "automations.id"],
            name="fk_enrolments_automation",
        ),
        ForeignKeyConstraint(
            ["organization_id", "automation_version_id"],
            ["automation_versions.organization_id", "automation_versions.id"],
            name="fk_enrolments_version",
        ),
        ForeignKeyConstraint(
            ["organization_id", "contact_id"],
            ["contacts.organization_id", "contacts.id"],
            name="fk_enrolments_contact",
        ),
        CheckConstraint("(status = 'active') = (ended_at IS NULL)", name="ended"),
        at_most("step", 40),
        at_most("occasion", 120),
        at_most("exit_reason", 40),
    )

    automation_id: Mapped[UUID]
    automation_version_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    occasion: Mapped[str]
    """Why they entered; the same occasion is one enrolment, however often it is seen."""
    status: Mapped[EnrolmentStatus] = mapped_column(default=EnrolmentStatus.ACTIVE)
    step: Mapped[str]
    """Where they are, or were last."""
    next_at: Mapped[datetime]
    exit_reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class EnrolmentStep(Ledger):
    """Somebody has reached a step; once, for a graph has no circle."""

    __tablename__ = "enrolment_steps"
    __table_args__ = (
        Index("ix_enrolment_steps_automation", "organization_id", "automation_id", "step"),
        ForeignKeyConstraint(
            ["organization_id", "enrolment_id"],
            ["enrolments.organization_id", "enrolments.id"],
            name="fk_enrolment_steps_enrolment",
            ondelete="CASCADE",
        ),
    )

    enrolment_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    automation_id: Mapped[UUID]
    outcome: Mapped[str | None]
    """Which way they went, or why nothing was done."""
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
