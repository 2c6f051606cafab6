"""The launch, the start at its time, the verdict of a test, and the end."""

from uuid import UUID

from crm_api.campaigns.launching import Launching
from crm_api.campaigns.repository.campaigns import CampaignRepository
from crm_api.campaigns.steps import LAUNCH, START, CampaignSteps
from crm_api.campaigns.testing import VERDICT, Testing
from crm_api.campaigns.words import CampaignStatus
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.core.progress import Run, tracked
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import in_utc


async def launch_campaign(ctx: Context, run: Run) -> None:
    """One transaction: a launch that broke off has launched nothing."""
    campaign_id = UUID((await run.input()).decode())
    await Launching(ctx).launch(await CampaignRepository(ctx).load(campaign_id), run)
    await run.succeed([], href=f"/v1/campaigns/{campaign_id}")


async def start_campaign(ctx: Context, payload: Payload) -> None:
    """At the time for which it was scheduled; nothing if it was scheduled anew, taken back or given up."""
    try:
        campaign = await CampaignRepository(ctx).load(UUID(str(payload["campaign_id"])))
    except NotFound:
        return
    planned = campaign.starts_at and in_utc(campaign.starts_at)
    if campaign.status is CampaignStatus.SCHEDULED and planned == payload["starts_at"]:
        await CampaignSteps(ctx).begin(campaign)


async def judge_campaign_test(ctx: Context, payload: Payload) -> None:
    try:
        campaign = await CampaignRepository(ctx).load(UUID(str(payload["campaign_id"])))
    except NotFound:
        return
    await Testing(ctx).judge(campaign)


async def tend_campaigns(ctx: Context, _: Payload) -> None:
    """What is past its end is over; a verdict whose job was lost is made up for."""
    repository = CampaignRepository(ctx)
    for campaign in await repository.unjudged(now()):
        await Testing(ctx).judge(campaign)
    for campaign in await repository.ended(now()):
        await CampaignSteps(ctx).end(campaign)


JOBS: Jobs = {
    LAUNCH: tracked(launch_campaign),
    START: start_campaign,
    VERDICT: judge_campaign_test,
    "tend_campaigns": tend_campaigns,
}
SCHEDULES = (Schedule("tend_campaigns", "*/15 * * * *"),)
