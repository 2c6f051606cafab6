"""A ticket as it is shown, and the lists of tickets."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Uuid, bindparam, exists, literal_column, not_

from crm_api.core.words import tagged, words
from crm_api.kit.listing import (
    Bin,
    FieldOf,
    Filter,
    ListQuery,
    Page,
    at_least,
    below,
    equals,
    is_null,
    matching,
    one_of,
)
from crm_api.kit.schemas import Moment, Output, Timestamp
from crm_api.kit.tags import Tag, Tags
from crm_api.policies.schemas.words import BranchCode, ProductCode
from crm_api.tickets.models.ticket import Ticket, TicketWatcher
from crm_api.tickets.models.words import (
    IS_UNFINISHED,
    TicketChannel,
    TicketLanguage,
    TicketLevel,
    TicketPriority,
    TicketStatus,
    TicketType,
)
from crm_api.tickets.schemas.words import (
    CustomValues,
    Description,
    Subject,
    TicketNumber,
    TicketParty,
)


def _unfinished() -> Filter:
    def build(_: str, wanted: Any) -> ColumnElement[bool]:
        waits: ColumnElement[bool] = literal_column(IS_UNFINISHED)
        return waits if wanted else not_(waits)

    return matching(build, bool, reads=bool)


def _followed_by() -> Filter:
    def build(name: str, _: Any) -> ColumnElement[bool]:
        return exists().where(
            TicketWatcher.organization_id == Ticket.organization_id,
            TicketWatcher.ticket_id == Ticket.id,
            TicketWatcher.user_id == bindparam(name, type_=Uuid()),
        )

    return matching(build, reads=UUID)


class TicketRead(Output):
    """A ticket."""

    id: UUID
    """Identifier."""
    number: TicketNumber
    """The number people say on the phone."""
    subject: Subject
    """In one line."""
    description: Description
    """What is asked."""
    type: TicketType
    """What kind of request it is."""
    category_id: UUID | None
    """What it is about."""
    product_code: ProductCode | None
    """The product it is about."""
    branch_code: BranchCode | None
    """Its branch."""
    language: TicketLanguage
    """The language the requester writes in."""
    channel: TicketChannel
    """How it came."""
    requester_contact_id: UUID | None
    """Who asks."""
    account_id: UUID | None
    """The customer."""
    portal_user_id: UUID | None
    """The user of the customers' portal who asks."""
    anonymous_party: TicketParty | None
    """Who asks, where they have no sheet yet."""
    claim_id: UUID | None
    """The claim it is about."""
    policy_id: UUID | None
    """The contract it is about."""
    impact: TicketLevel
    """How much is at stake."""
    urgency: TicketLevel
    """How soon it hurts."""
    priority: TicketPriority
    """How soon it must be dealt with."""
    is_vip: bool = Field(examples=[False])
    """Whether the customer is one of the first rank: a step more."""
    status: TicketStatus
    """The category of its status: it carries how the clocks run."""
    status_id: UUID
    """Its status, as your organization calls it."""
    status_since: Timestamp
    """Since when."""
    owner_user_id: UUID | None
    """Who works on it."""
    group_id: UUID | None
    """The group whose members take it."""
    agency_id: UUID | None
    """The agency."""
    parent_ticket_id: UUID | None
    """The ticket it is a part of."""
    merged_into_id: UUID | None
    """The ticket it went into."""
    incident_id: UUID | None
    """The mass incident behind it."""
    pausing_count: int = Field(ge=0, examples=[0])
    """Sub-requests that are out and stop its clocks."""
    sla_clock_id: UUID | None
    """Its clocks."""
    next_due_at: Timestamp | None
    """The next target that would be missed; null while none runs."""
    sla_breached_at: Timestamp | None
    """When a target was first missed."""
    first_response_at: Timestamp | None
    """The first public message of a colleague."""
    last_customer_message_at: Timestamp | None
    """The last message of the customer."""
    last_agent_message_at: Timestamp | None
    """The last public message of a colleague."""
    solved_at: Timestamp | None
    """When it was last solved."""
    closed_at: Timestamp | None
    """When it was closed, for good."""
    reopen_count: int = Field(ge=0, examples=[0])
    """How often it was opened again."""
    reply_count: int = Field(ge=0, examples=[2])
    """Public messages of colleagues."""
    customer_message_count: int = Field(ge=0, examples=[1])
    """Messages of the customer."""
    handoff_count: int = Field(ge=0, examples=[0])
    """How often it went from one colleague to another."""
    satisfaction_rating: Annotated[int, Field(ge=1, le=5, examples=[5])] | None
    """What the customer thought of it, from 1 to 5."""
    satisfaction_comment: Annotated[str, Field(max_length=2000, examples=["Très rapide, merci."])] | None
    """In words."""
    tags: Tags
    """Words to find it by."""
    custom_fields: CustomValues
    """Values of the fields that your organization defined, by key."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was opened."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who opened it."""
    deleted_at: Timestamp | None
    """When it went to the bin, as spam."""


