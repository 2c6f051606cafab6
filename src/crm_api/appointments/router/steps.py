from uuid import UUID

from crm_api.appointments.router.doors import Reader, Writer, router
from crm_api.appointments.schemas.appointment import (
    Answer,
    AppointmentRead,
    Cancellation,
    Confirmation,
    Rescheduling,
)
from crm_api.appointments.steps import AppointmentSteps
from crm_api.core.http import IfMatch
from crm_api.kit.schemas import Json


@router.post("/{appointment_id}/confirm")
async def confirm_appointment(
    ctx: Writer, appointment_id: UUID, body: Confirmation, version: IfMatch
) -> Json[AppointmentRead]:
    """Confirm a proposed appointment; from here on it takes the time of those attending."""
    return await AppointmentSteps(ctx).confirm(appointment_id, body, version)


@router.post("/{appointment_id}/complete")
async def complete_appointment(ctx: Writer, appointment_id: UUID, version: IfMatch) -> Json[AppointmentRead]:
    """Record that an appointment took place."""
    return await AppointmentSteps(ctx).complete(appointment_id, version)


@router.post("/{appointment_id}/no-show")
async def miss_appointment(ctx: Writer, appointment_id: UUID, version: IfMatch) -> Json[AppointmentRead]:
    """Record that the customer did not come."""
    return await AppointmentSteps(ctx).miss(appointment_id, version)


@router.post("/{appointment_id}/cancel")
async def cancel_appointment(
    ctx: Writer, appointment_id: UUID, body: Cancellation, version: IfMatch
) -> Json[AppointmentRead]:
    """Cancel an appointment, for a reason that those attending are told."""
    return await AppointmentSteps(ctx).cancel(appointment_id, body, version)


@router.post("/{appointment_id}/reschedule")
async def reschedule_appointment(
    ctx: Writer, appointment_id: UUID, body: Rescheduling, version: IfMatch
) -> Json[AppointmentRead]:
    """Move an appointment to another time.

    The answer is a new appointment that names this one in `previous_id`; this one is closed as `rescheduled`
    and leaves its time free.
    """
    return await AppointmentSteps(ctx).reschedule(appointment_id, body, version)


@router.post("/{appointment_id}/respond")
async def respond_to_appointment(
    ctx: Reader, appointment_id: UUID, body: Answer, version: IfMatch
) -> Json[AppointmentRead]:
    """Say whether you come to an appointment you are invited to."""
    return await AppointmentSteps(ctx).answer(appointment_id, body, version)
