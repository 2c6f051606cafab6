"""Who is told of a task, in their own language and the way they chose."""

from collections.abc import Collection
from uuid import UUID

from crm_api.core.context import Context
from crm_api.notifications.models import NotificationKind
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.tasks.models import Task


async def tell(
    ctx: Context,
    task: Task,
    user_ids: Collection[UUID | None],
    kind: NotificationKind,
    sentence: str,
    *,
    dedupe_key: str | None = None,
) -> None:
    """Nobody is told what they did themselves."""
    await NotificationService(ctx).notify(
        {user_id for user_id in user_ids if user_id is not None},
        kind,
        title=Message(sentence, title=task.title),
        body=Message("task_due", due=task.due_at),
        object_type="task",
        object_id=task.id,
        dedupe_key=dedupe_key,
    )
