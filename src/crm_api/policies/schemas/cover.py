"""Whether a contract covered at a moment."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from crm_api.kit.schemas import Input, Moment, Output, Timestamp


class NoCoverReason(StrEnum):
    """Why a contract did not cover at a moment."""

    PROPOSED = "proposed"
    CANCELLED = "cancelled"
    NOT_BEGUN = "not_begun"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    EXPIRED = "expired"


class CoverQuery(Input):
    """When."""

    at: Moment | None = Field(default=None, examples=["2026-12-01T10:00:00+01:00"])
    """The moment; now when left out."""


class PolicyCover(Output):
    """Whether a contract covered at a moment, as far as is known today."""

    policy_id: UUID
    """The contract."""
    at: Timestamp
    """The moment."""
    covered: bool = Field(examples=[True])
    """Whether it was in force then."""
    reason: NoCoverReason | None
    """Why not."""
    version_no: int | None = Field(ge=1, examples=[1])
    """The version of the contract that held then; null: none did."""
