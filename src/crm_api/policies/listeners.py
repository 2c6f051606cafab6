"""What contracts do when something happens on the floors below."""

from crm_api.accounts.errors import AccountInUse
from crm_api.accounts.events import AccountDeleted, AccountMergeUndone, AccountsMerged
from crm_api.accounts.merging import AccountMerges
from crm_api.agencies.events import AgencyClosed
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.contacts.merging import MergingService
from crm_api.core.context import Context
from crm_api.policies.life import PolicyLife
from crm_api.policies.repository.following import HELD, Following
from crm_api.users.events import UserDeactivated


async def hand_policies_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left looks after the living contracts."""
    await Following(ctx).hand_over(event.user_id, event.reassign_to_id)


async def move_living_policies(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over keeps the living contracts; their numbers stay."""
    await Following(ctx).move_living(event.agency_id, event.transfer_to_agency_id)


async def hold_account(ctx: Context, event: AccountDeleted) -> None:
    """An account that has, or had, a contract is not put in the bin."""
    if await Following(ctx).needs_account(event.account_id):
        raise AccountInUse


async def follow_merged_account(ctx: Context, event: AccountsMerged) -> None:
    """The contracts of the account that goes, what they cover and its parts in others are of the one that
    stays."""
    for name, moved in (
        await Following(ctx).follow("account_id", event.account_id, event.survivor_id)
    ).items():
        await AccountMerges(ctx).remember(event.merge_id, name, moved)
    await PolicyLife(ctx).follow_account(event.survivor_id)


async def return_to_account(ctx: Context, event: AccountMergeUndone) -> None:
    """And of the other one again."""
    for name in HELD["account_id"]:
        moved = await AccountMerges(ctx).remembered(event.merge_id, name)
        await Following(ctx).go_back(name, "account_id", moved, event.survivor_id, event.account_id)
    for account_id in (event.survivor_id, event.account_id):
        await PolicyLife(ctx).follow_account(account_id)


async def follow_merged_contact(ctx: Context, event: ContactMerged) -> None:
    """Who signed, who is insured and who has a part is the sheet that stays."""
    for name, moved in (await Following(ctx).follow("contact_id", event.other_id, event.contact_id)).items():
        await MergingService(ctx).remember(event.merge_id, name, moved)


async def return_to_contact(ctx: Context, event: ContactUnmerged) -> None:
    """And the other one again."""
    for name in HELD["contact_id"]:
        moved = await MergingService(ctx).remembered(event.merge_id, name)
        await Following(ctx).go_back(name, "contact_id", moved, event.contact_id, event.other_id)
