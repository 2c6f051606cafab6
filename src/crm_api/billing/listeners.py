"""What billing does when something happens to contracts, accounts and agencies, on the floors below."""

from datetime import timedelta

from crm_api.accounts.errors import AccountInUse
from crm_api.accounts.events import AccountDeleted, AccountMergeUndone, AccountsMerged
from crm_api.accounts.merging import AccountMerges
from crm_api.agencies.events import AgencyClosed
from crm_api.billing.clock import DunningClock
from crm_api.billing.lines import Lines
from crm_api.billing.models.dunning import DunningStepKind
from crm_api.billing.repository.dunning import DunningRepository
from crm_api.billing.repository.following import Followed
from crm_api.billing.schedules import ScheduleService
from crm_api.core.context import Context
from crm_api.policies.events import (
    EndorsementApplied,
    PolicyCancelled,
    PolicyIssued,
    PolicyReinstatementDue,
    PolicyTerminated,
)
from crm_api.policies.models.policy import OURS
from crm_api.policies.terms import local_day
from crm_api.users.events import UserDeactivated


async def ask_for_premium(ctx: Context, event: PolicyIssued) -> None:
    """A contract of ours makes its premium due; of another's, the accounting system tells what is owed."""
    if event.source_system == OURS:
        await ScheduleService(ctx).open(event.policy_id)


async def follow_endorsement(ctx: Context, event: EndorsementApplied) -> None:
    """More to pay, or something to give back. Of a termination, `settle_ended_contract` does."""
    delta = Lines(net=event.premium_delta, vat=event.vat_delta, fga=event.fga_delta)
    await ScheduleService(ctx).endorse(event.policy_id, event.endorsement_id, event.policy_version, delta)


async def settle_ended_contract(ctx: Context, event: PolicyTerminated) -> None:
    """What was not earned is no longer due, or is given back (D-30)."""
    if event.source_system == OURS:
        await ScheduleService(ctx).end(event.policy_id, local_day(event.terminated_at))


async def settle_void_contract(ctx: Context, event: PolicyCancelled) -> None:
    """It never was: nothing is owed."""
    if event.source_system == OURS:
        await ScheduleService(ctx).void(event.policy_id)


async def record_reinstatement(ctx: Context, event: PolicyReinstatementDue) -> None:
    """The evidence that cover resumes, with the debts for which it had stopped."""
    clock = DunningClock(ctx)
    for receivable in await DunningRepository(ctx).suspended_once(event.policy_id):
        clock.step(
            receivable,
            DunningStepKind.REINSTATEMENT,
            local_day(event.reinstates_at),
            rule_code="premium_reinstate",
            counted_from=local_day(event.reinstates_at) - timedelta(days=1),
        )
    await clock.rows.flush()


async def hold_account(ctx: Context, event: AccountDeleted) -> None:
    """An account that owes or paid something is not put in the bin."""
    if await Followed(ctx).needs_account(event.account_id):
        raise AccountInUse


async def move_unfinished_premiums(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over asks for what is still owed."""
    await Followed(ctx).hand_on("agency_id", event.agency_id, event.transfer_to_agency_id)


async def hand_debts_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left looks after what is owed on the contracts."""
    followed = Followed(ctx)
    await followed.hand_on("owner_user_id", event.user_id, event.reassign_to_id)
    await followed.collect_instead(event.user_id, event.reassign_to_id)


async def follow_merged_account(ctx: Context, event: AccountsMerged) -> None:
    """What the account that goes owes and paid is of the one that stays."""
    for kind, moved in (await Followed(ctx).follow(event.account_id, event.survivor_id)).items():
        await AccountMerges(ctx).remember(event.merge_id, kind, moved)


async def return_to_account(ctx: Context, event: AccountMergeUndone) -> None:
    """And of the other one again."""
    followed = Followed(ctx)
    for kind in followed.kinds:
        moved = await AccountMerges(ctx).remembered(event.merge_id, kind)
        await followed.go_back(kind, moved, event.survivor_id, event.account_id)
