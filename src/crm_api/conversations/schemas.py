"""Conversations with customers: what is shown, and what a colleague writes."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, literal_column, not_

from crm_api.conversations.models import Conversation, ConversationMessage, ConversationSide
from crm_api.kit.listing import Filter, ListQuery, Page, equals, matching, one_of
from crm_api.kit.schemas import Input, Output, Timestamp

Body = Annotated[
    str, Field(min_length=1, max_length=20_000, examples=["Votre attestation part aujourd'hui."])
]
Documents = Annotated[list[UUID], Field(max_length=20)]


def _unread() -> Filter:
    def build(_: str, wanted: Any) -> ColumnElement[bool]:
        waits: ColumnElement[bool] = literal_column("conversations.staff_unread_count > 0")
        return waits if wanted else not_(waits)

    return matching(build, bool, reads=bool)


class ConversationRead(Output):
    """The conversation with one customer."""

    id: UUID
    """Identifier."""
    account_id: UUID
    """The customer."""
    ticket_id: UUID
    """The question that is being talked about now: its clocks run."""
    owner_user_id: UUID | None
    """Who answers: the manager of the account, or who stands in for them; null: whoever of the agency."""
    agency_id: UUID | None
    """The agency of the account."""
    staff_unread_count: int = Field(ge=0, examples=[2])
    """Messages of the customer that no colleague has read."""
    customer_unread_count: int = Field(ge=0, examples=[1])
    """Messages of ours that came after the customer's last one."""
    message_count: int = Field(ge=0, examples=[14])
    """All of them."""
    last_message_at: Timestamp
    """When anybody last wrote."""
    created_at: Timestamp
    """When it began."""
    version: int = Field(ge=1, examples=[3])
    """For caches; nothing of it is changed by hand."""


class ConversationPage(Page[ConversationRead]):
    """One page of conversations."""


class ConversationQuery(ListQuery):
    """Which conversations."""

    sortable: ClassVar = {"last_message_at": Conversation.last_message_at}

    sort: Literal["last_message_at", "-last_message_at"] = "-last_message_at"
    """Sort key; a leading `-` means descending."""
    account_id: Annotated[UUID | None, equals(Conversation.account_id)] = None
    """That of one customer."""
    owner_user_id: Annotated[list[UUID] | None, one_of(Conversation.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Those that one or several colleagues answer."""
    agency_id: Annotated[list[UUID] | None, one_of(Conversation.agency_id)] = Field(
        default=None, max_length=50
    )
    """Those of one or several agencies."""
    is_unread: Annotated[bool | None, _unread()] = None
    """true: those with messages of the customer that nobody has read."""


class ConversationMessageRead(Output):
    """A message of a conversation."""

    id: UUID
    """Identifier."""
    conversation_id: UUID
    """Of which conversation."""
    ticket_id: UUID
    """The question it belongs to."""
    side: ConversationSide
    """Who wrote: the customer, a colleague, the house by itself."""
    author_id: UUID | None
    """The person, or the colleague."""
    body: Body
    """What they wrote."""
    document_ids: Documents
    """What they sent with it."""
    created_at: Timestamp
    """When."""
    version: int = Field(ge=1, examples=[1])
    """It never changes."""


class ConversationMessagePage(Page[ConversationMessageRead]):
    """One page of a conversation."""


class ConversationMessageQuery(ListQuery):
    """Which messages of a conversation."""

    sortable: ClassVar = {"created_at": ConversationMessage.created_at}

    sort: Literal["created_at", "-created_at"] = "created_at"
    """Sort key; a leading `-` means the newest first."""


class MessagesOfOne(ConversationMessageQuery):
    """Those of one conversation."""

    conversation_id: Annotated[UUID | None, equals(ConversationMessage.conversation_id)] = None
    """Which one."""


class ConversationAnswer(Input):
    """What a colleague writes to the customer."""

    body: Body
    """In plain text; the customer reads it."""
    document_ids: Documents = []
    """Documents that go with it."""
