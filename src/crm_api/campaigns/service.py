from typing import Any
from uuid import UUID

from pydantic import MISSING, BaseModel
from pydantic_core import PydanticCustomError, to_jsonable_python

from crm_api.campaigns.errors import CampaignClosed, CampaignLineEmpty, CampaignNotDraft
from crm_api.campaigns.models import Campaign, CampaignLine
from crm_api.campaigns.repository.campaigns import CampaignLineRepository, CampaignRepository
from crm_api.campaigns.schemas.campaign import (
    CampaignCreate,
    CampaignPage,
    CampaignPatch,
    CampaignQuery,
    CampaignRead,
    refuse_unsound,
)
from crm_api.campaigns.schemas.lines import (
    CampaignLineCreate,
    CampaignLinePage,
    CampaignLinePatch,
    CampaignLineQuery,
    CampaignLineRead,
)
from crm_api.campaigns.words import CampaignStatus
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.numbers import next_number, yearly
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json

CLONED = (
    *("description", "objective", "channels", "budget_amount", "timezone", "throttle_per_minute"),
    *(
        "respects_hours",
        "utm",
        "landing_url",
        "attribution_model",
        "attribution_window_days",
        "half_life_days",
    ),
    *("holdout_percent", "test_metric", "test_sample_percent", "test_duration_hours", "test_min_sample"),
    *("test_winner", "test_tie"),
)
_number = yearly("CMP")
_DOCUMENTS = ("utm",)


class CampaignService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.campaigns = CampaignRepository(ctx)

    async def page(self, query: CampaignQuery) -> Json[CampaignPage]:
        return await self.campaigns.page(query, CampaignPage)

    async def get(self, campaign_id: UUID) -> Json[CampaignRead]:
        return await self.campaigns.get(campaign_id)

    async def create(
        self, data: CampaignCreate, generation: dict[str, Any] | None = None
    ) -> Json[CampaignRead]:
        """A draft. Raises CampaignUnknownSegment, CampaignUnknownTemplate."""
        self.ctx.begin()
        campaign = Campaign(id=new_id(), number=await self._next_number(), ai_generation=generation)
        given = dict(data)
        self._take(campaign, given)
        await self.campaigns.save(campaign)
        await self._keep_parts(campaign, given)
        return await self.campaigns.get(campaign.id)

    async def update(self, campaign_id: UUID, data: CampaignPatch, version: int) -> Json[CampaignRead]:
        """Raises CampaignNotDraft, ValidationFailed, CampaignUnknownSegment, CampaignUnknownTemplate."""
        campaign = await self._draft(campaign_id, version)
        given = {name: value for name, value in dict(data).items() if value is not MISSING}
        await self._refuse_unsound(campaign, given)
        self._take(campaign, given)
        campaign.updated_at = now()  # its parts in other tables count as it
        await self.campaigns.save(campaign)
        await self._keep_parts(campaign, given)
        return await self.campaigns.get(campaign_id)

    async def delete(self, campaign_id: UUID, version: int) -> None:
        """Raises CampaignNotDraft."""
        await self.campaigns.remove(await self._draft(campaign_id, version))

    async def clone(self, campaign_id: UUID) -> Json[CampaignRead]:
        """A draft that says the same to the same people; without dates, money, approval and results."""
        self.ctx.begin()
        old = (await self.campaigns.get(campaign_id)).value
        origin = await self.campaigns.known(campaign_id)
        copied = {name: getattr(origin, name) for name in CLONED}
        name = f"{origin.name[:110]} (copie)"
        copy = Campaign(id=new_id(), number=await self._next_number(), name=name, **copied)
        await self.campaigns.save(copy)
        parts: dict[str, Any] = {
            "segment_ids": old.segment_ids,
            "exclusion_segment_ids": old.exclusion_segment_ids,
            "variants": old.variants,
        }
        await self._keep_parts(copy, parts)
        return await self.campaigns.get(copy.id)

    # --- inside

    async def loaded(self, campaign_id: UUID, version: int) -> Campaign:
        """Locked. Raises NotFound, VersionConflict."""
        campaign = await self.campaigns.load(campaign_id)
        if version not in (campaign.version, ANY_VERSION):
            raise VersionConflict(current_version=campaign.version)
        return campaign

    async def _draft(self, campaign_id: UUID, version: int) -> Campaign:
        campaign = await self.loaded(campaign_id, version)
        if campaign.status is not CampaignStatus.DRAFT:
            raise CampaignNotDraft
        return campaign

    async def _next_number(self) -> str:
        year = today().year
        return _number(year, await next_number(self.ctx, f"campaign.{year}"))

    def _take(self, campaign: Campaign, given: dict[str, Any]) -> None:
        """What stands in the row itself."""
        for name, value in given.items():
            if name in ("segment_ids", "exclusion_segment_ids", "variants"):
                continue
            if name == "attribution":
                campaign.attribution_model = value.model
                campaign.attribution_window_days = value.window_days
                campaign.half_life_days = value.half_life_days
            elif name == "test":
                campaign.test_metric = value and value.metric
                campaign.test_sample_percent = value and value.sample_percent
                campaign.test_duration_hours = value and value.duration_hours
                campaign.test_min_sample = value and value.min_sample
                if value:
                    campaign.test_winner, campaign.test_tie = value.winner, value.when_inconclusive
            elif name in _DOCUMENTS:
                setattr(campaign, name, to_jsonable_python(value))
            elif name == "channels":
                campaign.channels = [str(channel) for channel in value]
            else:
                setattr(campaign, name, value)

    async def _keep_parts(self, campaign: Campaign, given: dict[str, Any]) -> None:
        for name, excluded in (("segment_ids", False), ("exclusion_segment_ids", True)):
            if name in given:
                await self.campaigns.keep_segments(campaign.id, given[name], excluded=excluded)
        if "variants" in given:
            variants = [one.model_dump() for one in given["variants"]]
            await self.campaigns.keep_variants(campaign.id, variants)

    async def _refuse_unsound(self, campaign: Campaign, given: dict[str, Any]) -> None:
        """As a whole, with what stays as it is."""
        reached, excluded = await self.campaigns.segments_of(campaign.id)
        whole: dict[str, Any] = {
            "starts_at": campaign.starts_at,
            "ends_at": campaign.ends_at,
            "channels": campaign.channels,
            "segment_ids": reached,
            "exclusion_segment_ids": excluded,
            "test": campaign.test_metric,
            "variants": await self.campaigns.weights_of(campaign.id),
        }
        try:
            refuse_unsound(whole | given)
        except PydanticCustomError as refused:
            raise ValidationFailed.at("", refused.type, refused.message()) from refused


