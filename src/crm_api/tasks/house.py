"""Tasks that the house itself asks for: once for each occasion, however often the occasion is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.notifications.models import NotificationKind
from crm_api.tasks.events import TaskDone, TaskOverdue
from crm_api.tasks.models import UNFINISHED, Task, TaskPriority, TaskSource, TaskStatus, TaskType
from crm_api.tasks.repository import TaskRepository
from crm_api.tasks.service import TaskService
from crm_api.tasks.telling import tell

CALL_BACK_WITHIN = 30
"""Working minutes (domain.md E-2, E-9)."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why the house asks: `key` is the same each time the same occasion is told."""

    key: str
    title: str
    type: TaskType
    within_minutes: int
    assignee_user_id: UUID | None = None
    group_id: UUID | None = None
    agency_id: UUID | None = None
    object_type: str | None = None
    object_id: UUID | None = None
    priority: TaskPriority = TaskPriority.HIGH
    due_at: datetime | None = None
    """Until when, where that is no matter of working minutes."""
    tells: bool = True
    """Whether who does it is told; no, where other news says the same."""


class HouseTasks:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.tasks = TaskRepository(ctx)

    async def ask(self, occasion: Occasion) -> UUID:
        """The task of this occasion; if it is there and not finished, it goes to who is named now."""
        known = await self.tasks.with_key(occasion.key)
        if known is None:
            return await self._asked(occasion)
        if known.status in UNFINISHED and known.assignee_user_id != occasion.assignee_user_id:
            known.assignee_user_id, known.group_id = occasion.assignee_user_id, occasion.group_id
            known.agency_id = occasion.agency_id or known.agency_id
            await self.tasks.save(known)
            await TaskService(self.ctx).told_assigned(known, news=occasion.tells)
        return known.id

    async def call_back(
        self,
        key: str,
        title: str,
        *,
        assignee_user_id: UUID | None = None,
        group_id: UUID | None = None,
        agency_id: UUID | None = None,
        object_type: str | None = None,
        object_id: UUID | None = None,
    ) -> UUID:
        """Somebody wants to be called: within 30 working minutes of the agency.

        Where nobody is named, by the head of the agency, else by the call centre.
        """
        if assignee_user_id is not None and not await self.tasks.is_active(assignee_user_id):
            assignee_user_id = None
        if assignee_user_id is None and group_id is None:
            assignee_user_id, group_id = await self.tasks.who_answers(agency_id)
        return await self.ask(
            Occasion(
                key,
                title,
                TaskType.CALL,
                CALL_BACK_WITHIN,
                assignee_user_id=assignee_user_id,
                group_id=group_id,
                agency_id=agency_id,
                object_type=object_type,
                object_id=object_id,
            )
        )

    async def settle(self, key: str) -> None:
        """The occasion is over: its task, if nobody finished it, is done."""
        task = await self.tasks.with_key(key)
        if task is None or task.status not in UNFINISHED:
            return
        task.status, task.completed_at = TaskStatus.DONE, now()
        task.completed_by_id = self.ctx.principal.id
        await self.tasks.save(task)
        await publish(self.ctx, TaskDone(task.id, task.object_type, task.object_id))

    async def tell_overdue(self) -> int:
        """Says of up to 500 tasks, once each, that their moment has passed; how many there were."""
        late = await self.tasks.newly_overdue(AT_ONCE)
        for task in late:
            task.overdue_told_at = now()
            await self.tasks.save(task)
            await publish(self.ctx, TaskOverdue(task.id, task.assignee_user_id, task.group_id))
            told = [task.assignee_user_id or task.created_by_id]
            key = f"task.overdue:{task.id}:{task.due_at.isoformat()}"
            await tell(self.ctx, task, told, NotificationKind.DEADLINE, "task_overdue", dedupe_key=key)
        return len(late)

    async def _asked(self, occasion: Occasion) -> UUID:
        task: Task = await TaskService(self.ctx).made(
            {
                "title": occasion.title[:160],
                "type": occasion.type,
                "priority": occasion.priority,
                **_until(occasion),
                "assignee_user_id": occasion.assignee_user_id,
                "group_id": occasion.group_id,
                "agency_id": occasion.agency_id,
                "object_type": occasion.object_type,
                "object_id": occasion.object_id,
                "dedupe_key": occasion.key,
            },
            source=TaskSource.SYSTEM,
            news=occasion.tells,
        )
        return task.id


def _until(occasion: Occasion) -> dict[str, Any]:
    if occasion.due_at is not None:
        return {"due_at": occasion.due_at}
    return {"due_in_minutes": occasion.within_minutes}
