"""What somebody owes the insurer (creance, domain.md B-25), and where the legal clock stands with it."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Owned, at_most, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.kit.states import machine
from crm_api.policies.models.policy import OURS, refers

_NOTHING = Money.of(0)


class ReceivableStatus(StrEnum):
    """Whether it is owed, how far it is paid, or why nobody asks for it."""

    OPEN = "open"
    PARTIALLY_SETTLED = "partially_settled"
    SETTLED = "settled"
    DISPUTED = "disputed"
    WRITTEN_OFF = "written_off"


RECEIVABLE = machine(
    "receivable",
    """open: partially_settled settled disputed written_off
    partially_settled: open settled disputed written_off
    disputed: open partially_settled written_off
    settled: open""",
)
"""As B-62, and `partially_settled: open`: the cheque that had paid a part of it bounced."""
OWED = frozenset({ReceivableStatus.OPEN, ReceivableStatus.PARTIALLY_SETTLED, ReceivableStatus.DISPUTED})


class ReceivableKind(StrEnum):
    """What is owed."""

    PREMIUM = "premium"
    RECOVERY = "recovery"
    DEDUCTIBLE = "deductible"
    OVERPAID_CLAIM = "overpaid_claim"
    OTHER = "other"


class DunningState(StrEnum):
    """Where the legal clock of unpaid premiums stands (ord. 95-07 art. 16)."""

    QUIET = "quiet"
    NOTICED = "noticed"
    DUE = "due"
    OVERDUE = "overdue"
    FORMAL_NOTICE_DUE = "formal_notice_due"
    FORMAL_NOTICE_SENT = "formal_notice_sent"
    SUSPENSION_PROPOSED = "suspension_proposed"
    SUSPENDED = "suspended"
    TERMINATION_PROPOSED = "termination_proposed"
    TERMINATED = "terminated"
    ENDED = "ended"


DUNNING = machine(
    "dunning",
    """quiet: noticed due ended
    noticed: due ended
    due: overdue ended
    overdue: formal_notice_due ended
    formal_notice_due: formal_notice_sent ended
    formal_notice_sent: suspension_proposed ended
    suspension_proposed: suspended formal_notice_sent ended
    suspended: termination_proposed ended
    termination_proposed: terminated suspended ended
    terminated: ended
    ended: quiet""",
)
"""`ended`: paid, written off or the contract void. From there a debt that comes back begins a new cycle."""


class Receivable(Owned, Entity):
    """`owner_user_id` is the producer (intermediary) of the contract, `agency_id` its agency."""

    __tablename__ = "receivables"
    label = "receivable"
    personal: ClassVar = frozenset({"dispute_reason"})
    __table_args__ = (
        Index(
            "uq_receivables_receipt",
            "organization_id",
            "receipt_id",
            unique=True,
            postgresql_where=text("receipt_id IS NOT NULL"),
        ),
        Index(
            "uq_receivables_external",
            "organization_id",
            "source_system",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        newest("receivables"),
        Index("ix_receivables_due", "organization_id", "due_on", "id"),
        Index("ix_receivables_balance", "organization_id", "balance", "id"),
        Index("ix_receivables_account", "organization_id", "account_id", "due_on", "id"),
        Index("ix_receivables_policy", "organization_id", "policy_id", "due_on", "id"),
        Index("ix_receivables_instalment", "organization_id", "instalment_id"),
        Index("ix_receivables_status", "organization_id", "status", "due_on", "id"),
        Index("ix_receivables_agency", "organization_id", "agency_id", "due_on", "id"),
        Index("ix_receivables_producer", "organization_id", "owner_user_id", "due_on", "id"),
        Index("ix_receivables_collector", "organization_id", "collector_user_id", "due_on", "id"),
        Index(
            "ix_receivables_owed",
            "organization_id",
            "due_on",
            "id",
            postgresql_where=text("balance > 0"),
        ),
        Index(
            "ix_receivables_clock",
            "organization_id",
            "dunning_state",
            "dunning_next_on",
            "id",
            postgresql_where=text("dunning_next_on IS NOT NULL AND status IN ('open', 'partially_settled')"),
        ),
        refers("receivables", "account_id", "accounts", "account"),
        refers("receivables", "policy_id", "policies", "policy"),
        refers("receivables", "receipt_id", "premium_receipts", "receipt"),
        refers("receivables", "instalment_id", "instalments", "instalment"),
        refers("receivables", "collector_user_id", "users", "collector"),
        CheckConstraint("original_amount > 0", name="amount_sign"),
        CheckConstraint("paid_amount >= 0 AND written_off_amount >= 0", name="paid_sign"),
        CheckConstraint("paid_amount + written_off_amount <= original_amount", name="never_below_zero"),
        CheckConstraint(
            "(status IN ('settled', 'written_off')) = (paid_amount + written_off_amount = original_amount)",
            name="settled_when_nothing_is_left",
        ),
        CheckConstraint("(status = 'disputed') = (disputed_at IS NOT NULL)", name="disputed_since"),
        CheckConstraint("dunning_level BETWEEN 0 AND 4", name="dunning_level_range"),
        CheckConstraint("dunning_cycle >= 1", name="dunning_cycle_from_one"),
        at_most("dispute_reason", 300),
        at_most("source_system", 40),
        at_most("external_id", 80),
    )

    account_id: Mapped[UUID]
    policy_id: Mapped[UUID | None]
    instalment_id: Mapped[UUID | None]
    receipt_id: Mapped[UUID | None]
    kind: Mapped[ReceivableKind] = mapped_column(default=ReceivableKind.PREMIUM)
    original_amount: Mapped[Money] = mapped_column(Centimes)
    paid_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    written_off_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    balance: Mapped[Money] = mapped_column(
        Centimes, Computed("original_amount - paid_amount - written_off_amount", persisted=True)
    )
    due_on: Mapped[date]
    status: Mapped[ReceivableStatus] = mapped_column(default=ReceivableStatus.OPEN)
    settled_at: Mapped[datetime | None]
    dispute_reason: Mapped[str | None]
    disputed_at: Mapped[datetime | None]
    collector_user_id: Mapped[UUID | None]

    dunning_state: Mapped[DunningState] = mapped_column(default=DunningState.QUIET)
    dunning_level: Mapped[int] = mapped_column(server_default="0", default=0)
    """0 none, 1 reminder, 2 the formal notice is to be posted, 3 it was posted, 4 the contract was ended."""
    dunning_cycle: Mapped[int] = mapped_column(server_default="1", default=1)
    """One more each time that a settled debt comes back (a cheque bounced)."""
    dunning_from_on: Mapped[date]
    """The day from which grace runs: the due date; in a later cycle the day the debt came back."""
    dunning_next_on: Mapped[date | None]
    """When the clock moves on by itself; null while it waits for a person, or has ended."""
    dunning_since: Mapped[datetime | None]
    """When it last moved."""
    promise_amount: Mapped[Money | None] = mapped_column(Centimes)
    promise_on: Mapped[date | None]
    """The last promise to pay that still holds."""

    source_system: Mapped[str] = mapped_column(server_default=OURS, default=OURS)
    external_id: Mapped[str | None]
    as_of: Mapped[datetime | None]
    """When its source knew it; null for one of ours."""

    @property
    def left(self) -> int:
        """Centimes that are owed, as the amounts in hand say (`balance` is what was stored)."""
        return (
            self.original_amount.centimes
            - (self.paid_amount or _NOTHING).centimes
            - (self.written_off_amount or _NOTHING).centimes
        )


class WriteOffStatus(StrEnum):
    """Where the proposal stands, to give a debt up."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"


