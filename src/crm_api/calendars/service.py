from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from uuid import UUID

from pydantic_core import to_json

from crm_api.calendars import seeds
from crm_api.calendars.errors import CalendarInUse, RetiredCalendarUnfit, UnknownCalendar
from crm_api.calendars.hours import calendar_of, hours_of
from crm_api.calendars.models import (
    CALENDAR,
    BusinessCalendar,
    CalendarException,
    CalendarStatus,
    ExceptionSource,
)
from crm_api.calendars.repository import CalendarExceptionRepository, CalendarRepository, Recorded
from crm_api.calendars.schemas import (
    CalendarCreate,
    CalendarDay,
    CalendarDays,
    CalendarExceptionCreate,
    CalendarExceptionPage,
    CalendarExceptionPatch,
    CalendarExceptionQuery,
    CalendarExceptionRead,
    CalendarPage,
    CalendarPatch,
    CalendarPreview,
    CalendarQuery,
    CalendarRead,
    CountedDay,
    DaysQuery,
    OpenSpan,
    PreviewQuery,
)
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.business_time import Calendar, Day, Exceptional, NeverOpens, Span
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.schemas import Json

_KNOWN = "business calendars"
"""What they are remembered under, for seconds, by each process."""
_EXPLAINED = 62
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """The business time of an organization: its calendars, and which one rules whom."""

    calendars: Mapping[UUID, Calendar]
    of_agency: Mapping[UUID, Calendar]
    default: Calendar


