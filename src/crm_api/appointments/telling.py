"""What those attending are told about their appointments."""

from uuid import UUID

from crm_api.appointments.models import Appointment, AppointmentStatus
from crm_api.core.context import Context
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message


class Telling:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def invited(self, appointment: Appointment) -> None:
        confirmed = appointment.status is AppointmentStatus.CONFIRMED
        await self._tell(appointment, "appointment_set" if confirmed else "appointment_proposed")

    async def cancelled(self, appointment: Appointment) -> None:
        reason = Message("appointment_cancelled_why", reason=appointment.cancel_reason or "")
        await self._tell(appointment, "appointment_cancelled", reason)

    async def soon(self, appointment: Appointment, minutes: int) -> None:
        """Once for each of its reminders, whoever made it."""
        await NotificationService(self.ctx).notify(
            everybody(appointment),
            "appointment",
            title=Message("appointment_soon", title=appointment.title, at=appointment.starts_at),
            body=_where(appointment),
            object_type=Appointment.label,
            object_id=appointment.id,
            dedupe_key=f"appointment|{appointment.id}|{minutes}",
        )

    async def _tell(self, appointment: Appointment, key: str, body: Message | None = None) -> None:
        """Nobody is told what they did themselves."""
        others = [user_id for user_id in everybody(appointment) if user_id != self.ctx.principal.id]
        if others:
            await NotificationService(self.ctx).notify(
                others,
                "appointment",
                title=Message(key, title=appointment.title, at=appointment.starts_at),
                body=body or _where(appointment),
                object_type=Appointment.label,
                object_id=appointment.id,
            )


def everybody(appointment: Appointment) -> list[UUID]:
    """The organizer, and the colleagues who have not declined."""
    declined = {UUID(str(one["id"])) for one in appointment.attendees if one["response"] == "no"}
    whole = [appointment.owner_user_id, *appointment.attendee_user_ids]
    return [user_id for user_id in dict.fromkeys(whole) if user_id is not None and user_id not in declined]


def _where(appointment: Appointment) -> Message | None:
    place = appointment.location or appointment.video_url
    return Message("appointment_where", place=place) if place else None
