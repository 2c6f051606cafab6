"""What relationships do when their parties become one, or two again."""

from crm_api.accounts.events import AccountMergeUndone, AccountsMerged
from crm_api.accounts.merging import AccountMerges
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.contacts.merging import MergingService
from crm_api.core.context import Context
from crm_api.relationships.service import RelationshipService

SIDES = ("from", "to")


async def follow_merged_account(ctx: Context, event: AccountsMerged) -> None:
    """What was said of the account that goes is said of the one that stays."""
    moved = await RelationshipService(ctx).take_over(event.account_id, event.survivor_id)
    for side in SIDES:
        await AccountMerges(ctx).remember(event.merge_id, f"relationship.{side}", moved[side])


async def return_to_account(ctx: Context, event: AccountMergeUndone) -> None:
    """And is said of it again."""
    for side in SIDES:
        ids = await AccountMerges(ctx).remembered(event.merge_id, f"relationship.{side}")
        await RelationshipService(ctx).give_back(event.account_id, side, ids)


async def follow_merged_contact(ctx: Context, event: ContactMerged) -> None:
    """What was said of the sheet that goes is said of the one that stays."""
    moved = await RelationshipService(ctx).take_over(event.other_id, event.contact_id)
    for side in SIDES:
        await MergingService(ctx).remember(event.merge_id, f"relationship.{side}", moved[side])


async def return_to_contact(ctx: Context, event: ContactUnmerged) -> None:
    """And is said of it again."""
    for side in SIDES:
        ids = await MergingService(ctx).remembered(event.merge_id, f"relationship.{side}")
        await RelationshipService(ctx).give_back(event.other_id, side, ids)
