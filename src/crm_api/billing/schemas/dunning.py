from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.billing.models.dunning import (
    ArrearsPlanStatus,
    DunningChannel,
    DunningProposal,
    DunningStepKind,
    PauseKind,
    PremiumPromiseStatus,
    ProposalKind,
    ProposalStatus,
)
from crm_api.billing.models.receivable import DunningState, ReceivableStatus
from crm_api.billing.schemas.words import BillingDay, BillingReason, PostingNumber, SomeDinars
from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.legal_deadlines.models import LegalDeadlineCode, LegalUnit

Said = Annotated[str, Field(min_length=1, max_length=300, examples=["Paiera à la fin du mois"])]


class PromiseCreate(Input):
    """What the customer says they will pay."""

    amount: SomeDinars
    """How much, at most what is owed."""
    promised_on: BillingDay
    """By when: today or later."""
    said: Said | None = None
    """In their words."""


class ArrearsPartWanted(Input):
    """One part of what is owed."""

    due_on: BillingDay
    """By when."""
    amount: SomeDinars
    """How much."""


class ArrearsPlanCreate(Input):
    """An agreement to pay in parts what is owed."""

    parts: Annotated[list[ArrearsPartWanted], Field(min_length=1, max_length=36)]
    """In the order of their days; they add up to the balance."""


class FormalNoticePosted(Input):
    """The proof that the formal notice (mise en demeure) went out."""

    posting_number: PostingNumber
    """Of the registered letter."""
    posted_on: BillingDay
    """The day on the postmark: the delay of the law runs from here."""
    document_id: UUID | None = None
    """The posting slip or the letter, among the documents."""


class ProposalApproved(Input):
    """Why a proposal of the clock is approved."""

    reason: BillingReason | None = None
    """Kept with the decision."""
    posting_number: PostingNumber | None = None
    """Of the registered letter that tells the customer; needed to end a contract."""


class ProposalRefused(Input):
    """Why a proposal of the clock is refused, and when it may come again."""

    reason: BillingReason
    """Kept with the decision."""
    resume_on: BillingDay
    """The day on which the clock moves on: tomorrow or later."""


