from datetime import timedelta

from crm_api.claims.choosing import ClaimSettingsService
from crm_api.claims.events import ClaimLate, ClaimSlaRisk
from crm_api.claims.repository.claims import ClaimRepository
from crm_api.claims.telling import ClaimTeller
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import Jobs, Payload, Schedule


async def tell_of_claim_clocks(ctx: Context, _: Payload) -> None:
    """Statutory clocks that have run out, and those that are about to: each told once, to who handles it.

    Two statements mark them all; safe to run twice.
    """
    ctx.begin()
    claims, teller, moment = ClaimRepository(ctx), ClaimTeller(ctx), now()
    risk_days = (await ClaimSettingsService(ctx).chosen()).risk_days
    for due in await claims.tell("breach", moment):
        await publish(ctx, ClaimLate(due.id, due.number, due.rule, due.due_at))
        await teller.due(due.id, due.number, due.handler_id, due.due_at, late=True)
    for due in await claims.tell("risk", moment + timedelta(days=risk_days)):
        if due.due_at > moment:  # else it has run out already, and that was said
            await publish(ctx, ClaimSlaRisk(due.id, due.number, due.rule, due.due_at))
            await teller.due(due.id, due.number, due.handler_id, due.due_at, late=False)


async def drop_claim_drafts(ctx: Context, _: Payload) -> None:
    """Declarations that nobody sent within 30 days."""
    await ClaimRepository(ctx).drop_drafts(now())


JOBS: Jobs = {"tell_of_claim_clocks": tell_of_claim_clocks, "drop_claim_drafts": drop_claim_drafts}
SCHEDULES = (Schedule("tell_of_claim_clocks", "35 1 * * *"), Schedule("drop_claim_drafts", "50 1 * * *"))