class CalendarService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.calendars = CalendarRepository(ctx)

    # --- business time, for every domain above

    async def for_agency(self, agency_id: UUID | None) -> Calendar:
        """The hours of that agency; the default ones where it names none, or a calendar that was retired."""
        hours = await self._hours()
        return hours.of_agency.get(agency_id, hours.default) if agency_id else hours.default

    async def with_id(self, calendar_id: UUID) -> Calendar:
        """Raises UnknownCalendar."""
        calendar = (await self._hours()).calendars.get(calendar_id)
        if calendar is None:
            raise UnknownCalendar
        return calendar

    async def fingerprint(self) -> str:
        """Another one whenever business time may be another: who counted with it then counts again.

        Read afresh, and so is what this process remembers after it.
        """
        self._forget()
        return sha256(to_json(await self.calendars.everything())).hexdigest()

    async def _hours(self) -> Hours:
        """Read at most every five seconds by each process."""
        key = _KNOWN, self.ctx.organization_id
        known: Hours | None = self.ctx.tools.memory.get(key)
        if known is None:
            known = _hours(await self.calendars.everything())
            if not self.ctx.begun:  # what an open transaction sees may never come true
                self.ctx.tools.memory.put(key, known)
        return known

    async def preview(self, query: PreviewQuery) -> CalendarPreview:
        """When so many working minutes are over, day by day. Raises NeverOpens."""
        if query.calendar_id:
            calendar = await self.with_id(query.calendar_id)
        else:
            calendar = await self.for_agency(query.agency_id)
        duration = query.minutes * _MINUTE
        steps = calendar.explain(query.start, duration)
        return CalendarPreview(
            due_at=calendar.add(query.start, duration),
            timezone=calendar.zone.key,
            start_is_open=calendar.is_open(query.start),
            tentative=any(step.rule.tentative for step in steps),
            days=[
                CountedDay(
                    **dict(_shown(step.day, step.rule, step.spans)),
                    counted_minutes=step.counted // _MINUTE,
                )
                for step in steps[:_EXPLAINED]
            ],
            days_left_out=max(len(steps) - _EXPLAINED, 0),
        )

    async def days(self, calendar_id: UUID, query: DaysQuery) -> CalendarDays:
        """When it is open, day by day. Raises NotFound."""
        calendar = (await self._hours()).calendars.get(calendar_id)
        if calendar is None:
            raise NotFound(id=str(calendar_id))
        first = query.first_on or today(calendar.zone)
        ahead = min(query.days, (date.max - first).days)
        days = [first + timedelta(days=n) for n in range(ahead)]
        return CalendarDays(
            timezone=calendar.zone.key,
            is_open=calendar.is_open(now()),
            next_opening_at=_next_opening(calendar, now()),
            data=[_shown(day, calendar.rule(day), calendar.intervals(day)) for day in days],
        )

    # --- the calendars

    async def page(self, query: CalendarQuery) -> Json[CalendarPage]:
        return await self.calendars.page(query, CalendarPage)

    async def get(self, calendar_id: UUID) -> Json[CalendarRead]:
        return await self.calendars.get(calendar_id)

    async def create(self, data: CalendarCreate) -> Json[CalendarRead]:
        self._forget()
        return await self.calendars.add(data)

    async def update(self, calendar_id: UUID, data: CalendarPatch, version: int) -> Json[CalendarRead]:
        self._forget()
        return await self.calendars.edit(calendar_id, data, version)

    async def retire(self, calendar_id: UUID, version: int) -> Json[CalendarRead]:
        """Raises CalendarInUse while it rules somebody."""
        calendar = await self._loaded(calendar_id, version)
        CALENDAR.check(calendar.status, CalendarStatus.RETIRED)
        agencies = await self.calendars.open_agencies(calendar_id)
        if agencies or calendar.is_default:
            raise CalendarInUse(agencies=agencies)
        return await self._saved(calendar, status=CalendarStatus.RETIRED)

    async def reopen(self, calendar_id: UUID, version: int) -> Json[CalendarRead]:
        calendar = await self._loaded(calendar_id, version)
        CALENDAR.check(calendar.status, CalendarStatus.ACTIVE)
        return await self._saved(calendar, status=CalendarStatus.ACTIVE)

    async def make_default(self, calendar_id: UUID, version: int) -> Json[CalendarRead]:
        """For every agency that names none. Raises RetiredCalendarUnfit."""
        before = await self.calendars.default()
        calendar = await self._loaded(calendar_id, version)
        if calendar.status is not CalendarStatus.ACTIVE:
            raise RetiredCalendarUnfit
        if before and before.id != calendar_id:  # first, for there is one default at any moment
            before.is_default = False
            await self.calendars.save(before)
        return await self._saved(calendar, is_default=True)

    async def _saved(self, calendar: BusinessCalendar, **changes: object) -> Json[CalendarRead]:
        for name, value in changes.items():
            setattr(calendar, name, value)
        await self.calendars.save(calendar)
        self._forget()
        return await self.calendars.get(calendar.id)

    async def _loaded(self, calendar_id: UUID, version: int) -> BusinessCalendar:
        calendar = await self.calendars.load(calendar_id)
        if version not in (calendar.version, ANY_VERSION):
            raise VersionConflict(current_version=calendar.version)
        return calendar

    def _forget(self) -> None:
        self.ctx.tools.memory.forget((_KNOWN, self.ctx.organization_id))

    # --- what an organization starts with, and gets every year

    async def seed(self) -> None:
        """The usual calendars where there is none, and the holidays of this year and the next."""
        year = today().year
        years = [year, year + 1]
        if not await self.calendars.all():
            for calendar in seeds.CALENDARS:
                await self.calendars.save(_seeded(calendar, years))
        await CalendarExceptionService(self.ctx).add_holidays(years)
        self._forget()

    async def extend(self) -> None:
        """Two years ahead: holidays, and Ramadan where a calendar knows one. What is there stays."""
        await self.seed()
        year = today().year + 2
        await CalendarExceptionService(self.ctx).add_holidays([year])
        for calendar in await self.calendars.all():
            known = [season for season in calendar.seasons if season["name"] == seeds.RAMADAN]
            if not known:
                continue
            last = max(season["last_on"] for season in calendar.seasons)
            hours = known[-1]["weekly_hours"]
            ahead = [each for each in seeds.ramadan_seasons(year, hours) if each["first_on"] > last]
            if ahead and len(calendar.seasons) + len(ahead) <= 20:
                calendar.seasons = [*calendar.seasons, *ahead]
                await self.calendars.save(calendar)
        self._forget()


