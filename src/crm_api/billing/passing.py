"""The nightly pass: what falls due, what becomes overdue, what is proposed; resumable, and twice is once."""

from datetime import date, datetime, timedelta

from crm_api.billing.clock import DunningClock
from crm_api.billing.delays import GRACE, Delays
from crm_api.billing.events import DunningPassed
from crm_api.billing.models.dunning import DunningStepKind
from crm_api.billing.repository.passing import MOVES, Move, PassingRepository
from crm_api.billing.repository.payments import CustomerCreditRepository
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.settling import Settling
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.clock import today

AT_ONCE = 20_000
"""Rows of one step in one transaction: what is done stays done when a worker dies."""
BILLED_AT_ONCE = 5_000


class DunningPass:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rows, self.delays = PassingRepository(ctx), Delays(ctx)

    async def run(self, on: date | None = None, most: int = AT_ONCE) -> bool:
        """Every step once; whether some of it is still to be done."""
        on, moment, more = on or today(), now(), False
        clock = DunningClock(self.ctx)
        await clock.break_promises(on)
        await clock.break_plans(on)
        for move in MOVES:
            more = await self._step(move, on, moment, most) >= most or more
        return more

    async def _step(self, move: Move, on: date, moment: datetime, most: int) -> int:
        ends = await self._ends(move, await self.rows.starts(move, on))
        moved = await self.rows.move(move, on, moment, ends, most)
        for agency_id, count in sorted(moved.items(), key=str):
            if agency_id is not None:
                await publish(self.ctx, DunningPassed(agency_id, move.step, count))
        return sum(moved.values())

    async def _ends(self, move: Move, starts: list[date]) -> dict[date, date]:
        """When the step after this one comes by itself; never, where a person must act."""
        if move.step is DunningStepKind.DUE:
            return await self.delays.ends(GRACE, starts)
        if move.step is DunningStepKind.REMINDER:  # the formal notice may go out once grace is over
            return {start: start + timedelta(days=1) for start in starts}
        return {}

    async def bill(self, on: date | None = None, most: int = BILLED_AT_ONCE) -> bool:
        """The receipts and notices of the day; credits of their customers pay them. Whether more waits."""
        billed = await self.rows.bill(on or today(), now(), most)
        accounts = await CustomerCreditRepository(self.ctx).among({row[0] for row in billed})
        for account_id in sorted(accounts):
            mine = [row[1] for row in billed if row[0] == account_id]
            debts = await ReceivableRepository(self.ctx).locked(mine, seen=False)
            held = await CustomerCreditRepository(self.ctx).left_to(account_id)
            await Settling(self.ctx).spend(held, sorted(debts.values(), key=lambda one: (one.due_on, one.id)))
        return len(billed) >= most
