from crm_api.accounts.service import AccountService
from crm_api.agencies.events import AgencyClosed
from crm_api.core.context import Context


async def hand_accounts_over(ctx: Context, event: AgencyClosed) -> None:
    """An agency that closes leaves no customer without one."""
    await AccountService(ctx).hand_over(event.agency_id, event.transfer_to_agency_id)
