"""What people do when something happens below them."""

from crm_api.accounts.events import AccountDeleted, AccountMergeUndone, AccountsMerged
from crm_api.accounts.merging import AccountMerges
from crm_api.agencies.events import AgencyClosed
from crm_api.contacts.linking import LinkingService
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context

MOVED, ENDED = "contact_account_link", "contact_account_link.ended"
"""Under which names the merge of accounts remembers them."""


async def hand_contacts_over(ctx: Context, event: AgencyClosed) -> None:
    """The people of an agency that closes go to the agency that takes over."""
    await ContactService(ctx).move_to_agency(event.agency_id, event.transfer_to_agency_id)


async def leave_deleted_account(ctx: Context, event: AccountDeleted) -> None:
    """Nobody belongs to an account in the bin. Raises AccountInUse for whoever would have none left."""
    await LinkingService(ctx).leave(event.account_id)


async def follow_merged_account(ctx: Context, event: AccountsMerged) -> None:
    """The people of the account that goes belong to the one that stays."""
    moved, ended = await LinkingService(ctx).move(event.account_id, event.survivor_id)
    merges = AccountMerges(ctx)
    await merges.remember(event.merge_id, MOVED, moved)
    await merges.remember(event.merge_id, ENDED, ended)


async def return_to_account(ctx: Context, event: AccountMergeUndone) -> None:
    """The links that followed go back, as far as they still stand."""
    merges = AccountMerges(ctx)
    moved = await merges.remembered(event.merge_id, MOVED)
    ended = await merges.remembered(event.merge_id, ENDED)
    await LinkingService(ctx).move_back(event.account_id, moved, ended)