class CampaignMoney:
    """Lines of budget and spending; the sums stand in the campaign, which is locked while they change."""

    def __init__(self, ctx: Context) -> None:
        self.campaigns = CampaignRepository(ctx)
        self.lines = CampaignLineRepository(ctx)

    async def page(self, query: CampaignLineQuery) -> Json[CampaignLinePage]:
        return await self.lines.page(query, CampaignLinePage)

    async def get(self, line_id: UUID) -> Json[CampaignLineRead]:
        return await self.lines.get(line_id)

    async def add(self, data: CampaignLineCreate) -> Json[CampaignLineRead]:
        """Raises NotFound, CampaignClosed, CampaignLineEmpty."""
        campaign = await self._open(data.campaign_id)
        line = CampaignLine(id=new_id(), **_money(data))
        await self.lines.save(line)
        await self.campaigns.add_up(campaign)
        return await self.lines.get(line.id)

    async def update(self, line_id: UUID, data: CampaignLinePatch, version: int) -> Json[CampaignLineRead]:
        """Raises CampaignClosed, CampaignLineEmpty."""
        line, campaign = await self._taken(line_id, version)
        for name, value in _money(data).items():
            setattr(line, name, value)
        await self.lines.save(line)
        await self.campaigns.add_up(campaign)
        return await self.lines.get(line_id)

    async def remove(self, line_id: UUID, version: int) -> None:
        """Raises CampaignClosed."""
        line, campaign = await self._taken(line_id, version)
        await self.lines.remove(line)
        await self.campaigns.add_up(campaign)

    async def _taken(self, line_id: UUID, version: int) -> tuple[CampaignLine, Campaign]:
        line = await self.lines.load(line_id)
        if version not in (line.version, ANY_VERSION):
            raise VersionConflict(current_version=line.version)
        return line, await self._open(line.campaign_id)

    async def _open(self, campaign_id: UUID) -> Campaign:
        campaign = await self.campaigns.load(campaign_id)
        if campaign.status is CampaignStatus.ARCHIVED:
            raise CampaignClosed
        return campaign


def _money(data: BaseModel) -> dict[str, Any]:
    given = {name: value for name, value in dict(data).items() if value is not MISSING}
    amount = given.get("amount")
    if isinstance(amount, Money) and amount.centimes == 0:
        raise CampaignLineEmpty
    return given
