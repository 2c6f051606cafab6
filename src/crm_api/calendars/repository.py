import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, bindparam, cast, extract, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm_api.agencies.models import Agency, AgencyStatus
from crm_api.calendars.errors import CalendarCodeTaken, CalendarDayTaken, UnknownCalendar
from crm_api.calendars.models import BusinessCalendar, CalendarException, CalendarStatus, ExceptionSource
from crm_api.calendars.schemas import CalendarExceptionRead, CalendarRead
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository


class Recorded(NamedTuple):
    """A calendar as the business time of the house needs it, with whom it rules."""

    id: UUID
    is_default: bool
    is_active: bool
    timezone: str
    weekly_hours: list[dict[str, Any]]
    seasons: list[dict[str, Any]]
    exceptions: list[tuple[str, list[dict[str, Any]], str, bool]]
    """Day, hours, name, tentative; those of every calendar first, so that its own come after them."""
    agency_ids: Sequence[UUID]


class CalendarRepository(Repository[BusinessCalendar, CalendarRead]):
    model, read = BusinessCalendar, CalendarRead
    refusals = {"uq_business_calendars_code": CalendarCodeTaken}

    async def everything(self) -> list[Recorded]:
        """All calendars, their exceptions and their agencies: one statement."""
        rows = await self.rows("everything", lambda: _everything(self.select))
        return [
            Recorded(
                row[0],
                row[1],
                row[2],
                row[3],
                json.loads(row[4]),
                json.loads(row[5]),
                json.loads(row[6] or "[]"),
                row[7],
            )
            for row in rows
        ]

    async def default(self) -> BusinessCalendar | None:
        """Locked until the end of the use case."""
        statement = select(BusinessCalendar).where(BusinessCalendar.is_default).with_for_update()
        return await self.ctx.session.scalar(statement)

    async def all(self) -> Sequence[BusinessCalendar]:
        return (await self.ctx.session.scalars(select(BusinessCalendar))).all()

    async def open_agencies(self, calendar_id: UUID) -> int:
        """How many agencies that are not closed it rules."""
        rows = await self.rows(
            "open agencies",
            lambda: select(func.count()).where(
                Agency.organization_id == bindparam("organization_id"),
                Agency.opening_calendar_id == bindparam("id"),
                Agency.status != AgencyStatus.CLOSED,
            ),
            {"id": calendar_id},
        )
        return int(rows[0][0])


class CalendarExceptionRepository(Repository[CalendarException, CalendarExceptionRead]):
    model, read = CalendarException, CalendarExceptionRead
    refusals = {
        "uq_calendar_exceptions_day": CalendarDayTaken,
        "fk_calendar_exceptions_organization_id_calendar_id": UnknownCalendar,
    }

    async def holiday_years(self) -> set[int]:
        """The years whose holidays were put there already, even if somebody moved some since."""
        year = extract("year", CalendarException.day)
        seeded = CalendarException.source == ExceptionSource.HOLIDAYS
        return {int(each) for each in await self.ctx.session.scalars(select(year).where(seeded).distinct())}

    async def common_days(self) -> set[date]:
        days = select(CalendarException.day).where(CalendarException.calendar_id.is_(None))
        return set(await self.ctx.session.scalars(days))

    async def add_all(self, rows: Sequence[CalendarException]) -> None:
        self.ctx.session.add_all(rows)
        await self.ctx.session.flush()


def _everything(select_own: Callable[..., Select[Any]]) -> Select[Any]:
    calendars, exceptions = table_of(BusinessCalendar).c, table_of(CalendarException).c
    agencies = table_of(Agency).c
    own = exceptions.calendar_id == calendars.id
    common = exceptions.calendar_id.is_(None) & calendars.observes_holidays
    entry = func.json_build_array(exceptions.day, exceptions.hours, exceptions.name, exceptions.tentative)
    in_order = aggregate_order_by(entry, exceptions.calendar_id.is_not(None))
    theirs = select(cast(func.json_agg(in_order), Text)).where(
        exceptions.organization_id == bindparam("organization_id"), or_(own, common)
    )
    ruled = select(agencies.id).where(
        agencies.organization_id == bindparam("organization_id"),
        agencies.opening_calendar_id == calendars.id,
    )
    return select_own(
        calendars.id,
        calendars.is_default,
        calendars.status == CalendarStatus.ACTIVE,
        calendars.timezone,
        cast(calendars.weekly_hours, Text),
        cast(calendars.seasons, Text),
        theirs.scalar_subquery(),
        cast(func.array(ruled.scalar_subquery()), ARRAY(Uuid())),
    )
