"""What upper floors hear of mentions; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class MentionReceived(Event):
    """Somebody said something of us."""

    kind: ClassVar = "social_mention.received"

    mention_id: UUID
    network: str


@dataclass(frozen=True, slots=True)
class MentionEscalated(Event):
    """It became a ticket."""

    kind: ClassVar = "social_mention.escalated"

    mention_id: UUID
    ticket_id: UUID
