from datetime import date

from crm_api.billing.passing import AT_ONCE, BILLED_AT_ONCE, DunningPass
from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue


def _day(payload: Payload) -> date | None:
    """The day the pass began, for all its goes; today for the first."""
    return date.fromisoformat(payload["on"]) if "on" in payload else None


async def bill_instalments(ctx: Context, payload: Payload) -> None:
    """Every night: the receipts and notices of what falls due in a month; many of them in several goes."""
    if await DunningPass(ctx).bill(_day(payload), payload.get("most", BILLED_AT_ONCE)):
        await enqueue(ctx, "bill_instalments", payload)


async def pass_dunning(ctx: Context, payload: Payload) -> None:
    """Every night: the legal clock of unpaid premiums moves on."""
    if await DunningPass(ctx).run(_day(payload), payload.get("most", AT_ONCE)):
        await enqueue(ctx, "pass_dunning", payload)


JOBS: Jobs = {"bill_instalments": bill_instalments, "pass_dunning": pass_dunning}
SCHEDULES = (Schedule("bill_instalments", "15 0 * * *"), Schedule("pass_dunning", "45 0 * * *"))
