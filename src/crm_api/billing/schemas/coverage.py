from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from crm_api.kit.money import Money
from crm_api.kit.schemas import Output, Timestamp
from crm_api.policies.models.policy import PolicyStatus


class CoverageState(StrEnum):
    """Whether a contract covers at this moment, as its payments say: no cover without payment."""

    COVERED = "covered"
    COVERED_UNPAID = "covered_unpaid"
    AWAITING_PAYMENT = "awaiting_payment"
    NOT_YET_EFFECTIVE = "not_yet_effective"
    SUSPENDED = "suspended"
    REINSTATING = "reinstating"
    ENDED = "ended"
    NOT_ISSUED = "not_issued"


class CoverageReason(StrEnum):
    """What makes the coverage state what it is."""

    FIRST_PREMIUM_UNPAID = "first_premium_unpaid"
    EFFECT_TO_COME = "effect_to_come"
    PREMIUMS_PAID = "premiums_paid"
    WITHIN_GRACE = "within_grace"
    GRACE_IS_OVER = "grace_is_over"
    FORMAL_NOTICE_RUNS = "formal_notice_runs"
    SUSPENSION_PROPOSED = "suspension_proposed"
    SUSPENDED_UNPAID = "suspended_unpaid"
    SUSPENDED_OTHERWISE = "suspended_otherwise"
    ARREARS_PAID = "arrears_paid"
    DISPUTED = "disputed"
    CHEQUE_NOT_CLEARED = "cheque_not_cleared"
    PROPOSAL_ONLY = "proposal_only"
    TERM_IS_OVER = "term_is_over"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"


class CoverageStateRead(Output):
    """Whether a contract covers at this moment, and why."""

    policy_id: UUID
    """The contract."""
    policy_status: PolicyStatus
    """Where it stands in its life."""
    state: CoverageState
    """Whether it covers."""
    is_covered: bool = Field(examples=[True])
    """In a word."""
    reasons: list[CoverageReason] = Field(max_length=8)
    """Why."""
    as_of: Timestamp
    """The moment this is said for."""
    covered_until: Timestamp | None
    """The end of the term, while it covers."""
    cover_resumes_at: Timestamp | None
    """Suspended and paid: when cover resumes."""
    owed: Money
    """What is owed of its premium and past due."""
    oldest_due_on: date | None = Field(examples=["2026-12-01"])
    """The day of the oldest of it."""
    next_due_on: date | None = Field(examples=["2027-06-01"])
    """When the next part falls due."""
    next_due_amount: Money | None
    """What is left of that part."""
    source: str = Field(max_length=40, examples=["crm"])
    """Who keeps the contract; `crm` is we."""
