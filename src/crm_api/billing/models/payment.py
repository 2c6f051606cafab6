"""Money that comes in and goes out (domain.md B-26), what it pays, and what is left of it as credit."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Owned, at_most, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.kit.states import machine
from crm_api.policies.models.policy import OURS, refers

_NOTHING = Money.of(0)


class PaymentDirection(StrEnum):
    """Whether the insurer receives or pays."""

    IN = "in"
    OUT = "out"


class PaymentMethod(StrEnum):
    """By what instrument it is paid."""

    CARD_CIB = "card_cib"
    EDAHABIA = "edahabia"
    TPE = "tpe"
    BANK_TRANSFER = "bank_transfer"
    CHEQUE = "cheque"
    CCP = "ccp"
    DIRECT_DEBIT = "direct_debit"
    CASH = "cash"
    MOBILE_WALLET = "mobile_wallet"


ONLINE = frozenset(
    {
        PaymentMethod.CARD_CIB,
        PaymentMethod.EDAHABIA,
        PaymentMethod.DIRECT_DEBIT,
        PaymentMethod.MOBILE_WALLET,
    }
)
"""What a payment service (SATIM, Algerie Poste) carries out; no card number ever reaches us."""


class PaymentStatus(StrEnum):
    """How sure the money is."""

    INITIATED = "initiated"
    AUTHORISED = "authorised"
    RECEIVED = "received"
    DEPOSITED = "deposited"
    CLEARED = "cleared"
    SETTLED = "settled"
    BOUNCED = "bounced"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REVERSED = "reversed"
    REFUNDED = "refunded"


PAYMENT = machine(
    "payment",
    """initiated: authorised settled failed cancelled expired
    authorised: settled cancelled failed
    received: deposited cancelled
    deposited: cleared bounced
    cleared: reversed refunded
    settled: reversed refunded""",
    entry=("initiated", "received", "settled"),
)
COUNTS = frozenset(
    {PaymentStatus.RECEIVED, PaymentStatus.DEPOSITED, PaymentStatus.CLEARED, PaymentStatus.SETTLED}
)
"""What was paid so counts as paid: a cheque does, subject to its being honoured."""


class Payment(Owned, Entity):
    """`owner_user_id` is the cashier. Never deleted, never changed: reversed or refunded by another."""

    __tablename__ = "payments"
    label = "payment"
    personal: ClassVar = frozenset({"payer_name", "failure_reason"})
    __table_args__ = (
        Index("uq_payments_number", "organization_id", "number", unique=True),
        Index(
            "uq_payments_intent",
            "organization_id",
            "psp_provider",
            "psp_intent_id",
            unique=True,
            postgresql_where=text("psp_intent_id IS NOT NULL"),
        ),
        Index(
            "uq_payments_external",
            "organization_id",
            "source_system",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        newest("payments"),
        Index("ix_payments_received", "organization_id", "received_at", "id"),
        Index("ix_payments_account", "organization_id", "account_id", "received_at", "id"),
        Index("ix_payments_status", "organization_id", "status", "received_at", "id"),
        Index("ix_payments_method", "organization_id", "method", "received_at", "id"),
        Index("ix_payments_agency", "organization_id", "agency_id", "received_at", "id"),
        Index("ix_payments_cashier", "organization_id", "owner_user_id", "received_at", "id"),
        Index("ix_payments_likeness", "organization_id", "reference", "method", "amount", "value_date"),
        Index(
            "ix_payments_of_origin",
            "organization_id",
            "reversal_of_id",
            postgresql_where=text("reversal_of_id IS NOT NULL"),
        ),
        refers("payments", "account_id", "accounts", "account"),
        refers("payments", "owner_user_id", "users", "cashier"),
        refers("payments", "agency_id", "agencies", "agency"),
        refers("payments", "reversal_of_id", "payments", "origin"),
        CheckConstraint("amount > 0", name="amount_sign"),
        CheckConstraint("refunded_amount BETWEEN 0 AND amount", name="refunded_no_more"),
        CheckConstraint("(psp_provider IS NULL) = (psp_intent_id IS NULL)", name="psp_whole"),
        CheckConstraint("method = 'cheque' OR status NOT IN ('received', 'deposited')", name="cheque_states"),
        CheckConstraint("direction = 'out' OR reversal_of_id IS NULL", name="only_out_gives_back"),
        at_most("number", 40),
        at_most("reference", 80),
        at_most("payer_name", 160),
        at_most("psp_provider", 40),
        at_most("psp_intent_id", 120),
        at_most("failure_reason", 300),
        at_most("source_system", 40),
        at_most("external_id", 80),
    )

    number: Mapped[str]
    direction: Mapped[PaymentDirection] = mapped_column(default=PaymentDirection.IN)
    account_id: Mapped[UUID]
    amount: Mapped[Money] = mapped_column(Centimes)
    method: Mapped[PaymentMethod]
    status: Mapped[PaymentStatus]
    received_at: Mapped[datetime]
    value_date: Mapped[date]
    reference: Mapped[str]
    """Of the slip, the cheque, the transfer."""
    payer_name: Mapped[str | None]
    psp_provider: Mapped[str | None]
    psp_intent_id: Mapped[str | None]
    wanted: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{receivable_id, centimes}]: what a payment under way is to pay; it does when it is settled."""
    refunded_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    reversal_of_id: Mapped[UUID | None]
    """The payment that this one gives back."""
    settled_at: Mapped[datetime | None]
    deposited_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    failure_reason: Mapped[str | None]
    source_system: Mapped[str] = mapped_column(server_default=OURS, default=OURS)
    external_id: Mapped[str | None]
    as_of: Mapped[datetime | None]
    """When its source knew it; null for one of ours."""


