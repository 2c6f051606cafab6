from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.appointments.feed import FeedService
from crm_api.appointments.openings import Openings
from crm_api.appointments.router.doors import Reader, Restorer, Writer, router
from crm_api.appointments.schemas.appointment import (
    AppointmentCreate,
    AppointmentFilter,
    AppointmentPage,
    AppointmentPatch,
    AppointmentQuery,
    AppointmentRead,
)
from crm_api.appointments.schemas.settings import FeedRead, FeedSecret
from crm_api.appointments.schemas.times import BusyQuery, BusyRanges, SlotQuery, Slots
from crm_api.appointments.service import AppointmentService
from crm_api.core.http import IfMatch, MergePatch
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json


@router.get("")
async def list_appointments(
    ctx: Reader, query: Annotated[AppointmentQuery, Query()]
) -> Json[AppointmentPage]:
    """List appointments.

    Yours, those you attend, and those of colleagues that you may see. `user_id` asks for whatever somebody
    holds or attends.
    """
    return await AppointmentService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_appointment(ctx: Writer, body: AppointmentCreate) -> Json[AppointmentRead]:
    """Make an appointment.

    409 `appointment_conflict` names who or what is taken at that time, 409 `agency_full` says that the
    agency takes no more; `force` books all the same. 409 `outside_opening_hours` is for visits to the agency,
    and cannot be forced. Reminders go out by themselves.
    """
    return await AppointmentService(ctx).create(body)


@router.get("/count")
async def count_appointments(ctx: Reader, query: Annotated[AppointmentFilter, Query()]) -> Count:
    """Count appointments."""
    return await AppointmentService(ctx).count(query)


@router.get("/busy")
async def list_busy_ranges(ctx: Reader, query: Annotated[BusyQuery, Query()]) -> BusyRanges:
    """List when colleagues, rooms or things are taken.

    Everybody may ask about every colleague; what an appointment is about is told only to who may see it.
    """
    return await Openings(ctx).busy(query)


@router.get("/slots")
async def list_free_slots(ctx: Reader, query: Annotated[SlotQuery, Query()]) -> Slots:
    """List the free times of an agency, of a colleague, or of both together.

    Opening hours cut into pieces of `minutes`, without those that are past, taken or full.
    """
    return await Openings(ctx).slots(query)


@router.get("/feed")
async def get_calendar_feed(ctx: Reader) -> FeedRead:
    """Read whether your appointments can be read from outside."""
    return await FeedService(ctx).state()


@router.post("/feed")
async def open_calendar_feed(ctx: Reader) -> FeedSecret:
    """Get an address under which calendar programs read your appointments.

    Shown this once; an address you had before stops working.
    """
    return await FeedService(ctx).open()


@router.delete(
    "/feed",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra={"x-unversioned": "an address is open or not; it has no versions"},
)
async def close_calendar_feed(ctx: Reader) -> None:
    """Close the address of your calendar."""
    await FeedService(ctx).close()


@router.get("/{appointment_id}")
async def get_appointment(ctx: Reader, appointment_id: UUID) -> Json[AppointmentRead]:
    """Read an appointment, in the bin or not."""
    return await AppointmentService(ctx).get(appointment_id)


@router.patch("/{appointment_id}")
async def update_appointment(
    ctx: Writer, appointment_id: UUID, body: Annotated[AppointmentPatch, MergePatch], version: IfMatch
) -> Json[AppointmentRead]:
    """Change an appointment that is still to come about.

    Its time changes by `reschedule`, its state by the actions below it. Who is newly invited, or a new room,
    must be free, unless `force`.
    """
    return await AppointmentService(ctx).update(appointment_id, body, version)


@router.delete("/{appointment_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_appointment(ctx: Writer, appointment_id: UUID, version: IfMatch) -> None:
    """Put an appointment in the bin; to tell those attending, cancel it first."""
    await AppointmentService(ctx).delete(appointment_id, version)


@router.post("/{appointment_id}/restore")
async def restore_appointment(ctx: Restorer, appointment_id: UUID) -> Json[AppointmentRead]:
    """Take an appointment out of the bin, if its time is still free."""
    return await AppointmentService(ctx).restore(appointment_id)
