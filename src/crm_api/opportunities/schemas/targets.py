"""Sales targets: what is to be won, from the company down to a person."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.opportunities.models.forecast import SalesTarget, TargetLevel, TargetPeriod
from crm_api.opportunities.schemas.words import Premium

_MONTHS = {TargetPeriod.MONTH: 1, TargetPeriod.QUARTER: 3, TargetPeriod.YEAR: 12}


def end_of(period: TargetPeriod, starts_on: date) -> date:
    """The first day after the period that begins then."""
    months = starts_on.year * 12 + starts_on.month - 1 + _MONTHS[period]
    return date(months // 12, months % 12 + 1, 1)


def _something(money: Money) -> Money:
    if money.centimes == 0:
        raise PydanticCustomError("nothing_to_reach", "A target is more than nothing")
    return money


Goal = Annotated[Premium, AfterValidator(_something)]


class SalesTargetCreate(Input):
    """A target to set."""

    level: TargetLevel
    """Whose target it is; the id of that level goes with it, and no other."""
    period: TargetPeriod
    """For how long."""
    starts_on: Day = Field(ge=date(2000, 1, 1), le=date(2199, 12, 31), examples=["2026-11-01"])
    """First day of the month, the quarter or the year."""
    region_id: UUID | None = None
    """The region, on the level `region`."""
    agency_id: UUID | None = None
    """The agency, on the level `agency`."""
    user_id: UUID | None = None
    """The person, on the level `person`."""
    amount: Goal
    """Annual net premium to be won."""
    accept_excess: bool = False
    """true: set it though the targets below then exceed the one above; the difference stays visible."""

    @model_validator(mode="after")
    def _of_one_level(self) -> "SalesTargetCreate":
        wanted = {
            TargetLevel.REGION: "region_id",
            TargetLevel.AGENCY: "agency_id",
            TargetLevel.PERSON: "user_id",
        }
        given = {name for name in wanted.values() if getattr(self, name) is not None}
        if given != {name for level, name in wanted.items() if level is self.level}:
            raise PydanticCustomError(
                "scope_of_its_level", "Give the id that the level asks for, and no other"
            )
        if self.starts_on.day != 1 or (self.starts_on.month - 1) % _MONTHS[self.period]:
            raise PydanticCustomError("period_start", "Give the first day of a month, quarter or year")
        return self


class SalesTargetPatch(Input):
    """Another amount."""

    amount: Goal | MISSING = MISSING
    """Annual net premium to be won."""
    accept_excess: bool = False
    """true: though the targets below then exceed the one above."""


class SalesTargetRead(Output):
    """What is to be won."""

    id: UUID
    """Identifier."""
    level: TargetLevel
    """Whose target it is."""
    period: TargetPeriod
    """For how long."""
    starts_on: date = Field(examples=["2026-11-01"])
    """First day."""
    ends_on: date = Field(examples=["2026-12-01"])
    """First day after it."""
    region_id: UUID | None
    """The region; of an agency or a person, theirs."""
    agency_id: UUID | None
    """The agency; of a person, theirs."""
    user_id: UUID | None
    """The person."""
    amount: Money
    """To be won."""
    allocated: Money
    """The targets just below, together."""
    difference: Money
    """What is not allocated yet; negative where those below exceed it."""
    won_amount: Money
    """Won in the period so far."""
    forecast_amount: Money
    """Won, and the open ones that close in the period weighted; neither omitted nor overdue."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was set."""
    updated_at: Timestamp
    """When it last changed."""


class SalesTargetPage(Page[SalesTargetRead]):
    """One page of targets."""


class SalesTargetQuery(ListQuery):
    """Which targets."""

    sortable: ClassVar = {"starts_on": SalesTarget.starts_on}

    level: Annotated[list[TargetLevel] | None, one_of(SalesTarget.level)] = Field(default=None, max_length=4)
    """One or several levels."""
    period: Annotated[TargetPeriod | None, equals(SalesTarget.period)] = None
    """Months, quarters or years."""
    starts_on: Annotated[Day | None, equals(SalesTarget.starts_on)] = Field(
        default=None, examples=["2026-11-01"]
    )
    """First day of the period."""
    region_id: Annotated[UUID | None, equals(SalesTarget.region_id)] = None
    """Of this region, its agencies and their people."""
    agency_id: Annotated[UUID | None, equals(SalesTarget.agency_id)] = None
    """Of this agency and its people."""
    user_id: Annotated[UUID | None, equals(SalesTarget.owner_user_id)] = None
    """Of this person."""

    sort: Literal["starts_on", "-starts_on"] = "-starts_on"
    """Sort key; a leading `-` means descending."""
