"""What appointments do when something happens on the floors below."""

from crm_api.agencies.events import AgencyClosed
from crm_api.appointments.repository import AppointmentRepository
from crm_api.core.context import Context
from crm_api.users.events import UserDeactivated


async def hand_appointments_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left holds the appointments to come, even if they overlap."""
    appointments = AppointmentRepository(ctx)
    ids = await appointments.hand_over(event.user_id, event.reassign_to_id)
    await appointments.re_engage(event.user_id, event.reassign_to_id, ids)


async def move_appointments(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over has the appointments to come, even more than it has room for."""
    await AppointmentRepository(ctx).move_coming(event.agency_id, event.transfer_to_agency_id)
