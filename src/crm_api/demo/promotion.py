"""The campaigns of the demonstration: the one on the screen of the thesis, and one that is being prepared."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from crm_api.campaigns.schemas.campaign import CampaignCreate
from crm_api.campaigns.schemas.lines import CampaignLineCreate
from crm_api.campaigns.service import CampaignMoney, CampaignService
from crm_api.campaigns.words import CampaignStatus
from crm_api.core.context import Context

BUDGET = {"amount": "24000.00", "currency": "DZD"}
"""domain.md F-8: created on 25 May 2023, 24,000 DA."""
BEGUN = datetime(2023, 5, 25, 9, tzinfo=UTC)
THESIS: dict[str, Any] = {
    "name": "Campagne assurance automobile",
    "objective": "acquisition",
    "channels": ["social_ads", "search_ads"],
    "budget_amount": BUDGET,
    "starts_at": BEGUN,
    "ends_at": datetime(2023, 6, 30, 22, 59, tzinfo=UTC),
    "attribution": {"model": "last"},
}
RENEWAL: dict[str, Any] = {
    "name": "Renouvellement automobile",
    "description": "Contrats qui arrivent à échéance dans 15 à 45 jours.",
    "objective": "renewal",
    "channels": ["email"],
    "budget_amount": {"amount": "60000.00", "currency": "DZD"},
    "holdout_percent": 5,
    "variants": [{"code": "A", "weight": 50}, {"code": "B", "weight": 50}],
    "test": {"metric": "click", "sample_percent": 20, "duration_hours": 24, "min_sample": 100},
}


async def promote(ctx: Context) -> str:
    """The last one's id."""
    service = CampaignService(ctx)
    thesis = await service.create(CampaignCreate.model_validate(THESIS))
    thesis_id = thesis.value.id
    await _spend(ctx, thesis_id, "budget", BEGUN.date())
    await _spend(ctx, thesis_id, "spend", BEGUN.date())
    campaign = await service.campaigns.load(thesis_id)
    campaign.created_at = campaign.launched_at = BEGUN
    campaign.status, campaign.completed_at = CampaignStatus.COMPLETED, campaign.ends_at
    await service.campaigns.save(campaign)
    living = await service.create(CampaignCreate.model_validate(RENEWAL))
    return str(living.value.id)


async def _spend(ctx: Context, campaign_id: UUID, type: str, day: date) -> None:
    line = {"campaign_id": campaign_id, "type": type, "kind": "media", "amount": BUDGET, "spent_on": day}
    await CampaignMoney(ctx).add(CampaignLineCreate.model_validate(line))
