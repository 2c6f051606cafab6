"""What upper floors hear of segments; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event

AT_ONCE = 1000
"""People of one event: an event log of one line for each would outgrow everything else in it."""


@dataclass(frozen=True, slots=True)
class SegmentBuilt(Event):
    """Its members were all found; those of the first time are told by no other event."""

    kind: ClassVar = "segment.built"

    segment_id: UUID
    member_count: int


@dataclass(frozen=True, slots=True)
class SegmentEntered(Event):
    """These people belong to it from now on."""

    kind: ClassVar = "segment.entered"

    segment_id: UUID
    contact_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class SegmentLeft(Event):
    """These people do not belong to it any more."""

    kind: ClassVar = "segment.left"

    segment_id: UUID
    contact_ids: tuple[UUID, ...]
