"""Money meets debts: what pays what, what is taken back, and what follows for the contract and for the clock.

Every caller holds the rows it gives us (`hold`), in this order: contracts, receivables, instalments. So two
cashiers on one debt come one after the other, and the second one sees what the first one left.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from crm_api.billing.clock import DunningClock
from crm_api.billing.events import InstalmentPaid, ReceivableReopened, ReceivableSettled
from crm_api.billing.models.dunning import PauseKind
from crm_api.billing.models.payment import CustomerCredit, Payment, PaymentAllocation, PaymentMethod
from crm_api.billing.models.receivable import RECEIVABLE, DunningState, Receivable, ReceivableStatus
from crm_api.billing.models.schedule import INSTALMENT, Instalment, InstalmentStatus
from crm_api.billing.repository.payments import CustomerCreditRepository, PaymentRepository
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.repository.schedules import Contracts, InstalmentRepository
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.clock import today
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money
from crm_api.policies.models.policy import OURS, PolicyStatus
from crm_api.policies.service import PolicyService

_ENDED = frozenset({InstalmentStatus.CANCELLED, InstalmentStatus.REFUNDED, InstalmentStatus.WRITTEN_OFF})
_IN_TIME = frozenset({DunningState.QUIET, DunningState.NOTICED, DunningState.DUE})
Source = Payment | CustomerCredit


class Settling:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.contracts, self.instalments = Contracts(ctx), InstalmentRepository(ctx)
        self.receivables, self.clock = ReceivableRepository(ctx), DunningClock(ctx)
        self.credits, self.payments = CustomerCreditRepository(ctx), PaymentRepository(ctx)

    async def hold(self, receivables: Iterable[Receivable]) -> list[Receivable]:
        """The same debts, their contracts and themselves locked, in the order given."""
        wanted = list(receivables)
        await self.contracts.hold({one.policy_id for one in wanted if one.policy_id})
        held = await self.receivables.locked([one.id for one in wanted], seen=False)
        return [held[one.id] for one in wanted if one.id in held]

    # --- paying

    async def pay(
        self, source: Source, shares: Sequence[tuple[Receivable, int]], at: datetime
    ) -> list[PaymentAllocation]:
        """Centimes of `source` pay these held debts; then what follows from it."""
        made = []
        for receivable, centimes in shares:
            if centimes <= 0:
                continue
            line = PaymentAllocation(
                id=new_id(), receivable_id=receivable.id, amount=Money.of(centimes), **_from(source)
            )
            self.ctx.session.add(line)
            receivable.paid_amount = Money.of(receivable.paid_amount.centimes + centimes)
            if isinstance(source, CustomerCredit):
                source.used_amount = Money.of(source.used_amount.centimes + centimes)
            await self._moved(receivable, at)
            made.append(line)
        await self._follow({one.policy_id for one, _ in shares if one.policy_id}, at)
        return made

    async def spend(self, credits: Sequence[CustomerCredit], receivables: Sequence[Receivable]) -> None:
        """What is held for a customer pays these debts, the oldest first.

        What came in cash pays no compulsory insurance, where paying it in cash is not allowed.
        """
        held = await self.hold(one for one in receivables if one.status is not ReceivableStatus.DISPUTED)
        for credit in credits:
            barred = await self._barred(credit, held)
            left, shares = credit.left, []
            for receivable in held:
                share = 0 if receivable.policy_id in barred else min(left, receivable.left)
                if share:
                    shares.append((receivable, share))
                    left -= share
            await self.pay(credit, shares, now())

    async def _barred(self, credit: CustomerCredit, receivables: Sequence[Receivable]) -> set[UUID | None]:
        payment = await self.payments.origin(credit)
        if payment is None or payment.method is not PaymentMethod.CASH:
            return set()
        if await self.clock.delays.cash_is_banned(payment.value_date) is None:
            return set()
        return set(await self.contracts.compulsory([one.policy_id for one in receivables if one.policy_id]))

    async def nothing_to_pay(self, instalment: Instalment) -> None:
        """A part of nothing is paid when it is billed."""
        INSTALMENT.check(instalment.status, InstalmentStatus.PAID)
        instalment.status = InstalmentStatus.PAID
        await self.instalments.save(instalment)
        await publish(self.ctx, InstalmentPaid(instalment.id, instalment.policy_id))
        await self._follow({instalment.policy_id}, now())

    async def void(self, instalment: Instalment) -> None:
        """The contract gives all of it back: cancelled, or refunded where it had been paid."""
        paid = instalment.status is InstalmentStatus.PAID
        wanted = InstalmentStatus.REFUNDED if paid else InstalmentStatus.CANCELLED
        INSTALMENT.check(instalment.status, wanted)
        instalment.status = wanted
        await self.instalments.save(instalment)

    # --- taking back

    async def take_back(self, lines: Sequence[PaymentAllocation], at: datetime) -> None:
        """Debts that were paid are owed again; `lines` stay, with the moment."""
        receivables = await self.receivables.locked([line.receivable_id for line in lines], seen=False)
        for line in lines:
            line.taken_back_at = at
            if line.credit_id is not None:
                credit = await self.credits.held(line.credit_id)
                credit.used_amount = Money.of(credit.used_amount.centimes - line.amount.centimes)
            receivable = receivables[line.receivable_id]
            receivable.paid_amount = Money.of(receivable.paid_amount.centimes - line.amount.centimes)
            await self._moved(receivable, at)

    async def free(self, payment: Payment, centimes: int, at: datetime) -> None:
        """So much of a payment is to go back: first what pays nothing, then the newest allocations.

        An allocation of which a part stays is taken back, and made again for that part.
        """
        left = centimes
        for credit in await self.credits.of_payment(payment.id):
            left = await self._free_credit(credit, left, at)
        for line in reversed(await self.payments.allocations(payment.id)):
            if left == 0:
                return
            part = min(left, line.amount.centimes)
            await self.take_back([line], at)
            if part < line.amount.centimes:
                held = await self.receivables.locked([line.receivable_id], seen=False)
                await self.pay(payment, [(held[line.receivable_id], line.amount.centimes - part)], at)
            left -= part

    async def _free_credit(self, credit: CustomerCredit, left: int, at: datetime) -> int:
        held = credit.amount.centimes - credit.refunded_amount.centimes
        part = min(left, held)
        for line in await self.credits.allocations(credit.id):
            if part <= held - credit.used_amount.centimes:
                break
            await self.take_back([line], at)
        credit.refunded_amount = Money.of(credit.refunded_amount.centimes + part)
        await self.credits.save(credit)
        return left - part

    # --- what follows

    async def _moved(self, receivable: Receivable, at: datetime) -> None:
        """The state that the amounts say, on the debt and on the part of the premium that it is for."""
        was = receivable.status
        contested = was is ReceivableStatus.DISPUTED
        _restate(receivable)  # before any statement: the amounts and the state are one to the referee
        settled = receivable.status is ReceivableStatus.SETTLED
        reopened = receivable.settled_at is not None and not settled
        receivable.settled_at = (receivable.settled_at or at) if settled else None
        if contested and settled:  # paid in full: nobody contests it any more
            await self.clock.go_on(receivable, PauseKind.DISPUTE, today())
        await self.clock.heard(receivable, reopened=reopened, settled=settled)
        await self.receivables.save(receivable)
        if receivable.instalment_id is not None:
            await self._mirror(receivable)
        named = receivable.id, receivable.account_id, receivable.policy_id
        if settled and was is not ReceivableStatus.SETTLED:
            await publish(self.ctx, ReceivableSettled(*named))
        if reopened:
            await publish(self.ctx, ReceivableReopened(*named))

    async def _mirror(self, receivable: Receivable) -> None:
        assert receivable.instalment_id is not None  # noqa: S101 - asked by the caller
        instalment = (await self.instalments.locked([receivable.instalment_id]))[receivable.instalment_id]
        instalment.paid_amount = receivable.paid_amount
        wanted = _part_state(instalment, receivable)
        was = instalment.status
        if was not in _ENDED and was is not wanted:
            INSTALMENT.check(was, wanted)
            instalment.status = wanted
        await self.instalments.save(instalment)
        if instalment.status is InstalmentStatus.PAID and was is not InstalmentStatus.PAID:
            await publish(self.ctx, InstalmentPaid(instalment.id, instalment.policy_id))

    async def _follow(self, policy_ids: set[UUID], at: datetime) -> None:
        """Cover begins with the first premium, and resumes once nothing is in arrears."""
        await self.ctx.session.flush()
        for policy_id in sorted(policy_ids):
            policy = (await self.contracts.of(policy_id)).policy
            if policy.source_system != OURS:  # the policy system decides, once it was told of the payment
                continue
            if policy.status is PolicyStatus.ISSUED and await self.instalments.first_is_paid(policy_id):
                await PolicyService(self.ctx).begin(policy_id, at)
            elif policy.status is PolicyStatus.SUSPENDED and not await self._in_arrears(policy_id):
                await PolicyService(self.ctx).pay_up(policy_id, at)

    async def _in_arrears(self, policy_id: UUID) -> bool:
        owed = await self.receivables.of_policy(policy_id)
        return any(one.left and one.due_on < today() for one in owed)


def _from(source: Source) -> dict[str, UUID]:
    return {"payment_id" if isinstance(source, Payment) else "credit_id": source.id}


def _state(receivable: Receivable) -> ReceivableStatus:
    paid, given_up = receivable.paid_amount.centimes, receivable.written_off_amount.centimes
    if paid + given_up == receivable.original_amount.centimes:
        return ReceivableStatus.WRITTEN_OFF if given_up else ReceivableStatus.SETTLED
    return ReceivableStatus.PARTIALLY_SETTLED if paid else ReceivableStatus.OPEN


def _restate(receivable: Receivable) -> None:
    """From step to step of the table; what is contested stays so until it is resolved, or paid in full."""
    wanted = _state(receivable)
    if receivable.status is wanted:
        return
    if receivable.status is ReceivableStatus.DISPUTED:
        if wanted is not ReceivableStatus.SETTLED:
            return
        receivable.disputed_at = receivable.dispute_reason = None
        receivable.status = ReceivableStatus.OPEN
    if receivable.status is ReceivableStatus.SETTLED and wanted is not ReceivableStatus.OPEN:
        RECEIVABLE.check(receivable.status, ReceivableStatus.OPEN)  # owed again, and a part of it is paid
        receivable.status = ReceivableStatus.OPEN
    RECEIVABLE.check(receivable.status, wanted)
    receivable.status = wanted


def _part_state(instalment: Instalment, receivable: Receivable) -> InstalmentStatus:
    if instalment.paid_amount == instalment.total:
        return InstalmentStatus.PAID
    if instalment.paid_amount.centimes:
        return InstalmentStatus.PARTIALLY_PAID
    late = receivable.dunning_state not in _IN_TIME
    return InstalmentStatus.OVERDUE if late else InstalmentStatus.BILLED
