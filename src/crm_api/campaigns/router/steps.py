"""The steps of a campaign, from review to archive."""

from uuid import UUID

from fastapi import status

from crm_api.campaigns.errors import (
    CampaignIncomplete,
    CampaignLaunching,
    CampaignNoTest,
    CampaignNotReady,
    CampaignOwnApproval,
    CampaignStartPast,
    CampaignTestDecided,
    CampaignTestRunning,
)
from crm_api.campaigns.router.doors import Approver, Launcher, Writer, router
from crm_api.campaigns.schemas.campaign import (
    CampaignChoice,
    CampaignDecision,
    CampaignRead,
    CampaignRefusal,
    CampaignSchedule,
)
from crm_api.campaigns.steps import CampaignSteps
from crm_api.campaigns.testing import Testing
from crm_api.core.http import IfMatch
from crm_api.core.openapi import refusals
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json


@router.post("/{campaign_id}/submit", openapi_extra=refusals(CampaignIncomplete))
async def submit_campaign(ctx: Writer, campaign_id: UUID, version: IfMatch) -> Json[CampaignRead]:
    """Hand a draft in for approval; its audience is counted."""
    return await CampaignSteps(ctx).submit(campaign_id, version)


@router.post("/{campaign_id}/approve", openapi_extra=refusals(CampaignOwnApproval))
async def approve_campaign(
    ctx: Approver, campaign_id: UUID, body: CampaignDecision, version: IfMatch
) -> Json[CampaignRead]:
    """Approve a campaign; above 1,000 people never who wrote or submitted it."""
    return await CampaignSteps(ctx).approve(campaign_id, body, version)


@router.post("/{campaign_id}/send-back")
async def send_campaign_back(
    ctx: Writer, campaign_id: UUID, body: CampaignRefusal, version: IfMatch
) -> Json[CampaignRead]:
    """Make a submitted campaign a draft again, to change it."""
    return await CampaignSteps(ctx).send_back(campaign_id, body, version)


@router.post("/{campaign_id}/schedule", openapi_extra=refusals(CampaignStartPast, CampaignNotReady))
async def schedule_campaign(
    ctx: Launcher, campaign_id: UUID, body: CampaignSchedule, version: IfMatch
) -> Json[CampaignRead]:
    """Let an approved campaign start by itself at a moment."""
    return await CampaignSteps(ctx).schedule(campaign_id, body, version)


@router.post("/{campaign_id}/unschedule")
async def unschedule_campaign(ctx: Launcher, campaign_id: UUID, version: IfMatch) -> Json[CampaignRead]:
    """Let it not start by itself any more; it stays approved."""
    return await CampaignSteps(ctx).unschedule(campaign_id, version)


@router.post(
    "/{campaign_id}/launch",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=refusals(CampaignNotReady, CampaignLaunching),
)
async def launch_campaign(ctx: Launcher, campaign_id: UUID, version: IfMatch) -> Json[JobRead]:
    """Launch an approved campaign: the audience is frozen, and messages begin to leave.

    The job at `Location` tells how far it is. With a test only the sample is written to; the rest after its
    end.
    """
    return await CampaignSteps(ctx).launch(campaign_id, version)


@router.post("/{campaign_id}/pause")
async def pause_campaign(ctx: Launcher, campaign_id: UUID, version: IfMatch) -> Json[CampaignRead]:
    """Stop a running campaign at whatever message it is; nothing more leaves."""
    return await CampaignSteps(ctx).pause(campaign_id, version)


@router.post("/{campaign_id}/resume")
async def resume_campaign(ctx: Launcher, campaign_id: UUID, version: IfMatch) -> Json[CampaignRead]:
    """Go on where it was paused; the end of a test moves by as long as the pause was."""
    return await CampaignSteps(ctx).resume(campaign_id, version)


@router.post(
    "/{campaign_id}/winner",
    openapi_extra=refusals(CampaignNoTest, CampaignTestRunning, CampaignTestDecided),
)
async def choose_campaign_winner(
    ctx: Launcher, campaign_id: UUID, body: CampaignChoice, version: IfMatch
) -> Json[CampaignRead]:
    """Choose what the rest gets, where the test decided nothing or was to be decided by somebody."""
    return await Testing(ctx).choose(campaign_id, body, version)


@router.post("/{campaign_id}/complete")
async def complete_campaign(ctx: Launcher, campaign_id: UUID, version: IfMatch) -> Json[CampaignRead]:
    """End a campaign; what was not sent is not sent any more."""
    return await CampaignSteps(ctx).complete(campaign_id, version)


@router.post("/{campaign_id}/cancel")
async def cancel_campaign(
    ctx: Writer, campaign_id: UUID, body: CampaignRefusal, version: IfMatch
) -> Json[CampaignRead]:
    """Give a campaign up before it is launched."""
    return await CampaignSteps(ctx).cancel(campaign_id, body, version)


@router.post("/{campaign_id}/archive")
async def archive_campaign(ctx: Writer, campaign_id: UUID, version: IfMatch) -> Json[CampaignRead]:
    """Put a finished campaign away."""
    return await CampaignSteps(ctx).archive(campaign_id, version)
