from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.billing.models.payment import (
    ONLINE,
    CreditOrigin,
    CustomerCredit,
    Payment,
    PaymentDirection,
    PaymentMethod,
    PaymentReturn,
    PaymentStatus,
    ReturnKind,
    ReturnStatus,
)
from crm_api.billing.schemas.words import (
    BillingDay,
    BillingReason,
    ExternalName,
    PaymentNumber,
    PaymentReference,
    SomeDinars,
    SystemName,
)
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Moment, Output, Timestamp

Provider = Annotated[str, Field(min_length=2, max_length=40, pattern=r"^[a-z0-9_-]+$", examples=["satim"])]
IntentId = Annotated[str, Field(min_length=4, max_length=120, pattern=r"^[!-~]+$", examples=["ord_9f2c41"])]
PayerName = Annotated[str, Field(min_length=2, max_length=160, examples=["Karim BENALI"])]


class AllocationWanted(Input):
    """How much of a payment pays which debt."""

    receivable_id: UUID
    """The debt."""
    amount: SomeDinars
    """How much of it."""


class PaymentPsp(Input):
    """The intent at the payment service; the card stays there."""

    provider: Provider
    """Which service."""
    intent_id: IntentId
    """What it calls the payment; unique."""


class PaymentCreate(Input):
    """Money that comes in."""

    account_id: UUID
    """Whose debts it pays."""
    amount: SomeDinars
    """How much."""
    method: PaymentMethod
    """By what instrument."""
    reference: PaymentReference
    """Of the slip, the cheque, the transfer."""
    received_at: Moment | None = Field(default=None, examples=["2026-11-25T09:30:00Z"])
    """When; now when left out, never later."""
    value_date: BillingDay | None = None
    """The day it counts from; that of its receipt when left out."""
    payer_name: PayerName | None = None
    """Who paid, where that is another person."""
    agency_id: UUID | None = None
    """Where it was paid; your agency when left out."""
    allocations: Annotated[list[AllocationWanted], Field(max_length=50)] = []
    """What it pays; the oldest debts of the account first when left out. What is left becomes a credit."""
    psp: PaymentPsp | None = None
    """Of a payment that is carried out by a payment service: it begins as `initiated`."""

    @model_validator(mode="after")
    def _whole(self) -> "PaymentCreate":
        if sum(one.amount.centimes for one in self.allocations) > self.amount.centimes:
            raise PydanticCustomError("allocations_exceed_payment", "The allocations exceed the payment")
        if len({one.receivable_id for one in self.allocations}) < len(self.allocations):
            raise PydanticCustomError("allocated_twice", "A debt is named twice")
        if self.psp is not None and self.method not in ONLINE:
            raise PydanticCustomError("psp_unfit", "No payment service carries this method out")
        return self


class AllocationRead(Output):
    """So much of a payment, or of a credit, pays so much of a debt."""

    id: UUID
    """Identifier."""
    receivable_id: UUID
    """The debt."""
    amount: Money
    """How much."""
    created_at: Timestamp
    """When it was paid."""
    taken_back_at: Timestamp | None
    """When it was taken back: the cheque bounced, the payment was reversed."""


class PaymentRead(Output):
    """Money that came in or went out."""

    id: UUID
    """Identifier."""
    number: PaymentNumber
    """The number on the receipt."""
    direction: PaymentDirection
    """Whether it came in."""
    account_id: UUID
    """Whose it is."""
    agency_id: UUID | None
    """Where it was paid."""
    cashier_id: UUID | None
    """Who recorded it; null for a payment service."""
    amount: Money
    """How much."""
    method: PaymentMethod
    """By what instrument."""
    status: PaymentStatus
    """How sure it is."""
    received_at: Timestamp
    """When it was received."""
    value_date: date = Field(examples=["2026-11-25"])
    """The day it counts from."""
    reference: PaymentReference
    """Of the slip, the cheque, the transfer."""
    payer_name: PayerName | None
    """Who paid, where that is another person."""
    psp_provider: Provider | None
    """The payment service."""
    psp_intent_id: IntentId | None
    """What it calls the payment."""
    allocated_amount: Money
    """What of it pays debts."""
    unallocated_amount: Money
    """What is left: a credit of the customer, unless it was given back."""
    refunded_amount: Money
    """What of it was given back."""
    reversal_of_id: UUID | None
    """The payment that this one gives back."""
    allocations: list[AllocationRead] = Field(max_length=200)
    """What it pays, and what was taken back."""
    settled_at: Timestamp | None
    """When the money was sure."""
    deposited_at: Timestamp | None
    """When the cheque went to the bank."""
    ended_at: Timestamp | None
    """When it failed, bounced, was cancelled, reversed or refunded."""
    failure_reason: BillingReason | None
    """Why."""
    source_system: SystemName
    """Who keeps it; `crm` is we."""
    external_id: ExternalName | None
    """What its source calls it."""
    as_of: Timestamp | None
    """When its source knew it; null for one of ours."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""


class LikePayment(Output):
    """Another payment with the same method, reference, amount and value date: allowed, and worth knowing."""

    code: Literal["payment_likeness"] = "payment_likeness"
    """What this warns of."""
    payment_id: UUID
    """The other payment."""
    number: PaymentNumber
    """Its number."""


class PaymentTold(PaymentRead):
    """A payment, and what is worth knowing about it."""

    warnings: list[LikePayment] = Field(default=[], max_length=20)
    """Payments that it may repeat."""


class PaymentPage(Page[PaymentRead]):
    """One page of payments."""


class PaymentQuery(ListQuery):
    """Which payments."""

    sortable: ClassVar = {"received_at": Payment.received_at, "created_at": Payment.created_at}

    sort: Literal["received_at", "-received_at", "created_at", "-created_at"] = "-received_at"
    """Sort key; a leading `-` means descending."""
    account_id: Annotated[UUID | None, equals(Payment.account_id)] = None
    """Of an account."""
    agency_id: Annotated[list[UUID] | None, one_of(Payment.agency_id)] = Field(default=None, max_length=50)
    """Of one or several agencies."""
    cashier_id: Annotated[list[UUID] | None, one_of(Payment.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Recorded by one or several people."""
    direction: Annotated[PaymentDirection | None, equals(Payment.direction)] = None
    """Came in, or went out."""
    method: Annotated[list[PaymentMethod] | None, one_of(Payment.method)] = Field(default=None, max_length=9)
    """One or several instruments."""
    status: Annotated[list[PaymentStatus] | None, one_of(Payment.status)] = Field(default=None, max_length=12)
    """One or several states (repeat the parameter)."""
    reference: Annotated[str | None, equals(Payment.reference)] = Field(
        default=None, max_length=80, examples=["CHQ 0044821 BNA"]
    )
    """Of exactly this reference."""
    received_at_gte: Annotated[Moment | None, at_least(Payment.received_at)] = None
    """Received then or later."""
    received_at_lt: Annotated[Moment | None, below(Payment.received_at)] = None
    """Received before."""


