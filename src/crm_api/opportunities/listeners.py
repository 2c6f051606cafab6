"""What opportunities do when something happens on the floors below."""

from crm_api.accounts.errors import AccountInUse
from crm_api.accounts.events import AccountDeleted, AccountMergeUndone, AccountsMerged
from crm_api.accounts.merging import AccountMerges
from crm_api.agencies.events import AgencyClosed
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.contacts.merging import MergingService
from crm_api.core.context import Context
from crm_api.core.following import follow, go_back
from crm_api.interactions.events import InteractionRecorded
from crm_api.opportunities.pipelines import PipelineService
from crm_api.opportunities.renewals import RenewalSales
from crm_api.opportunities.repository.opportunities import OpportunityRepository
from crm_api.opportunities.service import OpportunityService
from crm_api.opportunities.steps import OpportunitySteps
from crm_api.organizations.events import OrganizationActivated
from crm_api.policies.events import PolicyExpiring, PolicyIssued
from crm_api.quotes.events import QuoteAccepted, QuoteSent
from crm_api.users.events import UserDeactivated

QUOTE_SENT = ("quote_sent", "offer_sent")
QUOTE_ACCEPTED = ("documents_pending", "negotiation")
"""Stages of the pipelines of the seed; whoever named theirs otherwise moves by hand."""


async def furnish(ctx: Context, _: OrganizationActivated) -> None:
    """An organization that opens has the usual pipelines."""
    await PipelineService(ctx).seed()


async def move_open_opportunities(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over takes the open opportunities too; owners stay whose they are."""
    await OpportunityRepository(ctx).move_open(event.agency_id, event.transfer_to_agency_id)


async def hand_open_opportunities_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left takes the open opportunities too."""
    await OpportunityRepository(ctx).hand_over(event.user_id, event.reassign_to_id)


async def hold_account(ctx: Context, event: AccountDeleted) -> None:
    """An account with an open or a won opportunity is not put in the bin."""
    if await OpportunityRepository(ctx).needs_account(event.account_id):
        raise AccountInUse


async def follow_merged_account(ctx: Context, event: AccountsMerged) -> None:
    """What is sold to the account that goes is sold to the one that stays."""
    moved = await follow(OpportunityRepository(ctx), "account_id", event.account_id, event.survivor_id)
    await AccountMerges(ctx).remember(event.merge_id, "opportunity", moved)


async def return_to_account(ctx: Context, event: AccountMergeUndone) -> None:
    """And to the other one again."""
    moved = await AccountMerges(ctx).remembered(event.merge_id, "opportunity")
    await go_back(OpportunityRepository(ctx), "account_id", moved, event.survivor_id, event.account_id)


async def follow_merged_contact(ctx: Context, event: ContactMerged) -> None:
    """Whom one talks to is the sheet that stays."""
    moved = await follow(OpportunityRepository(ctx), "contact_id", event.other_id, event.contact_id)
    await MergingService(ctx).remember(event.merge_id, "opportunity", moved)


async def return_to_contact(ctx: Context, event: ContactUnmerged) -> None:
    """And the other one again."""
    moved = await MergingService(ctx).remembered(event.merge_id, "opportunity")
    await go_back(OpportunityRepository(ctx), "contact_id", moved, event.contact_id, event.other_id)


async def hear_quote_sent(ctx: Context, event: QuoteSent) -> None:
    """A sale whose quote is with the customer stands there."""
    if event.opportunity_id is not None:
        await OpportunitySteps(ctx).advance(event.opportunity_id, QUOTE_SENT)


async def hear_quote_accepted(ctx: Context, event: QuoteAccepted) -> None:
    """The customer agrees: what is missing is paper. It is won when the contract is there."""
    if event.opportunity_id is not None:
        await OpportunitySteps(ctx).advance(event.opportunity_id, QUOTE_ACCEPTED)


async def hear_interaction(ctx: Context, event: InteractionRecorded) -> None:
    """What was talked about does not stand still."""
    for opportunity_id in event.about("opportunity"):
        await OpportunityService(ctx).hear_of(opportunity_id)


async def open_renewal(ctx: Context, event: PolicyExpiring) -> None:
    """A contract that ends soon is a sale to be made again: one a contract, however often it is said."""
    await RenewalSales(ctx).open(event.policy_id)


async def win_with_policy(ctx: Context, event: PolicyIssued) -> None:
    """A contract that was issued is a sale that was won: that which it names, or the renewal it is."""
    await RenewalSales(ctx).win(event.policy_id)
