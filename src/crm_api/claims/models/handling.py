"""What is done about a claim: documents asked for, appraisals, decisions; and the money."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.claims.models.words import (
    AppraisalOutcome,
    AppraisalStatus,
    AppraisalType,
    ClaimDecisionOutcome,
    ClaimDecisionStatus,
    ClaimPaymentKind,
    ClaimPaymentMethod,
    ClaimPaymentStatus,
    RecoveryConvention,
    RecoveryDirection,
    RecoveryStatus,
    RequiredDocumentStatus,
    ReserveKind,
)
from crm_api.core.db import Entity, Ledger, at_most
from crm_api.core.money import Centimes
from crm_api.files.models import FileKind
from crm_api.kit.money import Money
from crm_api.policies.models.policy import refers


class ClaimDocument(Entity):
    """A document that the file needs: the checklist of the customer."""

    __tablename__ = "claim_documents_required"
    label = "claim_document"
    personal: ClassVar = frozenset({"refusal_reason"})
    __table_args__ = (
        Index("uq_claim_documents_kind", "organization_id", "claim_id", "kind", unique=True),
        refers("claim_documents_required", "claim_id", "claims", "claim"),
        CheckConstraint("status = 'missing' OR document_id IS NOT NULL", name="received_is_there"),
        at_most("refusal_reason", 500),
    )

    claim_id: Mapped[UUID]
    kind: Mapped[FileKind]
    status: Mapped[RequiredDocumentStatus] = mapped_column(default=RequiredDocumentStatus.MISSING)
    document_id: Mapped[UUID | None]
    requested_at: Mapped[datetime | None]
    """When somebody asked for it by name; null: it is on the list of the product."""
    received_at: Mapped[datetime | None]
    judged_at: Mapped[datetime | None]
    refusal_reason: Mapped[str | None]


class Appraisal(Entity):
    """What an adjuster is asked to look at, and what was found."""

    __tablename__ = "appraisals"
    label = "appraisal"
    personal: ClassVar = frozenset({"place", "adjuster_name", "contest_reason"})
    __table_args__ = (
        Index("ix_appraisals_claim", "organization_id", "claim_id", "ordered_at", "id"),
        refers("appraisals", "claim_id", "claims", "claim"),
        refers("appraisals", "adjuster_participant_id", "claim_participants", "adjuster"),
        CheckConstraint("num_nonnulls(adjuster_participant_id, adjuster_name) >= 1", name="some_adjuster"),
        CheckConstraint(
            "parts >= 0 AND labour >= 0 AND vat >= 0 AND market_value >= 0 AND salvage_value >= 0"
            " AND net_amount >= 0",
            name="amounts",
        ),
        CheckConstraint("wear_percent BETWEEN 0 AND 1", name="wear_range"),
        CheckConstraint("outcome <> 'total_loss' OR market_value IS NOT NULL", name="total_loss_of_a_value"),
        at_most("adjuster_name", 160),
        at_most("place", 200),
    )

    claim_id: Mapped[UUID]
    type: Mapped[AppraisalType]
    status: Mapped[AppraisalStatus] = mapped_column(default=AppraisalStatus.ORDERED)
    adjuster_participant_id: Mapped[UUID | None]
    adjuster_name: Mapped[str | None]
    ordered_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    visit_at: Mapped[datetime | None]
    place: Mapped[str | None]
    visited_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    report_document_id: Mapped[UUID | None]
    parts: Mapped[Money | None] = mapped_column(Centimes)
    labour: Mapped[Money | None] = mapped_column(Centimes)
    vat: Mapped[Money | None] = mapped_column(Centimes)
    wear_percent: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    """Vétusté, a fraction of the parts."""
    market_value: Mapped[Money | None] = mapped_column(Centimes)
    salvage_value: Mapped[Money | None] = mapped_column(Centimes)
    outcome: Mapped[AppraisalOutcome | None]
    net_amount: Mapped[Money | None] = mapped_column(Centimes)
    judged_at: Mapped[datetime | None]
    contest_reason: Mapped[str | None]


class ClaimDecision(Entity):
    """What somebody decided; above his limit it waits for a second person."""

    __tablename__ = "claim_decisions"
    label = "claim_decision"
    personal: ClassVar = frozenset({"motive", "turned_down_reason"})
    __table_args__ = (
        Index("ix_claim_decisions_claim", "organization_id", "claim_id", "created_at", "id"),
        Index(
            "uq_claim_decisions_waiting",
            "organization_id",
            "claim_id",
            unique=True,
            postgresql_where=text("status = 'proposed'"),
        ),
        refers("claim_decisions", "claim_id", "claims", "claim"),
        CheckConstraint("amount > 0", name="amount_sign"),
        CheckConstraint("(outcome = 'approve') = (amount IS NOT NULL)", name="amount_of_an_approval"),
        CheckConstraint("outcome = 'approve' OR motive IS NOT NULL", name="refused_for_a_reason"),
        CheckConstraint("confirmed_by_id <> author_id", name="not_confirmed_by_the_author"),
        at_most("motive", 2000),
        at_most("appeal_path", 1000),
    )

    claim_id: Mapped[UUID]
    outcome: Mapped[ClaimDecisionOutcome]
    status: Mapped[ClaimDecisionStatus] = mapped_column(default=ClaimDecisionStatus.PROPOSED)
    amount: Mapped[Money | None] = mapped_column(Centimes)
    motive: Mapped[str | None]
    appeal_path: Mapped[str | None]
    limit_amount: Mapped[Money] = mapped_column(Centimes)
    """What the author may decide alone, at that moment."""
    author_id: Mapped[UUID]
    confirmed_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    turned_down_reason: Mapped[str | None]


class ClaimReserveMovement(Ledger):
    """Money set aside or released. Written once, never changed."""

    __tablename__ = "claim_reserve_movements"
    __table_args__ = (
        Index(
            "uq_claim_reserve_movements_no",
            "organization_id",
            "claim_id",
            "coverage_code",
            "kind",
            "sequence",
            unique=True,
        ),
        refers("claim_reserve_movements", "claim_id", "claims", "claim"),
        CheckConstraint("balance >= 0", name="balance_sign"),
        CheckConstraint("movement <> 0", name="moves_something"),
        at_most("coverage_code", 12),
        at_most("reason", 200),
        {"info": {"append_only": True}},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    claim_id: Mapped[UUID]
    coverage_code: Mapped[str]
    kind: Mapped[ReserveKind]
    sequence: Mapped[int]
    """1 and up, of this coverage and kind."""
    movement: Mapped[Money] = mapped_column(Centimes)
    balance: Mapped[Money] = mapped_column(Centimes)
    reason: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    made_by_id: Mapped[UUID | None]


class ClaimPayment(Entity):
    """Money that goes out for a claim: proposed by one, approved by another."""

    __tablename__ = "claim_payments"
    label = "claim_payment"
    private: ClassVar = frozenset({"bank_account_ref"})
    personal: ClassVar = frozenset({"end_reason"})
    __table_args__ = (
        Index("ix_claim_payments_claim", "organization_id", "claim_id", "created_at", "id"),
        refers("claim_payments", "claim_id", "claims", "claim"),
        refers("claim_payments", "payee_participant_id", "claim_participants", "payee"),
        CheckConstraint("gross > 0 AND deductible_applied >= 0 AND net > 0", name="amounts"),
        CheckConstraint("net = gross - deductible_applied", name="adds_up"),
        CheckConstraint("approved_by_id <> created_by_id", name="not_approved_by_who_proposed"),
        at_most("bank_account_ref", 40),
        at_most("coverage_code", 12),
    )

    claim_id: Mapped[UUID]
    payee_participant_id: Mapped[UUID]
    coverage_code: Mapped[str]
    kind: Mapped[ClaimPaymentKind]
    status: Mapped[ClaimPaymentStatus] = mapped_column(default=ClaimPaymentStatus.PROPOSED)
    gross: Mapped[Money] = mapped_column(Centimes)
    deductible_applied: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    net: Mapped[Money] = mapped_column(Centimes)
    method: Mapped[ClaimPaymentMethod]
    bank_account_ref: Mapped[str | None]
    discharge_document_id: Mapped[UUID | None]
    approved_by_id: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    ordered_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    reference: Mapped[str | None]
    """What the bank or the accounting calls it."""
    end_reason: Mapped[str | None]
    """Why it was rejected or stopped."""


class Recovery(Entity):
    """A recourse: what another insurer owes us for the claim, or we him."""

    __tablename__ = "recoveries"
    label = "recovery"
    __table_args__ = (
        Index("ix_recoveries_claim", "organization_id", "claim_id", "created_at", "id"),
        Index("ix_recoveries_opened", "organization_id", "opened_on", "id"),
        Index("ix_recoveries_status", "organization_id", "status", "opened_on", "id"),
        refers("recoveries", "claim_id", "claims", "claim"),
        CheckConstraint("claimed > 0 AND agreed >= 0 AND received >= 0", name="amounts"),
        CheckConstraint("received IS NULL OR agreed IS NOT NULL", name="received_what_was_agreed"),
        at_most("opponent", 120),
        at_most("external_reference", 80),
    )

    claim_id: Mapped[UUID]
    direction: Mapped[RecoveryDirection]
    opponent: Mapped[str]
    convention: Mapped[RecoveryConvention]
    external_reference: Mapped[str | None]
    """On the national platform e-recours."""
    claimed: Mapped[Money] = mapped_column(Centimes)
    agreed: Mapped[Money | None] = mapped_column(Centimes)
    received: Mapped[Money | None] = mapped_column(Centimes)
    status: Mapped[RecoveryStatus] = mapped_column(default=RecoveryStatus.OPEN)
    opened_on: Mapped[date]
    agreed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
