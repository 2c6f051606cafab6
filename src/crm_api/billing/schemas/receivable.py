from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.billing.filters import AgeingBucket, bad_payers, in_bucket, is_owed, is_past_due
from crm_api.billing.models.receivable import (
    DunningState,
    Receivable,
    ReceivableKind,
    ReceivableStatus,
    WriteOff,
    WriteOffStatus,
)
from crm_api.billing.schemas.words import BillingDay, BillingReason, DisputeReason, ExternalName, SystemName
from crm_api.kit.listing import ListQuery, Page, at_least, at_most, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Output, Timestamp


class ReceivableRead(Output):
    """What somebody owes the insurer."""

    id: UUID
    """Identifier."""
    account_id: UUID
    """Who owes it."""
    account_name: str | None = Field(max_length=200, examples=["Ménage BENALI"])
    """Their name."""
    account_number: str | None = Field(max_length=20, examples=["C00012345"])
    """Their number."""
    policy_id: UUID | None
    """The contract."""
    policy_number: str | None = Field(max_length=40, examples=["16012.2026.11.AUTO_RC.00042"])
    """Its number."""
    instalment_id: UUID | None
    """The part of the premium."""
    receipt_id: UUID | None
    """The quittance that bills it."""
    agency_id: UUID | None
    """The agency of the contract."""
    producer_id: UUID | None
    """The intermediary."""
    kind: ReceivableKind
    """What is owed."""
    status: ReceivableStatus
    """Whether it is owed, and how far it is paid."""
    original_amount: Money
    """What was owed at first."""
    paid_amount: Money
    """What was paid of it."""
    written_off_amount: Money
    """What was given up of it."""
    balance: Money
    """What is left."""
    due_on: date = Field(examples=["2026-12-01"])
    """When it fell or falls due."""
    days_past_due: int = Field(ge=0, le=100_000, examples=[17])
    """Days since then while something is left; 0 before."""
    ageing_bucket: AgeingBucket
    """How old it is."""
    settled_at: Timestamp | None
    """When nothing was left of it."""
    dispute_reason: DisputeReason | None
    """Why the customer contests it."""
    disputed_at: Timestamp | None
    """Since when."""
    promise_amount: Money | None
    """What the customer promised to pay, while that holds."""
    promise_on: date | None = Field(examples=["2026-12-10"])
    """By when."""
    collector_user_id: UUID | None
    """Who collects it."""
    dunning_state: DunningState
    """Where the legal clock stands."""
    dunning_level: int = Field(ge=0, le=4, examples=[1])
    """0 none, 1 reminder, 2 formal notice to be posted, 3 posted, 4 the contract was ended."""
    dunning_cycle: int = Field(ge=1, le=10_000, examples=[1])
    """How many times the clock began."""
    dunning_next_on: date | None = Field(examples=["2026-12-16"])
    """When it moves on by itself; null while it waits for a person, or has ended."""
    dunning_since: Timestamp | None
    """When it last moved."""
    source_system: SystemName
    """Who keeps it; `crm` is we."""
    external_id: ExternalName | None
    """What its source calls it."""
    as_of: Timestamp | None
    """When its source knew it; null for one of ours."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was written."""
    updated_at: Timestamp
    """When it last changed."""


class ReceivablePage(Page[ReceivableRead]):
    """One page of receivables."""


class ReceivableFilter(ListQuery):
    """What lists and counts of receivables are filtered by."""

    sortable: ClassVar = {
        "due_on": Receivable.due_on,
        "created_at": Receivable.created_at,
        "balance": Receivable.balance,
    }

    sort: Literal["due_on", "-due_on", "created_at", "-created_at", "balance", "-balance"] = "due_on"
    """Sort key; a leading `-` means descending."""
    account_id: Annotated[UUID | None, equals(Receivable.account_id)] = None
    """Of who owes."""
    policy_id: Annotated[UUID | None, equals(Receivable.policy_id)] = None
    """Of a contract."""
    agency_id: Annotated[list[UUID] | None, one_of(Receivable.agency_id)] = Field(default=None, max_length=50)
    """Of one or several agencies."""
    producer_id: Annotated[list[UUID] | None, one_of(Receivable.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Of one or several intermediaries."""
    collector_user_id: Annotated[list[UUID] | None, one_of(Receivable.collector_user_id)] = Field(
        default=None, max_length=50
    )
    """Collected by one or several people."""
    kind: Annotated[list[ReceivableKind] | None, one_of(Receivable.kind)] = Field(default=None, max_length=5)
    """One or several kinds."""
    status: Annotated[list[ReceivableStatus] | None, one_of(Receivable.status)] = Field(
        default=None, max_length=5
    )
    """One or several states (repeat the parameter)."""
    dunning_state: Annotated[list[DunningState] | None, one_of(Receivable.dunning_state)] = Field(
        default=None, max_length=11
    )
    """Where the legal clock stands."""
    ageing_bucket: Annotated[AgeingBucket | None, in_bucket] = None
    """How old it is; those of which something is left."""
    owed: Annotated[bool | None, is_owed] = None
    """true: those of which something is left."""
    past_due: Annotated[bool | None, is_past_due] = None
    """true: those of which something is left after their day."""
    bad_payer: Annotated[bool | None, bad_payers] = None
    """true: those of the bad-payer file: a premium whose formal notice was posted, and that is still owed."""
    due_on_gte: Annotated[BillingDay | None, at_least(Receivable.due_on)] = None
    """Due on this day or later."""
    due_on_lte: Annotated[BillingDay | None, at_most(Receivable.due_on)] = None
    """Due on this day or before."""


class ReceivableQuery(ReceivableFilter):
    """Which receivables."""


class ReceivablePatch(Input):
    """Who collects it."""

    collector_user_id: UUID | None
    """A user; null for nobody."""


class DisputeOpened(Input):
    """Why the customer contests it."""

    reason: DisputeReason
    """Kept with the debt; the clock stands still meanwhile."""


class WriteOffRequest(Input):
    """Why a debt is to be given up."""

    reason: BillingReason
    """Read by who decides."""


class BillingDecision(Input):
    """Why it is approved or refused."""

    reason: BillingReason | None = None
    """Kept with the decision."""


class WriteOffRead(Output):
    """A proposal to give a debt up."""

    id: UUID
    """Identifier."""
    receivable_id: UUID
    """The debt."""
    agency_id: UUID | None
    """Its agency."""
    amount: Money
    """What was left when it was asked for; once approved, what was given up."""
    reason: BillingReason
    """Why."""
    status: WriteOffStatus
    """What became of it."""
    requested_by_id: UUID | None
    """Who asks."""
    decided_by_id: UUID | None
    """Who decided: another person."""
    decided_at: Timestamp | None
    """When."""
    decision_reason: BillingReason | None
    """Why so."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was asked for."""


class WriteOffPage(Page[WriteOffRead]):
    """One page of proposals to give debts up."""


class WriteOffQuery(ListQuery):
    """Which proposals."""

    sortable: ClassVar = {"created_at": WriteOff.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[WriteOffStatus] | None, one_of(WriteOff.status)] = Field(
        default=None, max_length=4
    )
    """One or several states."""
    receivable_id: Annotated[UUID | None, equals(WriteOff.receivable_id)] = None
    """Of a debt."""
