"""What quotes do when something happens on the floors below."""

from crm_api.accounts.events import AccountMergeUndone, AccountsMerged
from crm_api.accounts.merging import AccountMerges
from crm_api.agencies.events import AgencyClosed
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.contacts.merging import MergingService
from crm_api.core.context import Context
from crm_api.core.following import follow, go_back
from crm_api.quotes.repository import QuoteRepository
from crm_api.users.events import UserDeactivated


async def move_open_quotes(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over goes on with the open quotes; their numbers stay."""
    await QuoteRepository(ctx).move_open(event.agency_id, event.transfer_to_agency_id)


async def hand_open_quotes_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left sells instead."""
    await QuoteRepository(ctx).hand_over(event.user_id, event.reassign_to_id)


async def follow_merged_account(ctx: Context, event: AccountsMerged) -> None:
    """What was quoted to the account that goes is quoted to the one that stays."""
    moved = await follow(QuoteRepository(ctx), "account_id", event.account_id, event.survivor_id)
    await AccountMerges(ctx).remember(event.merge_id, "quote", moved)


async def return_to_account(ctx: Context, event: AccountMergeUndone) -> None:
    """And to the other one again."""
    moved = await AccountMerges(ctx).remembered(event.merge_id, "quote")
    await go_back(QuoteRepository(ctx), "account_id", moved, event.survivor_id, event.account_id)


async def follow_merged_contact(ctx: Context, event: ContactMerged) -> None:
    """What was quoted to the sheet that goes is quoted to the one that stays."""
    moved = await follow(QuoteRepository(ctx), "contact_id", event.other_id, event.contact_id)
    await MergingService(ctx).remember(event.merge_id, "quote", moved)


async def return_to_contact(ctx: Context, event: ContactUnmerged) -> None:
    """And to the other one again."""
    moved = await MergingService(ctx).remembered(event.merge_id, "quote")
    await go_back(QuoteRepository(ctx), "contact_id", moved, event.contact_id, event.other_id)
