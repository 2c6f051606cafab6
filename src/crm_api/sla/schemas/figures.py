from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.schemas import Day, Input, Output, Timestamp

MOST_DAYS = 1096


class SlaKpiCode(StrEnum):
    """Figures of the KPI book about service, D-46 to D-50."""

    FIRST_RESPONSE_TIME_MEAN = "first_response_time_mean"
    FIRST_RESPONSE_TIME_MEDIAN = "first_response_time_median"
    FIRST_RESPONSE_TIME_P90 = "first_response_time_p90"
    FIRST_RESPONSE_UNANSWERED = "first_response_unanswered"
    AVG_RESPONSE_TIME = "avg_response_time"
    FIRST_RESPONSE_SLA = "first_response_sla"
    RESOLUTION_SLA = "resolution_sla"
    RESOLUTION_TIME = "resolution_time"
    RESOLUTION_TIME_CALENDAR = "resolution_time_calendar"


class SlaPeriod(Input):
    """What was done, or went wrong, when."""

    start: Day = Field(examples=["2026-11-01"])
    """First day of the period, by the calendar of Algiers."""
    end: Day = Field(examples=["2026-12-01"])
    """First day after the period."""
    agency_id: list[UUID] | None = Field(default=None, max_length=50)
    """One or several agencies."""

    @model_validator(mode="after")
    def _in_order(self) -> "SlaPeriod":
        if not 0 < (self.end - self.start).days <= MOST_DAYS:
            raise PydanticCustomError("period_order", "The period ends after it starts, three years at most")
        return self


class SlaKpi(Output):
    """One figure of service."""

    code: SlaKpiCode
    """Which."""
    value: str | None = Field(max_length=24, examples=["0.9400"])
    """A decimal string: rates have four decimals, minutes one; null without data, never zero."""
    unit: str = Field(max_length=12, examples=["ratio"])
    """ratio, minutes or count."""
    numerator: str | None = Field(max_length=24, examples=["188"])
    """Of a ratio or mean: above the line."""
    denominator: str | None = Field(max_length=24, examples=["200"])
    """Below the line: ratios of groups are worked out from these, never averaged."""
    sample_size: int = Field(ge=0, examples=[200])
    """On how many promises it rests."""
    status: str = Field(max_length=10, examples=["ok"])
    """ok, or no_data."""


class SlaKpis(Output):
    """The figures of a period."""

    start: date = Field(examples=["2026-11-01"])
    """First day of the period."""
    end: date = Field(examples=["2026-12-01"])
    """First day after it."""
    timezone: str = Field(max_length=40, examples=["Africa/Algiers"])
    """Whose days these are."""
    computed_at: Timestamp
    """When they were worked out."""
    data: list[SlaKpi] = Field(max_length=10)
    """The figures."""
