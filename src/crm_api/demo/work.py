"""Tasks and reminders of the demonstration: a week of a seller's work, some of it late."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.reminders.models import ReminderKind
from crm_api.reminders.service import ReminderService
from crm_api.tasks.models import TaskPriority, TaskSource, TaskType
from crm_api.tasks.service import TaskService

WORK = (
    (TaskType.CALL, "Rappeler pour l'échéance auto", 30, TaskPriority.HIGH),
    (TaskType.DOCUMENT, "Obtenir la copie de la carte grise", 960, TaskPriority.NORMAL),
    (TaskType.VISIT, "Visiter le local avant le devis multirisque", 2400, TaskPriority.NORMAL),
    (TaskType.EMAIL, "Envoyer le devis habitation avec CAT-NAT", 480, TaskPriority.URGENT),
)
WEEKLY = "FREQ=WEEKLY;BYDAY=SU"
MOST_SELLERS = 20


async def give_work(ctx: Context, sellers: list[tuple[UUID, UUID]], lead_id: UUID | None) -> dict[str, str]:
    """Of each of the first sellers; one id of each kind."""
    made: dict[str, str] = {}
    tasks, moment = TaskService(ctx), now()
    about: dict[str, Any] = {"object_type": "lead", "object_id": lead_id} if lead_id else {}
    for place, (user_id, _) in enumerate(sellers[:MOST_SELLERS]):
        for kind, title, minutes, priority in WORK:
            fields = {"title": title, "type": kind, "priority": priority, "assignee_user_id": user_id}
            due = (
                {"due_in_minutes": minutes} if place % 3 else {"due_at": moment - timedelta(hours=place + 1)}
            )
            task = await tasks.made({**fields, **due, **about}, source=TaskSource.MANUAL)
            made.setdefault("task", str(task.id))
        weekly: dict[str, Any] = {"title": "Point de la semaine", "type": TaskType.OTHER, "rrule": WEEKLY}
        weekly |= {"due_at": _next_sunday(moment), "assignee_user_id": user_id}
        await tasks.made(weekly, source=TaskSource.MANUAL)
        if lead_id is not None:
            reminder = await ReminderService(ctx).schedule(
                for_user_id=user_id,
                remind_at=moment + timedelta(hours=2 + place),
                kind=ReminderKind.CUSTOM,
                text="Relancer pour la carte grise",
                channels=["in_app"],
                **about,
            )
            made.setdefault("reminder", str(reminder))
    return made


def _next_sunday(moment: datetime) -> datetime:
    ahead = (6 - moment.weekday()) % 7 or 7
    return (moment + timedelta(days=ahead)).replace(hour=8, minute=0, second=0, microsecond=0)
