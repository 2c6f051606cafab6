from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.calendars.schemas import (
    CalendarCreate,
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
    DaysQuery,
    PreviewQuery,
)
from crm_api.calendars.service import CalendarExceptionService, CalendarService
from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json

router = Router("calendars")
exceptions = Router("calendar-exceptions", tag="calendars")
Reader = Annotated[Context, requires("organization:read")]
Manager = Annotated[Context, requires("calendars:manage")]


@router.get("")
async def list_calendars(ctx: Reader, query: Annotated[CalendarQuery, Query()]) -> Json[CalendarPage]:
    """List the calendars of opening hours."""
    return await CalendarService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_calendar(ctx: Manager, body: CalendarCreate) -> Json[CalendarRead]:
    """Make a calendar.

    An agency is given one by its `opening_calendar_id`. An exception beats a season, a season beats the
    usual week.
    """
    return await CalendarService(ctx).create(body)


@router.get("/preview")
async def preview_working_time(ctx: Reader, query: Annotated[PreviewQuery, Query()]) -> CalendarPreview:
    """Tell when so many working minutes after a moment are over, and why, day by day.

    Outside the opening hours counting starts at the next opening. The counted minutes of the days sum up
    to the minutes asked for.
    """
    return await CalendarService(ctx).preview(query)


@router.get("/{calendar_id}")
async def get_calendar(ctx: Reader, calendar_id: UUID) -> Json[CalendarRead]:
    """Read a calendar."""
    return await CalendarService(ctx).get(calendar_id)


@router.patch("/{calendar_id}")
async def update_calendar(
    ctx: Manager, calendar_id: UUID, body: Annotated[CalendarPatch, MergePatch], version: IfMatch
) -> Json[CalendarRead]:
    """Change a calendar; its code never changes.

    It rules from now on: deadlines that were given before stay as they are.
    """
    return await CalendarService(ctx).update(calendar_id, body, version)


@router.get("/{calendar_id}/days")
async def list_calendar_days(
    ctx: Reader, calendar_id: UUID, query: Annotated[DaysQuery, Query()]
) -> CalendarDays:
    """Tell when a calendar is open, day by day, and whether it is open now."""
    return await CalendarService(ctx).days(calendar_id, query)


@router.post("/{calendar_id}/make-default")
async def make_default_calendar(ctx: Manager, calendar_id: UUID, version: IfMatch) -> Json[CalendarRead]:
    """Let a calendar rule every agency that names none."""
    return await CalendarService(ctx).make_default(calendar_id, version)


@router.post("/{calendar_id}/retire")
async def retire_calendar(ctx: Manager, calendar_id: UUID, version: IfMatch) -> Json[CalendarRead]:
    """Retire a calendar that rules no open agency and is not the default one."""
    return await CalendarService(ctx).retire(calendar_id, version)


@router.post("/{calendar_id}/reopen")
async def reopen_calendar(ctx: Manager, calendar_id: UUID, version: IfMatch) -> Json[CalendarRead]:
    """Put a retired calendar back to use."""
    return await CalendarService(ctx).reopen(calendar_id, version)


@exceptions.get("")
async def list_calendar_exceptions(
    ctx: Reader, query: Annotated[CalendarExceptionQuery, Query()]
) -> Json[CalendarExceptionPage]:
    """List the days with other hours: holidays, bridges, inventories."""
    return await CalendarExceptionService(ctx).page(query)


@exceptions.post("", status_code=status.HTTP_201_CREATED)
async def create_calendar_exception(
    ctx: Manager, body: CalendarExceptionCreate
) -> Json[CalendarExceptionRead]:
    """Give a day other hours, in one calendar or in all that observe holidays."""
    return await CalendarExceptionService(ctx).create(body)


@exceptions.get("/{calendar_exception_id}")
async def get_calendar_exception(ctx: Reader, calendar_exception_id: UUID) -> Json[CalendarExceptionRead]:
    """Read a day with other hours."""
    return await CalendarExceptionService(ctx).get(calendar_exception_id)


@exceptions.patch("/{calendar_exception_id}")
async def update_calendar_exception(
    ctx: Manager,
    calendar_exception_id: UUID,
    body: Annotated[CalendarExceptionPatch, MergePatch],
    version: IfMatch,
) -> Json[CalendarExceptionRead]:
    """Move a day, confirm it (`tentative: false`) or change its hours."""
    return await CalendarExceptionService(ctx).update(calendar_exception_id, body, version)


@exceptions.delete("/{calendar_exception_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_calendar_exception(ctx: Manager, calendar_exception_id: UUID, version: IfMatch) -> None:
    """Make the day an ordinary one again."""
    await CalendarExceptionService(ctx).delete(calendar_exception_id, version)


ROUTERS = (router, exceptions)
