"""What leads do when something happens on the floors below."""

from crm_api.agencies.events import AgencyClosed
from crm_api.core.context import Context
from crm_api.leads.repository import LeadRepository
from crm_api.users.events import UserDeactivated


async def move_open_leads(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over takes the open leads too; owners stay whose they are."""
    await LeadRepository(ctx).move_open(event.agency_id, event.transfer_to_agency_id)


async def hand_open_leads_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left takes the open leads too."""
    await LeadRepository(ctx).hand_over(event.user_id, event.reassign_to_id)
