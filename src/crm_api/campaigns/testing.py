"""The A/B test of a campaign while it runs and when it ends (D-45): judged once, at its planned end."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_api.campaigns.drawing import Plan
from crm_api.campaigns.errors import CampaignNoTest, CampaignTestDecided, CampaignTestRunning
from crm_api.campaigns.events import CampaignWinnerChosen
from crm_api.campaigns.models import Campaign
from crm_api.campaigns.repository.audience import AudienceRepository
from crm_api.campaigns.repository.campaigns import CampaignRepository
from crm_api.campaigns.repository.sends import Sent
from crm_api.campaigns.schemas.campaign import CampaignChoice, CampaignRead
from crm_api.campaigns.schemas.launching import CampaignArm, CampaignComparison, CampaignTestResult
from crm_api.campaigns.sending import Sending
from crm_api.campaigns.service import CampaignService
from crm_api.campaigns.trial import Arm, Verdict, judged
from crm_api.campaigns.words import (
    LAUNCHED,
    CampaignMetric,
    CampaignOutcome,
    CampaignStatus,
    CampaignTie,
    CampaignWinner,
)
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.schemas import Json

VERDICT = "judge_campaign_test"
LABELS = {
    CampaignOutcome.WINNER: {"fr": "Concluant", "en": "Conclusive", "ar": "حاسم"},
    CampaignOutcome.INCONCLUSIVE: {"fr": "Non concluant", "en": "Inconclusive", "ar": "غير حاسم"},
    CampaignOutcome.CHOSEN: {"fr": "Choisie à la main", "en": "Chosen by hand", "ar": "مختارة يدويا"},
}


def ends_after(campaign: Campaign, start: datetime) -> datetime:
    return start + timedelta(hours=campaign.test_duration_hours or 0)


class Testing:
    __test__ = False  # no test of pytest

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.campaigns = CampaignRepository(ctx)
        self.sending = Sending(ctx)

    async def result(self, campaign_id: UUID) -> CampaignTestResult:
        """Counts as they are; the verdict only once it has fallen. Raises NotFound, CampaignNoTest."""
        campaign = await self.campaigns.known(campaign_id)
        if campaign.test_metric is None:
            raise CampaignNoTest
        kept = campaign.test_result
        arms = kept["arms"] if kept else [_arm(one, campaign) for one in await self._sent(campaign)]
        outcome = campaign.test_outcome
        return CampaignTestResult(
            campaign_id=campaign.id,
            metric=campaign.test_metric,
            arms=[CampaignArm(**arm, share=_share(arm)) for arm in arms],
            ends_at=campaign.test_ends_at,
            outcome=outcome,
            label=LABELS[outcome].get(self.ctx.origin.locale) if outcome else None,
            winner=campaign.winner,
            why=kept["why"] if kept else None,
            comparisons=[_shown(one) for one in kept["comparisons"]] if kept else [],
            judged_at=campaign.test_judged_at,
            rest_sent_at=campaign.rest_sent_at,
        )

    async def judge(self, campaign: Campaign) -> None:
        """Once, at the planned end; a job that comes early, late or twice does nothing."""
        due = campaign.test_ends_at is not None and campaign.test_ends_at <= now()
        if campaign.status is not CampaignStatus.RUNNING or campaign.test_outcome is not None or not due:
            return
        arms = [_arm(one, campaign) for one in await self._sent(campaign)]
        verdict = judged(
            [Arm(arm["variant"], arm["delivered"], arm["successes"]) for arm in arms],
            campaign.test_min_sample or 0,
        )
        self._keep(campaign, arms, verdict)
        if campaign.test_winner is CampaignWinner.AUTO:
            if verdict.winner is not None:
                await self._send_rest(campaign, verdict.winner)
            elif campaign.test_tie is CampaignTie.SPLIT:
                await self._send_rest(campaign, None)
        await self.campaigns.save(campaign)
        outcome = campaign.test_outcome
        told = CampaignWinnerChosen(campaign.id, campaign.number, str(outcome), campaign.winner)
        await publish(self.ctx, told)

    async def choose(self, campaign_id: UUID, data: CampaignChoice, version: int) -> Json[CampaignRead]:
        """Somebody decides what the rest gets, once the test is over. Raises CampaignNoTest,
        CampaignTestRunning, CampaignTestDecided, ValidationFailed."""
        campaign = await CampaignService(self.ctx).loaded(campaign_id, version)
        if campaign.test_metric is None or campaign.status not in LAUNCHED:
            raise CampaignNoTest
        if campaign.rest_sent_at is not None:
            raise CampaignTestDecided
        if campaign.test_outcome is None:
            raise CampaignTestRunning
        codes = [code for code, _ in await self.campaigns.weights_of(campaign_id)]
        if data.variant not in codes:
            raise ValidationFailed.at("/variant", "campaign_variant", "The campaign has no such variant.")
        campaign.test_outcome, campaign.winner = CampaignOutcome.CHOSEN, data.variant
        await self._send_rest(campaign, data.variant)
        await self.campaigns.save(campaign)
        told = CampaignWinnerChosen(campaign.id, campaign.number, "chosen", data.variant)
        await publish(self.ctx, told)
        return await self.campaigns.get(campaign_id)

    # --- inside

    async def _sent(self, campaign: Campaign) -> Sequence[Sent]:
        return await self.sending.figures(campaign)

    def _keep(self, campaign: Campaign, arms: list[dict[str, Any]], verdict: Verdict) -> None:
        campaign.test_judged_at = now()
        campaign.test_result = {
            "arms": arms,
            "why": verdict.why,
            "comparisons": [asdict(one) for one in verdict.comparisons],
        }
        campaign.winner = verdict.winner
        found = CampaignOutcome.WINNER if verdict.winner else CampaignOutcome.INCONCLUSIVE
        campaign.test_outcome = found

    async def _send_rest(self, campaign: Campaign, variant: str | None) -> None:
        """To those who were not in the sample: one variant, or each one their own by the weights."""
        audience = AudienceRepository(self.ctx)
        weights = await self.campaigns.weights_of(campaign.id)
        plan = Plan(campaign.holdout_percent, campaign.test_sample_percent, weights)
        await audience.give(campaign.id, plan, variant)
        campaign.rest_sent_at = now()
        await self.sending.begin(campaign, "rest", await audience.frozen(campaign.id))


def _arm(one: Sent, campaign: Campaign) -> dict[str, Any]:
    successes = {
        CampaignMetric.OPEN: one.opened,
        CampaignMetric.CLICK: one.clicked,
        CampaignMetric.CONVERSION: one.converted,
    }
    assert campaign.test_metric is not None  # noqa: S101 - who asks has looked
    return {
        "variant": one.variant,
        "recipients": one.recipients,
        "delivered": one.delivered,
        "successes": successes[campaign.test_metric],
    }


def _share(arm: dict[str, Any]) -> str | None:
    return f"{arm['successes'] / arm['delivered']:.4f}" if arm["delivered"] else None


def _shown(one: dict[str, Any]) -> CampaignComparison:
    uplift = one["uplift"]
    return CampaignComparison(
        best=one["best"],
        other=one["other"],
        z=f"{one['z']:.3f}",
        p=f"{one['p']:.4f}",
        uplift=None if uplift is None else f"{uplift:.4f}",
    )
