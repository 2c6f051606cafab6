"""Campaigns with their variants and segments, and their money."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Text,
    Uuid,
    case,
    cast,
    delete,
    func,
    insert,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from crm_api.campaigns.errors import (
    CampaignInUse,
    CampaignUnknownSegment,
    CampaignUnknownTemplate,
    CampaignWeights,
)
from crm_api.campaigns.models import Campaign, CampaignContent, CampaignLine, CampaignSegment, CampaignVariant
from crm_api.campaigns.schemas.campaign import CampaignRead
from crm_api.campaigns.schemas.lines import CampaignLineRead
from crm_api.campaigns.words import CampaignLineType, CampaignStatus
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.kit.errors import NotFound
from crm_api.kit.money import Money

_NO_LIST = literal_column("'[]'::jsonb", JSONB())
_NO_IDS = literal_column("'{}'::uuid[]", ARRAY(Uuid()))


class CampaignRepository(Repository[Campaign, CampaignRead]):
    model, read = Campaign, CampaignRead
    refusals = {
        "fk_leads_campaign": CampaignInUse,
        "fk_opportunities_campaign": CampaignInUse,
        "fk_campaign_segments_segment": CampaignUnknownSegment,
        "fk_campaign_contents_template": CampaignUnknownTemplate,
        "ck_campaign_variants_sum": CampaignWeights,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        c = table_of(Campaign).c
        return {
            **super().columns(),
            "segment_ids": _segments(excluded=False),
            "exclusion_segment_ids": _segments(excluded=True),
            "variants": _variants(),
            "attribution": _object(
                model=c.attribution_model,
                window_days=c.attribution_window_days,
                half_life_days=c.half_life_days,
            ),
            "test": case(
                (c.test_metric.is_(None), null().cast(JSONB())),
                else_=_object(
                    metric=c.test_metric,
                    sample_percent=c.test_sample_percent,
                    duration_hours=c.test_duration_hours,
                    min_sample=c.test_min_sample,
                    winner=c.test_winner,
                    when_inconclusive=c.test_tie,
                ),
            ),
            "is_generated": c.ai_generation.is_not(None),
        }

    async def keep_segments(self, campaign_id: UUID, ids: Sequence[UUID], *, excluded: bool) -> None:
        """These and no others. Raises CampaignUnknownSegment."""
        link = CampaignSegment
        gone = delete(link).where(link.campaign_id == campaign_id, link.excluded == excluded)
        await self.ctx.session.execute(gone)
        rows = [{**self._own(campaign_id), "segment_id": id, "excluded": excluded} for id in ids]
        await self._put(link, rows)

    async def keep_variants(self, campaign_id: UUID, variants: Sequence[Mapping[str, Any]]) -> None:
        """These and no others; the referee adds up the weights. Raises CampaignUnknownTemplate."""
        old = CampaignVariant.campaign_id == campaign_id
        await self.ctx.session.execute(delete(CampaignVariant).where(old))
        own = self._own(campaign_id)
        await self._put(
            CampaignVariant, [{**own, "code": one["code"], "weight": one["weight"]} for one in variants]
        )
        said = [
            {**own, "code": one["code"], **content} for one in variants for content in one.get("contents", ())
        ]
        await self._put(CampaignContent, said)

    async def _put(self, kind: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            with self.refusing():
                await self.ctx.session.execute(insert(kind), rows)

    def _own(self, campaign_id: UUID) -> dict[str, Any]:
        return {"organization_id": self.ctx.organization_id, "campaign_id": campaign_id}

    async def known(self, campaign_id: UUID) -> Campaign:
        """Not locked. Raises NotFound."""
        found = select(Campaign).where(Campaign.id == campaign_id)
        campaign = await self.ctx.session.scalar(found)
        if campaign is None:
            raise NotFound(id=str(campaign_id))
        return campaign

    async def unjudged(self, moment: datetime) -> Sequence[Campaign]:
        """Running tests past their end, locked."""
        due = Campaign.test_ends_at <= moment, Campaign.test_outcome.is_(None)
        return await self._running(*due)

    async def ended(self, moment: datetime) -> Sequence[Campaign]:
        """Running ones past their end, locked."""
        return await self._running(Campaign.ends_at <= moment)

    async def _running(self, *where: ColumnElement[bool]) -> Sequence[Campaign]:
        found = (
            select(Campaign)
            .where(Campaign.status == CampaignStatus.RUNNING, *where)
            .order_by(Campaign.id)
            .limit(500)
            .with_for_update()
        )
        return (await self.ctx.session.scalars(found)).all()

    async def segments_of(self, campaign_id: UUID) -> tuple[list[UUID], list[UUID]]:
        """(reached, left out)."""
        found = (
            select(CampaignSegment.segment_id, CampaignSegment.excluded)
            .where(CampaignSegment.campaign_id == campaign_id)
            .order_by(CampaignSegment.segment_id)
        )
        rows = (await self.ctx.session.execute(found)).all()
        return [row[0] for row in rows if not row[1]], [row[0] for row in rows if row[1]]

    async def weights_of(self, campaign_id: UUID) -> list[tuple[str, int]]:
        """(code, percent), in the order of the codes."""
        found = (
            select(CampaignVariant.code, CampaignVariant.weight)
            .where(CampaignVariant.campaign_id == campaign_id)
            .order_by(CampaignVariant.code)
        )
        return [(row[0], row[1]) for row in await self.ctx.session.execute(found)]

    async def contents_of(self, campaign_id: UUID) -> Sequence[CampaignContent]:
        found = (
            select(CampaignContent)
            .where(CampaignContent.campaign_id == campaign_id)
            .order_by(CampaignContent.code, CampaignContent.channel, CampaignContent.language.desc())
        )
        return (await self.ctx.session.scalars(found)).all()

    async def add_up(self, campaign: Campaign) -> None:
        """The sums of its lines; the campaign is locked."""
        await self.ctx.session.flush()
        amount = cast(table_of(CampaignLine).c.amount, BigInteger)
        found = (
            select(CampaignLine.type, func.sum(amount))
            .where(CampaignLine.campaign_id == campaign.id)
            .group_by(CampaignLine.type)
        )
        sums = {row[0]: int(row[1]) for row in await self.ctx.session.execute(found)}
        campaign.planned_amount = Money.of(sums.get(CampaignLineType.BUDGET, 0))
        campaign.spent_amount = Money.of(sums.get(CampaignLineType.SPEND, 0))
        await self.save(campaign)


class CampaignLineRepository(Repository[CampaignLine, CampaignLineRead]):
    model, read = CampaignLine, CampaignLineRead


def _object(**columns: Any) -> ColumnElement[Any]:
    pairs: list[Any] = []
    for name, column in columns.items():
        pairs += literal_column(f"'{name}'"), column
    return func.jsonb_build_object(*pairs, type_=JSONB())


def _segments(*, excluded: bool) -> ColumnElement[Any]:
    campaigns, link = table_of(Campaign).c, CampaignSegment.__table__.alias("named")
    ids = select(
        func.array_agg(aggregate_order_by(link.c.segment_id, link.c.segment_id), type_=ARRAY(Uuid()))
    )
    ids = ids.where(
        link.c.organization_id == campaigns.organization_id,
        link.c.campaign_id == campaigns.id,
        link.c.excluded if excluded else ~link.c.excluded,
    )
    return func.coalesce(ids.scalar_subquery(), _NO_IDS)


def _variants() -> ColumnElement[Any]:
    campaigns = table_of(Campaign).c
    variant, content = CampaignVariant.__table__.alias("variant"), CampaignContent.__table__.alias("content")
    said = _object(
        channel=content.c.channel,
        language=content.c.language,
        template_version_id=content.c.template_version_id,
        subject=content.c.subject,
    )
    contents = (
        select(func.jsonb_agg(aggregate_order_by(said, content.c.channel, content.c.language.desc())))
        .where(
            content.c.organization_id == variant.c.organization_id,
            content.c.campaign_id == variant.c.campaign_id,
            content.c.code == variant.c.code,
        )
        .scalar_subquery()
    )
    whole = _object(
        code=variant.c.code,
        weight=variant.c.weight,
        contents=func.coalesce(contents, _NO_LIST, type_=JSONB()),
    )
    found = select(func.jsonb_agg(aggregate_order_by(whole, cast(variant.c.code, Text())))).where(
        variant.c.organization_id == campaigns.organization_id, variant.c.campaign_id == campaigns.id
    )
    return func.coalesce(found.scalar_subquery(), _NO_LIST, type_=JSONB())
