from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.leads.first_call import FirstCall
from crm_api.leads.nightly import Nightly


async def ask_for_first_call(ctx: Context, payload: Payload) -> None:
    """However often it runs, there is one task."""
    await FirstCall(ctx).ask(UUID(payload["lead_id"]))


async def rescore_leads(ctx: Context, _: Payload) -> None:
    """Every night; again the same night it changes nothing."""
    await Nightly(ctx).rescore()


async def anonymise_leads(ctx: Context, _: Payload) -> None:
    """Every night."""
    await Nightly(ctx).anonymise()


JOBS: Jobs = {
    "ask_for_first_call": ask_for_first_call,
    "rescore_leads": rescore_leads,
    "anonymise_leads": anonymise_leads,
}
SCHEDULES = (Schedule("rescore_leads", "20 3 * * *"), Schedule("anonymise_leads", "50 3 * * *"))