class CalendarExceptionService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.exceptions = CalendarExceptionRepository(ctx)

    async def page(self, query: CalendarExceptionQuery) -> Json[CalendarExceptionPage]:
        return await self.exceptions.page(query, CalendarExceptionPage)

    async def get(self, exception_id: UUID) -> Json[CalendarExceptionRead]:
        return await self.exceptions.get(exception_id)

    async def create(self, data: CalendarExceptionCreate) -> Json[CalendarExceptionRead]:
        self._forget()
        return await self.exceptions.add(data)

    async def update(
        self, exception_id: UUID, data: CalendarExceptionPatch, version: int
    ) -> Json[CalendarExceptionRead]:
        self._forget()
        return await self.exceptions.edit(exception_id, data, version)

    async def delete(self, exception_id: UUID, version: int) -> None:
        """The day is an ordinary one again."""
        exception = await self.exceptions.load(exception_id)
        if version not in (exception.version, ANY_VERSION):
            raise VersionConflict(current_version=exception.version)
        await self.exceptions.remove(exception)
        self._forget()

    async def add_holidays(self, years: list[int]) -> None:
        """Once a year: what somebody removed since does not come back."""
        seeded, taken = await self.exceptions.holiday_years(), await self.exceptions.common_days()
        await self.exceptions.add_all(
            [
                CalendarException(
                    day=holiday.day,
                    name=holiday.name,
                    tentative=holiday.tentative,
                    source=ExceptionSource.HOLIDAYS,
                )
                for year in years
                if year not in seeded
                for holiday in seeds.holidays_of(year)
                if holiday.day not in taken
            ]
        )

    def _forget(self) -> None:
        self.ctx.tools.memory.forget((_KNOWN, self.ctx.organization_id))


def _hours(recorded: list[Recorded]) -> Hours:
    calendars = {each.id: _calendar(each) for each in recorded}
    default = next((calendars[each.id] for each in recorded if each.is_default), None)
    of_agency = {
        agency_id: calendars[each.id] for each in recorded if each.is_active for agency_id in each.agency_ids
    }
    return Hours(calendars, of_agency, default or _unfurnished())


def _calendar(recorded: Recorded) -> Calendar:
    exceptions = {
        date.fromisoformat(day): Exceptional(hours_of(hours), label, tentative)
        for day, hours, label, tentative in recorded.exceptions
    }
    return calendar_of(recorded.timezone, recorded.weekly_hours, recorded.seasons, exceptions)


@cache
def _unfurnished() -> Calendar:
    """The office hours of the seed, for an organization that has no calendar yet."""
    return calendar_of("Africa/Algiers", seeds.OFFICE, [], {})


def _seeded(seed: seeds.CalendarSeed, years: list[int]) -> BusinessCalendar:
    seasons = [season for year in years for season in seeds.ramadan_seasons(year, seed.ramadan_hours)]
    return BusinessCalendar(
        code=seed.code,
        name=seed.name,
        timezone="Africa/Algiers",
        weekly_hours=seed.weekly_hours,
        seasons=seasons if seed.ramadan_hours else [],
        observes_holidays=seed.observes_holidays,
        is_default=seed.is_default,
    )


def _shown(day: date, rule: Day, spans: tuple[Span, ...]) -> CalendarDay:
    return CalendarDay(
        day=day,
        because=rule.because,
        name=rule.label,
        tentative=rule.tentative,
        open=[OpenSpan(opens_at=start, closes_at=end) for start, end in spans],
    )


def _next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    try:
        return calendar.next_opening(at)
    except NeverOpens:
        return None
