"""The steps of an appointment's life: each checks the table of states, does its work, and says so."""

from uuid import UUID

from crm_api.appointments.booking import Booking
from crm_api.appointments.errors import AppointmentNotBegun, AppointmentSettled, NotInvited
from crm_api.appointments.events import (
    AppointmentAnswered,
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentConfirmed,
    AppointmentMissed,
    AppointmentRescheduled,
)
from crm_api.appointments.models import APPOINTMENT, LIVE, Appointment, AppointmentStatus
from crm_api.appointments.reminding import remind_later
from crm_api.appointments.repository import AppointmentRepository
from crm_api.appointments.schemas.appointment import (
    Answer,
    AppointmentRead,
    Cancellation,
    Confirmation,
    Rescheduling,
)
from crm_api.appointments.service import AppointmentService
from crm_api.appointments.telling import Telling
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import Deleted, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json

_NEW_EACH_TIME = frozenset(
    {"organization_id", "id", "version", "created_at", "updated_at", "created_by_id", "updated_by_id"}
    | {
        "deleted_at",
        "deleted_by_id",
        "status",
        "confirmed_at",
        "ended_at",
        "ics_uid",
        "previous_id",
        "attendees",
        "starts_at",
        "ends_at",
    }
)


class AppointmentSteps:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.appointments = AppointmentRepository(ctx)
        self.service, self.booking = AppointmentService(ctx), Booking(ctx)

    async def confirm(self, appointment_id: UUID, data: Confirmation, version: int) -> Json[AppointmentRead]:
        """What was proposed is settled, if everybody is still free."""
        appointment = await self._stepping(appointment_id, version, AppointmentStatus.CONFIRMED)
        appointment.confirmed_at = now()
        await self.appointments.save(appointment)
        await self.booking.hold(appointment, force=data.force)
        await remind_later(self.ctx, appointment)
        organizer_id = appointment.owner_user_id
        assert organizer_id is not None  # noqa: S101 - a CHECK says so
        return await self._done(
            appointment, AppointmentConfirmed(appointment.id, organizer_id, appointment.starts_at)
        )

    async def complete(self, appointment_id: UUID, version: int) -> Json[AppointmentRead]:
        appointment = await self._over(appointment_id, version, AppointmentStatus.DONE)
        return await self._done(appointment, AppointmentCompleted(appointment.id))

    async def miss(self, appointment_id: UUID, version: int) -> Json[AppointmentRead]:
        """The customer did not come."""
        appointment = await self._over(appointment_id, version, AppointmentStatus.NO_SHOW)
        return await self._done(appointment, AppointmentMissed(appointment.id))

    async def cancel(self, appointment_id: UUID, data: Cancellation, version: int) -> Json[AppointmentRead]:
        appointment = await self.service.changeable(appointment_id, version)
        await self.call_off(appointment, data.reason)
        return await self.appointments.get(appointment_id)

    async def call_off(self, appointment: Appointment, reason: str, *, quietly: bool = False) -> None:
        """For whoever decided already that it may be: upper floors. `quietly`: nobody is told."""
        APPOINTMENT.check(appointment.status, AppointmentStatus.CANCELLED)
        appointment.status, appointment.ended_at = AppointmentStatus.CANCELLED, now()
        appointment.cancel_reason = reason
        await self.appointments.save(appointment)
        await self.booking.release(appointment)
        await publish(self.ctx, AppointmentCancelled(appointment.id))
        if not quietly:
            await Telling(self.ctx).cancelled(appointment)

    async def reschedule(
        self, appointment_id: UUID, data: Rescheduling, version: int
    ) -> Json[AppointmentRead]:
        """The appointment at its new time: another one, which names this one; everybody is asked again."""
        old = await self._stepping(appointment_id, version, AppointmentStatus.RESCHEDULED)
        confirm, old.ended_at = old.confirmed_at is not None, now()
        await self.appointments.save(old)
        await self.booking.release(old)
        kept = {c.name: getattr(old, c.name) for c in Appointment.__table__.c if c.name not in _NEW_EACH_TIME}
        id = new_id()
        new = Appointment(
            **kept | ({"location": data.location} if data.location else {}),
            id=id,
            status=AppointmentStatus.PROPOSED,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
            attendees=[one | {"response": "pending"} for one in old.attendees],
            previous_id=old.id,
            ics_uid=f"{id}@crm",
        )
        await publish(self.ctx, AppointmentRescheduled(old.id, new.id))
        await self.service.book(new, confirm=confirm, force=data.force)
        return await self.appointments.get(new.id)

    async def answer(self, appointment_id: UUID, data: Answer, version: int) -> Json[AppointmentRead]:
        """Whoever is invited says for themselves whether they come."""
        appointment = await self.appointments.load(appointment_id)
        if appointment.deleted_at is not None:
            raise Deleted(id=str(appointment_id))
        if version not in (appointment.version, ANY_VERSION):
            raise VersionConflict(current_version=appointment.version)
        me = self.ctx.principal.id
        if me not in appointment.attendee_user_ids:
            raise NotInvited
        if appointment.status not in LIVE:
            raise AppointmentSettled(allowed=[])
        appointment.attendees = [
            one | {"response": str(data.response)} if one["id"] == str(me) else one
            for one in appointment.attendees
        ]
        await self.appointments.save(appointment)
        await self.booking.rejoin(appointment, me, force=data.force)
        fact = AppointmentAnswered(appointment.id, me, data.response)
        return await self._done(appointment, fact)

    async def _stepping(self, appointment_id: UUID, version: int, wanted: AppointmentStatus) -> Appointment:
        appointment = await self.service.changeable(appointment_id, version)
        APPOINTMENT.check(appointment.status, wanted)
        appointment.status = wanted
        return appointment

    async def _over(self, appointment_id: UUID, version: int, wanted: AppointmentStatus) -> Appointment:
        appointment = await self._stepping(appointment_id, version, wanted)
        if now() < appointment.starts_at:
            raise AppointmentNotBegun
        appointment.ended_at = now()
        await self.appointments.save(appointment)
        await self.booking.release(appointment)
        return appointment

    async def _done(self, appointment: Appointment, *events: Event) -> Json[AppointmentRead]:
        for event in events:
            await publish(self.ctx, event)
        return await self.appointments.get(appointment.id)
