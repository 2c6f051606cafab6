"""What upper floors hear of messages; ids and public facts only.

One line of the event log for each message that is clicked, bounces or complains; sending and delivery of a
million people are told by the send's own events, and by its counts.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class SendFinished(Event):
    """Every message of a send has gone out or never will."""

    kind: ClassVar = "send.finished"

    send_id: UUID
    source_type: str
    source_id: UUID


@dataclass(frozen=True, slots=True)
class MessageDelivered(Event):
    """A message has arrived."""

    kind: ClassVar = "message.delivered"

    message_id: UUID
    send_id: UUID
    contact_id: UUID
    source_type: str
    source_id: UUID


@dataclass(frozen=True, slots=True)
class MessageOpened(Event):
    """A person opened a message for the first time."""

    kind: ClassVar = "message.opened"

    message_id: UUID
    send_id: UUID
    contact_id: UUID
    source_type: str
    source_id: UUID


@dataclass(frozen=True, slots=True)
class MessageClicked(Event):
    """A person followed a link of a message for the first time."""

    kind: ClassVar = "message.clicked"

    message_id: UUID
    send_id: UUID
    contact_id: UUID
    source_type: str
    source_id: UUID


@dataclass(frozen=True, slots=True)
class MessageBounced(Event):
    """A message came back for good."""

    kind: ClassVar = "message.bounced"

    message_id: UUID
    send_id: UUID
    contact_id: UUID
    source_type: str
    source_id: UUID
    hard: bool


@dataclass(frozen=True, slots=True)
class MessageComplained(Event):
    """Whoever got a message called it spam."""

    kind: ClassVar = "message.complained"

    message_id: UUID
    send_id: UUID
    contact_id: UUID
    source_type: str
    source_id: UUID


@dataclass(frozen=True, slots=True)
class MessageUnsubscribed(Event):
    """Whoever got a message wishes no more of them."""

    kind: ClassVar = "message.unsubscribed"

    message_id: UUID
    send_id: UUID
    contact_id: UUID
    source_type: str
    source_id: UUID
