"""What upper floors hear of channels; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class InboundMessageFiled(Event):
    """A message of a customer is in a ticket now."""

    kind: ClassVar = "inbound_message.filed"

    inbound_message_id: UUID
    channel_kind: str
    ticket_id: UUID
    opened_ticket: bool
    is_automatic: bool


@dataclass(frozen=True, slots=True)
class InboundMessageHeld(Event):
    """A message waits for a person: a flood, no sender, too large."""

    kind: ClassVar = "inbound_message.held"

    inbound_message_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class OutboundMessageSent(Event):
    """A message of ours was handed over."""

    kind: ClassVar = "outbound_message.sent"

    outbound_message_id: UUID
    channel_kind: str
    ticket_id: UUID | None


@dataclass(frozen=True, slots=True)
class OutboundMessageFailed(Event):
    """A message of ours will not arrive."""

    kind: ClassVar = "outbound_message.failed"

    outbound_message_id: UUID
    channel_kind: str
    ticket_id: UUID | None
    failure_code: str
