"""What upper floors hear of quotes; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class QuoteRated(Event):
    """It has a price, in centimes with taxes."""

    kind: ClassVar = "quote.rated"

    quote_id: UUID
    number: str
    revision: int
    product_code: str
    total_premium: int
    opportunity_id: UUID | None


@dataclass(frozen=True, slots=True)
class QuoteReferred(Event):
    """Somebody else has to decide on it."""

    kind: ClassVar = "quote.referred"

    quote_id: UUID
    number: str
    revision: int


@dataclass(frozen=True, slots=True)
class QuoteApproved(Event):
    """Whoever it was referred to agreed."""

    kind: ClassVar = "quote.approved"

    quote_id: UUID
    number: str
    revision: int


@dataclass(frozen=True, slots=True)
class QuoteRefused(Event):
    """Whoever it was referred to did not agree."""

    kind: ClassVar = "quote.refused"

    quote_id: UUID
    number: str
    revision: int


@dataclass(frozen=True, slots=True)
class QuoteSent(Event):
    """The customer has it."""

    kind: ClassVar = "quote.sent"

    quote_id: UUID
    number: str
    revision: int
    opportunity_id: UUID | None


@dataclass(frozen=True, slots=True)
class QuoteViewed(Event):
    """The customer opened it for the first time."""

    kind: ClassVar = "quote.viewed"

    quote_id: UUID
    number: str
    revision: int


@dataclass(frozen=True, slots=True)
class QuoteAccepted(Event):
    """The customer takes it."""

    kind: ClassVar = "quote.accepted"

    quote_id: UUID
    number: str
    revision: int
    opportunity_id: UUID | None


@dataclass(frozen=True, slots=True)
class QuoteDeclined(Event):
    """The customer does not take it."""

    kind: ClassVar = "quote.declined"

    quote_id: UUID
    number: str
    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class QuoteExpired(Event):
    """Nobody took it in time."""

    kind: ClassVar = "quote.expired"

    quote_id: UUID
    number: str
    revision: int


@dataclass(frozen=True, slots=True)
class QuoteSupersededByRevision(Event):
    """A newer revision takes its place."""

    kind: ClassVar = "quote.superseded"

    quote_id: UUID
    number: str
    revision: int


@dataclass(frozen=True, slots=True)
class QuoteConverted(Event):
    """A contract came of it."""

    kind: ClassVar = "quote.converted"

    quote_id: UUID
    number: str
    revision: int
    policy_id: UUID
