from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class CallRinging(Event):
    """The screen of that colleague shows who calls: `GET /v1/telephony/calls/{call_id}` has the cards."""

    kind: ClassVar = "call.ringing"

    call_id: UUID
    agent_user_id: UUID | None
    agency_id: UUID | None
    direction: str
    party_type: str | None
    party_id: UUID | None
    match_count: int


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    kind: ClassVar = "call.ended"

    call_id: UUID
    agent_user_id: UUID | None
    interaction_id: UUID


@dataclass(frozen=True, slots=True)
class CallMissed(Event):
    """Somebody called and nobody answered: they are to be called back."""

    kind: ClassVar = "call.missed"

    call_id: UUID
    agent_user_id: UUID | None
    agency_id: UUID | None
    party_type: str | None
    party_id: UUID | None
    interaction_id: UUID
