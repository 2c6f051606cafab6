"""Messages of a ticket as they are written and shown, and what channels bring in."""

from typing import Annotated, ClassVar, Literal, NamedTuple, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, at_least, equals, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.tickets.models.ticket import TicketMessage
from crm_api.tickets.models.words import (
    MessageAuthor,
    MessageDelivery,
    MessageVisibility,
    TicketChannel,
    TicketLanguage,
    TicketStatus,
    TicketType,
)
from crm_api.tickets.schemas.words import (
    BroughtHtml,
    Colleagues,
    Documents,
    MessageBody,
    MessageHtml,
    MessageKey,
    Minutes,
    PersonName,
    TicketParty,
)


class TicketMessageCreate(Input):
    """What a colleague writes."""

    body: MessageBody
    """In plain text."""
    body_html: MessageHtml | None = None
    """The same with its form; whatever could act or load is taken out."""
    visibility: MessageVisibility = MessageVisibility.PUBLIC
    """Public: the customer reads it. Internal: colleagues only."""
    channel: TicketChannel | None = None
    """The way it goes; that of the ticket when left out."""
    document_ids: Documents = []
    """Documents that go with it."""
    mentions: Colleagues = []
    """Colleagues who are told of it, and follow the ticket from now on."""
    status: TicketStatus | None = None
    """The category to move the ticket to with it: pending, on hold, solved, open."""
    status_id: UUID | None = None
    """Or the status itself."""
    minutes: Minutes | None = None
    """Time spent on it."""
    last_seen_message_id: UUID | None = None
    """The last message you saw: if the customer or a colleague has written since, nothing is sent."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.status is not None and self.status_id is not None:
            raise PydanticCustomError("one_status", "Give status or status_id, not both")
        return self


class TicketMessageRead(Output):
    """A message of a ticket."""

    id: UUID
    """Identifier."""
    ticket_id: UUID
    """Of which ticket."""
    author_type: MessageAuthor
    """Who wrote it."""
    author_id: UUID | None
    """The colleague or the person."""
    author_name: PersonName | None
    """What somebody without a sheet calls themselves."""
    body: MessageBody
    """In plain text."""
    body_html: BroughtHtml | None
    """The same with its form, made harmless."""
    visibility: MessageVisibility
    """Whether the customer reads it."""
    channel: TicketChannel
    """The way it came or went."""
    external_message_id: MessageKey | None
    """What the channel calls it."""
    sent_at: Timestamp
    """When it was written."""
    is_automatic: bool = Field(examples=[False])
    """Whether a machine wrote it: it stops no clock."""
    delivery: MessageDelivery
    """What became of it on its way."""
    mentions: Colleagues
    """Colleagues it names."""
    document_ids: Documents
    """Documents that go with it."""
    moved_from_id: UUID | None
    """The ticket it was written on, where a merge or a split brought it here."""
    version: int = Field(ge=1, examples=[1])
    """Of this row."""
    created_at: Timestamp
    """When we had it."""


class TicketMessagePage(Page[TicketMessageRead]):
    """One page of messages."""


class TicketMessageQuery(ListQuery):
    """Which messages of a ticket."""

    sortable: ClassVar = {"created_at": TicketMessage.created_at}

    sort: Literal["created_at", "-created_at"] = "created_at"
    """Sort key; a leading `-` means the newest first."""
    visibility: Annotated[MessageVisibility | None, equals(TicketMessage.visibility)] = None
    """Public or internal ones."""
    author_type: Annotated[list[MessageAuthor] | None, one_of(TicketMessage.author_type)] = Field(
        default=None, max_length=5
    )
    """Those of colleagues, of the customer, of machines."""
    created_at_gte: Annotated[Moment | None, at_least(TicketMessage.created_at)] = None
    """Since this moment."""


class Incoming(Input):
    """A message that a channel brings in from outside: not part of the published contract."""

    channel: TicketChannel
    """The way it came."""
    body: MessageBody
    """In plain text, without quotes and signature."""
    body_html: BroughtHtml | None = None
    """With its form; cleaned again here."""
    author_type: MessageAuthor = MessageAuthor.CONTACT
    """The customer (contact, portal_user), a robot of ours (bot), the house (system)."""
    author_contact_id: UUID | None = None
    """Who wrote, where they have a sheet."""
    portal_user_id: UUID | None = None
    """Or the user of the portal."""
    anonymous_party: TicketParty | None = None
    """Or whoever it is, as far as known."""
    document_ids: Documents = []
    """Documents that came with it."""
    external_message_id: MessageKey | None = None
    """What the channel calls it: brought again, it is the same message."""
    sent_at: Moment | None = None
    """When it was written; now when left out."""
    is_automatic: bool = False
    """An auto-reply, a bounce: it is kept, and moves nothing."""
    subject: str = Field(default="", max_length=400, examples=["Re: attestation"])
    """Of a ticket that has to be opened for it."""
    language: TicketLanguage = TicketLanguage.FR
    """Of a ticket that has to be opened for it."""
    type: TicketType = TicketType.QUESTION
    """Of a ticket that has to be opened for it."""


class Received(NamedTuple):
    """Where a message came to stand."""

    ticket_id: UUID
    """Another one than asked for where that was solved long ago, or had gone into another."""
    message_id: UUID
    known: bool
    """It had been brought before: nothing happened."""
    opened: bool
    """A ticket was opened for it."""
