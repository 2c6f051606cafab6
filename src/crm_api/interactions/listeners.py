"""What interactions do when two sheets become one, or two again."""

from crm_api.accounts.events import AccountMergeUndone, AccountsMerged
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.core.context import Context
from crm_api.interactions.events import Linked
from crm_api.interactions.service import InteractionService


async def follow_merged_account(ctx: Context, event: AccountsMerged) -> None:
    """What is about the account that goes is also about the one that stays."""
    gone, stays = Linked("account", event.account_id), Linked("account", event.survivor_id)
    await InteractionService(ctx).follow(gone, stays, event.merge_id)


async def return_to_account(ctx: Context, event: AccountMergeUndone) -> None:
    await InteractionService(ctx).unfollow(Linked("account", event.survivor_id), event.merge_id)


async def follow_merged_contact(ctx: Context, event: ContactMerged) -> None:
    """What is about the sheet that goes is also about the one that stays."""
    gone, stays = Linked("contact", event.other_id), Linked("contact", event.contact_id)
    await InteractionService(ctx).follow(gone, stays, event.merge_id)


async def return_to_contact(ctx: Context, event: ContactUnmerged) -> None:
    await InteractionService(ctx).unfollow(Linked("contact", event.contact_id), event.merge_id)
