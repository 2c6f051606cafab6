from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class ColleaguesMentioned(Event):
    """A note names colleagues who had not been named in it before."""

    kind: ClassVar = "note.mentioned"

    note_id: UUID
    object_type: str
    object_id: UUID
    user_ids: tuple[UUID, ...]
