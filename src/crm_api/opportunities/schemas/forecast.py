"""The forecast: what open sales are worth in a period, how that changed, and the figures of the past."""

from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.money import Money
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityType
from crm_api.opportunities.schemas.words import Name, Number, ProductCode, StageCode

MOST_DAYS = 1100


class GroupBy(StrEnum):
    """What a forecast is split by."""

    OWNER = "owner_user_id"
    AGENCY = "agency_id"
    PIPELINE = "pipeline_id"
    STAGE = "stage"
    TYPE = "type"
    PRODUCT = "product_code"
    MONTH = "month"


class Scope(Input):
    """Which opportunities count; those you may not see never do."""

    pipeline_id: list[UUID] | None = Field(default=None, max_length=50)
    """One or several pipelines."""
    agency_id: list[UUID] | None = Field(default=None, max_length=50)
    """One or several agencies."""
    owner_user_id: list[UUID] | None = Field(default=None, max_length=50)
    """One or several owners."""
    type: list[OpportunityType] | None = Field(default=None, max_length=5)
    """One or several types."""
    product_code: list[ProductCode] | None = Field(default=None, max_length=50)
    """One or several products."""


class PeriodScope(Scope):
    """Which opportunities, closing when."""

    start: Day = Field(examples=["2026-11-01"])
    """First day of the period, by the calendar of Algiers."""
    end: Day = Field(examples=["2026-12-01"])
    """First day after the period."""

    @model_validator(mode="after")
    def _in_order(self) -> "PeriodScope":
        if not 0 < (self.end - self.start).days <= MOST_DAYS:
            raise PydanticCustomError("period_order", "The period ends after it starts, three years at most")
        return self


class ForecastQuery(PeriodScope):
    """Which forecast."""

    as_of: Day | None = Field(default=None, examples=["2026-11-01"])
    """As it was on this day, by its snapshot; as it is when left out."""
    group_by: GroupBy | None = None
    """Also split by this."""


class Part(Output):
    """Some opportunities together."""

    count: int = Field(ge=0, examples=[4])
    """How many."""
    amount: Money
    """Their amounts together."""
    weighted: Money
    """Each amount times its probability, rounded to the centime, together."""


class CategoryPart(Part):
    """The open ones of a category that close in the period."""

    category: ForecastCategory
    """The category."""


class ForecastFigures(Output):
    """What is expected of a period."""

    weighted_forecast: Money
    """What is won, and the open ones of the period weighted; without what is omitted or overdue (D-7)."""
    open: Part
    """Every open one, whenever it closes (D-6)."""
    categories: list[CategoryPart] = Field(max_length=5)
    """Open ones that close in the period and are not overdue, by category."""
    overdue: Part
    """Open ones whose closing date is over: counted apart until somebody gives them a new one."""
    later: Part
    """Open ones that close outside the period."""
    won: Part
    """Closed in the period."""
    lost: Part
    """Closed in the period."""


class ForecastGroup(ForecastFigures):
    """The figures of one group."""

    key: str = Field(max_length=60, examples=["2026-11"])
    """Of what: an id, a code or a month; empty where there is none."""


class Forecast(ForecastFigures):
    """What is expected of a period, of the opportunities that you may see."""

    start: date = Field(examples=["2026-11-01"])
    """First day of the period."""
    end: date = Field(examples=["2026-12-01"])
    """First day after it."""
    as_of: date = Field(examples=["2026-11-23"])
    """On which day."""
    groups: list[ForecastGroup] = Field(max_length=1000)
    """Split as asked for; largest forecast first."""


class Snapshot(Output):
    """The pipelines were recorded on that day."""

    day: date = Field(examples=["2026-11-23"])
    """The day."""
    taken_at: Timestamp
    """The moment."""


class SnapshotList(Output):
    """The days that forecasts can be compared with."""

    data: list[Snapshot] = Field(max_length=200)
    """Newest first."""


class SnapshotQuery(Input):
    """Which snapshots."""

    before: Day | None = Field(default=None, examples=["2026-12-01"])
    """Before this day."""
    limit: int = Field(default=60, ge=1, le=200)
    """How many."""


