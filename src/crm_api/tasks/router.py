from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.batch import Batch, BatchGet, BatchResult, Found
from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.tasks.schemas.actions import (
    DelegationRefusal,
    TaskAssign,
    TaskCancel,
    TaskComplete,
    TaskDelegate,
    TasksComplete,
    TasksCompleted,
)
from crm_api.tasks.schemas.task import TaskCreate, TaskFilter, TaskPage, TaskPatch, TaskQuery, TaskRead
from crm_api.tasks.service import TaskService
from crm_api.tasks.steps import TaskSteps

router = Router("tasks")
Reader = Annotated[Context, requires("tasks:read")]
Writer = Annotated[Context, requires("tasks:write")]


@router.get("")
async def list_tasks(ctx: Reader, query: Annotated[TaskQuery, Query()]) -> Json[TaskPage]:
    """List tasks: mine, my groups', late ones, those about an object."""
    return await TaskService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_task(ctx: Writer, body: TaskCreate) -> Json[TaskRead]:
    """Give a task to a user or to a group.

    With `due_in_minutes` it is due after so many working minutes of the agency. With `rrule` the next one
    is made when this one is finished.
    """
    return await TaskService(ctx).create(body)


@router.post("/search")
async def search_tasks(ctx: Reader, body: Search) -> Json[TaskPage]:
    """List tasks by a filter in the body."""
    return await TaskService(ctx).search(body)


@router.get("/count")
async def count_tasks(ctx: Reader, query: Annotated[TaskFilter, Query()]) -> Count:
    """Count the tasks that match a filter."""
    return await TaskService(ctx).count(query)


@router.post("/batch")
async def batch_tasks(ctx: Writer, body: Batch[TaskCreate, TaskPatch]) -> Json[BatchResult[TaskRead]]:
    """Create, change and delete up to 100 tasks in one request."""
    return await TaskService(ctx).batch(body)


@router.post("/batch-get")
async def batch_get_tasks(ctx: Reader, body: BatchGet) -> Json[Found[TaskRead]]:
    """Read up to 100 tasks by their identifiers."""
    return await TaskService(ctx).get_many(body.ids)


@router.post("/complete")
async def complete_tasks(ctx: Writer, body: TasksComplete) -> TasksCompleted:
    """Finish up to 100 tasks at once, each for itself."""
    return await TaskSteps(ctx).complete_many(body)


@router.get("/{task_id}")
async def get_task(ctx: Reader, task_id: UUID) -> Json[TaskRead]:
    """Read a task."""
    return await TaskService(ctx).get(task_id)


@router.patch("/{task_id}")
async def update_task(
    ctx: Writer, task_id: UUID, body: Annotated[TaskPatch, MergePatch], version: IfMatch
) -> Json[TaskRead]:
    """Change a task that is not finished."""
    return await TaskService(ctx).update(task_id, body, version)


@router.delete("/{task_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_task(ctx: Writer, task_id: UUID, version: IfMatch) -> None:
    """Put a task that one has made in the bin."""
    await TaskService(ctx).delete(task_id, version)


@router.post("/{task_id}/restore")
async def restore_task(ctx: Writer, task_id: UUID) -> Json[TaskRead]:
    """Take a task out of the bin."""
    return await TaskService(ctx).restore(task_id)


@router.post("/{task_id}/start")
async def start_task(ctx: Writer, task_id: UUID, version: IfMatch) -> Json[TaskRead]:
    """Begin a task; whoever begins a task of a group takes it."""
    return await TaskSteps(ctx).start(task_id, version)


@router.post("/{task_id}/complete")
async def complete_task(ctx: Writer, task_id: UUID, body: TaskComplete, version: IfMatch) -> Json[TaskRead]:
    """Finish a task.

    The next one of a series is made, due after this one and after now. Refused while a task that it waits
    for is not finished.
    """
    return await TaskSteps(ctx).complete(task_id, body, version)


@router.post("/{task_id}/cancel")
async def cancel_task(ctx: Writer, task_id: UUID, body: TaskCancel, version: IfMatch) -> Json[TaskRead]:
    """Give a task up; nothing comes after it."""
    return await TaskSteps(ctx).cancel(task_id, body, version)


@router.post("/{task_id}/reopen")
async def reopen_task(ctx: Writer, task_id: UUID, version: IfMatch) -> Json[TaskRead]:
    """Open a finished task again, within 7 days."""
    return await TaskSteps(ctx).reopen(task_id, version)


@router.post("/{task_id}/assign")
async def assign_task(ctx: Writer, task_id: UUID, body: TaskAssign, version: IfMatch) -> Json[TaskRead]:
    """Give a task to somebody else, or back to a group."""
    return await TaskSteps(ctx).assign(task_id, body, version)


@router.post("/{task_id}/delegate")
async def delegate_task(ctx: Writer, task_id: UUID, body: TaskDelegate, version: IfMatch) -> Json[TaskRead]:
    """Hand a task to a colleague, who accepts or refuses."""
    return await TaskSteps(ctx).delegate(task_id, body, version)


@router.post("/{task_id}/accept-delegation")
async def accept_task_delegation(ctx: Writer, task_id: UUID, version: IfMatch) -> Json[TaskRead]:
    """Accept a task that a colleague handed on."""
    return await TaskSteps(ctx).accept(task_id, version)


@router.post("/{task_id}/refuse-delegation")
async def refuse_task_delegation(
    ctx: Writer, task_id: UUID, body: DelegationRefusal, version: IfMatch
) -> Json[TaskRead]:
    """Refuse a task that a colleague handed on; it goes back."""
    return await TaskSteps(ctx).refuse(task_id, body, version)


ROUTERS = (router,)
