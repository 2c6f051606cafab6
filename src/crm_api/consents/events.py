"""What upper floors hear of consent; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class ConsentGranted(Event):
    """Somebody allows something that they did not allow before."""

    kind: ClassVar = "consent.granted"

    consent_id: UUID
    subject_type: str
    subject_id: UUID
    purpose: str
    brand: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(Event):
    """Somebody allows it no more, or says that they never did: what waits to be sent is not sent."""

    kind: ClassVar = "consent.withdrawn"

    consent_id: UUID
    subject_type: str
    subject_id: UUID
    purpose: str
    brand: str
    message_id: UUID | None = None
    """The message by whose link they left."""


@dataclass(frozen=True, slots=True)
class AddressSuppressed(Event):
    """Nothing goes to an address any more."""

    kind: ClassVar = "suppression.added"

    suppression_id: UUID
    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class SuppressionLifted(Event):
    """Messages may go to an address again."""

    kind: ClassVar = "suppression.lifted"

    suppression_id: UUID
    channel: str


@dataclass(frozen=True, slots=True)
class PreferencesChanged(Event):
    """Somebody wishes to hear of us in another way."""

    kind: ClassVar = "contact_preference.changed"

    preference_id: UUID
    subject_type: str
    subject_id: UUID
