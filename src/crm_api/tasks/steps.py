"""The steps of a task's life: each checks the table of states, does its work, and says so."""

from uuid import UUID

from crm_api.core.batch import RowProblem, alone, document
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import DomainError
from crm_api.kit.schemas import Json
from crm_api.notifications.models import NotificationKind
from crm_api.tasks.errors import (
    AlreadyTheirs,
    NothingOffered,
    NotYourDelegation,
    TaskBlocked,
    TaskClosed,
    TaskReopenTooLate,
)
from crm_api.tasks.events import (
    TaskCancelled,
    TaskDelegated,
    TaskDelegationAnswered,
    TaskDone,
    TaskReopened,
)
from crm_api.tasks.models import REOPEN_WITHIN, TASK, UNFINISHED, Delegation, Task, TaskStatus
from crm_api.tasks.schemas.actions import (
    DelegationRefusal,
    RefusedTask,
    TaskAssign,
    TaskCancel,
    TaskComplete,
    TaskDelegate,
    TasksComplete,
    TasksCompleted,
)
from crm_api.tasks.schemas.task import TaskRead
from crm_api.tasks.service import TaskService
from crm_api.tasks.telling import tell


class TaskSteps:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.service = TaskService(ctx)
        self.tasks = self.service.tasks

    async def start(self, task_id: UUID, version: int) -> Json[TaskRead]:
        """Whoever starts a task of a group takes it. Raises TaskBlocked."""
        task = await self.service.steered(task_id, version)
        TASK.check(task.status, TaskStatus.IN_PROGRESS)
        await self._refuse_blocked(task)
        task.status, task.started_at = TaskStatus.IN_PROGRESS, now()
        if task.assignee_user_id is None and self.ctx.principal.is_person:
            task.assignee_user_id = self.ctx.principal.id
            await self.service.told_assigned(task)
        return await self._done(task)

    async def complete(self, task_id: UUID, data: TaskComplete, version: int) -> Json[TaskRead]:
        """The next one of a series is made. Raises TaskBlocked."""
        task = await self.service.steered(task_id, version)
        await self._finish(task, data.outcome)
        return await self.tasks.get(task_id)

    async def complete_many(self, data: TasksComplete) -> TasksCompleted:
        """Each for itself: one that is refused stands in nobody's way."""
        self.ctx.begin()
        completed: list[UUID] = []
        refused: list[RefusedTask] = []
        for task_id in dict.fromkeys(data.ids):
            done = await alone(self.ctx, lambda id=task_id: self._complete(id, data.outcome))  # type: ignore[misc]
            if isinstance(done, DomainError):
                problem = RowProblem.model_validate(document(self.ctx, done))
                refused.append(RefusedTask(id=task_id, problem=problem))
            else:
                completed.append(task_id)
        return TasksCompleted(completed_ids=completed, refused=refused)

    async def cancel(self, task_id: UUID, data: TaskCancel, version: int) -> Json[TaskRead]:
        task = await self.service.steered(task_id, version)
        TASK.check(task.status, TaskStatus.CANCELLED)
        task.status, task.cancel_reason = TaskStatus.CANCELLED, data.reason
        return await self._done(task, TaskCancelled(task.id))

    async def reopen(self, task_id: UUID, version: int) -> Json[TaskRead]:
        """Within 7 days."""
        task = await self.service.steered(task_id, version)
        if task.status is not TaskStatus.DONE:
            raise TASK.refusal(task.status, TaskStatus.OPEN)
        if task.completed_at is None or now() - task.completed_at > REOPEN_WITHIN:
            raise TaskReopenTooLate
        task.status = TaskStatus.OPEN
        task.completed_at = task.completed_by_id = task.outcome = task.started_at = None
        return await self._done(task, TaskReopened(task.id))

    # --- who does it

    async def assign(self, task_id: UUID, data: TaskAssign, version: int) -> Json[TaskRead]:
        task = await self._unfinished(task_id, version)
        if data.assignee_user_id is not None:
            home = await self.tasks.active_colleague(data.assignee_user_id)
            task.agency_id = home or task.agency_id
        task.assignee_user_id, task.group_id = data.assignee_user_id, data.group_id
        task.delegation = task.delegated_by_id = task.delegation_note = None
        await self.tasks.save(task)  # an unknown group is refused here, before anybody is told
        await self.service.told_assigned(task)
        return await self._done(task)

    async def delegate(self, task_id: UUID, data: TaskDelegate, version: int) -> Json[TaskRead]:
        """Theirs at once; who handed it on keeps sight of it."""
        task = await self._unfinished(task_id, version)
        if data.to_user_id in (task.assignee_user_id, self.ctx.principal.id):
            raise AlreadyTheirs
        await self.tasks.active_colleague(data.to_user_id)
        giver = task.assignee_user_id or self.ctx.principal.id
        task.delegation, task.delegation_note = Delegation.OFFERED, data.note
        task.delegated_by_id, task.assignee_user_id = giver, data.to_user_id
        await tell(self.ctx, task, [data.to_user_id], NotificationKind.ASSIGNMENT, "task_delegated")
        return await self._done(task, TaskDelegated(task.id, giver, data.to_user_id))

    async def accept(self, task_id: UUID, version: int) -> Json[TaskRead]:
        task = await self._offered(task_id, version)
        task.delegation = Delegation.ACCEPTED
        return await self._done(task, await self._answered(task, accepted=True))

    async def refuse(self, task_id: UUID, data: DelegationRefusal, version: int) -> Json[TaskRead]:
        """It goes back to who handed it on."""
        task = await self._offered(task_id, version)
        answered = await self._answered(task, accepted=False)
        task.delegation, task.delegation_note = Delegation.REFUSED, data.reason
        task.assignee_user_id = task.delegated_by_id
        return await self._done(task, answered)

    async def _answered(self, task: Task, *, accepted: bool) -> TaskDelegationAnswered:
        giver = task.delegated_by_id or self.ctx.principal.id
        sentence = "task_delegation_accepted" if accepted else "task_delegation_refused"
        await tell(self.ctx, task, [giver], NotificationKind.DECISION, sentence)
        return TaskDelegationAnswered(task.id, self.ctx.principal.id, giver, accepted)

    async def _offered(self, task_id: UUID, version: int) -> Task:
        task = await self.service.loaded(task_id, version)
        if task.delegation is not Delegation.OFFERED or task.status not in UNFINISHED:
            raise NothingOffered
        if task.assignee_user_id != self.ctx.principal.id:
            raise NotYourDelegation
        return task

    async def _unfinished(self, task_id: UUID, version: int) -> Task:
        task = await self.service.steered(task_id, version)
        if task.status not in UNFINISHED:
            raise TaskClosed
        return task

    # --- the end

    async def _complete(self, task_id: UUID, outcome: str | None) -> Task:
        return await self._finish(await self.service.steered(task_id, ANY_VERSION), outcome)

    async def _finish(self, task: Task, outcome: str | None) -> Task:
        TASK.check(task.status, TaskStatus.DONE)
        await self._refuse_blocked(task)
        task.status, task.completed_at, task.completed_by_id = TaskStatus.DONE, now(), self.ctx.principal.id
        task.outcome = outcome
        await self.tasks.save(task)
        await publish(self.ctx, TaskDone(task.id, task.object_type, task.object_id))
        following = await self.service.next_of(task, now())
        if following is not None:
            await self.service.told_assigned(following)
        return task

    async def _refuse_blocked(self, task: Task) -> None:
        if waits := await self.tasks.open_blockers(task.id):
            raise TaskBlocked(open_blockers=waits)

    async def _done(self, task: Task, *events: Event) -> Json[TaskRead]:
        await self.tasks.save(task)
        for event in events:
            await publish(self.ctx, event)
        return await self.tasks.get(task.id)
