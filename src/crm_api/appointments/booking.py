"""Whether an appointment can be had at its time, and the time of people and things that it then takes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from crm_api.appointments.errors import AgencyFull, AppointmentConflict, OutsideOpeningHours
from crm_api.appointments.models import (
    Appointment,
    AppointmentStatus,
    AppointmentType,
    AttendeeResponse,
    Hold,
)
from crm_api.appointments.repository import AppointmentRepository, Taken
from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.kit.business_time import NeverOpens
from crm_api.kit.schemas import Timestamp

_MOMENT: TypeAdapter[datetime] = TypeAdapter(Timestamp)


def parties(appointment: Appointment) -> list[UUID]:
    """The organizer, the colleagues who have not declined, the room or thing."""
    attending = [
        UUID(str(one["id"]))
        for one in appointment.attendees
        if one["kind"] == "user" and one["response"] != AttendeeResponse.NO
    ]
    whole = [appointment.owner_user_id, *attending, appointment.resource_id]
    return list(dict.fromkeys(party for party in whole if party is not None))


def most_at_once(times: Iterable[tuple[datetime, datetime]]) -> int:
    """How many of these run at the same time, at most; one that ends as another begins does not meet it."""
    moments = sorted((moment, change) for begin, end in times for moment, change in ((begin, 1), (end, -1)))
    running = most = 0
    for _, change in moments:
        running += change
        most = max(most, running)
    return most


class Booking:
    """Only confirmed appointments take time firmly; a proposed one must fit beside those, and waits."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.appointments = AppointmentRepository(ctx)

    async def hold(self, appointment: Appointment, *, force: bool) -> None:
        """Takes the time as firmly as the appointment's state says; it must have been saved.

        Raises AppointmentConflict and AgencyFull, unless `force`; OutsideOpeningHours, always.
        """
        firm = appointment.status is AppointmentStatus.CONFIRMED
        engaged = parties(appointment)
        await self._refuse_closed(appointment)
        await self.appointments.one_at_a_time(_names(appointment, engaged))
        if not force:
            await self._refuse_taken(appointment, engaged)
            await self._refuse_full(appointment)
        await self.appointments.take(appointment, engaged, Hold.FIRM if firm else Hold.TENTATIVE)

    async def release(self, appointment: Appointment) -> None:
        """Everybody is free again."""
        await self.appointments.take(appointment, parties(appointment), Hold.NONE)

    async def rejoin(self, appointment: Appointment, user_id: UUID, *, force: bool) -> None:
        """One of those attending answered: who declined is free, who comes must be.

        Raises AppointmentConflict.
        """
        firm = appointment.status is AppointmentStatus.CONFIRMED
        engaged = parties(appointment)
        await self.appointments.one_at_a_time(_names(appointment, [user_id]))
        if not force and user_id in engaged:
            await self._refuse_taken(appointment, [user_id])
        await self.appointments.take(appointment, engaged, Hold.FIRM if firm else Hold.TENTATIVE)

    async def _refuse_closed(self, appointment: Appointment) -> None:
        """Customers come when the agency is open; so does whatever a partner's program books."""
        outside = self.ctx.principal.kind == "client"
        visit = appointment.type is AppointmentType.AGENCY
        if appointment.agency_id is None or not (visit or outside):
            return
        calendar = await CalendarService(self.ctx).for_agency(appointment.agency_id)
        begin, end = appointment.starts_at.astimezone(UTC), appointment.ends_at.astimezone(UTC)
        spans = calendar.intervals(begin.astimezone(calendar.zone).date())
        if any(start <= begin and end <= stop for start, stop in spans):
            return
        try:
            opening = _written(calendar.next_opening(begin))
        except NeverOpens:
            opening = None
        raise OutsideOpeningHours(next_opening_at=opening)

    async def _refuse_taken(self, appointment: Appointment, engaged: list[UUID]) -> None:
        times = appointment.starts_at, appointment.ends_at
        taken = await self.appointments.taken(engaged, *times, appointment.id, firmly=True)
        if taken:
            raise AppointmentConflict(conflicts=[told(one, appointment.resource_id) for one in taken[:20]])

    async def _refuse_full(self, appointment: Appointment) -> None:
        if appointment.agency_id is None:
            return
        times = appointment.starts_at, appointment.ends_at
        seats, booked = await self.appointments.agency_times(
            appointment.agency_id, appointment.type, *times, appointment.id
        )
        if seats is None:
            return
        within = [(max(begin, times[0]), min(end, times[1])) for begin, end in booked]
        if most_at_once(within) >= seats:
            raise AgencyFull(seats=seats)


def told(one: Taken, resource_id: UUID | None = None) -> dict[str, Any]:
    """A conflict, as the answer names it."""
    return {
        "party_type": "resource" if one.party_id == resource_id else "user",
        "party_id": str(one.party_id),
        "starts_at": _written(one.starts_at),
        "ends_at": _written(one.ends_at),
        "appointment_id": one.appointment_id and str(one.appointment_id),
        "title": one.title,
    }


def _written(moment: datetime) -> str:
    return str(_MOMENT.dump_python(moment, mode="json"))


def _names(appointment: Appointment, engaged: Iterable[UUID]) -> list[str]:
    """Two that overlap share a moment, and so the day of that moment."""
    days = {moment.astimezone(UTC).date() for moment in (appointment.starts_at, appointment.ends_at)}
    names = [str(party) for party in engaged]
    if appointment.agency_id is not None:
        names.append(f"{appointment.agency_id}|{appointment.type}")
    return [f"{day}|{name}" for name in names for day in days]
