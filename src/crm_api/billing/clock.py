"""The legal clock of one debt: what stops it, what makes it run again, what ends it.

What moves by itself at night is in `passing`; what people decide on proposals, in `proposals`.
"""

from datetime import date, timedelta

from crm_api.billing.delays import PROMISE_PAUSE, Delays
from crm_api.billing.errors import (
    ArrearsPlanRunning,
    ArrearsPlanUnfit,
    DunningDayNotReached,
    DunningNotThere,
    NoArrearsPlan,
    NothingOwed,
    PromiseTooLate,
    ReceivableDisputedNow,
    ReceivableNotDisputed,
)
from crm_api.billing.events import PaymentPromised, ReceivableDisputed, ReceivableDunningChanged
from crm_api.billing.models.dunning import (
    ARREARS_PLAN,
    PROMISE,
    PROPOSAL,
    ArrearsPart,
    ArrearsPlan,
    ArrearsPlanStatus,
    DunningChannel,
    DunningPause,
    DunningStep,
    DunningStepKind,
    PauseKind,
    PremiumPromiseStatus,
    PromiseToPay,
    ProposalStatus,
)
from crm_api.billing.models.receivable import (
    DUNNING,
    RECEIVABLE,
    DunningState,
    Receivable,
    ReceivableStatus,
)
from crm_api.billing.repository.dunning import DunningProposalRepository, DunningRepository
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.schemas.dunning import ArrearsPlanCreate, FormalNoticePosted, PromiseCreate
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.clock import today
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money

_ASKED = frozenset({ReceivableStatus.OPEN, ReceivableStatus.PARTIALLY_SETTLED})


