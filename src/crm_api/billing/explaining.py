"""Why each day of the legal clock is what it is: rule, source, from, to, and what stopped it."""

from datetime import date, timedelta
from uuid import UUID

from crm_api.billing.delays import FORMAL_NOTICE, GRACE, TERMINATE, Delays
from crm_api.billing.models.dunning import ArrearsPart, DunningStep, DunningStepKind, PauseKind
from crm_api.billing.models.receivable import DunningState, Receivable, ReceivableStatus
from crm_api.billing.repository.dunning import DunningRepository
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.schemas.dunning import (
    ArrearsPartRead,
    ArrearsPlanRead,
    DunningAhead,
    DunningExplained,
    DunningPauseRead,
    DunningRule,
    DunningStepRead,
    PromiseRead,
)
from crm_api.core.context import Context
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound
from crm_api.legal_deadlines.models import LegalDeadlineCode
from crm_api.legal_deadlines.reckoning import Rule

_S, _K = DunningState, DunningStepKind
_BY_PEOPLE = {
    _S.FORMAL_NOTICE_DUE: _K.FORMAL_NOTICE,
    _S.SUSPENSION_PROPOSED: _K.SUSPENSION,
    _S.TERMINATION_PROPOSED: _K.TERMINATION,
}
"""What the clock waits for there."""
_ROAD: tuple[tuple[DunningState, DunningStepKind, LegalDeadlineCode | None], ...] = (
    (_S.QUIET, _K.DUE, None),
    (_S.NOTICED, _K.DUE, None),
    (_S.DUE, _K.REMINDER, GRACE),
    (_S.OVERDUE, _K.FORMAL_NOTICE_DUE, None),
    (_S.FORMAL_NOTICE_DUE, _K.FORMAL_NOTICE, None),
    (_S.FORMAL_NOTICE_SENT, _K.SUSPENSION_PROPOSAL, FORMAL_NOTICE),
    (_S.SUSPENSION_PROPOSED, _K.SUSPENSION, None),
    (_S.SUSPENDED, _K.TERMINATION_PROPOSAL, TERMINATE),
    (_S.TERMINATION_PROPOSED, _K.TERMINATION, None),
)
"""State -> the step out of it, and the delay before that step."""


class DunningExplainer:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rows, self.receivables, self.delays = (
            DunningRepository(ctx),
            ReceivableRepository(ctx),
            Delays(ctx),
        )

    async def explain(self, receivable_id: UUID) -> DunningExplained:
        """Raises NotFound."""
        receivable = await self.receivables.seen_one(receivable_id)
        if receivable is None:
            raise NotFound(id=str(receivable_id))
        steps = await self.rows.steps(receivable_id)
        pauses, plans = await self.rows.pauses(receivable_id), await self.rows.plans(receivable_id)
        parts = await self.rows.parts([plan.id for plan in plans])
        running = [one.kind for one in pauses if one.to_on is None or one.to_on > today()]
        ended = receivable.dunning_state in (_S.ENDED, _S.TERMINATED)
        return DunningExplained(
            receivable_id=receivable.id,
            status=receivable.status,
            state=receivable.dunning_state,
            level=receivable.dunning_level,
            cycle=receivable.dunning_cycle,
            counted_from=receivable.dunning_from_on,
            next_on=receivable.dunning_next_on,
            stopped_by=[] if ended else list(dict.fromkeys(running)),
            waits_for=None if ended else _BY_PEOPLE.get(receivable.dunning_state),
            steps=[await self._step(step) for step in steps],
            ahead=[] if ended else await self._ahead(receivable, steps, running),
            pauses=[DunningPauseRead.model_validate(one) for one in pauses],
            promises=[PromiseRead.model_validate(one) for one in await self.rows.promises(receivable_id)],
            plans=[
                ArrearsPlanRead(
                    total=plan.total,
                    status=plan.status,
                    parts=_parts([part for part in parts if part.plan_id == plan.id]),
                    created_at=plan.created_at,
                    ended_at=plan.ended_at,
                )
                for plan in plans
            ],
        )

    async def _step(self, step: DunningStep) -> DunningStepRead:
        rule = None
        if step.rule_code is not None:
            since = step.counted_from or step.effective_on
            rule = await self.delays.deadlines.rule_or_none(LegalDeadlineCode(step.rule_code), since)
        return DunningStepRead(
            kind=DunningStepKind(step.kind),
            cycle=step.cycle,
            round=step.round,
            effective_on=step.effective_on,
            counted_from=step.counted_from,
            rule=rule and _shown(rule),
            balance=step.balance,
            channel=step.channel,
            posting_number=step.posting_number,
            document_id=step.document_id,
            at=step.at,
            actor_id=step.actor_id,
        )

    async def _ahead(
        self, receivable: Receivable, steps: list[DunningStep], running: list[PauseKind]
    ) -> list[DunningAhead]:
        """From where it stands; what people must do is supposed to be done on the first day it can be."""
        place = next(
            (at for at, (state, _, _) in enumerate(_ROAD) if state is receivable.dunning_state), None
        )
        if place is None:
            return []
        stopped = receivable.status is ReceivableStatus.DISPUTED or (
            receivable.dunning_next_on is None and bool(running)
        )
        mine = [step for step in steps if step.cycle == receivable.dunning_cycle]
        since: date | None = mine[-1].effective_on if mine else receivable.dunning_from_on
        road, ahead, assumed = list(_ROAD[place:]), [], False
        if receivable.dunning_state is _S.QUIET:
            del road[1]
        for at, (state, kind, code) in enumerate(road):
            needs_person = state in _BY_PEOPLE
            on, rule = await self._next(state, code, since, receivable if at == 0 else None)
            ahead.append(
                DunningAhead(
                    kind=kind,
                    on=None if stopped else on,
                    counted_from=since if code else None,
                    rule=rule and _shown(rule),
                    needs_person=needs_person,
                    assumed=assumed,
                )
            )
            assumed = assumed or needs_person
            since = on
        return ahead

    async def _next(
        self, state: DunningState, code: LegalDeadlineCode | None, since: date | None, now: Receivable | None
    ) -> tuple[date | None, Rule | None]:
        since = since or today()
        rule = await self.delays.deadlines.rule_or_none(code, since) if code else None
        if now is not None and now.dunning_next_on is not None:
            return now.dunning_next_on, rule
        if code is FORMAL_NOTICE:
            return (await self.delays.suspension(since)).on, rule
        if code is not None:
            return (await self.delays.after(code, since)).on, rule
        if state is _S.OVERDUE:
            return since + timedelta(days=1), None
        return max(since, today()), None


def _parts(parts: list[ArrearsPart]) -> list[ArrearsPartRead]:
    return [ArrearsPartRead.model_validate(part) for part in parts]


def _shown(rule: Rule) -> DunningRule:
    return DunningRule(
        code=rule.code, value=rule.value, unit=rule.unit, source=rule.source, verified=rule.verified
    )