WRITE_OFF = machine("write_off", "requested: approved refused cancelled")


class WriteOff(Owned, Entity):
    """Giving a debt up (passage en perte): somebody asks (`owner_user_id`), somebody else decides."""

    __tablename__ = "write_offs"
    label = "write_off"
    personal: ClassVar = frozenset({"reason", "decision_reason"})
    __table_args__ = (
        newest("write_offs"),
        Index("ix_write_offs_receivable", "organization_id", "receivable_id", "created_at", "id"),
        Index("ix_write_offs_status", "organization_id", "status", "created_at", "id"),
        Index("ix_write_offs_agency", "organization_id", "agency_id", "created_at", "id"),
        Index(
            "uq_write_offs_open",
            "organization_id",
            "receivable_id",
            unique=True,
            postgresql_where=text("status = 'requested'"),
        ),
        refers("write_offs", "receivable_id", "receivables", "receivable"),
        CheckConstraint("amount > 0", name="amount_sign"),
        CheckConstraint("decided_by_id <> owner_user_id", name="decided_by_another"),
        CheckConstraint(
            "(status IN ('approved', 'refused')) = (decided_by_id IS NOT NULL)", name="decided_by_somebody"
        ),
        at_most("reason", 500),
        at_most("decision_reason", 500),
    )

    receivable_id: Mapped[UUID]
    amount: Mapped[Money] = mapped_column(Centimes)
    """The balance when it was asked for; the balance of the day is what is given up."""
    reason: Mapped[str]
    status: Mapped[WriteOffStatus] = mapped_column(default=WriteOffStatus.REQUESTED)
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
