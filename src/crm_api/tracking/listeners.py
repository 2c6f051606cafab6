"""Whose visits they are, when a lead becomes a customer and when two sheets become one, or two again."""

from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.contacts.merging import MergingService
from crm_api.core.context import Context
from crm_api.leads.events import LeadConverted
from crm_api.tracking.repository.collecting import CollectingRepository

KIND = "web_session"


async def follow_converted_lead(ctx: Context, event: LeadConverted) -> None:
    await CollectingRepository(ctx).lead_became(event.lead_id, event.contact_id)


async def follow_merged_contact(ctx: Context, event: ContactMerged) -> None:
    """What the person of the sheet that goes visited, the one of the sheet that stays did."""
    moved = await CollectingRepository(ctx).follow(event.other_id, event.contact_id)
    await MergingService(ctx).remember(event.merge_id, KIND, moved)


async def return_to_contact(ctx: Context, event: ContactUnmerged) -> None:
    moved = await MergingService(ctx).remembered(event.merge_id, KIND)
    await CollectingRepository(ctx).go_back(moved, event.contact_id, event.other_id)
