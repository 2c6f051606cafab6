"""What is kept to look back and ahead: daily snapshots of the pipelines, and sales targets."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, Owned
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityType


class PipelineSnapshot(Ledger):
    """The pipelines were looked at on that day (of Algiers), at that moment; once a day."""

    __tablename__ = "pipeline_snapshots"

    day: Mapped[date] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    open_count: Mapped[int]
    open_amount: Mapped[Money] = mapped_column(Centimes)


class PipelineSnapshotLine(Ledger):
    """An opportunity that was open then, as it was. What was won or lost tells the history of stages."""

    __tablename__ = "pipeline_snapshot_lines"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "day"], ["pipeline_snapshots.organization_id", "pipeline_snapshots.day"]
        ),
    )

    day: Mapped[date] = mapped_column(primary_key=True)
    opportunity_id: Mapped[UUID] = mapped_column(primary_key=True)
    pipeline_id: Mapped[UUID]
    stage: Mapped[str]
    owner_user_id: Mapped[UUID | None]
    agency_id: Mapped[UUID | None]
    type: Mapped[OpportunityType]
    product_code: Mapped[str]
    amount: Mapped[Money] = mapped_column(Centimes)
    probability: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    forecast_category: Mapped[ForecastCategory]
    close_date: Mapped[date]


class TargetLevel(StrEnum):
    """Whose sales target it is: of the company, a region, an agency or a person."""

    COMPANY = "company"
    REGION = "region"
    AGENCY = "agency"
    PERSON = "person"


class TargetPeriod(StrEnum):
    """The span of time a sales target is for."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class SalesTarget(Owned, Entity):
    """What is to be won in a period: by the company, a region, an agency or a person.

    Its owner is the person, its agency that of the agency or the person: rows are seen as others are.
    """

    __tablename__ = "sales_targets"
    label = "sales_target"
    __table_args__ = (
        Index(
            "uq_sales_targets_scope",
            "organization_id",
            "period",
            "starts_on",
            "level",
            "region_id",
            "agency_id",
            "owner_user_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        ForeignKeyConstraint(
            ["organization_id", "region_id"],
            ["regions.organization_id", "regions.id"],
            name="fk_sales_targets_region",
        ),
        ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_sales_targets_agency",
        ),
        ForeignKeyConstraint(
            ["organization_id", "owner_user_id"],
            ["users.organization_id", "users.id"],
            name="fk_sales_targets_owner",
        ),
        Index("ix_sales_targets_period", "organization_id", "starts_on", "id"),
        CheckConstraint("amount > 0", name="amount_sign"),
        CheckConstraint(
            "(level <> 'company') = (region_id IS NOT NULL)"
            " AND (level IN ('agency', 'person')) = (agency_id IS NOT NULL)"
            " AND (level = 'person') = (owner_user_id IS NOT NULL)",
            name="scope_of_its_level",
        ),
    )

    level: Mapped[TargetLevel]
    period: Mapped[TargetPeriod]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """The first day after."""
    region_id: Mapped[UUID | None]
    amount: Mapped[Money] = mapped_column(Centimes)