class CreditOrigin(StrEnum):
    """Where money of a customer comes from that pays nothing yet."""

    OVERPAYMENT = "overpayment"
    ENDORSEMENT = "endorsement"
    TERMINATION = "termination"
    CANCELLATION = "cancellation"


class CustomerCredit(Owned, Entity):
    """Money that the insurer holds for a customer: it pays what comes due, or is given back."""

    __tablename__ = "customer_credits"
    label = "customer_credit"
    __table_args__ = (
        newest("customer_credits"),
        Index("ix_customer_credits_account", "organization_id", "account_id", "created_at", "id"),
        Index(
            "ix_customer_credits_left",
            "organization_id",
            "account_id",
            "created_at",
            "id",
            postgresql_where=text("balance > 0"),
        ),
        Index("ix_customer_credits_payment", "organization_id", "payment_id"),
        Index("ix_customer_credits_agency", "organization_id", "agency_id", "created_at", "id"),
        refers("customer_credits", "account_id", "accounts", "account"),
        refers("customer_credits", "payment_id", "payments", "payment"),
        refers("customer_credits", "receipt_id", "premium_receipts", "receipt"),
        CheckConstraint("num_nonnulls(payment_id, receipt_id) = 1", name="one_origin"),
        CheckConstraint("amount > 0 AND used_amount >= 0 AND refunded_amount >= 0", name="amounts"),
        CheckConstraint("used_amount + refunded_amount <= amount", name="never_below_zero"),
    )

    account_id: Mapped[UUID]
    origin: Mapped[CreditOrigin]
    payment_id: Mapped[UUID | None]
    receipt_id: Mapped[UUID | None]
    """The refund receipt that made it."""
    amount: Mapped[Money] = mapped_column(Centimes)
    used_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    refunded_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    """Given back to the customer, or taken back with the payment that it came from."""
    balance: Mapped[Money] = mapped_column(
        Centimes, Computed("amount - used_amount - refunded_amount", persisted=True)
    )

    @property
    def left(self) -> int:
        """Centimes that are held, as the amounts in hand say (`balance` is what was stored)."""
        used = (self.used_amount or _NOTHING).centimes + (self.refunded_amount or _NOTHING).centimes
        return self.amount.centimes - used


class PaymentAllocation(Entity):
    """So much of a payment, or of a credit, pays a receivable. Taken back, it stays with its date."""

    __tablename__ = "payment_allocations"
    label = "payment_allocation"
    __table_args__ = (
        Index("ix_payment_allocations_payment", "organization_id", "payment_id"),
        Index("ix_payment_allocations_credit", "organization_id", "credit_id"),
        Index("ix_payment_allocations_receivable", "organization_id", "receivable_id", "created_at", "id"),
        refers("payment_allocations", "payment_id", "payments", "payment"),
        refers("payment_allocations", "credit_id", "customer_credits", "credit"),
        refers("payment_allocations", "receivable_id", "receivables", "receivable"),
        CheckConstraint("num_nonnulls(payment_id, credit_id) = 1", name="one_source"),
        CheckConstraint("amount > 0", name="amount_sign"),
    )

    payment_id: Mapped[UUID | None]
    credit_id: Mapped[UUID | None]
    receivable_id: Mapped[UUID]
    amount: Mapped[Money] = mapped_column(Centimes)
    taken_back_at: Mapped[datetime | None]


class ReturnKind(StrEnum):
    """How money goes back: paid out again, or the payment undone as a mistake."""

    REFUND = "refund"
    REVERSAL = "reversal"


class ReturnStatus(StrEnum):
    """Where the proposal stands, to give money back."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"


PAYMENT_RETURN = machine("payment_return", "requested: approved refused cancelled")


class PaymentReturn(Owned, Entity):
    """A refund or a reversal: somebody asks for it (`owner_user_id`), somebody else decides."""

    __tablename__ = "payment_returns"
    label = "payment_return"
    personal: ClassVar = frozenset({"reason", "decision_reason"})
    __table_args__ = (
        newest("payment_returns"),
        Index("ix_payment_returns_payment", "organization_id", "payment_id", "created_at", "id"),
        Index("ix_payment_returns_status", "organization_id", "status", "created_at", "id"),
        Index("ix_payment_returns_agency", "organization_id", "agency_id", "created_at", "id"),
        Index(
            "uq_payment_returns_open",
            "organization_id",
            "payment_id",
            unique=True,
            postgresql_where=text("status = 'requested'"),
        ),
        refers("payment_returns", "payment_id", "payments", "payment"),
        refers("payment_returns", "out_payment_id", "payments", "carried_out"),
        CheckConstraint("amount > 0", name="amount_sign"),
        CheckConstraint("decided_by_id <> owner_user_id", name="decided_by_another"),
        CheckConstraint(
            "(status IN ('approved', 'refused')) = (decided_by_id IS NOT NULL)", name="decided_by_somebody"
        ),
        at_most("reason", 500),
        at_most("decision_reason", 500),
    )

    payment_id: Mapped[UUID]
    kind: Mapped[ReturnKind]
    amount: Mapped[Money] = mapped_column(Centimes)
    method: Mapped[PaymentMethod | None]
    """By what instrument it is paid out; null for a reversal."""
    reference: Mapped[str | None]
    reason: Mapped[str]
    status: Mapped[ReturnStatus] = mapped_column(default=ReturnStatus.REQUESTED)
    out_payment_id: Mapped[UUID | None]
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
