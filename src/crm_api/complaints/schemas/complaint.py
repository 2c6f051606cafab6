from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.complaints.models import (
    Complaint,
    ComplaintCategory,
    ComplaintDecision,
    ComplaintRecipient,
    ComplaintSeverity,
    ComplaintStatus,
)
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.policies.schemas.words import BranchCode, ProductCode
from crm_api.tickets.models.words import TicketChannel
from crm_api.tickets.schemas.words import Description, Documents, Subject, TicketParty

ComplaintNumber = Annotated[str, Field(max_length=20, examples=["R-2026-000045"])]
Outcome = Annotated[
    str, Field(min_length=3, max_length=500, examples=["Le règlement du sinistre et des excuses"])
]
RootCause = Annotated[
    str, Field(min_length=3, max_length=60, examples=["Rapport d'expertise transmis en retard"])
]
AuthorityReference = Annotated[str, Field(min_length=1, max_length=60, examples=["MF/DGT/2026/1187"])]
AnswerText = Annotated[
    str,
    Field(
        min_length=10,
        max_length=10_000,
        examples=["Votre dossier a été réexaminé ; le règlement intervient sous huit jours."],
    ),
]
Level = Annotated[int, Field(ge=0, le=3, examples=[0])]


class ComplaintCreate(Input):
    """A complaint to enter in the register; its ticket is opened with it."""

    subject: Subject
    """In one line."""
    description: Description
    """What is complained of, in the words of who complains."""
    recipient: ComplaintRecipient = ComplaintRecipient.COMPANY
    """To whom it was addressed: the deadline depends on it."""
    category: ComplaintCategory = ComplaintCategory.OTHER
    """What it is about."""
    severity: ComplaintSeverity | None = None
    """How much it weighs; regulatory for what an authority passed on, medium otherwise, when left out."""
    demanded_outcome: Outcome | None = None
    """What they want."""
    external_reference: AuthorityReference | None = None
    """What the authority calls it."""
    channel: TicketChannel = TicketChannel.PHONE
    """How it came."""
    received_at: Moment | None = Field(default=None, examples=["2026-11-19T14:00:00Z"])
    """When it came in: the legal delays count from it; now when left out."""
    requester_contact_id: UUID | None = None
    """Who complains."""
    account_id: UUID | None = None
    """The customer; that of the person when left out."""
    anonymous_party: TicketParty | None = None
    """Who complains, where they have no sheet."""
    agency_id: UUID | None = None
    """The agency involved; that of the customer when left out."""
    product_code: ProductCode | None = None
    """The product it is about."""
    branch_code: BranchCode | None = None
    """Its branch."""
    claim_id: UUID | None = None
    """The claim it is about."""
    policy_id: UUID | None = None
    """The contract it is about."""
    document_ids: Documents = []
    """Documents that came with it."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not any((self.requester_contact_id, self.account_id, self.anonymous_party)):
            raise PydanticCustomError("nobody_asks", "Name who asks: a person, an account or a party")
        return self


class ComplaintPatch(Input):
    """What to change; a field left out stays, null empties it."""

    recipient: ComplaintRecipient | MISSING = MISSING
    """To whom it was addressed: the deadline of the answer is counted anew."""
    category: ComplaintCategory | MISSING = MISSING
    """What it is about."""
    severity: ComplaintSeverity | MISSING = MISSING
    """How much it weighs."""
    demanded_outcome: Outcome | None | MISSING = MISSING
    """What they want."""
    external_reference: AuthorityReference | None | MISSING = MISSING
    """What the authority calls it."""
    product_code: ProductCode | None | MISSING = MISSING
    """The product it is about."""
    branch_code: BranchCode | None | MISSING = MISSING
    """Its branch."""
    root_cause: RootCause | None | MISSING = MISSING
    """Why it came to this, as far as known."""


class ComplaintRead(Output):
    """A complaint."""

    id: UUID
    """Identifier."""
    number: ComplaintNumber
    """Its number in the register."""
    ticket_id: UUID
    """The ticket by which one speaks with who complains."""
    sla_clock_id: UUID | None
    """The clock of the ticket."""
    status: ComplaintStatus
    """How far it has come."""
    recipient: ComplaintRecipient
    """To whom it was addressed."""
    channel: TicketChannel
    """How it came."""
    category: ComplaintCategory
    """What it is about."""
    severity: ComplaintSeverity
    """How much it weighs."""
    account_id: UUID | None
    """The customer."""
    contact_id: UUID | None
    """Who complains."""
    complainant_name: Annotated[str, Field(max_length=200, examples=["Karim BOUCHAREB"])] | None
    """As the letter addresses them."""
    agency_id: UUID | None
    """The agency involved."""
    owner_user_id: UUID | None
    """Who handles it."""
    product_code: ProductCode | None
    """The product it is about."""
    branch_code: BranchCode | None
    """Its branch."""
    claim_id: UUID | None
    """The claim it is about."""
    policy_id: UUID | None
    """The contract it is about."""
    demanded_outcome: Outcome | None
    """What they want."""
    external_reference: AuthorityReference | None
    """What the authority calls it."""
    received_at: Timestamp
    """When it came in."""
    ack_due_at: Timestamp | None
    """First moment at which the acknowledgement is late."""
    acknowledged_at: Timestamp | None
    """When it was acknowledged."""
    answer_due_at: Timestamp | None
    """First moment at which the answer is late."""
    answered_at: Timestamp | None
    """When it was first answered."""
    escalation_level: Level
    """0 agency, 1 region, 2 quality at the head office, 3 mediator or supervisor."""
    escalation_reason: Annotated[str, Field(max_length=500, examples=["Délai dépassé"])] | None
    """Why it was last passed up."""
    decision: ComplaintDecision | None
    """Whether they were right."""
    compensation_amount: Money | None
    """What they get for it."""
    answer_text: AnswerText | None
    """The answer, drafted or sent."""
    answer_drafted_by_id: UUID | None
    """Who wrote it."""
    answer_drafted_at: Timestamp | None
    """When."""
    answer_approved_by_id: UUID | None
    """Who approved it."""
    answer_document_id: UUID | None
    """The letter that went out last."""
    send_back_reason: Annotated[str, Field(max_length=500, examples=["Citez l'article"])] | None
    """Why the draft was not good enough."""
    contest_reason: Annotated[str, Field(max_length=500, examples=["Le montant est insuffisant"])] | None
    """Why they do not agree."""
    root_cause: RootCause | None
    """Why it came to this."""
    closed_at: Timestamp | None
    """When it was closed."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was entered."""
    updated_at: Timestamp
    """When it last changed."""