class TicketPage(Page[TicketRead]):
    """One page of tickets."""


TicketSort = Literal[
    "next_due_at", "-next_due_at", "created_at", "-created_at", "updated_at", "-updated_at", "status_since"
]


class TicketFilter(ListQuery):
    """What lists and counts of tickets are filtered by."""

    sortable: ClassVar = {
        "next_due_at": Ticket.due_key,
        "created_at": Ticket.created_at,
        "updated_at": Ticket.updated_at,
        "status_since": Ticket.status_since,
    }

    sort: TicketSort = "-created_at"
    """Sort key; a leading `-` means descending. What has no clock is due after everything else."""
    q: Annotated[str | None, words(Ticket), Field(min_length=2, max_length=100, examples=["attestation"])] = (
        None
    )
    """Words of the subject, or the number, in any order."""
    number: Annotated[
        str | None, equals(Ticket.number), Field(min_length=3, max_length=20, examples=["T-2026-000123"])
    ] = None
    """The number, exactly."""
    is_open: Annotated[bool | None, _unfinished()] = None
    """true: those that somebody still has to do something about (new, open, pending, on hold)."""
    status: Annotated[list[TicketStatus] | None, one_of(Ticket.status)] = Field(default=None, max_length=6)
    """One or several categories (repeat the parameter)."""
    status_id: Annotated[list[UUID] | None, one_of(Ticket.status_id)] = Field(default=None, max_length=50)
    """One or several of the organization's own statuses."""
    type: Annotated[list[TicketType] | None, one_of(Ticket.type)] = Field(default=None, max_length=11)
    """One or several types."""
    priority: Annotated[list[TicketPriority] | None, one_of(Ticket.priority)] = Field(
        default=None, max_length=4
    )
    """One or several priorities."""
    channel: Annotated[list[TicketChannel] | None, one_of(Ticket.channel)] = Field(
        default=None, max_length=12
    )
    """One or several channels."""
    category_id: Annotated[list[UUID] | None, one_of(Ticket.category_id)] = Field(default=None, max_length=50)
    """One or several categories of the tree; those below are not included."""
    owner_user_id: Annotated[list[UUID] | None, one_of(Ticket.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Those of one or several colleagues."""
    owner_missing: Annotated[bool | None, is_null(Ticket.owner_user_id)] = None
    """true: those that nobody works on."""
    group_id: Annotated[list[UUID] | None, one_of(Ticket.group_id)] = Field(default=None, max_length=50)
    """The queue of one or several groups."""
    agency_id: Annotated[list[UUID] | None, one_of(Ticket.agency_id)] = Field(default=None, max_length=50)
    """Those of one or several agencies."""
    account_id: Annotated[list[UUID] | None, one_of(Ticket.account_id)] = Field(default=None, max_length=50)
    """Those of one or several customers."""
    requester_contact_id: Annotated[list[UUID] | None, one_of(Ticket.requester_contact_id)] = Field(
        default=None, max_length=50
    )
    """Those that one or several persons asked for."""
    claim_id: Annotated[list[UUID] | None, one_of(Ticket.claim_id)] = Field(default=None, max_length=50)
    """Those about one or several claims."""
    policy_id: Annotated[list[UUID] | None, one_of(Ticket.policy_id)] = Field(default=None, max_length=50)
    """Those about one or several contracts."""
    parent_ticket_id: Annotated[list[UUID] | None, one_of(Ticket.parent_ticket_id)] = Field(
        default=None, max_length=50
    )
    """The parts of one or several tickets."""
    incident_id: Annotated[list[UUID] | None, one_of(Ticket.incident_id)] = Field(default=None, max_length=50)
    """Those behind which one or several mass incidents are."""
    followed_by_id: Annotated[UUID | None, _followed_by()] = None
    """Those that this colleague follows."""
    tag: Annotated[list[Tag] | None, tagged(Ticket)] = Field(default=None, max_length=5)
    """Those that have all of these tags."""
    on_time: Annotated[bool | None, is_null(Ticket.sla_breached_at)] = None
    """true: those that never missed a target; false: those that did."""
    due_lt: Annotated[Moment | None, below(Ticket.next_due_at)] = None
    """Due before this moment."""
    created_at_gte: Annotated[Moment | None, at_least(Ticket.created_at)] = None
    """Opened at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Ticket.created_at)] = None
    """Opened before this moment."""
    updated_at_gte: Annotated[Moment | None, at_least(Ticket.updated_at)] = None
    """Changed at this moment or later."""


class TicketQuery(TicketFilter):
    """Which tickets, and what of them."""

    deleted: Bin = "without"
    """Spam: without it, with it, or nothing else."""
    fields: list[Annotated[str, FieldOf(TicketRead)]] | None = Field(
        default=None, max_length=80, examples=[["number", "status"]]
    )
    """Only these fields of each ticket."""
