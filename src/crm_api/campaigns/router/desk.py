"""Campaigns as they are prepared, counted and paid for."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.campaigns.errors import (
    CampaignClosed,
    CampaignLineEmpty,
    CampaignNotDraft,
    CampaignNoTest,
    CampaignUnknownSegment,
    CampaignUnknownTemplate,
)
from crm_api.campaigns.launching import Launching
from crm_api.campaigns.router.doors import Reader, Writer, lines, router
from crm_api.campaigns.schemas.campaign import (
    CampaignCreate,
    CampaignPage,
    CampaignPatch,
    CampaignQuery,
    CampaignRead,
)
from crm_api.campaigns.schemas.launching import CampaignAudience, CampaignReadiness, CampaignTestResult
from crm_api.campaigns.schemas.lines import (
    CampaignLineCreate,
    CampaignLinePage,
    CampaignLinePatch,
    CampaignLineQuery,
    CampaignLineRead,
)
from crm_api.campaigns.service import CampaignMoney, CampaignService
from crm_api.campaigns.testing import Testing
from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json

_PARTS = refusals(CampaignUnknownSegment, CampaignUnknownTemplate)


@router.get("")
async def list_campaigns(ctx: Reader, query: Annotated[CampaignQuery, Query()]) -> Json[CampaignPage]:
    """List campaigns."""
    return await CampaignService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra=_PARTS)
async def create_campaign(ctx: Writer, body: CampaignCreate) -> Json[CampaignRead]:
    """Prepare a campaign: a draft, until it is submitted and approved."""
    return await CampaignService(ctx).create(body)


@router.get("/{campaign_id}")
async def get_campaign(ctx: Reader, campaign_id: UUID) -> Json[CampaignRead]:
    """Read a campaign."""
    return await CampaignService(ctx).get(campaign_id)


@router.patch(
    "/{campaign_id}",
    openapi_extra=refusals(CampaignNotDraft, CampaignUnknownSegment, CampaignUnknownTemplate),
)
async def update_campaign(
    ctx: Writer, campaign_id: UUID, body: Annotated[CampaignPatch, MergePatch], version: IfMatch
) -> Json[CampaignRead]:
    """Change a draft; what was submitted no longer changes. Lists are given whole."""
    return await CampaignService(ctx).update(campaign_id, body, version)


@router.delete(
    "/{campaign_id}", status_code=status.HTTP_204_NO_CONTENT, openapi_extra=refusals(CampaignNotDraft)
)
async def delete_campaign(ctx: Writer, campaign_id: UUID, version: IfMatch) -> None:
    """Delete a draft for good; anything else is cancelled or archived."""
    await CampaignService(ctx).delete(campaign_id, version)


@router.post("/{campaign_id}/clone", status_code=status.HTTP_201_CREATED)
async def clone_campaign(ctx: Writer, campaign_id: UUID) -> Json[CampaignRead]:
    """Prepare the same campaign again: a draft without dates, money, approval and results."""
    return await CampaignService(ctx).clone(campaign_id)


@router.get("/{campaign_id}/audience")
async def preview_campaign_audience(ctx: Reader, campaign_id: UUID) -> CampaignAudience:
    """Count who would be written to now: a dry run that keeps nothing.

    Who is left out is told by reason; what SMS would cost by language, for one Arabic letter or `ê` makes
    each part of a message shorter.
    """
    return await Launching(ctx).audience(campaign_id)


@router.get("/{campaign_id}/readiness")
async def check_campaign_readiness(ctx: Reader, campaign_id: UUID) -> CampaignReadiness:
    """Read the checklist of a launch; the launch asks the same again.

    Consent, suppressed addresses, contents of all variants, approved templates, variables that have a value,
    links, the link to unsubscribe, the sender, dates, money, and who approved it.
    """
    return await Launching(ctx).readiness(campaign_id)


@router.get("/{campaign_id}/test", openapi_extra=refusals(CampaignNoTest))
async def get_campaign_test(ctx: Reader, campaign_id: UUID) -> CampaignTestResult:
    """Read the A/B test: counts at any time, the verdict (D-45) once, at the planned end.

    Before that there is no `outcome`, no `winner` and no probability: who looks ten times at 5 % finds a
    winner among equals four times as often.
    """
    return await Testing(ctx).result(campaign_id)


@lines.get("")
async def list_campaign_lines(
    ctx: Reader, query: Annotated[CampaignLineQuery, Query()]
) -> Json[CampaignLinePage]:
    """List lines of budget and spending."""
    return await CampaignMoney(ctx).page(query)


@lines.post(
    "", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(CampaignClosed, CampaignLineEmpty)
)
async def create_campaign_line(ctx: Writer, body: CampaignLineCreate) -> Json[CampaignLineRead]:
    """Write down money that is planned or was spent; ROI and cost per contact count what was spent."""
    return await CampaignMoney(ctx).add(body)


@lines.get("/{campaign_line_id}")
async def get_campaign_line(ctx: Reader, campaign_line_id: UUID) -> Json[CampaignLineRead]:
    """Read a line."""
    return await CampaignMoney(ctx).get(campaign_line_id)


@lines.patch("/{campaign_line_id}", openapi_extra=refusals(CampaignClosed, CampaignLineEmpty))
async def update_campaign_line(
    ctx: Writer, campaign_line_id: UUID, body: Annotated[CampaignLinePatch, MergePatch], version: IfMatch
) -> Json[CampaignLineRead]:
    """Correct a line."""
    return await CampaignMoney(ctx).update(campaign_line_id, body, version)


@lines.delete(
    "/{campaign_line_id}", status_code=status.HTTP_204_NO_CONTENT, openapi_extra=refusals(CampaignClosed)
)
async def delete_campaign_line(ctx: Writer, campaign_line_id: UUID, version: IfMatch) -> None:
    """Take a line back."""
    await CampaignMoney(ctx).remove(campaign_line_id, version)
