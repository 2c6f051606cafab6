from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class ContactDeceased(Event):
    """All marketing stops, and the file goes to the succession procedure."""

    kind: ClassVar = "contact.deceased"

    contact_id: UUID


@dataclass(frozen=True, slots=True)
class ContactMerged(Event):
    """Whoever holds rows of the other sheet moves them to the survivor, and remembers which."""

    kind: ClassVar = "contact.merged"

    contact_id: UUID
    """The survivor."""
    other_id: UUID
    merge_id: UUID


@dataclass(frozen=True, slots=True)
class ContactUnmerged(Event):
    """The other sheet is back; what was moved by that merge goes back too."""

    kind: ClassVar = "contact.unmerged"

    contact_id: UUID
    """The survivor."""
    other_id: UUID
    merge_id: UUID
