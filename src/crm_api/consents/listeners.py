"""What the ledger does when two sheets become one, or two again."""

from uuid import UUID

from crm_api.consents.models import ConsentSubject
from crm_api.consents.recording import Recording, Who
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.core.context import Context


def _contact(contact_id: UUID) -> Who:
    return Who(ConsentSubject.CONTACT, contact_id)


async def follow_merged_contact(ctx: Context, event: ContactMerged) -> None:
    """The strictest of what both said stays."""
    await Recording(ctx).join(_contact(event.contact_id), _contact(event.other_id), event.merge_id)


async def return_to_contact(ctx: Context, event: ContactUnmerged) -> None:
    """What the merge brought goes again, where nothing was said since."""
    await Recording(ctx).part(_contact(event.contact_id), event.merge_id)
