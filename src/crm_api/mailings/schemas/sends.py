"""Sends, their messages and their figures, as the staff see them."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.schemas import Output, Timestamp
from crm_api.mailings.models import (
    MailingChannel,
    Message,
    MessageEventType,
    MessageReason,
    MessageStatus,
    Send,
    SendSource,
    SendStatus,
)

Share = Annotated[str | None, Field(max_length=12, examples=["0.2500"])]


class SendRead(Output):
    """A send: one batch of one variant by one channel."""

    id: UUID
    """Identifier."""
    source_type: SendSource
    """What had it sent."""
    source_id: UUID
    """Which campaign or automation."""
    key: str = Field(max_length=120, examples=["A"])
    """What the source calls it."""
    name: str = Field(max_length=200, examples=["Renouvellement auto, variante A"])
    """What the staff call it."""
    channel: MailingChannel
    """By which way."""
    variant: str | None = Field(max_length=8, examples=["A"])
    """Which variant of a test."""
    status: SendStatus
    """Where it stands."""
    purpose: str | None = Field(max_length=40, examples=["marketing_email"])
    """Which consent it needs; null for contractual messages."""
    brand: str = Field(max_length=40, examples=[""])
    """Of which brand; empty for the house."""
    topic: str | None = Field(max_length=40, examples=["offers"])
    """What it is about, as people may decline it."""
    scheduled_at: Timestamp
    """Not before."""
    ends_at: Timestamp | None
    """What has not gone out by then does not."""
    throttle_per_minute: int | None = Field(ge=1, examples=[600])
    """At most so many messages within a minute."""
    respects_hours: bool
    """Whether it keeps quiet hours."""
    started_at: Timestamp | None
    """When the first message was tried."""
    finished_at: Timestamp | None
    """When no message was waiting any more."""
    created_at: Timestamp
    """When it was opened."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class SendPage(Page[SendRead]):
    """One page of sends."""


class SendQuery(ListQuery):
    """Which sends."""

    sortable: ClassVar = {"created_at": Send.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    source_type: Annotated[list[SendSource] | None, one_of(Send.source_type)] = Field(
        default=None, max_length=3
    )
    """Of campaigns, automations or people."""
    source_id: Annotated[UUID | None, equals(Send.source_id)] = None
    """Of this campaign or automation."""
    channel: Annotated[list[MailingChannel] | None, one_of(Send.channel)] = Field(default=None, max_length=4)
    """By these ways."""
    status: Annotated[list[SendStatus] | None, one_of(Send.status)] = Field(default=None, max_length=5)
    """In these states."""


class MessageRead(Output):
    """One message to one person. What it said is not kept."""

    id: UUID
    """Identifier."""
    send_id: UUID
    """Of which send."""
    contact_id: UUID
    """To whom."""
    channel: MailingChannel
    """By which way."""
    variant: str | None = Field(max_length=8, examples=["A"])
    """Which variant of a test."""
    language: str = Field(max_length=3, examples=["fr"])
    """In which language."""
    address: str | None = Field(max_length=320, examples=["karim.bouchareb@example.dz"])
    """Where it goes."""
    status: MessageStatus
    """What became of it."""
    reason: MessageReason | None
    """Why it does not go out."""
    attempts: int = Field(ge=0, examples=[1])
    """How often it was tried."""
    failure: str | None = Field(max_length=120, examples=["refused: 451"])
    """What the last server that refused it said."""
    sent_at: Timestamp | None
    """When a provider took it."""
    delivered_at: Timestamp | None
    """When it arrived."""
    opened_at: Timestamp | None
    """When a person first opened it."""
    proxy_opened_at: Timestamp | None
    """When a machine first did for them: privacy proxies and scanners."""
    clicked_at: Timestamp | None
    """When a person first followed a link."""
    bounced_at: Timestamp | None
    """When it came back."""
    unsubscribed_at: Timestamp | None
    """When they left by it."""
    complained_at: Timestamp | None
    """When they called it spam."""
    created_at: Timestamp
    """When it was queued."""
    version: int = Field(ge=1, examples=[3])
    """Its version."""


class MessagePage(Page[MessageRead]):
    """One page of messages."""


class MessageQuery(ListQuery):
    """Which messages."""

    sortable: ClassVar = {"created_at": Message.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[MessageStatus] | None, one_of(Message.status)] = Field(default=None, max_length=14)
    """In these states."""
    reason: Annotated[list[MessageReason] | None, one_of(Message.reason)] = Field(default=None, max_length=12)
    """Left out for these reasons."""


class MessageEventRead(Output):
    """Something that happened to a message."""

    type: MessageEventType
    """What."""
    at: Timestamp
    """When."""
    is_bot: bool = Field(examples=[False])
    """Whether a machine did it: it counts for nothing."""
    url: str | None = Field(max_length=2000, examples=["https://assura.example/offre"])
    """Of a click: where it led."""
    detail: str | None = Field(max_length=200, examples=["550 5.1.1 unknown user"])
    """What a server said."""


class MessageEvents(Output):
    """What happened to a message, the oldest first."""

    message_id: UUID
    """Which message."""
    events: list[MessageEventRead] = Field(max_length=200)
    """At most 200 of them."""


class LeftOut(Output):
    """People who were left out for one reason."""

    reason: MessageReason
    """Why."""
    people: int = Field(ge=0, examples=[120])
    """How many."""


class SendResults(Output):
    """What a send has come to (D-38 to D-43). A share of nothing is null, and its status no_data."""

    send_id: UUID
    """Which send."""
    targeted: int = Field(ge=0, examples=[10_500])
    """People who were put into it."""
    suppressed: list[LeftOut] = Field(max_length=12)
    """Those who were left out."""
    waiting: int = Field(ge=0, examples=[0])
    """Messages that have not gone out yet."""
    cancelled: int = Field(ge=0, examples=[0])
    """Messages that were called off."""
    sent: int = Field(ge=0, examples=[10_000])
    """Taken by a provider."""
    delivered: int = Field(ge=0, examples=[9_700])
    """Arrived."""
    soft_bounced: int = Field(ge=0, examples=[120])
    """Given up after a while."""
    hard_bounced: int = Field(ge=0, examples=[180])
    """Came back for good."""
    rejected: int = Field(ge=0, examples=[0])
    """Refused by the provider."""
    opened: int = Field(ge=0, examples=[2_425])
    """Opened by a person; each once."""
    opened_inflated: int = Field(ge=0, examples=[4_100])
    """Opened by anything, privacy proxies too."""
    clicked: int = Field(ge=0, examples=[388])
    """A link was followed by a person; each once, leaving not counted."""
    unsubscribed: int = Field(ge=0, examples=[29])
    """Left by it."""
    complained: int = Field(ge=0, examples=[2])
    """Called it spam."""
    delivery_rate: Share
    """D-38: delivered of sent."""
    open_rate: Share
    """D-39: people who opened of delivered; null for text messages."""
    open_rate_inflated: Share
    """The same with what machines opened."""
    ctr: Share
    """D-40: people who clicked of delivered."""
    ctor: Share
    """D-41: people who clicked of those who opened."""
    bounce_rate: Share
    """D-42: came back of sent."""
    unsubscribe_rate: Share
    """D-43: left of delivered."""
    complaint_rate: Share
    """D-43: called it spam of delivered."""
    complaint_alert: bool = Field(examples=[False])
    """Over 0.001: providers begin to refuse the sender."""
    status: Literal["ok", "no_data"] = Field(examples=["ok"])
    """no_data: nothing was delivered yet."""
