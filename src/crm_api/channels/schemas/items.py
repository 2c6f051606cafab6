"""What waits in an inbox."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Uuid, bindparam, exists, not_

from crm_api.channels.models.inboxes import ChannelKind, InboxItem, InboxItemStatus, InboxReading
from crm_api.channels.schemas.words import PartyAddress, Snippet, SubjectLine, TicketNumber, Version
from crm_api.kit.listing import Filter, ListQuery, Page, at_least, below, equals, is_null, matching, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp

MOST_AT_ONCE = 200
ME = bindparam("actor_id", type_=Uuid())


def has_read() -> ColumnElement[bool]:
    """Whether who asks has read the item since the customer last wrote."""
    return exists().where(
        InboxReading.organization_id == InboxItem.organization_id,
        InboxReading.inbox_item_id == InboxItem.id,
        InboxReading.user_id == ME,
        InboxReading.read_at >= InboxItem.last_inbound_at,
    )


def _unread() -> Filter:
    def build(_: str, wanted: Any) -> ColumnElement[bool]:
        return not_(has_read()) if wanted else has_read()

    return matching(build, bool, reads=bool)


class InboxItemRead(Output):
    """A ticket as it waits in an inbox."""

    id: UUID
    """Identifier."""
    inbox_id: UUID
    """Which inbox."""
    channel_id: UUID
    """By which channel it came."""
    kind: ChannelKind
    """Of which kind."""
    ticket_id: UUID
    """The ticket."""
    ticket_number: TicketNumber
    """Its number."""
    subject: SubjectLine
    """What it is about."""
    sender_name: PartyAddress
    """Who wrote."""
    snippet: Snippet
    """How the last message of the customer begins."""
    status: InboxItemStatus
    """Whether it waits."""
    is_unread: bool = Field(examples=[True])
    """Whether the customer wrote something that you have not read."""
    owner_user_id: UUID | None
    """Who has it in hand."""
    agency_id: UUID | None
    """Of which agency."""
    message_count: int = Field(ge=0, examples=[3])
    """Messages that came in and went out."""
    last_inbound_at: Timestamp
    """When the customer last wrote."""
    last_message_at: Timestamp
    """When anybody last did."""
    version: Version
    """For If-Match."""


class InboxItemPage(Page[InboxItemRead]):
    """One page of an inbox."""


class InboxItemFilter(ListQuery):
    """What inboxes are filtered and counted by."""

    sortable: ClassVar = {"last_message_at": InboxItem.last_message_at}

    sort: Literal["last_message_at", "-last_message_at"] = "-last_message_at"
    """Sort key; a leading `-` means descending."""
    inbox_id: Annotated[list[UUID] | None, one_of(InboxItem.inbox_id)] = Field(default=None, max_length=50)
    """One or several inboxes."""
    status: Annotated[list[InboxItemStatus] | None, one_of(InboxItem.status)] = Field(
        default=None, max_length=3
    )
    """Those that wait, are done, or are spam."""
    kind: Annotated[list[ChannelKind] | None, one_of(InboxItem.kind)] = Field(default=None, max_length=10)
    """One or several kinds of channel."""
    owner_user_id: Annotated[list[UUID] | None, one_of(InboxItem.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Those that one or several colleagues have in hand."""
    owner_user_id_null: Annotated[bool | None, is_null(InboxItem.owner_user_id)] = None
    """true: those that nobody has in hand."""
    agency_id: Annotated[list[UUID] | None, one_of(InboxItem.agency_id)] = Field(default=None, max_length=50)
    """One or several agencies."""
    ticket_id: Annotated[UUID | None, equals(InboxItem.ticket_id)] = None
    """That of one ticket."""
    is_unread: Annotated[bool | None, _unread()] = None
    """true: those with something that you have not read."""
    last_message_at_gte: Annotated[Moment | None, at_least(InboxItem.last_message_at)] = None
    """At this moment or later."""
    last_message_at_lt: Annotated[Moment | None, below(InboxItem.last_message_at)] = None
    """Before this moment."""


class InboxItemQuery(InboxItemFilter):
    """What of the inbox."""


InboxAction = Literal["read", "unread", "done", "reopen", "spam"]


class InboxBulk(Input):
    """The same for many."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]
    """Which ones; those you may not see are left alone, and counted as skipped."""
    action: InboxAction
    """What to do. A step that its state does not allow is skipped."""


class InboxBulkDone(Output):
    """What came of it."""

    changed: int = Field(ge=0, le=MOST_AT_ONCE, examples=[12])
    """Items that were changed."""
    skipped_ids: list[UUID] = Field(max_length=MOST_AT_ONCE)
    """Those that were not: not there, not yours, or already so."""
