"""What mission orders do when something happens on the floors below."""

from crm_api.agencies.events import AgencyClosed
from crm_api.core.context import Context
from crm_api.missions.repository import MissionOrderRepository
from crm_api.users.events import UserDeactivated


async def hand_missions_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left is sent instead."""
    await MissionOrderRepository(ctx).hand_over(event.user_id, event.reassign_to_id)


async def move_open_missions(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over follows the open missions; their numbers stay."""
    await MissionOrderRepository(ctx).move_open(event.agency_id, event.transfer_to_agency_id)
