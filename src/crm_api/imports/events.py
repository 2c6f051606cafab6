from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class ImportCompleted(Event):
    """Every row was taken in or refused."""

    kind: ClassVar = "import.completed"

    import_id: UUID
    entity: str
    created: int
    updated: int
    failed: int


@dataclass(frozen=True, slots=True)
class ImportUndone(Event):
    """What an import had made was taken back, as far as nobody had touched it."""

    kind: ClassVar = "import.undone"

    import_id: UUID
    entity: str
    undone: int
