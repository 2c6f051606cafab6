"""What claims do when something happens on the floors below."""

from crm_api.accounts.errors import AccountInUse
from crm_api.accounts.events import AccountDeleted, AccountMergeUndone, AccountsMerged
from crm_api.accounts.merging import AccountMerges
from crm_api.agencies.events import AgencyClosed
from crm_api.claims.repository.claims import ClaimRepository
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.contacts.merging import MergingService
from crm_api.core.context import Context
from crm_api.core.following import follow, go_back
from crm_api.users.events import UserDeactivated

KIND = "claim"


async def move_open_claims(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over handles the open claims; their numbers stay."""
    await ClaimRepository(ctx).move_open(event.agency_id, event.transfer_to_agency_id)


async def hand_claims_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left handles the open claims."""
    await ClaimRepository(ctx).hand_over(event.user_id, event.reassign_to_id)


async def hold_account(ctx: Context, event: AccountDeleted) -> None:
    """An account with a claim is not put in the bin."""
    if await ClaimRepository(ctx).has_claims(event.account_id):
        raise AccountInUse


async def follow_merged_account(ctx: Context, event: AccountsMerged) -> None:
    """The claims of the account that goes are those of the one that stays."""
    moved = await follow(ClaimRepository(ctx), "account_id", event.account_id, event.survivor_id)
    await AccountMerges(ctx).remember(event.merge_id, KIND, moved)


async def return_to_account(ctx: Context, event: AccountMergeUndone) -> None:
    """And of the other one again."""
    moved = await AccountMerges(ctx).remembered(event.merge_id, KIND)
    await go_back(ClaimRepository(ctx), "account_id", moved, event.survivor_id, event.account_id)


async def follow_merged_contact(ctx: Context, event: ContactMerged) -> None:
    """Who declared is the sheet that stays."""
    moved = await follow(ClaimRepository(ctx), "declarant_contact_id", event.other_id, event.contact_id)
    await MergingService(ctx).remember(event.merge_id, KIND, moved)


async def return_to_contact(ctx: Context, event: ContactUnmerged) -> None:
    """And the other one again."""
    moved = await MergingService(ctx).remembered(event.merge_id, KIND)
    await go_back(ClaimRepository(ctx), "declarant_contact_id", moved, event.contact_id, event.other_id)
