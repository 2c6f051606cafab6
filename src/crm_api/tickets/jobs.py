from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue
from crm_api.core.progress import tracked
from crm_api.tickets.aging import Aging
from crm_api.tickets.around import Around
from crm_api.tickets.asking import SubRequests
from crm_api.tickets.incidents import KIND, answer_all
from crm_api.tickets.repository.following import FollowingTickets
from crm_api.tickets.repository.tickets import AT_ONCE


async def age_tickets(ctx: Context, _: Payload) -> None:
    """Every hour: what was solved long ago closes; who does not answer is reminded, then given up."""
    ctx.begin()
    aging = Aging(ctx)
    if await aging.close_solved() + await aging.remind_pending() >= AT_ONCE:
        await enqueue(ctx, "age_tickets", {})


async def follow_ticket_clocks(ctx: Context, _: Payload) -> None:
    """After the hours changed and every clock was counted anew, lists are sorted by what they say now."""
    ctx.begin()
    following = FollowingTickets(ctx)
    if await following.clocks_were_recounted(now()):
        await following.follow_clocks()


async def tell_late_sub_requests(ctx: Context, _: Payload) -> None:
    """Every five minutes: what was asked of others and is late; and who left without a word is forgotten."""
    ctx.begin()
    await SubRequests(ctx).tell_late()
    await Around(ctx).forget_presences()


JOBS: Jobs = {
    "age_tickets": age_tickets,
    "follow_ticket_clocks": follow_ticket_clocks,
    "tell_late_sub_requests": tell_late_sub_requests,
    KIND: tracked(answer_all),
}
SCHEDULES = (
    Schedule("age_tickets", "10 * * * *"),
    Schedule("follow_ticket_clocks", "*/2 * * * *"),
    Schedule("tell_late_sub_requests", "*/5 * * * *"),
)
