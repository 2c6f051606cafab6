from datetime import date
from functools import cache
from typing import Annotated, ClassVar, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import MISSING, AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.calendars.hours import refuse_overlapping_hours, refuse_overlapping_seasons
from crm_api.calendars.models import BusinessCalendar, CalendarException, CalendarStatus, ExceptionSource
from crm_api.kit.listing import ListQuery, Page, at_least, at_most, equals, is_null, one_of
from crm_api.kit.schemas import Day, Input, Moment, Output, Timestamp

CalendarCode = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", max_length=40, examples=["agence_sud"])
]
CalendarName = Annotated[str, Field(min_length=1, max_length=80, examples=["Agences"])]
Label = Annotated[str, Field(min_length=1, max_length=80, examples=["Aïd el-Fitr"])]
Opening = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", max_length=5, examples=["08:00"])]
Closing = Annotated[
    str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", max_length=5, examples=["16:30"])
]


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known(zone: str) -> str:
    if zone not in _zones():
        raise PydanticCustomError("unknown_timezone", "There is no such time zone.")
    return zone


Zone = Annotated[str, Field(min_length=2, max_length=60, examples=["Africa/Algiers"]), AfterValidator(_known)]


class OpenHours(Input):
    """Open from a time of the day to another, on the clock of the wall."""

    opens: Opening
    """First minute."""
    closes: Closing
    """First minute that is closed again; 24:00 is the end of the day."""

    @model_validator(mode="after")
    def _in_order(self) -> "OpenHours":
        if self.closes <= self.opens:
            raise PydanticCustomError("hours_order", "It must close after it opens.")
        return self


class WeeklyHours(OpenHours):
    """Open hours of a day of the week; a day with a break at noon has two entries."""

    weekday: int = Field(ge=0, le=6, examples=[0])
    """0 Sunday to 6 Saturday."""


WeeklyHoursList = Annotated[list[WeeklyHours], Field(max_length=42), AfterValidator(refuse_overlapping_hours)]
DayHours = Annotated[list[OpenHours], Field(max_length=6), AfterValidator(refuse_overlapping_hours)]


class CalendarSeason(Input):
    """Other weekly hours for some time of a year: Ramadan, summer."""

    name: Annotated[Label, Field(examples=["Ramadan"])]
    """What people read."""
    first_on: Day
    """First day."""
    last_on: Day
    """Last day, included."""
    weekly_hours: WeeklyHoursList
    """The hours then; days of the week that are missing are closed."""
    tentative: bool = False
    """true: announced, the days may still move."""

    @model_validator(mode="after")
    def _in_order(self) -> "CalendarSeason":
        if self.last_on < self.first_on:
            raise PydanticCustomError("season_order", "last_on is before first_on.")
        return self


Seasons = Annotated[list[CalendarSeason], Field(max_length=20), AfterValidator(refuse_overlapping_seasons)]


class CalendarCreate(Input):
    """A calendar to make."""

    code: CalendarCode
    """Short code, unique; never changes."""
    name: CalendarName
    """Name shown to people."""
    timezone: Zone = "Africa/Algiers"
    """On whose clock the hours are."""
    weekly_hours: WeeklyHoursList
    """The usual week; days that are missing are closed."""
    seasons: Seasons = []
    """Times of the year with other hours; they may not overlap."""
    observes_holidays: bool = True
    """Whether the exceptions that name no calendar hold here."""


class CalendarPatch(Input):
    """What to change; a field left out stays. Lists are replaced as a whole."""

    name: CalendarName | MISSING = MISSING
    """Name shown to people."""
    timezone: Zone | MISSING = MISSING
    """On whose clock the hours are."""
    weekly_hours: WeeklyHoursList | MISSING = MISSING
    """The usual week."""
    seasons: Seasons | MISSING = MISSING
    """Times of the year with other hours."""
    observes_holidays: bool | MISSING = MISSING
    """Whether the exceptions that name no calendar hold here."""


class CalendarRead(Output):
    """A calendar."""

    id: UUID
    """Identifier."""
    code: CalendarCode
    """Short code."""
    name: CalendarName
    """Name shown to people."""
    timezone: Annotated[str, Field(max_length=60, examples=["Africa/Algiers"])]
    """On whose clock the hours are."""
    weekly_hours: Annotated[list[WeeklyHours], Field(max_length=42)]
    """The usual week."""
    seasons: Annotated[list[CalendarSeason], Field(max_length=20)]
    """Times of the year with other hours."""
    observes_holidays: bool
    """Whether the exceptions that name no calendar hold here."""
    is_default: bool
    """Whether it rules the agencies that name none."""
    status: CalendarStatus
    """active or retired."""
    version: int
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""


class CalendarPage(Page[CalendarRead]):
    """One page of calendars."""


class CalendarQuery(ListQuery):
    """Which calendars."""

    sortable: ClassVar = {"code": BusinessCalendar.code, "created_at": BusinessCalendar.created_at}

    sort: Literal["code", "-code", "created_at", "-created_at"] = "code"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[CalendarStatus] | None, one_of(BusinessCalendar.status)] = Field(
        default=None, max_length=2
    )
    """One or several states."""
    code: Annotated[list[CalendarCode] | None, one_of(BusinessCalendar.code)] = Field(
        default=None, max_length=50
    )
    """One or several codes."""


