"""What campaigns came to, for whoever may read campaigns."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from crm_api.attribution.schemas import (
    CampaignComparisonQuery,
    CampaignDays,
    CampaignResults,
    CampaignResultsQuery,
    CampaignsSideBySide,
)
from crm_api.attribution.service import AttributionService
from crm_api.core.context import Context
from crm_api.core.http import Router, requires

router = Router("campaigns", tag="campaigns")
comparisons = Router("campaign-comparisons", tag="campaigns")
ROUTERS = (router, comparisons)
Reader = Annotated[Context, requires("campaigns:read")]


@router.get("/{campaign_id}/results")
async def get_campaign_results(
    ctx: Reader, campaign_id: UUID, query: Annotated[CampaignResultsQuery, Query()]
) -> CampaignResults:
    """Read what a campaign came to: D-31 to D-44, with what each figure was made of.

    Messages are counted as of now; touches, reach and sales are reckoned every hour (`reckoned_at`).
    """
    return await AttributionService(ctx).results(campaign_id, query)


@router.get("/{campaign_id}/days")
async def get_campaign_days(ctx: Reader, campaign_id: UUID) -> CampaignDays:
    """Read a campaign day by day."""
    return await AttributionService(ctx).days(campaign_id)


@comparisons.get("")
async def compare_campaigns(
    ctx: Reader, query: Annotated[CampaignComparisonQuery, Query()]
) -> CampaignsSideBySide:
    """Compare up to 20 campaigns in one call, all by the same model where one is named."""
    return await AttributionService(ctx).compare(query)
