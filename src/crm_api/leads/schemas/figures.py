"""Figures of leads, D-1 to D-3 of the KPI book: which ones, and how they read."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.leads.models import LeadSource

MOST_DAYS = 1100


class KpiBasis(StrEnum):
    """Whether conversions are those of the leads that came in the period, or those made in it."""

    COHORT = "cohort"
    EVENT = "event"


class LeadKpiCode(StrEnum):
    """Figures of the KPI book about leads, D-1 to D-3."""

    CONVERSION_RATE = "lead_conversion_rate"
    LEADS_CREATED = "leads_created"
    RESPONSE_TIME_MEDIAN = "lead_response_time_median"
    RESPONSE_TIME_P90 = "lead_response_time_p90"
    RESPONSE_TIME_MEAN = "lead_response_time_mean"
    UNCONTACTED = "leads_uncontacted"


class LeadPeriod(Input):
    """Which leads, created when; those you may not see never count."""

    start: Day = Field(examples=["2026-11-01"])
    """First day of the period, by the calendar of Algiers."""
    end: Day = Field(examples=["2026-12-01"])
    """First day after the period."""
    basis: KpiBasis = KpiBasis.COHORT
    """`cohort`: of the leads of the period, those converted since; `event`: conversions of the period."""
    horizon_days: int | None = Field(default=None, ge=1, le=365, examples=[30])
    """Of a cohort: only what was converted within so many days of its creation counts."""
    agency_id: list[UUID] | None = Field(default=None, max_length=50)
    """One or several agencies."""
    owner_user_id: list[UUID] | None = Field(default=None, max_length=50)
    """One or several owners."""
    source: list[LeadSource] | None = Field(default=None, max_length=13)
    """One or several origins."""

    @model_validator(mode="after")
    def _in_order(self) -> "LeadPeriod":
        if not 0 < (self.end - self.start).days <= MOST_DAYS:
            raise PydanticCustomError("period_order", "The period ends after it starts, three years at most")
        return self


class LeadKpi(Output):
    """One figure of leads."""

    code: LeadKpiCode
    """Which."""
    value: str | None = Field(max_length=24, examples=["0.2500"])
    """A decimal string: rates have four decimals, means one; null without data, never zero."""
    unit: str = Field(max_length=12, examples=["ratio"])
    """ratio, minutes (of the opening hours of the agency) or count."""
    numerator: str | None = Field(max_length=24, examples=["38"])
    """Of a ratio or mean: above the line."""
    denominator: str | None = Field(max_length=24, examples=["152"])
    """Below the line: ratios of groups are worked out from these, never averaged."""
    sample_size: int = Field(ge=0, examples=[152])
    """How many leads it rests on."""
    status: str = Field(max_length=10, examples=["ok"])
    """ok, no_data, or above_one: more was converted in the period than came in it."""


class LeadKpis(Output):
    """The figures of a period, of the leads that you may see."""

    start: date = Field(examples=["2026-11-01"])
    """First day of the period."""
    end: date = Field(examples=["2026-12-01"])
    """First day after it."""
    timezone: str = Field(max_length=40, examples=["Africa/Algiers"])
    """Whose days these are."""
    computed_at: Timestamp
    """When they were worked out."""
    excluded: int = Field(ge=0, examples=[8])
    """Leads of the period that do not count: duplicates, tests and spam."""
    data: list[LeadKpi] = Field(max_length=10)
    """The figures."""