class CalendarExceptionCreate(Input):
    """A day with other hours."""

    calendar_id: UUID | None = None
    """The calendar it belongs to; left out: every calendar that observes holidays. The own one wins."""
    day: Day
    """Which day."""
    hours: DayHours = []
    """When it is open then; none: closed all day."""
    name: Label
    """Why, as people read it."""
    tentative: bool = False
    """true: announced, the day may still move."""


class CalendarExceptionPatch(Input):
    """What to change; a field left out stays."""

    day: Day | MISSING = MISSING
    """Which day."""
    hours: DayHours | MISSING = MISSING
    """When it is open then; none: closed all day."""
    name: Label | MISSING = MISSING
    """Why, as people read it."""
    tentative: bool | MISSING = MISSING
    """true: announced, the day may still move."""


class CalendarExceptionRead(Output):
    """A day with other hours."""

    id: UUID
    """Identifier."""
    calendar_id: UUID | None
    """The calendar it belongs to; null: every calendar that observes holidays."""
    day: date
    """Which day."""
    hours: Annotated[list[OpenHours], Field(max_length=6)]
    """When it is open then; none: closed all day."""
    name: Label
    """Why, as people read it."""
    tentative: bool
    """true: announced, the day may still move."""
    source: ExceptionSource
    """holidays: put there with the public holidays of the year; manual: by somebody."""
    version: int
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""


class CalendarExceptionPage(Page[CalendarExceptionRead]):
    """One page of exceptions."""


class CalendarExceptionQuery(ListQuery):
    """Which exceptions."""

    sortable: ClassVar = {"day": CalendarException.day}

    sort: Literal["day", "-day"] = "day"
    """Sort key; a leading `-` means descending."""
    calendar_id: Annotated[UUID | None, equals(CalendarException.calendar_id)] = None
    """Those of one calendar alone."""
    calendar_id_null: Annotated[bool | None, is_null(CalendarException.calendar_id)] = None
    """true: those of every calendar."""
    day_gte: Annotated[Day | None, at_least(CalendarException.day)] = None
    """That day or later."""
    day_lte: Annotated[Day | None, at_most(CalendarException.day)] = None
    """That day or earlier."""
    tentative: Annotated[bool | None, equals(CalendarException.tentative)] = None
    """true: those that may still move."""


class PreviewQuery(Input):
    """When is so much working time after a moment?"""

    start: Moment = Field(examples=["2026-11-19T14:00:00Z"])
    """The moment to count from."""
    minutes: int = Field(ge=0, le=525_600, examples=[480])
    """Working minutes to add; 0 asks for the next opening."""
    calendar_id: UUID | None = None
    """By this calendar."""
    agency_id: UUID | None = None
    """By the calendar of this agency; with neither, by the default calendar."""

    @model_validator(mode="after")
    def _one_of_them(self) -> "PreviewQuery":
        if self.calendar_id and self.agency_id:
            raise PydanticCustomError("one_calendar", "Name a calendar or an agency, not both.")
        return self


class OpenSpan(Output):
    """Open without a break."""

    opens_at: Timestamp
    """First moment."""
    closes_at: Timestamp
    """First moment that is closed again."""


class CalendarDay(Output):
    """A day, and why it has the hours that it has."""

    day: date
    """Which day, in the calendar's zone."""
    because: Literal["week", "season", "exception"]
    """What rules it: the usual week, a season, an exception."""
    name: Annotated[str, Field(max_length=80, examples=["Ramadan"])]
    """Name of the season or exception; empty for the usual week."""
    tentative: bool
    """true: the season or exception may still move."""
    open: Annotated[list[OpenSpan], Field(max_length=12)]
    """When it is open; none: closed."""


class CountedDay(CalendarDay):
    """A day on the way to the answer."""

    counted_minutes: Annotated[int, Field(ge=0, le=1500, examples=[90])]
    """Whole working minutes of that day which count."""


class CalendarPreview(Output):
    """The answer, and how it comes about."""

    due_at: Timestamp
    """The moment asked for."""
    timezone: Annotated[str, Field(max_length=60, examples=["Africa/Algiers"])]
    """Zone of the calendar."""
    start_is_open: bool
    """Whether somebody works at `start`."""
    tentative: bool
    """true: a day on the way may still move, and the answer with it."""
    days: Annotated[list[CountedDay], Field(max_length=62)]
    """The days from `start` to the answer, the first 62 of them."""
    days_left_out: Annotated[int, Field(ge=0, examples=[0])]
    """How many more there are."""


class DaysQuery(Input):
    """Which days."""

    first_on: Annotated[Day | None, Field(examples=["2026-11-22"])] = None
    """The first one; today when left out."""
    days: int = Field(default=7, ge=1, le=62, examples=[7])
    """How many."""


class CalendarDays(Output):
    """Days of a calendar in their order."""

    timezone: Annotated[str, Field(max_length=60, examples=["Africa/Algiers"])]
    """Zone of the calendar."""
    is_open: bool
    """Whether it is open at this moment."""
    next_opening_at: Timestamp | None
    """When it opens next, or now; null when that is more than ten years away."""
    data: Annotated[list[CalendarDay], Field(max_length=62)]
    """Day by day."""
