"""Work to be done: by somebody or by a group, until a moment, once or again and again (domain.md B-12)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, SoftDeleted, at_most, newest
from crm_api.kit.states import machine


class TaskType(StrEnum):
    """What kind of work a task is."""

    CALL = "call"
    EMAIL = "email"
    VISIT = "visit"
    DOCUMENT = "document"
    APPROVAL = "approval"
    FOLLOW_UP = "follow_up"
    OTHER = "other"


class TaskPriority(StrEnum):
    """How urgent a task is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class TaskSource(StrEnum):
    """Who asked for a task: a person, or a part of the system."""

    MANUAL = "manual"
    AUTOMATION = "automation"
    MISSION_ORDER = "mission_order"
    TICKET = "ticket"
    SYSTEM = "system"


class TaskStatus(StrEnum):
    """Where a task stands: open, in progress, done or cancelled."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"


class Delegation(StrEnum):
    """What became of a task that somebody handed to a colleague."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"


TASK = machine("task", "open: in_progress done cancelled \n in_progress: done cancelled \n done: open")
UNFINISHED = frozenset({TaskStatus.OPEN, TaskStatus.IN_PROGRESS})
IS_UNFINISHED = "tasks.status IN ('open', 'in_progress')"
"""As the partial indexes say it, word for word: a parameter would not reach them."""
REOPEN_WITHIN = timedelta(days=7)
_LISTED = text("status IN ('open', 'in_progress') AND deleted_at IS NULL")


def _reference(column: str, table: str, name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], name=name
    )


class Task(SoftDeleted, Entity):
    """Something to do. Of a user, or of a group until one of its members takes it."""

    __tablename__ = "tasks"
    label = "task"
    personal: ClassVar = frozenset(
        {"title", "description", "outcome", "checklist", "cancel_reason", "delegation_note"}
    )
    __table_args__ = (
        Index(
            "ix_tasks_assignee",
            "organization_id",
            "assignee_user_id",
            "due_at",
            "id",
            postgresql_where=_LISTED,
        ),
        Index("ix_tasks_group", "organization_id", "group_id", "due_at", "id", postgresql_where=_LISTED),
        Index("ix_tasks_agency", "organization_id", "agency_id", "due_at", "id", postgresql_where=_LISTED),
        Index("ix_tasks_unfinished", "organization_id", "due_at", "id", postgresql_where=_LISTED),
        Index("ix_tasks_due", "organization_id", "due_at", "id"),
        Index("ix_tasks_object", "organization_id", "object_type", "object_id", "created_at", "id"),
        newest("tasks"),
        Index("ix_tasks_assigned", "organization_id", "assignee_user_id", "created_at", "id"),
        Index("ix_tasks_creator", "organization_id", "created_by_id", "created_at", "id"),
        Index("ix_tasks_delegator", "organization_id", "delegated_by_id"),
        Index("uq_tasks_occurrence", "organization_id", "series_id", "occurrence", unique=True),
        Index("uq_tasks_dedupe", "organization_id", "dedupe_key", unique=True),
        _reference("assignee_user_id", "users", "fk_tasks_assignee"),
        _reference("delegated_by_id", "users", "fk_tasks_delegator"),
        _reference("group_id", "groups", "fk_tasks_group"),
        _reference("agency_id", "agencies", "fk_tasks_agency"),
        CheckConstraint("assignee_user_id IS NOT NULL OR group_id IS NOT NULL", name="somebody"),
        CheckConstraint("(object_type IS NULL) = (object_id IS NULL)", name="whole_object"),
        CheckConstraint("estimate_minutes BETWEEN 1 AND 2880", name="estimate"),
        CheckConstraint("due_in_minutes BETWEEN 0 AND 525600", name="due_in"),
        at_most("title", 160),
        at_most("description", 4000),
        at_most("outcome", 500),
        at_most("rrule", 200),
        at_most("dedupe_key", 160),
    )

    title: Mapped[str]
    description: Mapped[str | None]
    type: Mapped[TaskType]
    status: Mapped[TaskStatus] = mapped_column(default=TaskStatus.OPEN)
    priority: Mapped[TaskPriority] = mapped_column(default=TaskPriority.NORMAL)
    due_at: Mapped[datetime]
    due_in_minutes: Mapped[int | None]
    """Working minutes that were given for it, when it was not given a moment."""
    assignee_user_id: Mapped[UUID | None]
    group_id: Mapped[UUID | None]
    agency_id: Mapped[UUID | None]
    object_type: Mapped[str | None]
    object_id: Mapped[UUID | None]
    rrule: Mapped[str | None]
    series_id: Mapped[UUID | None]
    """The first task of those that come again and again."""
    series_starts_at: Mapped[datetime | None]
    occurrence: Mapped[int | None]
    checklist: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    estimate_minutes: Mapped[int | None]
    source: Mapped[TaskSource] = mapped_column(default=TaskSource.MANUAL)
    outcome: Mapped[str | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    completed_by_id: Mapped[UUID | None]
    cancel_reason: Mapped[str | None]
    delegation: Mapped[Delegation | None]
    delegated_by_id: Mapped[UUID | None]
    delegation_note: Mapped[str | None]
    dedupe_key: Mapped[str | None]
    overdue_told_at: Mapped[datetime | None]


class TaskDependency(Ledger):
    """A task that waits for another one."""

    __tablename__ = "task_dependencies"
    __table_args__ = (
        _reference("task_id", "tasks", "fk_task_dependencies_task"),
        _reference("blocker_id", "tasks", "fk_task_dependencies_blocker"),
        Index("ix_task_dependencies_blocker", "organization_id", "blocker_id"),
        CheckConstraint("task_id <> blocker_id", name="not_itself"),
    )

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    blocker_id: Mapped[UUID] = mapped_column(primary_key=True)
