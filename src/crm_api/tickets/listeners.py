"""What tickets do when something happens on the floors below."""

from crm_api.accounts.errors import AccountInUse
from crm_api.accounts.events import AccountDeleted, AccountMergeUndone, AccountsMerged
from crm_api.accounts.merging import AccountMerges
from crm_api.agencies.events import AgencyClosed
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.contacts.merging import MergingService
from crm_api.core.context import Context
from crm_api.core.following import follow, go_back
from crm_api.organizations.events import OrganizationActivated
from crm_api.sla.events import SlaCrossed
from crm_api.tickets.escalating import Escalating
from crm_api.tickets.repository.following import FollowingTickets
from crm_api.tickets.statuses import TicketStatusService
from crm_api.users.events import UserDeactivated

KIND = "ticket"
REQUESTER = "requester_contact_id"


async def furnish(ctx: Context, _: OrganizationActivated) -> None:
    """An organization that opens has a status for each category."""
    await TicketStatusService(ctx).furnish()


async def hear_clock(ctx: Context, event: SlaCrossed) -> None:
    """A target of a ticket comes near, is missed, or is long past."""
    await Escalating(ctx).crossed(event)


async def move_tickets(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over answers the tickets that are not closed."""
    await FollowingTickets(ctx).move_unfinished(event.agency_id, event.transfer_to_agency_id)


async def hand_tickets_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left works on the tickets that are not closed."""
    await FollowingTickets(ctx).hand_over(event.user_id, event.reassign_to_id)


async def hold_account(ctx: Context, event: AccountDeleted) -> None:
    """An account with a ticket is not put in the bin."""
    if await FollowingTickets(ctx).has_tickets(event.account_id):
        raise AccountInUse


async def follow_merged_account(ctx: Context, event: AccountsMerged) -> None:
    """The tickets of the account that goes are those of the one that stays."""
    moved = await follow(FollowingTickets(ctx), "account_id", event.account_id, event.survivor_id)
    await AccountMerges(ctx).remember(event.merge_id, KIND, moved)


async def return_to_account(ctx: Context, event: AccountMergeUndone) -> None:
    """And of the other one again."""
    moved = await AccountMerges(ctx).remembered(event.merge_id, KIND)
    await go_back(FollowingTickets(ctx), "account_id", moved, event.survivor_id, event.account_id)


async def follow_merged_contact(ctx: Context, event: ContactMerged) -> None:
    """Who asked is the sheet that stays."""
    moved = await follow(FollowingTickets(ctx), REQUESTER, event.other_id, event.contact_id)
    await MergingService(ctx).remember(event.merge_id, KIND, moved)


async def return_to_contact(ctx: Context, event: ContactUnmerged) -> None:
    """And the other one again."""
    moved = await MergingService(ctx).remembered(event.merge_id, KIND)
    await go_back(FollowingTickets(ctx), REQUESTER, moved, event.contact_id, event.other_id)