class DunningClock:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.delays, self.rows = Delays(ctx), DunningRepository(ctx)
        self.receivables, self.proposals = ReceivableRepository(ctx), DunningProposalRepository(ctx)

    # --- what payments do to it

    async def heard(self, receivable: Receivable, *, reopened: bool, settled: bool) -> None:
        """The amounts changed: paid in full ends the clock, owed again begins a new cycle of it."""
        if settled:
            await self.end(receivable)
        elif reopened and receivable.dunning_state is DunningState.ENDED:
            self.move(receivable, DunningState.QUIET, today())
            receivable.dunning_cycle += 1
            receivable.dunning_level = 0
            receivable.dunning_from_on = today()
        promise = await self.rows.open_promise(receivable.id)
        if promise is not None:
            since = receivable.paid_amount.centimes - promise.paid_before.centimes
            if settled or since >= promise.amount.centimes:
                self._close_promise(receivable, promise, PremiumPromiseStatus.KEPT)

    async def end(self, receivable: Receivable) -> None:
        """Nothing is owed any more: proposals lapse, agreements are fulfilled."""
        if receivable.dunning_state is DunningState.ENDED:
            return
        self.move(receivable, DunningState.ENDED, None)
        receivable.dunning_level = 0
        self.step(receivable, DunningStepKind.ENDED, today())
        for proposal in await self.proposals.waiting(receivable.id):
            PROPOSAL.check(proposal.status, ProposalStatus.LAPSED)
            proposal.status, proposal.decided_at = ProposalStatus.LAPSED, now()
            await self.proposals.save(proposal)
        plan = await self.rows.active_plan(receivable.id)
        if plan is not None:
            _end_plan(plan, ArrearsPlanStatus.COMPLETED)
        for pause in await self.rows.pauses(receivable.id):
            if pause.to_on is None:
                pause.to_on = today()

    # --- disputes

    async def dispute(self, receivable: Receivable, reason: str) -> None:
        """The clock stands still until it is resolved."""
        RECEIVABLE.check(receivable.status, ReceivableStatus.DISPUTED)
        receivable.status, receivable.dispute_reason = ReceivableStatus.DISPUTED, reason
        receivable.disputed_at = now()
        self._hold(receivable, PauseKind.DISPUTE)
        await self.receivables.save(receivable)
        await publish(self.ctx, ReceivableDisputed(receivable.id, receivable.account_id))

    async def resolve(self, receivable: Receivable) -> None:
        """It is owed after all: the clock goes on where it stood, as many days later."""
        if receivable.status is not ReceivableStatus.DISPUTED:
            raise ReceivableNotDisputed
        partly = receivable.paid_amount.centimes > 0
        receivable.status = ReceivableStatus.PARTIALLY_SETTLED if partly else ReceivableStatus.OPEN
        receivable.disputed_at = receivable.dispute_reason = None
        await self.go_on(receivable, PauseKind.DISPUTE, today())
        await self.receivables.save(receivable)

    # --- agreements

    async def promise(self, receivable: Receivable, data: PromiseCreate) -> None:
        """Who promises has a few days more; a promise that replaces another adds only what is new of them."""
        _refuse_unasked(receivable)
        on = today()
        if data.promised_on < on or data.amount.centimes > receivable.left:
            raise PromiseTooLate
        before = await self.rows.open_promise(receivable.id)
        if before is not None:
            self._close_promise(receivable, before, PremiumPromiseStatus.REPLACED)
            await self.rows.flush()
        receivable.promise_amount, receivable.promise_on = data.amount, data.promised_on
        self.rows.keep(
            PromiseToPay(
                id=new_id(),
                receivable_id=receivable.id,
                amount=data.amount,
                promised_on=data.promised_on,
                paid_before=receivable.paid_amount,
                said=data.said,
            )
        )
        await self._wait_for_promise(receivable, on)
        await self.receivables.save(receivable)
        await publish(self.ctx, PaymentPromised(receivable.id, receivable.account_id, data.promised_on))

    async def _wait_for_promise(self, receivable: Receivable, on: date) -> None:
        until = (await self.delays.after(PROMISE_PAUSE, on)).on
        running = [
            pause
            for pause in await self.rows.pauses(receivable.id)
            if pause.kind is PauseKind.PROMISE and pause.cycle == receivable.dunning_cycle
        ]
        since = max([on, *(pause.to_on for pause in running if pause.to_on)])
        if until <= since:
            return
        moves = receivable.dunning_next_on is not None
        extra = (until - since).days
        self.rows.keep(
            DunningPause(
                id=new_id(),
                receivable_id=receivable.id,
                cycle=receivable.dunning_cycle,
                kind=PauseKind.PROMISE,
                from_on=since,
                to_on=until,
                held_next_on=receivable.dunning_next_on,
                days=extra if moves else 0,
            )
        )
        if receivable.dunning_next_on is not None:
            receivable.dunning_next_on += timedelta(days=extra)

    async def agree(self, receivable: Receivable, data: ArrearsPlanCreate) -> ArrearsPlan:
        """What is owed is paid in parts; while they come in time, the clock stands still."""
        _refuse_unasked(receivable)
        if await self.rows.active_plan(receivable.id) is not None:
            raise ArrearsPlanRunning
        days = [part.due_on for part in data.parts]
        whole = sum(part.amount.centimes for part in data.parts) == receivable.left
        if days != sorted(set(days)) or days[0] < today() or not whole:
            raise ArrearsPlanUnfit(balance=Money.of(receivable.left).amount)
        plan = ArrearsPlan(
            id=new_id(),
            receivable_id=receivable.id,
            total=Money.of(receivable.left),
            paid_before=receivable.paid_amount,
        )
        self.rows.keep(plan)
        await self.rows.flush()
        self.rows.keep(
            *(
                ArrearsPart(plan_id=plan.id, seq=seq, due_on=part.due_on, amount=part.amount)
                for seq, part in enumerate(data.parts, 1)
            )
        )
        self._hold(receivable, PauseKind.PLAN)
        await self.receivables.save(receivable)
        return plan

    async def give_up_plan(self, receivable: Receivable) -> None:
        plan = await self.rows.active_plan(receivable.id)
        if plan is None:
            raise NoArrearsPlan
        _end_plan(plan, ArrearsPlanStatus.CANCELLED)
        await self.go_on(receivable, PauseKind.PLAN, today())
        await self.receivables.save(receivable)

    async def break_promises(self, on: date) -> None:
        """Those whose day has passed unpaid."""
        for promise, receivable in await self.rows.broken_promises(on):
            self._close_promise(receivable, promise, PremiumPromiseStatus.BROKEN)
            await self.receivables.save(receivable)

    async def break_plans(self, on: date) -> None:
        """Where a part did not come: the clock goes on."""
        for plan, receivable in await self.rows.broken_plans(on):
            _end_plan(plan, ArrearsPlanStatus.BROKEN)
            await self.go_on(receivable, PauseKind.PLAN, on)
            await self.receivables.save(receivable)

    # --- the registered letter

    async def post_formal_notice(self, receivable: Receivable, data: FormalNoticePosted) -> None:
        """It was posted: from that day the customer has the delay of the law."""
        _refuse_unasked(receivable)
        if receivable.dunning_state is not DunningState.FORMAL_NOTICE_DUE:
            raise DunningNotThere(state=receivable.dunning_state, wanted=str(DunningState.FORMAL_NOTICE_DUE))
        ready = await self.rows.step(
            receivable.id, receivable.dunning_cycle, DunningStepKind.FORMAL_NOTICE_DUE
        )
        if data.posted_on > today() or (ready is not None and data.posted_on < ready.effective_on):
            raise DunningDayNotReached(until=str(ready.effective_on if ready else today()))
        over = await self.delays.suspension(data.posted_on)
        self.move(receivable, DunningState.FORMAL_NOTICE_SENT, over.on)
        receivable.dunning_level = 3
        step = self.step(receivable, DunningStepKind.FORMAL_NOTICE, data.posted_on)
        step.channel, step.posting_number = DunningChannel.REGISTERED_LETTER, data.posting_number
        step.document_id = data.document_id
        await self.receivables.save(receivable)
        await self.tell(receivable)

    # --- inside, and for `proposals`

    async def tell(self, receivable: Receivable) -> None:
        await publish(
            self.ctx,
            ReceivableDunningChanged(
                receivable.id, receivable.account_id, receivable.dunning_state, receivable.dunning_level
            ),
        )

    def move(self, receivable: Receivable, wanted: DunningState, next_on: date | None) -> None:
        DUNNING.check(receivable.dunning_state, wanted)
        receivable.dunning_state, receivable.dunning_next_on = wanted, next_on
        receivable.dunning_since = now()

    def step(
        self,
        receivable: Receivable,
        kind: DunningStepKind,
        on: date,
        *,
        rule_code: str | None = None,
        counted_from: date | None = None,
    ) -> DunningStep:
        step = DunningStep(
            receivable_id=receivable.id,
            cycle=receivable.dunning_cycle,
            kind=kind,
            effective_on=on,
            rule_code=rule_code,
            counted_from=counted_from,
            balance=Money.of(receivable.left),
            channel=DunningChannel.NONE,
            at=now(),
            actor_id=self.ctx.principal.id,
        )
        self.rows.keep(step)
        return step

    def _hold(self, receivable: Receivable, kind: PauseKind) -> None:
        self.rows.keep(
            DunningPause(
                id=new_id(),
                receivable_id=receivable.id,
                cycle=receivable.dunning_cycle,
                kind=kind,
                from_on=today(),
                held_next_on=receivable.dunning_next_on,
            )
        )
        receivable.dunning_next_on = None

    async def go_on(self, receivable: Receivable, kind: PauseKind, on: date) -> None:
        """The pause of that kind ends on `on`: the next step comes as many days later."""
        pause = await self.rows.pause(receivable.id, kind)
        if pause is None:
            return
        pause.to_on = max(on, pause.from_on)
        if pause.held_next_on is not None:
            pause.days = (pause.to_on - pause.from_on).days
            later = pause.held_next_on + timedelta(days=pause.days)
            other = [one for one in await self.rows.pauses(receivable.id) if one.to_on is None]
            if other:  # stopped by something else still
                other[0].held_next_on = later
            else:
                receivable.dunning_next_on = later

    def _close_promise(
        self, receivable: Receivable, promise: PromiseToPay, wanted: PremiumPromiseStatus
    ) -> None:
        PROMISE.check(promise.status, wanted)
        promise.status, promise.ended_at = wanted, now()
        receivable.promise_amount = receivable.promise_on = None


def _refuse_unasked(receivable: Receivable) -> None:
    if receivable.status is ReceivableStatus.DISPUTED:
        raise ReceivableDisputedNow
    if receivable.status not in _ASKED:
        raise NothingOwed


def _end_plan(plan: ArrearsPlan, wanted: ArrearsPlanStatus) -> None:
    ARREARS_PLAN.check(plan.status, wanted)
    plan.status, plan.ended_at = wanted, now()