class Change(StrEnum):
    """What became of an opportunity between two days."""

    ADDED = "added"
    WON = "won"
    LOST = "lost"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class ComparisonQuery(Scope):
    """Which two days."""

    start: Day = Field(examples=["2026-11-01"])
    """The earlier day; a snapshot must have been taken."""
    end: Day = Field(examples=["2026-11-23"])
    """The later day."""
    change: list[Literal["added", "won", "lost", "removed", "moved", "changed"]] | None = Field(
        default=None, max_length=6
    )
    """Show only these in `data`."""
    limit: int = Field(default=100, ge=1, le=200)
    """Opportunities shown at most, the largest differences first."""

    @model_validator(mode="after")
    def _in_order(self) -> "ComparisonQuery":
        if self.end <= self.start:
            raise PydanticCustomError("period_order", "The later day comes after the earlier one")
        return self


class ChangeSum(Output):
    """What one kind of change did to the open amount."""

    change: Change
    """The kind."""
    count: int = Field(ge=0, examples=[4])
    """How many opportunities."""
    amount_before: Money
    """Open on the earlier day."""
    amount_after: Money
    """Open on the later day."""
    weighted_before: Money
    """The same, weighted."""
    weighted_after: Money
    """The same, weighted."""
    closed_amount: Money
    """What was won or lost."""


class ChangedOpportunity(Output):
    """One opportunity that changed."""

    opportunity_id: UUID
    """Which."""
    number: Number
    """Its number."""
    name: Name
    """Its title."""
    change: Change
    """What became of it."""
    stage_before: StageCode | None
    """Where it stood on the earlier day; null: it was not open."""
    stage_after: StageCode | None
    """Where it stood on the later day; null: it was not open."""
    amount_before: Money | None
    """Its amount on the earlier day."""
    amount_after: Money | None
    """Its amount on the later day."""
    close_date_before: date | None = Field(examples=["2026-11-30"])
    """When it was expected to close."""
    close_date_after: date | None = Field(examples=["2026-12-31"])
    """When it then was."""
    closed_amount: Money | None
    """What was won or lost."""


class Comparison(Output):
    """How the open pipeline of one day became that of another."""

    start: Snapshot
    """The earlier day."""
    end: Snapshot
    """The later day."""
    sums: list[ChangeSum] = Field(max_length=7)
    """By kind of change: the amounts before add up to the open amount of the earlier day, those after to
    that of the later."""
    data: list[ChangedOpportunity] = Field(max_length=200)
    """The opportunities, the largest differences first."""


class KpiCode(StrEnum):
    """Figures of the KPI book, D-4 to D-11."""

    WIN_RATE = "win_rate"
    WIN_RATE_VALUE = "win_rate_value"
    PIPELINE_VALUE = "pipeline_value"
    FORECAST_ACCURACY = "forecast_accuracy"
    SALES_CYCLE_DAYS = "sales_cycle_days"
    SALES_CYCLE_MEDIAN = "sales_cycle_days_median"
    LOST_CYCLE_DAYS = "lost_cycle_days"
    SALES_VELOCITY = "sales_velocity"
    DEALS_WON = "deals_won"
    WON_AMOUNT = "won_amount"


class Kpi(Output):
    """One figure."""

    code: KpiCode
    """Which."""
    value: str | None = Field(max_length=24, examples=["0.4000"])
    """A decimal string: fractions have four decimals, money two, days one; null without data, never zero."""
    unit: str = Field(max_length=12, examples=["ratio"])
    """ratio, DZD, days, count or DZD/day."""
    numerator: str | None = Field(max_length=24, examples=["18"])
    """Of a ratio or mean: above the line."""
    denominator: str | None = Field(max_length=24, examples=["45"])
    """Below the line: ratios of groups are worked out from these, never averaged."""
    sample_size: int = Field(ge=0, examples=[45])
    """How many opportunities it rests on."""
    status: str = Field(max_length=10, examples=["ok"])
    """ok, or no_data."""


class SalesKpis(Output):
    """The figures of a period, of the opportunities that you may see."""

    start: date = Field(examples=["2026-11-01"])
    """First day of the period."""
    end: date = Field(examples=["2026-12-01"])
    """First day after it."""
    timezone: str = Field(max_length=40, examples=["Africa/Algiers"])
    """Whose days these are."""
    computed_at: Timestamp
    """When they were worked out."""
    data: list[Kpi] = Field(max_length=20)
    """The figures."""
