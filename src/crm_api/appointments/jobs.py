from uuid import UUID

from crm_api.appointments.models import AppointmentStatus
from crm_api.appointments.repository import AppointmentRepository
from crm_api.appointments.telling import Telling
from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload
from crm_api.kit.errors import NotFound


async def remind_of_appointment(ctx: Context, payload: Payload) -> None:
    """A new time is a new appointment, with reminders of its own: this one then reminds nobody."""
    try:
        appointment = await AppointmentRepository(ctx).load(UUID(payload["appointment_id"]))
    except NotFound:
        return
    wanted = payload["minutes"] in appointment.reminder_offsets
    coming = appointment.status is AppointmentStatus.CONFIRMED and appointment.deleted_at is None
    if wanted and coming:
        await Telling(ctx).soon(appointment, payload["minutes"])


JOBS: Jobs = {"remind_of_appointment": remind_of_appointment}
