"""A change of a contract (avenant, domain.md B-23): asked for, judged, applied as a new version."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Owned, at_most, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.kit.states import machine
from crm_api.policies.models.policy import refers


class EndorsementStatus(StrEnum):
    """Where the request for a change stands."""

    REQUESTED = "requested"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    APPLIED = "applied"
    REFUSED = "refused"
    CANCELLED = "cancelled"


ENDORSEMENT = machine(
    "endorsement",
    """requested: in_review cancelled
    in_review: approved refused cancelled
    approved: applied cancelled""",
)


class EndorsementType(StrEnum):
    """What the endorsement changes."""

    OBJECT_CHANGE = "object_change"
    COVERAGE_ADD = "coverage_add"
    COVERAGE_REMOVE = "coverage_remove"
    VALUE_CHANGE = "value_change"
    ADDRESS_CHANGE = "address_change"
    DRIVER_CHANGE = "driver_change"
    TRANSFER_OF_OWNERSHIP = "transfer_of_ownership"
    LOSS_PAYEE = "loss_payee"
    CORRECTION = "correction"
    SUSPENSION = "suspension"
    REINSTATEMENT = "reinstatement"
    TERMINATION = "termination"
    RENEWAL = "renewal"
    EXTENSION = "extension"


class Endorsement(Owned, Entity):
    """`owner_user_id` asked for it; `agency_id` is the contract's."""

    __tablename__ = "endorsements"
    label = "endorsement"
    personal: ClassVar = frozenset({"reason", "refusal_reason", "changes"})
    __table_args__ = (
        Index("uq_endorsements_number", "organization_id", "number", unique=True),
        newest("endorsements"),
        Index("ix_endorsements_policy", "organization_id", "policy_id", "created_at", "id"),
        Index("ix_endorsements_status", "organization_id", "status", "effective_at", "id"),
        Index("ix_endorsements_agency", "organization_id", "agency_id", "created_at", "id"),
        refers("endorsements", "policy_id", "policies", "policy"),
        refers("endorsements", "agency_id", "agencies", "agency"),
        refers("endorsements", "owner_user_id", "users", "requester"),
        CheckConstraint("(status = 'refused') = (refusal_reason IS NOT NULL)", name="refused_for_a_reason"),
        CheckConstraint("(status = 'applied') = (applied_at IS NOT NULL)", name="applied_once"),
        CheckConstraint("approved_by_id <> owner_user_id", name="approved_by_another"),
        at_most("number", 44),
        at_most("reason", 500),
        at_most("refusal_reason", 300),
    )

    policy_id: Mapped[UUID]
    number: Mapped[str]
    type: Mapped[EndorsementType]
    status: Mapped[EndorsementStatus] = mapped_column(default=EndorsementStatus.REQUESTED)
    requested_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    effective_at: Mapped[datetime]
    reason: Mapped[str]
    changes: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """{before, after}: what is asked for, as the type has it."""
    premium_delta: Mapped[Money | None] = mapped_column(Centimes)
    """Net, pro rata by day (D-29): to pay when positive, to give back when negative. Null: not rated."""
    vat_delta: Mapped[Money | None] = mapped_column(Centimes)
    """Value added tax on it."""
    fga_delta: Mapped[Money | None] = mapped_column(Centimes)
    """Contribution to the motor guarantee fund, where the liability cover (RC) changes."""
    total_delta: Mapped[Money | None] = mapped_column(Centimes)
    """The sum: what the customer pays, or gets back."""
    document_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"), default=list)
    reviewed_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[UUID | None]
    applied_at: Mapped[datetime | None]
    policy_version: Mapped[int | None]
    """The version that it made."""
    refusal_reason: Mapped[str | None]
