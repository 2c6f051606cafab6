"""The steps of a sale: through the stages of its pipeline, to its end, and back."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import DomainError, NotFound, ValidationFailed
from crm_api.kit.schemas import Json
from crm_api.opportunities.errors import ApprovalPending, NothingToApprove, SecondPersonNeeded
from crm_api.opportunities.events import (
    OpportunityApprovalAsked,
    OpportunityApprovalRefused,
    OpportunityLost,
    OpportunityReopened,
    OpportunityStageChanged,
    OpportunityWon,
)
from crm_api.opportunities.models.opportunity import OPPORTUNITY, Opportunity
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityOutcome
from crm_api.opportunities.pipelines import PipelineService
from crm_api.opportunities.schemas.actions import (
    ApprovalRefusal,
    OpportunityLose,
    OpportunityMove,
    OpportunityReopen,
    OpportunityWin,
    ProbabilityOverride,
)
from crm_api.opportunities.schemas.opportunity import OpportunityRead
from crm_api.opportunities.service import OpportunityService, fields_of, refuse_missing
from crm_api.opportunities.telling import Teller
from crm_api.opportunities.track import Stage, Track


class OpportunitySteps:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.service, self.pipelines = OpportunityService(ctx), PipelineService(ctx)
        self.opportunities = self.service.opportunities

    async def move(self, opportunity_id: UUID, data: OpportunityMove, version: int) -> Json[OpportunityRead]:
        """To another open stage, or into another pipeline; where a second person must agree, it waits.

        A new move takes the place of one that waits.
        """
        sale = await self._open_one(opportunity_id, version)
        if data.pipeline_id not in (None, sale.pipeline_id):
            pipeline_id, track = await self.pipelines.chosen(data.pipeline_id, sale.type)
            stage = track.entry(data.stage)
        else:
            pipeline_id, track = sale.pipeline_id, await self.pipelines.track(sale.pipeline_id)
            stage = track.move(sale.stage, data.stage)
        refuse_missing(stage, fields_of(sale))
        _forget_pending(sale)
        if stage.needs_approval:
            sale.pending_stage, sale.pending_by_id, sale.pending_at = stage.code, self.ctx.principal.id, now()
            asked = OpportunityApprovalAsked(sale.id, stage.code, self.ctx.principal.id)
            await Teller(self.ctx).asked(sale, stage.label)
            return await self._done(sale, track.stage(sale.stage), asked)
        return await self._entered(sale, stage, pipeline_id)

    async def advance(self, opportunity_id: UUID, stages: Sequence[str]) -> None:
        """What happened below brings an open sale to the first of `stages` that its pipeline has.

        Forward only. Where a rule of the pipeline is in the way, or a second person has to agree, it stays:
        that is for people to settle, and no reason to refuse what happened.
        """
        try:
            sale = await self.service.loaded(opportunity_id, ANY_VERSION)
        except NotFound:
            return
        track = await self.pipelines.track(sale.pipeline_id)
        order = [stage.code for stage in track.open]
        wanted = next((code for code in stages if code in order), None)
        if sale.status is not OpportunityOutcome.OPEN or wanted is None or sale.pending_stage is not None:
            return
        if sale.stage not in order or order.index(wanted) <= order.index(sale.stage):
            return
        try:
            stage = track.move(sale.stage, wanted)
            refuse_missing(stage, fields_of(sale))
        except DomainError:
            return
        if not stage.needs_approval:
            await self._entered(sale, stage, sale.pipeline_id)

    async def approve(self, opportunity_id: UUID, version: int) -> Json[OpportunityRead]:
        """The move that waits is made, by somebody other than who asked; the rules are asked again."""
        sale = await self._open_one(opportunity_id, version)
        track = await self.pipelines.track(sale.pipeline_id)
        if sale.pending_stage is None:
            raise NothingToApprove
        if sale.pending_by_id == self.ctx.principal.id:
            raise SecondPersonNeeded
        stage = track.move(sale.stage, sale.pending_stage)
        refuse_missing(stage, fields_of(sale))
        await Teller(self.ctx).decided(sale, sale.pending_by_id, approved=True)
        _forget_pending(sale)
        return await self._entered(sale, stage, sale.pipeline_id, approved_by=self.ctx.principal.id)

    async def refuse(
        self, opportunity_id: UUID, data: ApprovalRefusal, version: int
    ) -> Json[OpportunityRead]:
        """It stays where it is."""
        sale = await self._open_one(opportunity_id, version)
        if sale.pending_stage is None or sale.pending_by_id is None:
            raise NothingToApprove
        refused = OpportunityApprovalRefused(sale.id, sale.pending_stage, sale.pending_by_id)
        await Teller(self.ctx).decided(sale, sale.pending_by_id, approved=False)
        _forget_pending(sale)
        self.ctx.note("opportunity.approval_refused", "opportunity", sale.id, reason=data.reason)
        track = await self.pipelines.track(sale.pipeline_id)
        return await self._done(sale, track.stage(sale.stage), refused)

    async def win(self, opportunity_id: UUID, data: OpportunityWin, version: int) -> Json[OpportunityRead]:
        """Its amount is frozen from here on."""
        sale = await self._closing(opportunity_id, version, OpportunityOutcome.WON)
        closed_on = data.closed_on or today()
        if closed_on > today():
            raise ValidationFailed.at("/closed_on", "in_the_future", "A sale is won today or before.")
        if sale.pending_stage is not None:
            raise ApprovalPending(pending_stage=sale.pending_stage)
        stage = (await self.pipelines.track(sale.pipeline_id)).win(sale.stage)
        sale.policy_number = data.policy_number
        event = OpportunityWon(sale.id, sale.account_id, sale.amount.centimes)
        return await self._closed(sale, stage, closed_on, event)

    async def lose(self, opportunity_id: UUID, data: OpportunityLose, version: int) -> Json[OpportunityRead]:
        sale = await self._closing(opportunity_id, version, OpportunityOutcome.LOST)
        stage = (await self.pipelines.track(sale.pipeline_id)).lose()
        _forget_pending(sale)
        sale.loss_reason, sale.loss_comment = data.reason, data.comment
        if data.competitor is not None:
            _mark_winner(sale, data.competitor)
        return await self._closed(sale, stage, today(), OpportunityLost(sale.id, data.reason))

    async def reopen(
        self, opportunity_id: UUID, data: OpportunityReopen, version: int
    ) -> Json[OpportunityRead]:
        """Back to an open stage, whatever the rules of moving; it is written down why."""
        sale = await self._closing(opportunity_id, version, OpportunityOutcome.OPEN)
        track = await self.pipelines.track(sale.pipeline_id)
        stage = await self._where_it_was(sale, track) if data.stage is None else _an_open(track, data.stage)
        sale.closed_at = sale.policy_number = sale.loss_reason = sale.loss_comment = None
        sale.close_date = data.close_date
        self.ctx.note("opportunity.reopening", "opportunity", sale.id, reason=data.reason)
        _stand_in(sale, stage)
        return await self._done(sale, stage, OpportunityReopened(sale.id, stage.code))

    async def override(
        self, opportunity_id: UUID, data: ProbabilityOverride, version: int
    ) -> Json[OpportunityRead]:
        sale = await self._open_one(opportunity_id, version)
        stage = (await self.pipelines.track(sale.pipeline_id)).stage(sale.stage)
        if data.probability is None:
            sale.probability, sale.probability_reason = stage.probability, None
        else:
            sale.probability, sale.probability_reason = data.probability, data.reason
        self.ctx.note("opportunity.probability_overridden", "opportunity", sale.id, reason=data.reason)
        return await self._done(sale, stage)

    # --- inside

    async def _open_one(self, opportunity_id: UUID, version: int) -> Opportunity:
        sale = await self.service.loaded(opportunity_id, version)
        if sale.status is not OpportunityOutcome.OPEN:
            raise OPPORTUNITY.refusal(sale.status, OpportunityOutcome.OPEN)
        return sale

    async def _closing(self, opportunity_id: UUID, version: int, wanted: OpportunityOutcome) -> Opportunity:
        sale = await self.service.loaded(opportunity_id, version)
        OPPORTUNITY.check(sale.status, wanted)
        return sale

    async def _entered(
        self, sale: Opportunity, stage: Stage, pipeline_id: UUID, approved_by: UUID | None = None
    ) -> Json[OpportunityRead]:
        event = OpportunityStageChanged(sale.id, pipeline_id, sale.stage, stage.code)
        sale.pipeline_id = pipeline_id
        _stand_in(sale, stage, approved_by)
        return await self._done(sale, stage, event)

    async def _closed(self, sale: Opportunity, stage: Stage, on: date, event: Event) -> Json[OpportunityRead]:
        before = sale.stage
        sale.closed_at, sale.close_date = now(), on
        _stand_in(sale, stage)
        moved = OpportunityStageChanged(sale.id, sale.pipeline_id, before, stage.code)
        return await self._done(sale, stage, moved, event)

    async def _done(self, sale: Opportunity, stage: Stage, *events: Event) -> Json[OpportunityRead]:
        await self.service.touch(sale, stage)
        for event in events:
            await publish(self.ctx, event)
        return await self.opportunities.get(sale.id)

    async def _where_it_was(self, sale: Opportunity, track: Track) -> Stage:
        """The last open stage, as far as the pipeline still has it; else where sales begin."""
        last = await self.opportunities.last_open_stage(sale)
        return next((stage for stage in track.open if stage.code == last), track.entry(None))


def _an_open(track: Track, code: str) -> Stage:
    stage = track.stage(code)
    if stage not in track.open:
        raise ValidationFailed.at("/stage", "not_an_open_stage", "Name an open stage.")
    return stage


def _stand_in(sale: Opportunity, stage: Stage, approved_by: UUID | None = None) -> None:
    """What the stage says of a sale; somebody's own probability ends, an omission lasts while it is open."""
    stays_open = sale.status is stage.outcome is OpportunityOutcome.OPEN
    if not (stays_open and sale.forecast_category is ForecastCategory.OMITTED):
        sale.forecast_category = stage.forecast_category
    sale.stage, sale.status, sale.stage_entered_at = stage.code, stage.outcome, now()
    sale.stage_approved_by_id = approved_by
    sale.probability, sale.probability_reason = stage.probability, None


def _forget_pending(sale: Opportunity) -> None:
    sale.pending_stage = sale.pending_by_id = sale.pending_at = None


def _mark_winner(sale: Opportunity, name: str) -> None:
    others = [{**known, "won": False} for known in sale.competitors]
    mine = next((each for each in others if each["name"].casefold() == name.casefold()), None)
    if mine is None:
        mine = {"name": name, "strengths": None, "weaknesses": None, "amount": None}
        others.append(mine)
    mine["won"] = True
    sale.competitors = others
