"""What upper floors hear of reminders; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class ReminderFired(Event):
    """Its moment has come."""

    kind: ClassVar = "reminder.fired"

    reminder_id: UUID
    reminder_kind: str
    object_type: str
    object_id: UUID
    for_user_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReminderEscalated(Event):
    """Nobody answered in time: somebody above is told."""

    kind: ClassVar = "reminder.escalated"

    reminder_id: UUID
    to_user_id: UUID
