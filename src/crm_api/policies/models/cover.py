"""What a contract covers: the objects (domain.md B-22) and the coverages on them (B-21)."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, Sealed, at_most, newest
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.policies.models.policy import refers
from crm_api.reference.models import ObjectKind


class InsuredObjectStatus(StrEnum):
    """Whether the thing is still there to be insured."""

    ACTIVE = "active"
    REMOVED = "removed"


class CoverageStatus(StrEnum):
    """Whether a coverage of a contract runs, is suspended with it, or was taken out."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class InsuredObject(Sealed, Entity):
    """A vehicle, a home, a boat, goods, a person... of an account; contracts come and go on it.

    `sealed`: what is class P3 of the kind (registration, chassis number); `details` the rest.
    """

    __tablename__ = "insured_objects"
    label = "insured_object"
    personal: ClassVar = frozenset({"label_text", "details"})
    private: ClassVar = frozenset({"plate_index", "vin_index"})
    __table_args__ = (
        newest("insured_objects"),
        Index("ix_insured_objects_account", "organization_id", "account_id", "id"),
        Index(
            "ix_insured_objects_plate",
            "organization_id",
            "plate_index",
            postgresql_where=text("plate_index IS NOT NULL"),
        ),
        Index(
            "ix_insured_objects_vin",
            "organization_id",
            "vin_index",
            postgresql_where=text("vin_index IS NOT NULL"),
        ),
        refers("insured_objects", "account_id", "accounts", "account"),
        refers("insured_objects", "contact_id", "contacts", "contact"),
        at_most("label_text", 160),
        CheckConstraint("valuation_amount >= 0", name="valuation_sign"),
    )

    account_id: Mapped[UUID]
    contact_id: Mapped[UUID | None]
    """The person insured, where the object is one."""
    kind: Mapped[ObjectKind]
    label_text: Mapped[str]
    """What people call it: "Renault Symbol 2016"."""
    status: Mapped[InsuredObjectStatus] = mapped_column(default=InsuredObjectStatus.ACTIVE)
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    """As the schema of its kind has it."""
    plate_index: Mapped[bytes | None]
    """Blind index of the normalised registration: finds the vehicle, shows nothing."""
    vin_index: Mapped[bytes | None]
    valuation_amount: Mapped[Money | None] = mapped_column(Centimes)
    valued_on: Mapped[date | None]


class PolicyObject(Ledger):
    """Which objects a contract covers, from which version of it to which."""

    __tablename__ = "policy_objects"
    __table_args__ = (
        Index("ix_policy_objects_object", "organization_id", "insured_object_id"),
        refers("policy_objects", "policy_id", "policies", "policy"),
        refers("policy_objects", "insured_object_id", "insured_objects", "object"),
        CheckConstraint("to_version >= from_version", name="versions"),
    )

    policy_id: Mapped[UUID] = mapped_column(primary_key=True)
    insured_object_id: Mapped[UUID] = mapped_column(primary_key=True)
    from_version: Mapped[int] = mapped_column(primary_key=True)
    to_version: Mapped[int | None]
    """The last version that covers it; null while it is covered."""


class PolicyCoverage(Entity):
    """A coverage of one version of a contract, on one object or on the contract as a whole."""

    __tablename__ = "policy_coverages"
    label = "policy_coverage"
    __table_args__ = (
        Index(
            "uq_policy_coverages_one",
            "organization_id",
            "policy_id",
            "policy_version",
            "coverage_code",
            text("coalesce(insured_object_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
            unique=True,
        ),
        refers("policy_coverages", "policy_id", "policies", "policy"),
        refers("policy_coverages", "insured_object_id", "insured_objects", "object"),
        CheckConstraint("expires_at > effective_at", name="period"),
        CheckConstraint("net_premium >= 0 AND sum_insured >= 0 AND limit_amount >= 0", name="amounts"),
        CheckConstraint("deductible_percent BETWEEN 0 AND 1", name="deductible_range"),
        at_most("coverage_code", 12),
    )

    policy_id: Mapped[UUID]
    policy_version: Mapped[int]
    insured_object_id: Mapped[UUID | None]
    coverage_code: Mapped[str]
    sum_insured: Mapped[Money | None] = mapped_column(Centimes)
    limit_amount: Mapped[Money | None] = mapped_column(Centimes)
    deductible_amount: Mapped[Money | None] = mapped_column(Centimes)
    deductible_percent: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    deductible_min: Mapped[Money | None] = mapped_column(Centimes)
    net_premium: Mapped[Money] = mapped_column(Centimes)
    effective_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    status: Mapped[CoverageStatus] = mapped_column(default=CoverageStatus.ACTIVE)
    exclusions: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)


class HealthQuestionnaire(Sealed, Entity):
    """What an insured person answered about their health (class P4): a table of its own, sealed whole."""

    __tablename__ = "health_questionnaires"
    label = "health_questionnaire"
    private: ClassVar = frozenset({"masked"})
    __table_args__ = (
        Index("uq_health_questionnaires_object", "organization_id", "insured_object_id", unique=True),
        refers("health_questionnaires", "insured_object_id", "insured_objects", "object"),
    )

    insured_object_id: Mapped[UUID]
    answered_at: Mapped[datetime]
