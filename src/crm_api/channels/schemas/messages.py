"""Messages that came in and went out, and what other channels tell."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Base64Bytes, Field

from crm_api.channels.models.inboxes import ChannelKind
from crm_api.channels.models.messages import (
    InboundMessage,
    InboundReason,
    InboundSource,
    InboundStatus,
    OutboundMessage,
    OutboundStatus,
)
from crm_api.channels.schemas.words import ExternalId, PartyAddress, PartyName, SubjectLine, Version
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp

Reference = Annotated[str, Field(max_length=300, examples=["<CAF42@mail.exemple.dz>"])]
FailureCode = Annotated[str, Field(min_length=1, max_length=80, examples=["5.1.1"])]


class InboundRead(Output):
    """A message that came in."""

    id: UUID
    """Identifier."""
    channel_id: UUID
    """By which channel."""
    kind: ChannelKind
    """Of which kind."""
    source: InboundSource
    """By what door."""
    status: InboundStatus
    """What became of it."""
    reason: InboundReason | None
    """Why it became no ticket, or waits."""
    message_id: Reference | None
    """Message-ID of a mail; what the other side calls it."""
    sender: PartyAddress | None
    """Who wrote, as the message says."""
    sender_name: PartyName | None
    """What they call themselves."""
    subject: SubjectLine | None
    """What it is about."""
    received_at: Timestamp
    """When we said that we have it."""
    size: int = Field(ge=0, examples=[48213])
    """Bytes, as it came."""
    has_raw: bool = Field(examples=[True])
    """Whether the mail as it came can be downloaded."""
    ticket_id: UUID | None
    """The ticket it went into."""
    opened_ticket: bool = Field(examples=[True])
    """Whether it opened that ticket."""
    filed_at: Timestamp | None
    """When."""
    version: Version
    """For If-Match."""


class InboundPage(Page[InboundRead]):
    """One page of messages that came in."""


class InboundQuery(ListQuery):
    """Which messages that came in."""

    sortable: ClassVar = {"received_at": InboundMessage.received_at}

    sort: Literal["received_at", "-received_at"] = "-received_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[InboundStatus] | None, one_of(InboundMessage.status)] = Field(
        default=None, max_length=5
    )
    """What became of them."""
    sender: Annotated[
        str | None, equals(InboundMessage.sender), Field(max_length=254, examples=["karim@exemple.dz"])
    ] = None
    """Those of one sender."""
    ticket_id: Annotated[UUID | None, equals(InboundMessage.ticket_id)] = None
    """Those of one ticket."""
    received_at_gte: Annotated[Moment | None, at_least(InboundMessage.received_at)] = None
    """At this moment or later."""
    received_at_lt: Annotated[Moment | None, below(InboundMessage.received_at)] = None
    """Before this moment."""


class OutboundRead(Output):
    """A message of ours."""

    id: UUID
    """Identifier."""
    channel_id: UUID
    """By which channel."""
    kind: ChannelKind
    """Of which kind."""
    ticket_id: UUID | None
    """The ticket it belongs to."""
    ticket_message_id: UUID | None
    """The message of that ticket that it carries."""
    recipient: PartyAddress
    """To whom."""
    subject: SubjectLine
    """What it is about."""
    message_id: Reference
    """Its Message-ID; for other channels our name for it."""
    is_automatic: bool = Field(examples=[False])
    """Whether the house wrote it by itself."""
    status: OutboundStatus
    """How far it has come."""
    failure_code: FailureCode | None
    """Why it did not arrive."""
    sent_at: Timestamp | None
    """When it was handed over."""
    created_at: Timestamp
    """When it was written."""
    version: Version
    """For If-Match."""


class OutboundPage(Page[OutboundRead]):
    """One page of messages of ours."""


class OutboundQuery(ListQuery):
    """Which messages of ours."""

    sortable: ClassVar = {"created_at": OutboundMessage.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[OutboundStatus] | None, one_of(OutboundMessage.status)] = Field(
        default=None, max_length=5
    )
    """How far they have come."""
    ticket_id: Annotated[UUID | None, equals(OutboundMessage.ticket_id)] = None
    """Those of one ticket."""


class ToldSender(Input):
    """Who wrote, as the channel knows them."""

    address: Annotated[str, Field(min_length=1, max_length=254, examples=["+213550123456"])]
    """Their number, address or identifier on that channel."""
    name: Annotated[str, Field(max_length=160, examples=["Karim Bouchareb"])] | None = None
    """What they call themselves there."""


class ToldFile(Input):
    """A file that came with a message."""

    name: Annotated[str, Field(min_length=1, max_length=190, examples=["constat.pdf"])]
    """What it is called."""
    content: Annotated[Base64Bytes, Field(max_length=950_000, examples=["JVBERi0xLjQK"])]
    """Its bytes, in Base64."""


class ToldMessage(Input):
    """A message of a customer, as a gateway tells it."""

    external_id: ExternalId
    """What the gateway calls it; told again, it is the same message."""
    sender: ToldSender
    """Who wrote."""
    subject: Annotated[str, Field(max_length=300, examples=["Attestation"])] | None = None
    """What it is about, where the channel has that."""
    text: Annotated[
        str, Field(min_length=1, max_length=20_000, examples=["Bonjour, où est mon attestation ?"])
    ]
    """What they wrote, or what was said."""
    thread: Annotated[str, Field(min_length=1, max_length=254, examples=["chat-4711"])] | None = None
    """The chat it belongs to; messages of one sender belong together when left out."""
    sent_at: Moment | None = None
    """When they wrote."""
    files: list[ToldFile] = Field(default=[], max_length=5)
    """What came with it; the whole message within 1 MB."""


class ToldReceipt(Input):
    """What became of a message of ours, as a gateway tells it."""

    provider_id: ExternalId
    """What the gateway called the message when it took it."""
    status: Literal["delivered", "failed"]
    """Whether it arrived."""
    failure_code: FailureCode | None = None
    """Why not."""


class Taken(Output):
    """A message is kept: it will not be lost any more."""

    id: UUID
    """What we call it."""
    duplicate: bool = Field(examples=[False])
    """Whether it was told before."""


class CounterForm(Output):
    """Whose counter it is."""

    organization: str | None = Field(max_length=160, examples=["Assurances El Amana"])
    """The company."""
    agency: str = Field(max_length=160, examples=["Agence Hydra"])
    """The agency."""


class CounterVisit(Input):
    """What somebody at the counter wants."""

    name: Annotated[str, Field(min_length=2, max_length=160, examples=["Karim Bouchareb"])]
    """Who."""
    phone: Annotated[str, Field(min_length=6, max_length=24, examples=["0550 12 34 56"])]
    """How to reach them."""
    subject: Annotated[str, Field(min_length=2, max_length=160, examples=["Attestation"])]
    """In one line."""
    text: Annotated[
        str, Field(min_length=2, max_length=4000, examples=["Je viens chercher mon attestation."])
    ]
    """What they want."""


class CounterTicket(Output):
    """The visit is a ticket of that agency."""

    number: Annotated[str, Field(max_length=20, examples=["T-2026-000123"])]
    """The number to name at the counter."""
