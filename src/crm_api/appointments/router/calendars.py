from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Form, Path, Request, Response, UploadFile

from crm_api.appointments.errors import CalendarTooLarge, NoSuchFeed, UnreadableCalendar
from crm_api.appointments.feed import FeedService, organization_of
from crm_api.appointments.ics import MEDIA_TYPE, Sheet
from crm_api.appointments.importing import LARGEST, CalendarImport
from crm_api.appointments.router.doors import Reader, Subscriber, Writer, public_calendars, router
from crm_api.appointments.schemas.importing import ImportResult
from crm_api.core.openapi import refusals
from crm_api.core.principal import system

CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A calendar (RFC 5545).",
        "content": {
            "text/calendar": {
                "schema": {"type": "string", "maxLength": 4_000_000},
                "example": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
            }
        },
    }
}
Secret = Annotated[
    str,
    Path(
        description="The secret of the calendar.",
        pattern=r"^[A-Za-z0-9_-]{20,120}$",
        max_length=120,
        examples=["cal_AZOg3p18fMOdPh8aK3xZ9w_0nM2m4f1rXkqj7S2e8uQbV5cPZt6yLhWgDo9iA3sE4k"],
    ),
]


Calendar = File(
    description="An iCalendar file, 1 MiB and 500 entries at most.", json_schema_extra={"maxLength": LARGEST}
)
Forced = Form(description="true: take entries over though you are taken at their time.", examples=[False])


@router.get("/{appointment_id}/calendar", response_class=Response, responses=CALENDAR)
async def get_appointment_calendar(ctx: Reader, appointment_id: UUID, request: Request) -> Response:
    """Read an appointment as a file for calendars (.ics)."""
    sheet = await FeedService(ctx).one(appointment_id)
    return _answer(sheet, request, f"{appointment_id}.ics")


@router.post(
    "/import", response_model=ImportResult, openapi_extra=refusals(UnreadableCalendar, CalendarTooLarge)
)
async def import_calendar(
    ctx: Writer, file: Annotated[UploadFile, Calendar], force: Annotated[bool, Forced] = False
) -> ImportResult:
    """Take over a calendar (.ics) of your own.

    Each entry becomes an appointment that you hold; one that was taken over before, by its UID, is brought
    up to date. Entries that repeat are spread out a year ahead, a hundred times at most. An entry that is
    refused leaves the others alone, and the answer says why.
    """
    return await CalendarImport(ctx).take_over(await file.read(LARGEST + 1), force=force)


@public_calendars.get(
    "/{secret}/appointments.ics",
    response_class=Response,
    responses=CALENDAR,
    openapi_extra=refusals(NoSuchFeed),
)
async def read_calendar_feed(visitor: Subscriber, secret: Secret, request: Request) -> Response:
    """Read the calendar that this secret opens: a month back, a year ahead."""
    sheet = await FeedService(visitor.enter(system(organization_of(secret)))).read(secret)
    return _answer(sheet, request, "appointments.ics")


def _answer(sheet: Sheet, request: Request, name: str) -> Response:
    headers = {"ETag": sheet.etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == sheet.etag:
        return Response(status_code=304, headers=headers)
    headers |= {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(sheet.body, media_type=MEDIA_TYPE, headers=headers)
