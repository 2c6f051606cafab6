"""What upper floors hear of complaints; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class ComplaintReceived(Event):
    """Somebody complains; it stands in the register."""

    kind: ClassVar = "complaint.received"

    complaint_id: UUID
    number: str
    ticket_id: UUID
    account_id: UUID | None
    agency_id: UUID | None


@dataclass(frozen=True, slots=True)
class ComplaintAcknowledged(Event):
    """The complainant knows that we have it."""

    kind: ClassVar = "complaint.acknowledged"

    complaint_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class ComplaintEscalated(Event):
    """It is the business of a higher level now."""

    kind: ClassVar = "complaint.escalated"

    complaint_id: UUID
    number: str
    level: int
    by_clock: bool


@dataclass(frozen=True, slots=True)
class ComplaintAnswered(Event):
    """The answer was approved and is on its way."""

    kind: ClassVar = "complaint.answered"

    complaint_id: UUID
    number: str
    decision: str
    in_time: bool


@dataclass(frozen=True, slots=True)
class ComplaintContested(Event):
    """The complainant does not agree."""

    kind: ClassVar = "complaint.contested"

    complaint_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class ComplaintClosed(Event):
    """It is over, and its cause is known."""

    kind: ClassVar = "complaint.closed"

    complaint_id: UUID
    number: str
    root_cause: str
