"""What upper floors hear of the assistant; never a word that somebody wrote."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class AssistantHandedOver(Event):
    kind: ClassVar = "assistant_session.handed_over"

    assistant_session_id: UUID
    reason: str
    ticket_id: UUID | None
