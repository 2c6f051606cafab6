"""What upper floors hear of tasks; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class TaskAssigned(Event):
    kind: ClassVar = "task.assigned"

    task_id: UUID
    assignee_user_id: UUID | None
    group_id: UUID | None


@dataclass(frozen=True, slots=True)
class TaskDone(Event):
    kind: ClassVar = "task.done"

    task_id: UUID
    object_type: str | None
    object_id: UUID | None


@dataclass(frozen=True, slots=True)
class TaskReopened(Event):
    kind: ClassVar = "task.reopened"

    task_id: UUID


@dataclass(frozen=True, slots=True)
class TaskCancelled(Event):
    kind: ClassVar = "task.cancelled"

    task_id: UUID


@dataclass(frozen=True, slots=True)
class TaskOverdue(Event):
    """Said once: when its moment has passed and it is neither done nor cancelled."""

    kind: ClassVar = "task.overdue"

    task_id: UUID
    assignee_user_id: UUID | None
    group_id: UUID | None


@dataclass(frozen=True, slots=True)
class TaskDelegated(Event):
    """Handed to a colleague, who accepts or refuses."""

    kind: ClassVar = "task.delegated"

    task_id: UUID
    from_user_id: UUID
    to_user_id: UUID


@dataclass(frozen=True, slots=True)
class TaskDelegationAnswered(Event):
    kind: ClassVar = "task.delegation_answered"

    task_id: UUID
    by_user_id: UUID
    to_user_id: UUID
    accepted: bool
