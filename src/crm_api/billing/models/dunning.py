"""The evidence of the legal clock: every step, pause, promise and proposal (domain.md 0.6, E-7)."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, Owned, at_most, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.kit.states import machine
from crm_api.policies.models.policy import refers


class DunningStepKind(StrEnum):
    """What was done, or happened by law, on the way from the notice to the end of the contract."""

    NOTICE = "notice"
    DUE = "due"
    REMINDER = "reminder"
    FORMAL_NOTICE_DUE = "formal_notice_due"
    FORMAL_NOTICE = "formal_notice"
    SUSPENSION_PROPOSAL = "suspension_proposal"
    SUSPENSION = "suspension"
    TERMINATION_PROPOSAL = "termination_proposal"
    TERMINATION = "termination"
    REINSTATEMENT = "reinstatement"
    ENDED = "ended"


class DunningChannel(StrEnum):
    """How the customer was told of a step."""

    LETTER = "letter"
    REGISTERED_LETTER = "registered_letter"
    EMAIL = "email"
    NONE = "none"


class DunningStep(Ledger):
    """One step, written once: what, on which legal day, by which rule, and the proof of it."""

    __tablename__ = "dunning_steps"
    __table_args__ = (
        Index(
            "uq_dunning_steps_once", "organization_id", "receivable_id", "cycle", "kind", "round", unique=True
        ),
        refers("dunning_steps", "receivable_id", "receivables", "receivable"),
        CheckConstraint("cycle >= 1 AND round >= 1", name="from_one"),
        at_most("rule_code", 40),
        at_most("posting_number", 60),
        {"info": {"append_only": True}},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    receivable_id: Mapped[UUID]
    cycle: Mapped[int]
    kind: Mapped[DunningStepKind]
    round: Mapped[int] = mapped_column(server_default="1", default=1)
    """More than 1 where a proposal was refused and made again."""
    effective_on: Mapped[date]
    """The legal day of the step; what follows is counted from here."""
    rule_code: Mapped[str | None]
    """The row of `legal_deadlines` that set the day; null for what a person did."""
    counted_from: Mapped[date | None]
    balance: Mapped[Money] = mapped_column(Centimes)
    """What was owed then."""
    channel: Mapped[DunningChannel] = mapped_column(default=DunningChannel.NONE)
    posting_number: Mapped[str | None]
    """Of the registered letter."""
    document_id: Mapped[UUID | None]
    notification_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor_id: Mapped[UUID | None]


class PauseKind(StrEnum):
    """What stopped the clock."""

    PROMISE = "promise"
    DISPUTE = "dispute"
    PLAN = "plan"


class DunningPause(Entity):
    """A time in which the clock stood still; what comes after is as much later."""

    __tablename__ = "dunning_pauses"
    label = "dunning_pause"
    __table_args__ = (
        Index("ix_dunning_pauses_receivable", "organization_id", "receivable_id", "from_on", "id"),
        Index(
            "uq_dunning_pauses_running",
            "organization_id",
            "receivable_id",
            "kind",
            unique=True,
            postgresql_where=text("to_on IS NULL"),
        ),
        refers("dunning_pauses", "receivable_id", "receivables", "receivable"),
        CheckConstraint("to_on >= from_on", name="period"),
        CheckConstraint("days >= 0", name="days_sign"),
    )

    receivable_id: Mapped[UUID]
    cycle: Mapped[int]
    kind: Mapped[PauseKind]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    """The first day on which it runs again; null while it stands still."""
    held_next_on: Mapped[date | None]
    """When the clock would have moved on, had it not been stopped."""
    days: Mapped[int] = mapped_column(server_default="0", default=0)
    """By how many days the next step moved for it."""


class PremiumPromiseStatus(StrEnum):
    """Whether a promise to pay was kept."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    REPLACED = "replaced"


PROMISE = machine("promise_to_pay", "open: kept broken replaced")


class PromiseToPay(Entity):
    """Somebody says that they will pay so much by such a day."""

    __tablename__ = "promises_to_pay"
    label = "promise_to_pay"
    personal: ClassVar = frozenset({"said"})
    __table_args__ = (
        Index("ix_promises_to_pay_receivable", "organization_id", "receivable_id", "created_at", "id"),
        Index(
            "uq_promises_to_pay_open",
            "organization_id",
            "receivable_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_promises_to_pay_running",
            "organization_id",
            "promised_on",
            postgresql_where=text("status = 'open'"),
        ),
        refers("promises_to_pay", "receivable_id", "receivables", "receivable"),
        CheckConstraint("amount > 0", name="amount_sign"),
        at_most("said", 300),
    )

    receivable_id: Mapped[UUID]
    amount: Mapped[Money] = mapped_column(Centimes)
    promised_on: Mapped[date]
    paid_before: Mapped[Money] = mapped_column(Centimes)
    """What had been paid of the receivable when it was promised."""
    said: Mapped[str | None]
    status: Mapped[PremiumPromiseStatus] = mapped_column(default=PremiumPromiseStatus.OPEN)
    ended_at: Mapped[datetime | None]


