"""The steps of a campaign before and after its launch: each checks the table of states and who may."""

from datetime import timedelta
from uuid import UUID

from crm_api.campaigns.errors import (
    CampaignIncomplete,
    CampaignLaunching,
    CampaignNotReady,
    CampaignOwnApproval,
    CampaignStartPast,
)
from crm_api.campaigns.events import (
    CampaignApproved,
    CampaignCompleted,
    CampaignPaused,
    CampaignSubmitted,
)
from crm_api.campaigns.launching import Launching
from crm_api.campaigns.models import Campaign
from crm_api.campaigns.schemas.campaign import (
    CampaignDecision,
    CampaignRead,
    CampaignRefusal,
    CampaignSchedule,
)
from crm_api.campaigns.service import CampaignService
from crm_api.campaigns.words import ALONE, CAMPAIGN, CampaignStatus
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.jobs import enqueue
from crm_api.core.progress import RunStatus
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json, in_utc

LAUNCH = "launch_campaign"
START = "start_campaign"
_S = CampaignStatus


class CampaignSteps:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.service = CampaignService(ctx)
        self.launching = Launching(ctx)

    # --- approval

    async def submit(self, campaign_id: UUID, version: int) -> Json[CampaignRead]:
        """The audience is counted now: who approves must know how many it is. Raises CampaignIncomplete."""
        campaign = await self._stepping(campaign_id, version, _S.IN_REVIEW)
        if not await self.launching.is_whole(campaign):
            raise CampaignIncomplete
        heads = await self.launching.heads(campaign)
        campaign.audience_estimate = sum(one.people for one in heads if one.channel is not None)
        campaign.submitted_by_id, campaign.submitted_at = self.ctx.principal.id, now()
        campaign.approved_by_id = campaign.approved_at = campaign.decision_comment = None
        told = CampaignSubmitted(campaign.id, campaign.number, campaign.audience_estimate)
        return await self._done(campaign, told)

    async def approve(self, campaign_id: UUID, data: CampaignDecision, version: int) -> Json[CampaignRead]:
        """Raises CampaignOwnApproval: above 1,000 people somebody else approves."""
        campaign = await self._stepping(campaign_id, version, _S.APPROVED, _S.IN_REVIEW)
        me, reached = self.ctx.principal.id, campaign.audience_estimate or 0
        if reached > ALONE and me in (campaign.created_by_id, campaign.submitted_by_id):
            raise CampaignOwnApproval(limit=ALONE, audience=reached)
        campaign.approved_by_id, campaign.approved_at = me, now()
        campaign.decision_comment = data.comment
        return await self._done(campaign, CampaignApproved(campaign.id, campaign.number))

    async def send_back(self, campaign_id: UUID, data: CampaignRefusal, version: int) -> Json[CampaignRead]:
        """It is a draft again: who approves wants it changed, or who wrote it takes it back."""
        campaign = await self._stepping(campaign_id, version, _S.DRAFT)
        campaign.decision_comment = data.comment
        return await self._done(campaign)

    # --- launch

    async def schedule(self, campaign_id: UUID, data: CampaignSchedule, version: int) -> Json[CampaignRead]:
        """It starts by itself then, if it is ready. Raises CampaignStartPast, CampaignNotReady."""
        campaign = await self._stepping(campaign_id, version, _S.SCHEDULED)
        wait = data.starts_at - now()
        if wait <= timedelta() or (campaign.ends_at and campaign.ends_at <= data.starts_at):
            raise CampaignStartPast
        await self._refuse_unready(campaign)
        campaign.starts_at = data.starts_at
        payload = {"campaign_id": campaign.id, "starts_at": in_utc(data.starts_at)}
        await enqueue(
            self.ctx, START, payload, delay=wait, dedupe_key=f"{campaign.id}|{payload['starts_at']}"
        )
        return await self._done(campaign)

    async def unschedule(self, campaign_id: UUID, version: int) -> Json[CampaignRead]:
        """It does not start by itself any more; it stays approved."""
        campaign = await self._stepping(campaign_id, version, _S.APPROVED, _S.SCHEDULED)
        return await self._done(campaign)

    async def launch(self, campaign_id: UUID, version: int) -> Json[JobRead]:
        """The job freezes the audience. Raises CampaignNotReady, CampaignLaunching."""
        campaign = await self.service.loaded(campaign_id, version)
        self._refuse_wrong(campaign, _S.RUNNING, _S.APPROVED, _S.SCHEDULED)
        if await self._is_launching(campaign):
            raise CampaignLaunching
        await self._refuse_unready(campaign)
        return await self.begin(campaign)

    async def begin(self, campaign: Campaign) -> Json[JobRead]:
        job = await JobService(self.ctx).start(LAUNCH, str(campaign.id).encode())
        campaign.launch_job_id = job.value.id
        await self.service.campaigns.save(campaign)
        return job

    # --- while it runs

    async def pause(self, campaign_id: UUID, version: int) -> Json[CampaignRead]:
        """Nothing more leaves; what left is gone."""
        campaign = await self._stepping(campaign_id, version, _S.PAUSED)
        campaign.paused_at = now()
        await self.launching.sending.pause(campaign.id)
        return await self._done(campaign, CampaignPaused(campaign.id, campaign.number))

    async def resume(self, campaign_id: UUID, version: int) -> Json[CampaignRead]:
        """Where it stopped. The end of a test moves by as long as the pause was."""
        campaign = await self._stepping(campaign_id, version, _S.RUNNING, _S.PAUSED)
        if campaign.test_ends_at and campaign.test_outcome is None and campaign.paused_at:
            campaign.test_ends_at += now() - campaign.paused_at
            await self.launching.plan_verdict(campaign)
        campaign.paused_at = None
        await self.launching.sending.resume(campaign.id)
        return await self._done(campaign)

    async def complete(self, campaign_id: UUID, version: int) -> Json[CampaignRead]:
        """It is over: nothing more leaves."""
        campaign = await self._stepping(campaign_id, version, _S.COMPLETED)
        return await self.end(campaign)

    async def end(self, campaign: Campaign) -> Json[CampaignRead]:
        campaign.status, campaign.completed_at, campaign.paused_at = _S.COMPLETED, now(), None
        await self.launching.sending.stop(campaign.id)
        return await self._done(campaign, CampaignCompleted(campaign.id, campaign.number))

    async def cancel(self, campaign_id: UUID, data: CampaignRefusal, version: int) -> Json[CampaignRead]:
        """Given up before anything left."""
        campaign = await self._stepping(campaign_id, version, _S.CANCELLED)
        campaign.decision_comment = data.comment
        return await self._done(campaign)

    async def archive(self, campaign_id: UUID, version: int) -> Json[CampaignRead]:
        """Put away; it is kept and read as before."""
        return await self._done(await self._stepping(campaign_id, version, _S.ARCHIVED))

    # --- inside

    async def _stepping(
        self, campaign_id: UUID, version: int, wanted: CampaignStatus, *only: CampaignStatus
    ) -> Campaign:
        """Locked, and in the state `wanted`; `only` from these, where the table allows more."""
        campaign = await self.service.loaded(campaign_id, version)
        self._refuse_wrong(campaign, wanted, *only)
        campaign.status = wanted
        return campaign

    def _refuse_wrong(self, campaign: Campaign, wanted: CampaignStatus, *only: CampaignStatus) -> None:
        CAMPAIGN.check(campaign.status, wanted)
        if only and campaign.status not in only:
            raise CAMPAIGN.refusal(campaign.status, wanted)

    async def _refuse_unready(self, campaign: Campaign) -> None:
        failed = await self.launching.failed(campaign)
        if failed:
            raise CampaignNotReady(checks=", ".join(failed))

    async def _is_launching(self, campaign: Campaign) -> bool:
        if campaign.launch_job_id is None:
            return False
        try:
            job = (await JobService(self.ctx).get(campaign.launch_job_id)).value
        except NotFound:  # somebody else's job that this principal does not see, or long forgotten
            return False
        return job.status in (RunStatus.QUEUED, RunStatus.RUNNING)

    async def _done(self, campaign: Campaign, told: Event | None = None) -> Json[CampaignRead]:
        await self.service.campaigns.save(campaign)
        if told is not None:
            await publish(self.ctx, told)
        return await self.service.get(campaign.id)
