"""What leads do when something happens on the floors below."""

from uuid import UUID

from crm_api.agencies.events import AgencyClosed
from crm_api.consents.models import ConsentChannel, ConsentSource, ConsentSubject
from crm_api.consents.recording import Recording, Who
from crm_api.consents.service import ConsentService
from crm_api.core.context import Context
from crm_api.core.jobs import enqueue
from crm_api.interactions.events import InteractionCorrected, InteractionRecorded
from crm_api.leads.events import (
    LeadAnonymised,
    LeadAssigned,
    LeadContacted,
    LeadConversionUndone,
    LeadConverted,
    LeadDisqualified,
    LeadMerged,
    LeadUnmerged,
)
from crm_api.leads.first_call import FirstCall
from crm_api.leads.repository import LeadRepository
from crm_api.leads.touches import LeadTouches
from crm_api.notifications.models import NotificationKind, NotificationPriority
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.quotes.service import QuoteService
from crm_api.users.events import UserDeactivated


async def move_open_leads(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over takes the open leads too; owners stay whose they are."""
    await LeadRepository(ctx).move_open(event.agency_id, event.transfer_to_agency_id)


async def hand_open_leads_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left takes the open leads too."""
    await LeadRepository(ctx).hand_over(event.user_id, event.reassign_to_id)


async def have_first_call_asked(ctx: Context, event: LeadAssigned) -> None:
    """After the commit: whoever captures a lead does not wait for it."""
    if event.owner_user_id is not None:
        await enqueue(ctx, "ask_for_first_call", {"lead_id": event.lead_id})


async def settle_first_call(ctx: Context, event: LeadContacted | LeadConverted | LeadDisqualified) -> None:
    """The lead was reached, or there is nobody to reach any more."""
    await FirstCall(ctx).settle(event.lead_id)


async def bring_quotes_along(ctx: Context, event: LeadConverted) -> None:
    """What was quoted to the lead is quoted to the customer it became."""
    await QuoteService(ctx).bring_along(event.lead_id, event.account_id, event.contact_id)


async def bring_consents_along(ctx: Context, event: LeadConverted) -> None:
    """What the lead allowed, the contact allows: at its time, so that what they said since holds."""
    await Recording(ctx).bring_along(event.lead_id, event.contact_id)


async def take_consents_back(ctx: Context, event: LeadConversionUndone) -> None:
    """The contact allows what it allowed before, where nothing was said since."""
    await Recording(ctx).part_all(event.lead_id)


async def join_consents(ctx: Context, event: LeadMerged) -> None:
    """The strictest of what both said stays."""
    await Recording(ctx).join(_lead(event.lead_id), _lead(event.other_id), event.other_id)


async def part_consents(ctx: Context, event: LeadUnmerged) -> None:
    """What the merge brought goes again."""
    await Recording(ctx).part(_lead(event.lead_id), event.other_id)


async def end_consents(ctx: Context, event: LeadAnonymised) -> None:
    """Who is forgotten allows nothing any more (domain.md E-11)."""
    about = ConsentSubject.LEAD, event.lead_id, ConsentSource.ERASURE, ConsentChannel.WEB
    await ConsentService(ctx).withdraw(*about)


def _lead(lead_id: UUID) -> Who:
    return Who(ConsentSubject.LEAD, lead_id)


async def take_quotes_back(ctx: Context, event: LeadConversionUndone) -> None:
    """And to the lead alone again; what became a contract stays with the customer."""
    await QuoteService(ctx).take_back(event.lead_id)


async def hear_interaction(ctx: Context, event: InteractionRecorded) -> None:
    """Whoever was reached has been contacted; whoever came to us gave a sign of life."""
    for lead_id in event.about("lead"):
        await LeadTouches(ctx).note(lead_id, event)


async def hear_correction(ctx: Context, event: InteractionCorrected) -> None:
    """A call that reached somebody after all; what was counted before stays counted."""
    for lead_id in event.about("lead"):
        await LeadTouches(ctx).note_correction(lead_id, event)


async def tell_the_owner(ctx: Context, event: LeadAssigned) -> None:
    """A new owner calls soon (domain.md E-2); whoever took the lead themselves knows."""
    if event.owner_user_id is not None:
        await NotificationService(ctx).notify(
            [event.owner_user_id],
            NotificationKind.ASSIGNMENT,
            title=Message("lead_assigned"),
            body=Message("lead_assigned_how"),
            object_type="lead",
            object_id=event.lead_id,
            priority=NotificationPriority.HIGH,
        )
