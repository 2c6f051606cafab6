"""The file of a claim."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.claims.models.words import (
    ClaimCause,
    ClaimChannel,
    ClaimClosingReason,
    ClaimRegime,
    ClaimReopeningReason,
    ClaimStatus,
    CoverageCheck,
    CoverageCheckReason,
    FraudStatus,
    LossPrecision,
)
from crm_api.core.db import Entity, Ledger, Owned, Sealed, at_most, newest
from crm_api.core.money import Centimes
from crm_api.core.words import Searched
from crm_api.kit.money import Money
from crm_api.legal_deadlines.models import LegalDeadlineCode
from crm_api.policies.models.policy import refers

SEARCHED = Searched(texts=("number",), numbers=("number",), tags=False)
RUNNING = "status NOT IN ('draft', 'settled', 'refused', 'closed')"
"""Its settlement is still to come."""
NEVER = "'2999-12-31 00:00:00+00'::timestamptz"


class Claim(Owned, Sealed, Entity):
    """`owner_user_id` is the handler. Never deleted, but for a draft that nobody went on with.

    `sealed`: the joint report (constat amiable), class P3. Health data stands apart: `ClaimHealth`.
    """

    __tablename__ = "claims"
    label = "claim"
    personal: ClassVar = frozenset(
        {
            *("circumstances", "commune", "address", "latitude", "longitude", "accuracy_m"),
            *("declarant_name", "late_reason", "refusal_motive", "reopening_note", "litigation_note"),
            *("reserve_amount", "recovery_expected_amount", "estimate_amount"),
        }
    )
    """Besides class P2, what we set aside: no event says it, for events may reach the customer."""
    __table_args__ = (
        Index("uq_claims_number", "organization_id", "number", unique=True),
        newest("claims"),
        Index("ix_claims_declared", "organization_id", "declared_at", "id"),
        Index("ix_claims_occurred", "organization_id", "occurred_at", "id"),
        Index("ix_claims_agency", "organization_id", "agency_id", "created_at", "id"),
        Index("ix_claims_handler", "organization_id", "owner_user_id", "created_at", "id"),
        Index("ix_claims_status", "organization_id", "status", "created_at", "id"),
        Index(
            "ix_claims_policy",
            "organization_id",
            "policy_id",
            "occurred_at",
            "id",
            postgresql_where=text("policy_id IS NOT NULL"),
        ),
        Index(
            "ix_claims_account",
            "organization_id",
            "account_id",
            "created_at",
            "id",
            postgresql_where=text("account_id IS NOT NULL"),
        ),
        Index(
            "ix_claims_declarant",
            "organization_id",
            "declarant_contact_id",
            "created_at",
            "id",
            postgresql_where=text("declarant_contact_id IS NOT NULL"),
        ),
        Index("ix_claims_due", "organization_id", "due_key", "id"),
        Index(
            "ix_claims_running",
            "organization_id",
            "target_settlement_at",
            postgresql_where=text(f"breach_told_at IS NULL AND {RUNNING}"),
        ),
        refers("claims", "policy_id", "policies", "policy"),
        refers("claims", "account_id", "accounts", "account"),
        refers("claims", "declarant_contact_id", "contacts", "declarant"),
        refers("claims", "insured_object_id", "insured_objects", "object"),
        refers("claims", "agency_id", "agencies", "agency"),
        refers("claims", "owner_user_id", "users", "handler"),
        CheckConstraint("agency_id IS NOT NULL", name="handled_by_an_agency"),
        CheckConstraint("liability_percent IN (0, 25, 50, 75, 100)", name="liability_steps"),
        CheckConstraint("policy_unknown = (policy_id IS NULL)", name="policy_named_or_unknown"),
        CheckConstraint("(policy_version IS NULL) OR (policy_id IS NOT NULL)", name="version_of_a_policy"),
        CheckConstraint(
            "reserve_amount >= 0 AND paid_amount >= 0 AND recovery_amount >= 0 AND expense_paid_amount >= 0"
            " AND recovery_expected_amount >= 0 AND estimate_amount >= 0 AND deductible_amount >= 0",
            name="amounts",
        ),
        CheckConstraint("expense_paid_amount <= paid_amount", name="expenses_are_paid"),
        CheckConstraint(
            "committed_amount >= 0 AND committed_amount <= coalesce(approved_amount, 0)",
            name="never_above_what_was_approved",
        ),
        CheckConstraint("status <> 'closed' OR reserve_amount = 0", name="closed_without_reserve"),
        at_most("number", 40),
        at_most("circumstances", 4000),
        at_most("address", 300),
        {"info": {"ddl": (*SEARCHED.triggers("claims", "claim"),)}},
    )

    number: Mapped[str]
    status: Mapped[ClaimStatus] = mapped_column(default=ClaimStatus.DRAFT)
    status_since: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    policy_id: Mapped[UUID | None]
    policy_version: Mapped[int | None]
    """The version of the contract that held when it happened."""
    policy_unknown: Mapped[bool] = mapped_column(default=False)
    account_id: Mapped[UUID | None]
    product_code: Mapped[str | None]
    branch_code: Mapped[str | None]
    insured_object_id: Mapped[UUID | None]
    coverage_check: Mapped[CoverageCheck] = mapped_column(default=CoverageCheck.UNKNOWN)
    coverage_check_reason: Mapped[CoverageCheckReason | None]
    coverages_invoked: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)

    declarant_contact_id: Mapped[UUID | None]
    declarant_name: Mapped[str | None]
    channel: Mapped[ClaimChannel]
    occurred_at: Mapped[datetime]
    occurred_precision: Mapped[LossPrecision] = mapped_column(default=LossPrecision.EXACT)
    discovered_at: Mapped[datetime | None]
    declared_at: Mapped[datetime | None]
    report_rule: Mapped[LegalDeadlineCode | None]
    report_deadline_at: Mapped[datetime | None]
    """Null while its clock has not started: a catastrophe whose order is not published."""
    late_declaration: Mapped[bool] = mapped_column(default=False)
    late_reason: Mapped[str | None]
    catnat_published_on: Mapped[date | None]
    """When the order declaring the catastrophe came out in the Journal officiel."""

    cause: Mapped[ClaimCause]
    wilaya_code: Mapped[str]
    commune: Mapped[str | None]
    address: Mapped[str | None]
    latitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    accuracy_m: Mapped[int | None]
    circumstances: Mapped[str]
    has_adversary: Mapped[bool] = mapped_column(default=False)
    adversary_insured: Mapped[bool | None]

    liability_percent: Mapped[int | None]
    """Share of our insured; null until somebody judged."""
    regime: Mapped[ClaimRegime | None]

    estimate_amount: Mapped[Money | None] = mapped_column(Centimes)
    deductible_amount: Mapped[Money | None] = mapped_column(Centimes)
    approved_amount: Mapped[Money | None] = mapped_column(Centimes)
    committed_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    """Payments of the indemnity that were proposed and neither rejected nor stopped."""
    reserve_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    """Outstanding: of indemnity and of expenses."""
    paid_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    expense_paid_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    recovery_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))
    recovery_expected_amount: Mapped[Money] = mapped_column(Centimes, server_default="0", default=Money.of(0))

    settle_rule: Mapped[LegalDeadlineCode | None]
    target_settlement_at: Mapped[datetime | None]
    """The strictest statutory clock of the settlement; null while none runs."""
    due_key: Mapped[datetime] = mapped_column(
        Computed(f"coalesce(target_settlement_at, {NEVER})", persisted=True)
    )
    """By which lists are sorted; what has no clock comes last."""
    risk_told_at: Mapped[datetime | None]
    breach_told_at: Mapped[datetime | None]

    decided_at: Mapped[datetime | None]
    refusal_motive: Mapped[str | None]
    appeal_path: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[ClaimClosingReason | None]
    reopened_at: Mapped[datetime | None]
    reopening_reason: Mapped[ClaimReopeningReason | None]
    reopening_note: Mapped[str | None]
    reopened_count: Mapped[int] = mapped_column(server_default="0", default=0)
    litigation_reference: Mapped[str | None]
    litigation_note: Mapped[str | None]


class ClaimParticipant(Entity):
    """Somebody who has a part in a claim. Third parties did not consent: no more than the claim needs."""

    __tablename__ = "claim_participants"
    label = "claim_participant"
    personal: ClassVar = frozenset({"name", "phone", "vehicle"})
    __table_args__ = (
        Index("ix_claim_participants_claim", "organization_id", "claim_id", "id"),
        Index(
            "ix_claim_participants_contact",
            "organization_id",
            "contact_id",
            postgresql_where=text("contact_id IS NOT NULL"),
        ),
        refers("claim_participants", "claim_id", "claims", "claim"),
        refers("claim_participants", "contact_id", "contacts", "contact"),
        refers("claim_participants", "account_id", "accounts", "account"),
        CheckConstraint("num_nonnulls(contact_id, account_id, name) >= 1", name="somebody"),
        CheckConstraint("cardinality(roles) > 0", name="some_role"),
        at_most("name", 160),
    )

    claim_id: Mapped[UUID]
    contact_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None]
    name: Mapped[str | None]
    roles: Mapped[list[str]]
    phone: Mapped[str | None]
    vehicle: Mapped[dict[str, Any] | None]
    """{plate, make, insurer, policy_number}."""
    statement_document_id: Mapped[UUID | None]
    contact_allowed: Mapped[bool] = mapped_column(default=False)


class ClaimHealth(Ledger):
    """Injured, dead, the report of the police: class P4, sealed, for who holds health:read.

    No entity: neither the audit log nor any event has its content; that it was read or written is audited.
    """

    __tablename__ = "claim_health"
    __table_args__ = (refers("claim_health", "id", "claims", "claim"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Of the claim."""
    version: Mapped[int] = mapped_column(default=1)
    sealed: Mapped[bytes | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class ClaimFraud(Ledger):
    """What speaks for a fraud, and what is thought of it: class P3, for who holds claims:fraud.

    No entity: no event ever names it; that it was read or changed is audited.
    """

    __tablename__ = "claim_fraud"
    __table_args__ = (
        refers("claim_fraud", "id", "claims", "claim"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
        at_most("note", 2000),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Of the claim."""
    version: Mapped[int] = mapped_column(default=1)
    score: Mapped[int]
    status: Mapped[FraudStatus] = mapped_column(default=FraudStatus.NONE)
    indicators: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)
    """[{code, points}]: the rules that fit, with the points they gave."""
    note: Mapped[str | None]
    judged_by_id: Mapped[UUID | None]
    judged_at: Mapped[datetime | None]
    assessed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class ClaimSettings(Entity):
    """How an organization handles claims; without a row, as the defaults of `claims.settings` say."""

    __tablename__ = "claim_settings"
    label = "claim_settings"
    __table_args__ = (Index("uq_claim_settings_one", "organization_id", unique=True),)

    content: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
