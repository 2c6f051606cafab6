from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class Linked:
    """An object that the interaction is about."""

    object_type: str
    object_id: UUID


@dataclass(frozen=True, slots=True)
class InteractionRecorded(Event):
    """An exchange took place. Upper floors look in `links` for their own kind of object."""

    kind: ClassVar = "interaction.recorded"

    interaction_id: UUID
    channel: str
    direction: str
    outcome: str | None
    links: tuple[Linked, ...] = field(default=())

    def about(self, object_type: str) -> list[UUID]:
        return [link.object_id for link in self.links if link.object_type == object_type]


@dataclass(frozen=True, slots=True)
class InteractionCorrected(Event):
    """It was told otherwise than it was: by its author at once, or by a correction (`replaced_by_id`)."""

    kind: ClassVar = "interaction.corrected"

    interaction_id: UUID
    replaced_by_id: UUID | None
    channel: str
    direction: str
    outcome: str | None
    links: tuple[Linked, ...] = field(default=())

    def about(self, object_type: str) -> list[UUID]:
        return [link.object_id for link in self.links if link.object_type == object_type]


@dataclass(frozen=True, slots=True)
class PromiseSettled(Event):
    """A promise was kept, or was not."""

    kind: ClassVar = "interaction.promise_settled"

    interaction_id: UUID
    status: str
