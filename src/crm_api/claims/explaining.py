"""The clocks of a claim, explained; and its milestones in plain words."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from crm_api.claims import clocks
from crm_api.claims.choosing import ClaimSettingsService
from crm_api.claims.clocks import Clock, Facts
from crm_api.claims.models.words import ClaimMilestone, ClaimStatus, RequiredDocumentStatus
from crm_api.claims.repository.telling import ClaimStory, Story
from crm_api.claims.schemas.clocks import (
    ClaimClock,
    ClaimDeadlines,
    ClaimMilestones,
    ClaimStep,
    LateInterest,
)
from crm_api.claims.sentences import said
from crm_api.claims.timing import ClaimTiming, ended_at
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.files.models import FileKind
from crm_api.kit.money import Money

_STEPS = tuple(ClaimMilestone)
_YOURS = frozenset({ClaimStatus.DRAFT, ClaimStatus.DOCUMENTS_PENDING})
_OVER = frozenset({ClaimStatus.CLOSED, ClaimStatus.SETTLED, ClaimStatus.REFUSED})
_MISSING = frozenset({RequiredDocumentStatus.MISSING, RequiredDocumentStatus.REFUSED})
_OPTIONAL = frozenset({ClaimMilestone.DOCUMENTS, ClaimMilestone.APPRAISAL})
"""Steps that a claim may go past."""


class Explaining:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.language = ctx.origin.locale

    # --- the clocks

    async def deadlines(self, claim_id: UUID) -> ClaimDeadlines:
        """Raises NotFound."""
        story = await ClaimStory(self.ctx).of(claim_id)
        settings, moment = await ClaimSettingsService(self.ctx).chosen(), now()
        facts = _facts(story, story.branch_code in settings.motor_branches)
        timing = ClaimTiming(self.ctx)
        report = await timing.report(facts, story.agency_id, moment)
        settlement = await timing.settlement(facts, story.agency_id, moment)
        limitation = await timing.limitation(facts, story.agency_id, moment)
        return ClaimDeadlines(
            claim_id=claim_id,
            as_of=moment,
            clocks=[self._shown(each) for each in (report, *settlement, limitation) if each is not None],
            late_interest=await self._interest(timing, story, settlement, moment),
        )

    def _shown(self, clock: Clock) -> ClaimClock:
        rule = clock.rule
        labels = {"fr": rule.label_fr, "ar": rule.label_ar, "en": rule.label_en}
        return ClaimClock(
            code=rule.code,
            label=labels.get(self.language) or rule.label_fr,
            value=rule.value,
            unit=rule.unit,
            source=rule.source,
            verified=rule.verified,
            rule_valid_from=rule.valid_from,
            start=clock.start,
            started_at=clock.started_at,
            due_at=clock.due_at,
            due_on=clock.due_on,
            done_at=clock.done_at,
            state=clock.state,
            days_left=clock.days_left,
            depends_on=said("depends_on", clock.start, self.language),
        )

    async def _interest(
        self, timing: ClaimTiming, story: Story, settlement: list[Clock], moment: datetime
    ) -> LateInterest | None:
        """An estimate, only where somebody laid a rate down and an amount is known."""
        days = clocks.late_days(settlement, moment)
        rate = await timing.rate(moment) if days else None
        centimes = story.approved if story.approved is not None else story.estimate
        if rate is None or not centimes or story.status == ClaimStatus.REFUSED:
            return None
        base = Money.of(centimes)
        return LateInterest(
            base=base,
            yearly_rate=clocks.yearly(rate.value),
            days=days,
            amount=clocks.interest(base, rate.value, days),
            source=rate.source,
        )

    # --- the milestones

    async def milestones(self, claim_id: UUID) -> ClaimMilestones:
        """What the customer may read: no reserve, no indicator, no note of ours. Raises NotFound."""
        story = await ClaimStory(self.ctx).of(claim_id)
        settings = await ClaimSettingsService(self.ctx).chosen()
        status = ClaimStatus(story.status)
        reached: dict[ClaimMilestone, datetime] = {}
        for state, at in story.states:
            reached.setdefault(settings.milestone(ClaimStatus(state)), at)
        here = settings.milestone(status)
        missing = [FileKind(kind) for kind, state in story.documents if state in _MISSING]
        values = {"number": story.number, "count": len(missing)}
        expected = story.target if status not in _OVER else None
        return ClaimMilestones(
            claim_id=claim_id,
            number=story.number,
            milestone=here,
            sentence=said("milestones", status, self.language, **values),
            next_step=said("next_steps", status, self.language, **values),
            waiting_for=_turn(status),
            missing_documents=missing,
            expected_on=clocks.last_day(expected) if expected else None,
            steps=[self._step(step, here, reached) for step in _STEPS],
        )

    def _step(
        self, step: ClaimMilestone, here: ClaimMilestone, reached: dict[ClaimMilestone, datetime]
    ) -> ClaimStep:
        state: Literal["done", "current", "ahead", "skipped"] = "ahead"
        if step is here:
            state = "current"
        elif _STEPS.index(step) < _STEPS.index(here):
            state = "skipped" if step in _OPTIONAL and step not in reached else "done"
        label = said("milestone_labels", step, self.language)
        at = reached.get(step) if state in ("done", "current") else None
        return ClaimStep(milestone=step, label=label, state=state, reached_at=at)


def _turn(status: ClaimStatus) -> Literal["you", "insurer", "adjuster", "nobody"]:
    if status in _YOURS:
        return "you"
    if status is ClaimStatus.APPRAISAL_ORDERED:
        return "adjuster"
    return "nobody" if status in _OVER else "insurer"


def _facts(story: Story, motor: bool) -> Facts:
    return Facts(
        cause=story.cause,
        regime=story.regime,
        motor=motor,
        occurred_at=story.occurred_at,
        discovered_at=story.discovered_at,
        declared_at=story.declared_at,
        catnat_published_on=story.catnat_published_on,
        appraised_at=story.appraised_at,
        ended_at=ended_at(story.settled_at, story.refusal_motive, story.decided_at),
    )
