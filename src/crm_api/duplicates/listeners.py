"""What hangs on sheets follows when they become one, and returns when they are two again."""

from crm_api.accounts.events import AccountMergeUndone, AccountsMerged
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.core.context import Context
from crm_api.core.hanging import Sheet
from crm_api.duplicates.following import Following
from crm_api.interactions.events import Linked
from crm_api.interactions.service import InteractionService
from crm_api.leads.events import LeadConversionUndone, LeadConverted, LeadMerged, LeadUnmerged


async def follow_merged_account(ctx: Context, event: AccountsMerged) -> None:
    gone, stays = Sheet("account", event.account_id), Sheet("account", event.survivor_id)
    await Following(ctx).carry(gone, stays, event.merge_id)


async def return_to_account(ctx: Context, event: AccountMergeUndone) -> None:
    await Following(ctx).return_all(event.merge_id)


async def follow_merged_contact(ctx: Context, event: ContactMerged) -> None:
    gone, stays = Sheet("contact", event.other_id), Sheet("contact", event.contact_id)
    await Following(ctx).carry(gone, stays, event.merge_id)


async def return_to_contact(ctx: Context, event: ContactUnmerged) -> None:
    await Following(ctx).return_all(event.merge_id)


async def follow_merged_lead(ctx: Context, event: LeadMerged) -> None:
    """A lead is merged away once at a time: it names its merge itself."""
    gone, stays = Sheet("lead", event.other_id), Sheet("lead", event.lead_id)
    await InteractionService(ctx).follow(Linked(*gone), Linked(*stays), event.other_id)
    await Following(ctx).carry(gone, stays, event.other_id)


async def return_to_lead(ctx: Context, event: LeadUnmerged) -> None:
    await InteractionService(ctx).unfollow(Linked("lead", event.lead_id), event.other_id)
    await Following(ctx).return_all(event.other_id)


async def follow_converted_lead(ctx: Context, event: LeadConverted) -> None:
    """What was known of the lead is known of the person (domain.md E-2, step 4)."""
    gone, stays = Sheet("lead", event.lead_id), Sheet("contact", event.contact_id)
    await Following(ctx).carry(gone, stays, event.lead_id)


async def return_to_unconverted_lead(ctx: Context, event: LeadConversionUndone) -> None:
    await Following(ctx).return_all(event.lead_id)
