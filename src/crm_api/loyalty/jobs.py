"""What the calendar does to points: they run out, a year passes without a claim, who was referred came."""

from datetime import timedelta

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.kit.clock import today
from crm_api.loyalty.models import LoyaltyMovement, LoyaltyOrigin, LoyaltyStatus
from crm_api.loyalty.points import PointsDesk

LOOK_BACK = timedelta(days=35)
"""A night that did not run is made up for: each gift is given once, however often it is looked for."""


async def expire_points(ctx: Context, _: Payload) -> None:
    """The oldest first: what was spent came of them."""
    desk = PointsDesk(ctx)
    for account_id, _points in await desk.transactions.run_out(today()):
        account = await desk.accounts.held(account_id)
        for _same, points in await desk.transactions.run_out(today(), account_id):
            gone = min(points, account.balance)
            if gone:
                kind = LoyaltyMovement.EXPIRE, LoyaltyOrigin.EXPIRY
                await desk.move(account, desk.line(account, *kind, -gone, f"expire|{account_id}|{today()}"))


async def give_loyalty_points(ctx: Context, _: Payload) -> None:
    """A year without a claim, once its contract ended; a referral, once the person has a contract."""
    desk = PointsDesk(ctx)
    program = await desk.programs.mine()
    if not program.active:
        return
    worth = {
        LoyaltyOrigin.NO_CLAIM: program.no_claim_points,
        LoyaltyOrigin.REFERRAL: program.referral_points,
    }
    for account_id, origin, source_id in await desk.transactions.gifts(now() - LOOK_BACK, now()):
        key = f"{origin}|{source_id}"
        account = await desk.accounts.held(account_id)
        known = await desk.transactions.known(key)
        if worth[origin] and not known and account.status is LoyaltyStatus.ACTIVE:
            await desk.earn(account, program, origin, worth[origin], key, source_id)


JOBS: Jobs = {"expire_points": expire_points, "give_loyalty_points": give_loyalty_points}
SCHEDULES = (
    Schedule("expire_points", "15 1 * * *"),
    Schedule("give_loyalty_points", "20 1 * * *"),
)