class DunningProposalRead(Output):
    """A proposal of the clock: to suspend an unpaid contract, or to end it."""

    id: UUID
    """Identifier."""
    receivable_id: UUID
    """The debt."""
    policy_id: UUID
    """The contract."""
    policy_number: str | None = Field(max_length=40, examples=["16012.2026.11.AUTO_RC.00042"])
    """Its number."""
    balance: Money | None
    """What is owed."""
    agency_id: UUID | None
    """The agency of the contract."""
    producer_id: UUID | None
    """Its intermediary."""
    kind: ProposalKind
    """What is proposed."""
    status: ProposalStatus
    """What became of it."""
    cycle: int = Field(ge=1, le=10_000, examples=[1])
    """In which cycle of the clock."""
    round: int = Field(ge=1, le=10_000, examples=[1])
    """How many times it was proposed in it."""
    proposed_on: date = Field(examples=["2027-01-16"])
    """When."""
    confirmed_by_id: UUID | None
    """Who confirmed that the file is complete."""
    confirmed_at: Timestamp | None
    """When."""
    approved_by_id: UUID | None
    """Who approved: another person."""
    decided_at: Timestamp | None
    """When it was decided, or lapsed."""
    decision_reason: BillingReason | None
    """Why so."""
    posting_number: PostingNumber | None
    """Of the registered letter that ends the contract."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""


class DunningProposalPage(Page[DunningProposalRead]):
    """One page of proposals of the clock."""


class DunningProposalQuery(ListQuery):
    """Which proposals."""

    sortable: ClassVar = {"created_at": DunningProposal.created_at}

    sort: Literal["created_at", "-created_at"] = "created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[ProposalStatus] | None, one_of(DunningProposal.status)] = Field(
        default=None, max_length=5
    )
    """One or several states."""
    kind: Annotated[ProposalKind | None, equals(DunningProposal.kind)] = None
    """What is proposed."""
    policy_id: Annotated[UUID | None, equals(DunningProposal.policy_id)] = None
    """Of a contract."""
    agency_id: Annotated[list[UUID] | None, one_of(DunningProposal.agency_id)] = Field(
        default=None, max_length=50
    )
    """Of one or several agencies."""


class DunningRule(Output):
    """The row of the legal limits that a day comes from."""

    code: LegalDeadlineCode
    """Which limit."""
    value: int = Field(ge=0, le=100_000, examples=[30])
    """How much."""
    unit: LegalUnit
    """Of what."""
    source: str = Field(max_length=300, examples=["Ord. 95-07 art. 16"])
    """The text that says so, or where it was read."""
    verified: bool = Field(examples=[False])
    """Whether somebody checked it against the text of the law."""


class DunningStepRead(Output):
    """One step that was taken, and the proof of it."""

    kind: DunningStepKind
    """What was done, or happened by law."""
    cycle: int = Field(ge=1, le=10_000, examples=[1])
    """In which cycle of the clock."""
    round: int = Field(ge=1, le=10_000, examples=[1])
    """How many times in it."""
    effective_on: date = Field(examples=["2026-12-16"])
    """The legal day of it."""
    counted_from: date | None = Field(examples=["2026-12-01"])
    """The day its delay was counted from."""
    rule: DunningRule | None
    """The limit that set the day; null for what a person did."""
    balance: Money
    """What was owed then."""
    channel: DunningChannel
    """How the customer was told."""
    posting_number: PostingNumber | None
    """Of the registered letter."""
    document_id: UUID | None
    """The letter, or the slip."""
    at: Timestamp
    """When it was recorded."""
    actor_id: UUID | None
    """Who did it; the house itself at night."""


class DunningAhead(Output):
    """A step that is still to come."""

    kind: DunningStepKind
    """What."""
    on: date | None = Field(examples=["2027-01-16"])
    """When; null while the clock stands still."""
    counted_from: date | None = Field(examples=["2026-12-17"])
    """The day its delay is counted from."""
    rule: DunningRule | None
    """The limit that sets the day."""
    needs_person: bool = Field(examples=[True])
    """Whether somebody must act for it to happen."""
    assumed: bool = Field(examples=[False])
    """Whether its day supposes that people act at once in the steps before."""


class DunningPauseRead(Output):
    """A time in which the clock stood still."""

    kind: PauseKind
    """What stopped it."""
    cycle: int = Field(ge=1, le=10_000, examples=[1])
    """In which cycle."""
    from_on: date = Field(examples=["2026-12-18"])
    """Since."""
    to_on: date | None = Field(examples=["2026-12-25"])
    """When it ran again; null while it stands still."""
    days: int = Field(ge=0, le=100_000, examples=[7])
    """By how many days the next step moved."""


class PromiseRead(Output):
    """A promise to pay."""

    amount: Money
    """How much."""
    promised_on: date = Field(examples=["2026-12-24"])
    """By when."""
    said: Said | None
    """In their words."""
    status: PremiumPromiseStatus
    """Whether it was kept."""
    created_at: Timestamp
    """When it was made."""
    ended_at: Timestamp | None
    """When it was kept, broken or replaced."""


class ArrearsPartRead(Output):
    """One part of an agreement."""

    seq: int = Field(ge=1, le=36, examples=[1])
    """Its place."""
    due_on: date = Field(examples=["2026-12-31"])
    """By when."""
    amount: Money
    """How much."""


class ArrearsPlanRead(Output):
    """An agreement to pay in parts."""

    total: Money
    """What was divided."""
    status: ArrearsPlanStatus
    """Whether it is kept."""
    parts: list[ArrearsPartRead] = Field(max_length=36)
    """The parts."""
    created_at: Timestamp
    """When it was agreed."""
    ended_at: Timestamp | None
    """When it was fulfilled, broken or given up."""


class DunningExplained(Output):
    """Where the legal clock of a debt stands, and why each of its days is what it is."""

    receivable_id: UUID
    """The debt."""
    status: ReceivableStatus
    """Whether it is owed."""
    state: DunningState
    """Where the clock stands."""
    level: int = Field(ge=0, le=4, examples=[1])
    """0 none, 1 reminder, 2 formal notice to be posted, 3 posted, 4 the contract was ended."""
    cycle: int = Field(ge=1, le=10_000, examples=[1])
    """How many times it began."""
    counted_from: date = Field(examples=["2026-12-01"])
    """The day grace runs from: the due date; in a later cycle, the day the debt came back."""
    next_on: date | None = Field(examples=["2026-12-16"])
    """When it moves on by itself."""
    stopped_by: list[PauseKind] = Field(max_length=3)
    """What makes it stand still just now."""
    waits_for: DunningStepKind | None
    """What a person must do for it to go on; null where nobody must."""
    steps: list[DunningStepRead] = Field(max_length=400)
    """What happened, the oldest first."""
    ahead: list[DunningAhead] = Field(max_length=12)
    """What comes, by the limits as they are now."""
    pauses: list[DunningPauseRead] = Field(max_length=400)
    """When it stood still."""
    promises: list[PromiseRead] = Field(max_length=400)
    """What the customer promised."""
    plans: list[ArrearsPlanRead] = Field(max_length=100)
    """What was agreed to be paid in parts."""
