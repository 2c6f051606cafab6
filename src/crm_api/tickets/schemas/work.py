"""Sub-requests, approvals and time of a ticket, as they are written and shown."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, one_of
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.tickets.models.work import (
    SubRequestKind,
    SubRequestStatus,
    TicketApproval,
    TicketApprovalStatus,
    TicketSubRequest,
    TicketTimeEntry,
)
from crm_api.tickets.schemas.words import Minutes

Question = Annotated[
    str, Field(min_length=3, max_length=4000, examples=["Le devis couvre-t-il la peinture du capot ?"])
]
Answered = Annotated[str, Field(min_length=1, max_length=4000, examples=["Oui, poste 3 du devis."])]
Addressee = Annotated[str, Field(min_length=2, max_length=160, examples=["Garage El Feth, Kouba"])]
Target = Annotated[int, Field(ge=1, le=43_200, examples=[960])]
Asked = Annotated[str, Field(min_length=3, max_length=2000, examples=["Geste commercial de 5 000 DA ?"])]
Comment = Annotated[str, Field(min_length=1, max_length=2000, examples=["D'accord, client fidèle."])]
TimeNote = Annotated[str, Field(min_length=1, max_length=500, examples=["Appel au garage"])]


class TicketSubRequestCreate(Input):
    """A question to somebody else, on the way to the answer."""

    kind: SubRequestKind
    """Whom it is asked of."""
    addressee: Addressee
    """Who exactly, in words."""
    agency_id: UUID | None = None
    """The agency; its manager is told."""
    user_id: UUID | None = None
    """The colleague; told, and sees the ticket from now on."""
    question: Question
    """What is asked."""
    pauses: bool = False
    """true: the clocks of the ticket stand still until it is answered."""
    target_minutes: Target = 960
    """Working minutes of the ticket's agency within which an answer is expected."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.kind is SubRequestKind.AGENCY and self.agency_id is None:
            raise PydanticCustomError("addressee_needed", "Name the agency")
        if self.kind is SubRequestKind.COLLEAGUE and self.user_id is None:
            raise PydanticCustomError("addressee_needed", "Name the colleague")
        return self


class TicketSubRequestAnswer(Input):
    """What came back."""

    answer: Answered
    """In words."""


class TicketSubRequestRead(Output):
    """A question to somebody else, on the way to the answer."""

    id: UUID
    """Identifier."""
    ticket_id: UUID
    """Of which ticket."""
    kind: SubRequestKind
    """Whom it is asked of."""
    addressee: Addressee
    """Who exactly, in words."""
    agency_id: UUID | None
    """The agency."""
    user_id: UUID | None
    """The colleague."""
    question: Question
    """What is asked."""
    pauses: bool = Field(examples=[True])
    """Whether the clocks of the ticket stand still until it is answered."""
    target_minutes: Target
    """Working minutes within which an answer is expected."""
    due_at: Timestamp
    """When that is."""
    is_late: bool = Field(examples=[False])
    """Whether that has passed without an answer."""
    status: SubRequestStatus
    """Whether it was answered."""
    answered_at: Timestamp | None
    """When."""
    answer: Answered | None
    """What came back."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was asked."""
    created_by_id: UUID | None
    """Who asked."""


class TicketSubRequestPage(Page[TicketSubRequestRead]):
    """One page of sub-requests."""


class TicketSubRequestQuery(ListQuery):
    """Which sub-requests of a ticket."""

    sortable: ClassVar = {"created_at": TicketSubRequest.created_at}

    sort: Literal["created_at", "-created_at"] = "created_at"
    """Sort key; a leading `-` means the newest first."""
    status: Annotated[list[SubRequestStatus] | None, one_of(TicketSubRequest.status)] = Field(
        default=None, max_length=3
    )
    """Those that are out, answered, cancelled."""


class TicketApprovalCreate(Input):
    """What somebody is asked to approve."""

    approver_user_id: UUID
    """Who; never yourself."""
    question: Asked
    """What."""


class TicketApprovalDecide(Input):
    """Yes or no."""

    approved: bool = Field(examples=[True])
    """Whether you approve."""
    comment: Comment | None = None
    """Why."""


class TicketApprovalRead(Output):
    """Something that somebody was asked to approve."""

    id: UUID
    """Identifier."""
    ticket_id: UUID
    """Of which ticket."""
    approver_user_id: UUID
    """Who was asked."""
    question: Asked
    """What."""
    status: TicketApprovalStatus
    """What they said."""
    comment: Comment | None
    """Why."""
    decided_at: Timestamp | None
    """When."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was asked."""
    created_by_id: UUID | None
    """Who asked."""


class TicketApprovalPage(Page[TicketApprovalRead]):
    """One page of approvals."""


class TicketApprovalQuery(ListQuery):
    """Which approvals of a ticket."""

    sortable: ClassVar = {"created_at": TicketApproval.created_at}

    sort: Literal["created_at", "-created_at"] = "created_at"
    """Sort key; a leading `-` means the newest first."""


class TicketTimeEntryCreate(Input):
    """Time that you spent on a ticket."""

    minutes: Minutes
    """How long."""
    worked_on: Day | None = Field(default=None, examples=["2026-11-30"])
    """On which day; today when left out."""
    note: TimeNote | None = None
    """Doing what."""


class TicketTimeEntryRead(Output):
    """Time that a colleague spent on a ticket."""

    id: UUID
    """Identifier."""
    ticket_id: UUID
    """On which ticket."""
    user_id: UUID
    """Who."""
    worked_on: date = Field(examples=["2026-11-30"])
    """On which day."""
    minutes: Minutes
    """How long."""
    note: TimeNote | None
    """Doing what."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was written."""


class TicketTimeEntryPage(Page[TicketTimeEntryRead]):
    """One page of time entries."""


class TicketTimeEntryQuery(ListQuery):
    """Which time entries of a ticket."""

    sortable: ClassVar = {"created_at": TicketTimeEntry.created_at}

    sort: Literal["created_at", "-created_at"] = "created_at"
    """Sort key; a leading `-` means the newest first."""
