"""What complaints do when something happens on the floors below."""

from crm_api.agencies.events import AgencyClosed
from crm_api.complaints.registering import Registering
from crm_api.complaints.repository import ComplaintRepository
from crm_api.complaints.steps import ComplaintSteps
from crm_api.complaints.telling import ComplaintTeller
from crm_api.core.context import Context
from crm_api.sla.clock import SlaMetric
from crm_api.sla.events import SlaBreached, SlaEscalated
from crm_api.tickets.events import TicketAssigned, TicketOpened
from crm_api.tickets.models.words import TicketType
from crm_api.users.events import UserDeactivated

REGION, QUALITY = 1, 2


async def enter_in_register(ctx: Context, event: TicketOpened) -> None:
    """A complaint, by whatever channel it came, stands in the register."""
    if event.type == TicketType.COMPLAINT:
        await Registering(ctx).enter(event.ticket_id)


async def follow_ticket(ctx: Context, event: TicketAssigned) -> None:
    """Who works on the ticket handles the complaint."""
    await ComplaintRepository(ctx).give(event.ticket_id, event.owner_user_id)


async def hear_clock(ctx: Context, event: SlaBreached | SlaEscalated) -> None:
    """The solution is late: the region; very late: quality at the head office (E-6)."""
    if event.metric != SlaMetric.RESOLUTION:
        return
    complaint = await ComplaintRepository(ctx).of_clock(event.clock_id)
    if complaint is None:
        return
    level = QUALITY if isinstance(event, SlaEscalated) else REGION
    before = complaint.escalation_level
    await ComplaintSteps(ctx).crossed(complaint, level, f"Délai atteint à {event.percent} %")
    if complaint.escalation_level != before:
        await ComplaintTeller(ctx).escalated(complaint)


async def hand_complaints_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left handles the complaints that are not closed."""
    await ComplaintRepository(ctx).hand_over(event.user_id, event.reassign_to_id)


async def move_complaints(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over answers for the complaints that are not closed."""
    await ComplaintRepository(ctx).move_open(event.agency_id, event.transfer_to_agency_id)