class PaymentEnd(Input):
    """Why a payment ends without its money."""

    reason: BillingReason
    """Kept with it."""


class PspNews(Input):
    """What a payment service says of a payment."""

    status: Literal["authorised", "settled", "failed", "cancelled", "expired"] = Field(examples=["settled"])
    """What became of it."""
    amount: SomeDinars
    """What was asked for: another amount is refused."""
    reason: BillingReason | None = None
    """Why it failed."""


class ReturnRequest(Input):
    """What is to go back, and why."""

    kind: ReturnKind
    """`refund`: paid out again; `reversal`: the payment was recorded by mistake, all of it is undone."""
    amount: SomeDinars | None = None
    """How much of a refund; all that was not given back yet when left out. A reversal is always of all."""
    method: PaymentMethod | None = None
    """By what instrument a refund is paid out; that of the payment when left out."""
    reference: PaymentReference | None = None
    """Of the transfer or the cheque that pays it out."""
    reason: BillingReason
    """Read by who decides."""


class PaymentReturnRead(Output):
    """A proposal to give money back."""

    id: UUID
    """Identifier."""
    payment_id: UUID
    """The payment that it came with."""
    agency_id: UUID | None
    """Where it was paid."""
    kind: ReturnKind
    """How it goes back."""
    amount: Money
    """How much."""
    method: PaymentMethod | None
    """By what instrument it is paid out."""
    reason: BillingReason
    """Why."""
    status: ReturnStatus
    """What became of it."""
    out_payment_id: UUID | None
    """The payment that gave it back."""
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


class PaymentReturnPage(Page[PaymentReturnRead]):
    """One page of proposals to give money back."""


class PaymentReturnQuery(ListQuery):
    """Which proposals."""

    sortable: ClassVar = {"created_at": PaymentReturn.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[ReturnStatus] | None, one_of(PaymentReturn.status)] = Field(
        default=None, max_length=4
    )
    """One or several states."""
    payment_id: Annotated[UUID | None, equals(PaymentReturn.payment_id)] = None
    """Of a payment."""


class CustomerCreditRead(Output):
    """Money that is held for a customer."""

    id: UUID
    """Identifier."""
    account_id: UUID
    """Whose it is."""
    agency_id: UUID | None
    """Where it came from."""
    origin: CreditOrigin
    """Why it is there."""
    payment_id: UUID | None
    """The payment of which it was left."""
    receipt_id: UUID | None
    """The refund receipt that gave it."""
    amount: Money
    """What it was at first."""
    used_amount: Money
    """What paid debts since."""
    refunded_amount: Money
    """What was given back."""
    balance: Money
    """What is left."""
    version: int = Field(ge=1, examples=[1])
    """How often it changed."""
    created_at: Timestamp
    """When it came."""


class CustomerCreditPage(Page[CustomerCreditRead]):
    """One page of credits."""


class CustomerCreditQuery(ListQuery):
    """Which credits."""

    sortable: ClassVar = {"created_at": CustomerCredit.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    account_id: Annotated[UUID | None, equals(CustomerCredit.account_id)] = None
    """Of an account."""
    origin: Annotated[list[CreditOrigin] | None, one_of(CustomerCredit.origin)] = Field(
        default=None, max_length=4
    )
    """One or several reasons."""
