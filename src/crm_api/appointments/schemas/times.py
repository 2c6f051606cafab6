"""Who is free, and when."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.appointments.models import AppointmentType
from crm_api.appointments.schemas.words import Minutes, Title, When
from crm_api.kit.schemas import Day, Input, Output, Timestamp

MOST_DAYS = 31


class BusyQuery(Input):
    """Whose time, and when."""

    party_id: list[UUID] = Field(min_length=1, max_length=20)
    """Colleagues, rooms or things (repeat the parameter)."""
    starts_at_gte: When
    """From this moment on."""
    starts_at_lt: When
    """Up to this moment, 62 days later at most."""

    @model_validator(mode="after")
    def _bearable(self) -> "BusyQuery":
        if not timedelta() < self.starts_at_lt - self.starts_at_gte <= timedelta(days=62):
            raise PydanticCustomError("period", "The period lasts up to 62 days")
        return self


class BusyRange(Output):
    """Time that is taken."""

    party_id: UUID
    """Whose."""
    starts_at: Timestamp
    """From when."""
    ends_at: Timestamp
    """Until when."""
    tentative: bool = Field(examples=[False])
    """Whether it is only proposed."""
    appointment_id: UUID | None
    """By which appointment; null where you may not see it."""
    title: Title | None
    """What it is about; null where you may not see it."""


class BusyRanges(Output):
    """Time that is taken, person by person."""

    data: list[BusyRange] = Field(max_length=20_000)
    """In the order of their beginning, person by person."""


class SlotQuery(Input):
    """Where, with whom and for how long."""

    agency_id: UUID | None = None
    """The agency: its opening hours, and the room it has left for appointments of the type."""
    user_id: UUID | None = None
    """The colleague: what their appointments leave of the opening hours."""
    type: AppointmentType = AppointmentType.AGENCY
    """The type of appointment."""
    minutes: Minutes = 30
    """How long it lasts."""
    from_on: Day = Field(examples=["2026-11-24"])
    """First day."""
    to_on: Day = Field(examples=["2026-11-30"])
    """Last day, a month later at most."""

    @model_validator(mode="after")
    def _bearable(self) -> "SlotQuery":
        if self.agency_id is None and self.user_id is None:
            raise PydanticCustomError("whose_slots", "Name an agency or a colleague")
        if not timedelta() <= self.to_on - self.from_on < timedelta(days=MOST_DAYS):
            raise PydanticCustomError("period", "The period lasts up to 31 days")
        if not date(2000, 1, 1) <= self.from_on <= date(2100, 1, 1):
            raise PydanticCustomError("not_in_our_times", "Between 2000 and 2100")
        return self


class Slot(Output):
    """A time that is free."""

    starts_at: Timestamp
    """When it begins."""
    ends_at: Timestamp
    """When it ends."""
    seats_left: Annotated[int, Field(ge=1, le=500)] | None = Field(examples=[2])
    """How many more the agency takes then; null: any number."""


class Slots(Output):
    """What is free."""

    data: list[Slot] = Field(max_length=3000)
    """In the order of time."""
    timezone: str = Field(max_length=60, examples=["Africa/Algiers"])
    """The clock that the opening hours follow."""
