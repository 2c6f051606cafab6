from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import MISSING, BaseModel

from crm_api.calendars.service import CalendarService
from crm_api.core.batch import Batch, BatchResult, Found, found, run_batch
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.objects import require_object
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import Deleted, ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count
from crm_api.kit.recurrence import next_moment, parse
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.notifications.models import NotificationKind
from crm_api.tasks.errors import NotYoursToDiscard, NotYourTask, TaskCircle, TaskClosed, UnknownBlocker
from crm_api.tasks.events import TaskAssigned
from crm_api.tasks.models import UNFINISHED, Task, TaskSource
from crm_api.tasks.repository import TaskRepository
from crm_api.tasks.schemas.task import TaskCreate, TaskFilter, TaskPage, TaskPatch, TaskQuery, TaskRead
from crm_api.tasks.telling import tell

ADMINISTRATOR = "admin:restore"
"""Who may take things out of the bin may steer every task."""
HANDED_ON = (
    *("title", "description", "type", "priority", "assignee_user_id", "group_id", "agency_id"),
    *("object_type", "object_id", "rrule", "series_id", "series_starts_at", "estimate_minutes"),
)
"""What the next task of a series has of the one before."""


class TaskService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.tasks = TaskRepository(ctx)

    # --- reads

    async def page(self, query: TaskQuery) -> Json[TaskPage]:
        return await self.tasks.page(query, TaskPage)

    async def search(self, search: Search) -> Json[TaskPage]:
        return await self.tasks.page(search.selection(TaskQuery), TaskPage)

    async def count(self, query: TaskFilter) -> Count:
        return await self.tasks.count(query)

    async def get(self, task_id: UUID) -> Json[TaskRead]:
        return await self.tasks.get(task_id)

    async def get_many(self, ids: list[UUID]) -> Json[Found[TaskRead]]:
        return found(TaskRead, await self.tasks.get_many(ids))

    # --- writes

    async def create(self, data: TaskCreate) -> Json[TaskRead]:
        """Raises UnknownObject, UnknownAssignee, UnknownBlocker; ValidationFailed for a rule without end."""
        self.ctx.begin()
        if data.object_type and data.object_id:
            await require_object(self.ctx, data.object_type, data.object_id)
        task = await self.made(
            {name: _plain(value) for name, value in data if name != "blocked_by_ids"},
            source=TaskSource.MANUAL,
        )
        await self._wait_for(task.id, data.blocked_by_ids)
        return await self.tasks.get(task.id)

    async def made(self, fields: Mapping[str, Any], *, source: TaskSource, news: bool = True) -> Task:
        """A task of these columns, with its agency, its moment and its series; said to who listens."""
        given = dict(fields)
        agency_id = given.get("agency_id")
        if assignee := given.get("assignee_user_id"):
            home = await self.tasks.active_colleague(assignee)
            agency_id = agency_id or home
        given["agency_id"] = agency_id or self.ctx.principal.agency_id
        minutes = given.get("due_in_minutes")
        if minutes is not None:
            calendar = await CalendarService(self.ctx).for_agency(given["agency_id"])
            given["due_at"] = calendar.add_minutes(now(), minutes)
        task = Task(id=new_id(), source=source, **given)
        if task.rrule is not None:
            await self.begin_series(task)
        await self.tasks.save(task)
        await self.told_assigned(task, news=news)
        return task

    async def told_assigned(self, task: Task, *, news: bool = True) -> None:
        """The fact for who listens, the news for who does it now."""
        await publish(self.ctx, TaskAssigned(task.id, task.assignee_user_id, task.group_id))
        if news:
            kind = NotificationKind.ASSIGNMENT
            await tell(self.ctx, task, [task.assignee_user_id], kind, "task_assigned")

    async def update(self, task_id: UUID, data: TaskPatch, version: int) -> Json[TaskRead]:
        task = await self.steered(task_id, version)
        if task.status not in UNFINISHED:
            raise TaskClosed
        given = {name: _plain(value) for name, value in data if value is not MISSING}
        blockers = given.pop("blocked_by_ids", None)
        if "rrule" in given and given["rrule"] != task.rrule:
            task.rrule = given["rrule"]
            task.due_at = given.get("due_at", task.due_at)
            await self.begin_series(task)
        if given.get("due_at", task.due_at) > now():
            task.overdue_told_at = None
        for name, value in given.items():
            setattr(task, name, value)
        if blockers is not None:
            await self._wait_for(task_id, blockers)
            task.updated_at = now()  # a new version, though no column of its own changed
        await self.tasks.save(task)
        return await self.tasks.get(task_id)

    async def delete(self, task_id: UUID, version: int) -> None:
        """To the bin, by who made it."""
        task = await self.loaded(task_id, version)
        if self.ctx.principal.id != task.created_by_id and ADMINISTRATOR not in self.ctx.principal.scopes:
            raise NotYoursToDiscard
        await self.tasks.discard(task_id, task.version)

    async def restore(self, task_id: UUID) -> Json[TaskRead]:
        return await self.tasks.restore(task_id)

    async def batch(self, batch: Batch[TaskCreate, TaskPatch]) -> Json[BatchResult[TaskRead]]:
        return await run_batch(self.ctx, self, batch, TaskRead, deleting="tasks:write")

    # --- who may

    async def loaded(self, task_id: UUID, version: int) -> Task:
        """Locked, out of the bin, and the one that was read."""
        task = await self.tasks.load(task_id)
        if task.deleted_at is not None:
            raise Deleted(id=str(task_id))
        if version not in (task.version, ANY_VERSION):
            raise VersionConflict(current_version=task.version)
        return task

    async def steered(self, task_id: UUID, version: int) -> Task:
        """Of who does it, who gave it, their group, the head of the agency, or an administrator."""
        task = await self.loaded(task_id, version)
        me = self.ctx.principal
        if me.id in (task.assignee_user_id, task.created_by_id, task.delegated_by_id):
            return task
        if ADMINISTRATOR in me.scopes or me.kind == "system":
            return task
        if task.group_id and await self.tasks.in_group(task.group_id):
            return task
        if task.agency_id and await self.tasks.leads_agency(task.agency_id):
            return task
        raise NotYourTask

    # --- again and again

    async def begin_series(self, task: Task) -> None:
        """This task is the first of its series. Raises ValidationFailed for a rule that never comes again."""
        if task.rrule is None:
            return
        task.series_id, task.series_starts_at, task.occurrence = task.id, task.due_at, 1
        calendar = await CalendarService(self.ctx).for_agency(task.agency_id)
        rule = parse(task.rrule)
        if rule.count != 1 and next_moment(rule, task.due_at, task.due_at, 1, calendar.zone) is None:
            raise ValidationFailed.at("/rrule", "recurrence_never", "It never comes again within ten years.")

    async def next_of(self, task: Task, after: datetime) -> Task | None:
        """The next task of its series, due later than this one and than `after`; None after the last one."""
        if task.rrule is None or task.series_starts_at is None or task.occurrence is None:
            return None
        calendar = await CalendarService(self.ctx).for_agency(task.agency_id)
        due_at = next_moment(
            parse(task.rrule),
            task.series_starts_at,
            max(task.due_at, after),
            task.occurrence,
            calendar.zone,
        )
        if due_at is None or await self.tasks.find(series_id=task.series_id, occurrence=task.occurrence + 1):
            return None
        following = Task(
            id=new_id(),
            source=task.source,
            due_at=due_at,
            occurrence=task.occurrence + 1,
            checklist=[{**item, "done": False} for item in task.checklist],
            **{name: getattr(task, name) for name in HANDED_ON},
        )
        return await self.tasks.save(following)

    async def _wait_for(self, task_id: UUID, blocker_ids: Collection[UUID]) -> None:
        """Raises UnknownBlocker, TaskCircle."""
        wanted = set(blocker_ids)
        if wanted:
            waited = await self.tasks.waited_for(wanted)
            if task_id in wanted | waited:
                raise TaskCircle
            if wanted - await self.tasks.seen([*wanted]):
                raise UnknownBlocker
        await self.tasks.wait_for(task_id, wanted)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [each.model_dump() if isinstance(each, BaseModel) else each for each in value]
    return value
