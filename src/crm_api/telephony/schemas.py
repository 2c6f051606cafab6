"""What the switchboard tells, and what the colleague's screen shows."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.interactions.models import InteractionOutcome
from crm_api.interactions.schemas import Reference, Seconds, Summary, Transcript
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.telephony.models import Call, CallDirection, CallStatus

PartyType = Literal["contact", "account", "lead"]
CallReference = Annotated[
    str, Field(pattern=r"^[\x21-\x7e]{1,120}$", max_length=120, examples=["pbx-2-1700734562.884120"])
]
Line = Annotated[str, Field(min_length=1, max_length=40, examples=["021 98 00 00"])]
Title = Annotated[str, Field(max_length=161, examples=["AISSANI Ilyès"])]


class CallRing(Input):
    """A telephone rings."""

    reference: CallReference
    """What the switchboard calls this call: told twice, it is recorded once."""
    phone: Phone | None = None
    """The number of the other side; null when it is withheld."""
    direction: CallDirection = CallDirection.INBOUND
    """Who calls whom."""
    line: Line | None = None
    """Which of the house's numbers."""
    agent_user_id: UUID | None = None
    """Whose telephone rings; null while it waits in a queue."""
    rang_at: Moment | None = None
    """When; now when left out."""


class CallAnswer(Input):
    """Somebody picked up."""

    agent_user_id: UUID | None = None
    """Who; the one whose telephone rang, when left out."""
    answered_at: Moment | None = None
    """When; now when left out."""


class CallEnd(Input):
    """The call is over."""

    disposition: InteractionOutcome = InteractionOutcome.REACHED
    """How it ended."""
    duration_seconds: Seconds | None = None
    """How long they talked."""
    wait_seconds: Seconds | None = None
    """How long the other side waited; worked out from the answer when left out."""
    ended_at: Moment | None = None
    """When; now when left out."""
    agent_user_id: UUID | None = None
    """Who took the call, where that was not told before."""
    recording_document_id: UUID | None = None
    """The recording, among the documents."""
    recording_reference: Reference | None = None
    """Where the switchboard keeps the recording."""
    recording_notice_given: bool = False
    """Whether they were told that the call is recorded; a recording needs it."""
    transcript: Transcript | None = None
    """Of the recording."""
    summary: Summary | None = None
    """What matters of it."""


class CallMiss(Input):
    """Nobody picked up."""

    wait_seconds: Seconds | None = None
    """How long they let it ring."""
    ended_at: Moment | None = None
    """When they gave up; now when left out."""


class CallIdentify(Input):
    """Who is on the line."""

    object_type: PartyType
    """What they are here."""
    object_id: UUID
    """Which one."""


class CallMatch(Output):
    """Somebody who has this number."""

    object_type: PartyType
    """A person, an account or a lead."""
    object_id: UUID
    """Which one."""
    title: Title
    """What they are called."""
    number: str | None = Field(max_length=20, examples=["C00012345"])
    """Of the account or the lead."""
    agency_id: UUID | None
    """Which agency looks after them."""
    owner_user_id: UUID | None
    """Which colleague does."""


class CallLine(Output):
    """A call as lists show it, and as the switchboard is answered."""

    id: UUID
    """Identifier."""
    reference: CallReference
    """What the switchboard calls it."""
    direction: CallDirection
    """Who calls whom."""
    status: CallStatus
    """ringing, answered, ended or missed."""
    phone: Phone | None
    """The number of the other side."""
    line: Line | None
    """Which of the house's numbers."""
    agent_user_id: UUID | None
    """Whose telephone rang, then who picked up."""
    agency_id: UUID | None
    """Of that colleague."""
    match_count: int = Field(ge=0, le=100, examples=[2])
    """How many had this number when it rang: 0, an unknown caller; several, choose who it is."""
    party_type: PartyType | None
    """What the other side is here, once known."""
    party_id: UUID | None
    """Which one."""
    rang_at: Timestamp
    """When it rang."""
    answered_at: Timestamp | None
    """When somebody picked up."""
    ended_at: Timestamp | None
    """When it was over."""
    interaction_id: UUID | None
    """The interaction it became."""
    version: int = Field(ge=1, examples=[2])
    """For If-Match."""


class CallRead(CallLine):
    """A call, with everybody who has this number."""

    matches: list[CallMatch] = Field(max_length=60)
    """Those you may see: people first, then accounts, then leads."""


class CallPage(Page[CallLine]):
    """One page of calls."""


class CallQuery(ListQuery):
    """Which calls."""

    sortable: ClassVar = {"rang_at": Call.rang_at}

    sort: Literal["rang_at", "-rang_at"] = "-rang_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[CallStatus] | None, one_of(Call.status)] = Field(default=None, max_length=4)
    """One or several states."""
    direction: Annotated[CallDirection | None, equals(Call.direction)] = None
    """Who called whom."""
    agent_user_id: Annotated[list[UUID] | None, one_of(Call.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """One or several colleagues."""
    agency_id: Annotated[list[UUID] | None, one_of(Call.agency_id)] = Field(default=None, max_length=50)
    """One or several agencies."""
    reference: Annotated[CallReference | None, equals(Call.reference)] = None
    """What the switchboard calls it."""
    rang_at_gte: Annotated[Moment | None, at_least(Call.rang_at)] = None
    """At this moment or later."""
    rang_at_lt: Annotated[Moment | None, below(Call.rang_at)] = None
    """Before this moment."""
