"""From an approved campaign to its messages: the count, the checklist, the frozen audience, the sends."""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from crm_api.campaigns.checks import Facts, checklist
from crm_api.campaigns.drawing import Plan
from crm_api.campaigns.errors import CampaignNotReady
from crm_api.campaigns.events import CampaignStarted
from crm_api.campaigns.models import Campaign
from crm_api.campaigns.repository.audience import AudienceRepository, Heads, Reach
from crm_api.campaigns.repository.campaigns import CampaignRepository
from crm_api.campaigns.schemas.launching import (
    CampaignAudience,
    CampaignCheckState,
    CampaignCost,
    CampaignReadiness,
)
from crm_api.campaigns.sending import Sending
from crm_api.campaigns.testing import VERDICT, ends_after
from crm_api.campaigns.words import CAMPAIGN, SENT_HERE, CampaignStatus
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import enqueue
from crm_api.core.progress import Run
from crm_api.kit.money import Money
from crm_api.segments.audience import SegmentAudience

_S = CampaignStatus


class Launching:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.campaigns, self.audiences = CampaignRepository(ctx), AudienceRepository(ctx)
        self.sending = Sending(ctx)

    # --- before

    async def is_whole(self, campaign: Campaign) -> bool:
        """It names whom it reaches and says something; one that sends nothing from here need not."""
        if not sent(campaign):
            return True
        reached, _ = await self.campaigns.segments_of(campaign.id)
        variants = len(await self.campaigns.weights_of(campaign.id))
        return bool(reached) and variants >= (2 if campaign.test_metric else 1)

    async def heads(self, campaign: Campaign) -> list[Heads]:
        """Of those who would be written to now; nobody where nothing is sent from here."""
        reach = await self.reach(campaign)
        return await self.audiences.counted(reach) if reach.segment_ids and reach.languages else []

    async def reach(self, campaign: Campaign) -> Reach:
        reached, excluded = await self.campaigns.segments_of(campaign.id)
        contents = await self.campaigns.contents_of(campaign.id)
        languages = {
            channel: _unique(one.language for one in contents if one.channel == channel) or ["fr"]
            for channel in sent(campaign)
        }
        return Reach(campaign.id, reached, excluded, languages, await self._plan(campaign))

    async def _plan(self, campaign: Campaign) -> Plan:
        weights = await self.campaigns.weights_of(campaign.id)
        return Plan(campaign.holdout_percent, campaign.test_sample_percent, weights)

    async def audience(self, campaign_id: UUID) -> CampaignAudience:
        """Counted, not kept. Raises NotFound."""
        campaign = await self.campaigns.known(campaign_id)
        heads = await self.heads(campaign)
        costs = await self.sending.costs(campaign, heads)
        return CampaignAudience(
            campaign_id=campaign.id,
            targeted=sum(one.people for one in heads),
            reachable=sum(one.people for one in heads if one.channel),
            held_out=sum(one.people for one in heads if one.part == "holdout"),
            sample=sum(one.people for one in heads if one.part == "sample"),
            left_out=_by((one.reason, one.people) for one in heads),
            by_channel=_by((one.channel, one.people) for one in heads),
            by_language=_by((one.language if one.channel else None, one.people) for one in heads),
            by_variant=_by((one.variant, one.people) for one in heads),
            costs=costs,
            cost=_sum(costs),
            computed_at=now(),
        )

    async def readiness(self, campaign_id: UUID) -> CampaignReadiness:
        """The checklist. Raises NotFound."""
        campaign = await self.campaigns.known(campaign_id)
        facts = await self._facts(campaign, await self.heads(campaign))
        checks = checklist(facts, self.ctx.origin.locale)
        ready = all(one.state is not CampaignCheckState.FAILED for one in checks)
        return CampaignReadiness(campaign_id=campaign.id, ready=ready, checks=checks, checked_at=now())

    async def failed(self, campaign: Campaign) -> list[str]:
        """The checks that stand in the way."""
        facts = await self._facts(campaign, await self.heads(campaign))
        lines = checklist(facts, "en")
        return [one.code.value for one in lines if one.state is CampaignCheckState.FAILED]

    async def _facts(self, campaign: Campaign, heads: Sequence[Heads]) -> Facts:
        costs = await self.sending.costs(campaign, heads)
        return Facts(
            campaign=campaign,
            heads=heads,
            codes=[code for code, _ in await self.campaigns.weights_of(campaign.id)],
            contents=await self.sending.said(campaign),
            unverified=await self.sending.unverified(sent(campaign)),
            cost=_sum(costs).centimes,
            at=now(),
        )

    # --- the launch itself

    async def launch(self, campaign: Campaign, run: Run) -> None:
        """In one transaction: the audience is frozen, counted, and its messages queued."""
        CAMPAIGN.check(campaign.status, _S.RUNNING)
        if campaign.status not in (_S.APPROVED, _S.SCHEDULED):
            raise CAMPAIGN.refusal(campaign.status, _S.RUNNING)
        reach = await self.reach(campaign)
        heads: list[Heads] = []
        if reach.segment_ids and reach.languages:
            await SegmentAudience(self.ctx).check([*reach.segment_ids, *reach.exclusion_segment_ids])
            await self.audiences.freeze(reach)
            heads = await self.audiences.frozen(campaign.id)
        # Judged again with those who were frozen: since the approval the audience may have grown.
        lines = checklist(await self._facts(campaign, heads), "en")
        if wrong := [one.code.value for one in lines if one.state is CampaignCheckState.FAILED]:
            raise CampaignNotReady(checks=", ".join(wrong))
        targeted = sum(one.people for one in heads)
        await run.report(targeted, 0)
        self._count(campaign, heads)
        moment = now()
        campaign.status, campaign.launched_at = _S.RUNNING, moment
        campaign.starts_at = campaign.starts_at or moment
        part = "sample" if campaign.test_metric else "rest"
        await self.campaigns.save(campaign)
        await self.sending.begin(campaign, part, heads)
        if campaign.test_metric:
            campaign.test_ends_at = ends_after(campaign, moment)
            await self.plan_verdict(campaign)
        else:
            campaign.rest_sent_at = moment
        await self.campaigns.save(campaign)
        await run.report(targeted, targeted)
        await publish(self.ctx, CampaignStarted(campaign.id, campaign.number, targeted))

    def _count(self, campaign: Campaign, heads: Sequence[Heads]) -> None:
        campaign.targeted = sum(one.people for one in heads)
        campaign.held_out = sum(one.people for one in heads if one.part == "holdout")
        campaign.left_out = _by((one.reason, one.people) for one in heads)

    async def plan_verdict(self, campaign: Campaign) -> None:
        """A job of the planned end; one that comes too early or too late does nothing."""
        if campaign.test_ends_at is not None:
            wait = campaign.test_ends_at - now()
            await enqueue(self.ctx, VERDICT, {"campaign_id": campaign.id}, delay=wait)


def sent(campaign: Campaign) -> list[str]:
    """The channels by which something leaves from here, in the order of the campaign."""
    return [channel for channel in campaign.channels if channel in SENT_HERE]


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _by(pairs: Iterable[tuple[str | None, int]]) -> dict[str, int]:
    """How many of each, those without one not counted; the most first."""
    counts: Counter[str] = Counter()
    for name, count in pairs:
        if name is not None:
            counts[str(name)] += count
    return dict(counts.most_common())


def _sum(costs: Sequence[CampaignCost]) -> Money:
    return Money.of(sum(one.amount.centimes for one in costs))