class ComplaintPage(Page[ComplaintRead]):
    """One page of complaints."""


class ComplaintQuery(ListQuery):
    """Which complaints."""

    sortable: ClassVar = {"received_at": Complaint.received_at}

    sort: Literal["received_at", "-received_at"] = "-received_at"
    """Sort key; a leading `-` means the newest first."""
    number: Annotated[
        str | None, equals(Complaint.number), Field(min_length=3, max_length=20, examples=["R-2026-000045"])
    ] = None
    """The number, exactly."""
    status: Annotated[list[ComplaintStatus] | None, one_of(Complaint.status)] = Field(
        default=None, max_length=8
    )
    """One or several states."""
    recipient: Annotated[list[ComplaintRecipient] | None, one_of(Complaint.recipient)] = Field(
        default=None, max_length=3
    )
    """Addressed to us, the ministry, the supervisor."""
    category: Annotated[list[ComplaintCategory] | None, one_of(Complaint.category)] = Field(
        default=None, max_length=9
    )
    """One or several categories."""
    severity: Annotated[list[ComplaintSeverity] | None, one_of(Complaint.severity)] = Field(
        default=None, max_length=4
    )
    """One or several severities."""
    agency_id: Annotated[list[UUID] | None, one_of(Complaint.agency_id)] = Field(default=None, max_length=50)
    """Those of one or several agencies."""
    owner_user_id: Annotated[list[UUID] | None, one_of(Complaint.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Those of one or several colleagues."""
    account_id: Annotated[list[UUID] | None, one_of(Complaint.account_id)] = Field(
        default=None, max_length=50
    )
    """Those of one or several customers."""
    escalation_level: Annotated[list[Level] | None, one_of(Complaint.escalation_level)] = Field(
        default=None, max_length=4
    )
    """One or several levels."""
    answer_due_lt: Annotated[Moment | None, below(Complaint.answer_due_at)] = None
    """Whose answer is due before this moment."""
    received_at_gte: Annotated[Moment | None, at_least(Complaint.received_at)] = None
    """Received at this moment or later."""
    received_at_lt: Annotated[Moment | None, below(Complaint.received_at)] = None
    """Received before this moment."""