class ArrearsPlanStatus(StrEnum):
    """Whether what is owed is being paid in parts as agreed."""

    ACTIVE = "active"
    COMPLETED = "completed"
    BROKEN = "broken"
    CANCELLED = "cancelled"


ARREARS_PLAN = machine("arrears_plan", "active: completed broken cancelled")


class ArrearsPlan(Entity):
    """An agreement to pay arrears in parts; while it is kept, the clock stands still."""

    __tablename__ = "arrears_plans"
    label = "arrears_plan"
    __table_args__ = (
        Index("ix_arrears_plans_receivable", "organization_id", "receivable_id", "created_at", "id"),
        Index(
            "uq_arrears_plans_active",
            "organization_id",
            "receivable_id",
            unique=True,
            postgresql_where=text("status = 'active'"),
        ),
        Index(
            "ix_arrears_plans_running",
            "organization_id",
            "id",
            postgresql_where=text("status = 'active'"),
        ),
        refers("arrears_plans", "receivable_id", "receivables", "receivable"),
        CheckConstraint("total > 0", name="amount_sign"),
    )

    receivable_id: Mapped[UUID]
    total: Mapped[Money] = mapped_column(Centimes)
    """The balance that was divided."""
    paid_before: Mapped[Money] = mapped_column(Centimes)
    """What had been paid of the receivable when it was agreed."""
    status: Mapped[ArrearsPlanStatus] = mapped_column(default=ArrearsPlanStatus.ACTIVE)
    ended_at: Mapped[datetime | None]


class ArrearsPart(Ledger):
    """One part of such an agreement."""

    __tablename__ = "arrears_parts"
    __table_args__ = (
        refers("arrears_parts", "plan_id", "arrears_plans", "plan"),
        CheckConstraint("amount > 0", name="amount_sign"),
        CheckConstraint("seq >= 1", name="seq_from_one"),
    )

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    due_on: Mapped[date]
    amount: Mapped[Money] = mapped_column(Centimes)


class ProposalKind(StrEnum):
    """What the house proposes to do with an unpaid contract."""

    SUSPENSION = "suspension"
    TERMINATION = "termination"


class ProposalStatus(StrEnum):
    """What people decided about a proposal of the clock; `lapsed`: it was paid meanwhile."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"


PROPOSAL = machine(
    "dunning_proposal",
    """proposed: confirmed refused lapsed
    confirmed: approved refused lapsed""",
)
"""Two steps and two people: one confirms that the file is complete, another approves."""


class DunningProposal(Owned, Entity):
    """The clock proposes; people decide. `owner_user_id` is the producer, as of the receivable."""

    __tablename__ = "dunning_proposals"
    label = "dunning_proposal"
    personal: ClassVar = frozenset({"decision_reason"})
    __table_args__ = (
        newest("dunning_proposals"),
        Index("ix_dunning_proposals_status", "organization_id", "status", "created_at", "id"),
        Index("ix_dunning_proposals_agency", "organization_id", "agency_id", "created_at", "id"),
        Index("ix_dunning_proposals_producer", "organization_id", "owner_user_id", "created_at", "id"),
        Index(
            "uq_dunning_proposals_once",
            "organization_id",
            "receivable_id",
            "cycle",
            "kind",
            "round",
            unique=True,
        ),
        Index("ix_dunning_proposals_policy", "organization_id", "policy_id", "created_at", "id"),
        refers("dunning_proposals", "receivable_id", "receivables", "receivable"),
        refers("dunning_proposals", "policy_id", "policies", "policy"),
        CheckConstraint("approved_by_id <> confirmed_by_id", name="approved_by_another"),
        CheckConstraint("status <> 'approved' OR approved_by_id IS NOT NULL", name="approved_by_somebody"),
        at_most("decision_reason", 500),
    )

    receivable_id: Mapped[UUID]
    policy_id: Mapped[UUID]
    cycle: Mapped[int]
    round: Mapped[int] = mapped_column(server_default="1", default=1)
    kind: Mapped[ProposalKind]
    status: Mapped[ProposalStatus] = mapped_column(default=ProposalStatus.PROPOSED)
    proposed_on: Mapped[date]
    confirmed_by_id: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    approved_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    posting_number: Mapped[str | None]
    """Of the registered letter that tells the customer of the termination."""
