"""What contracts make due: a schedule when one is issued, more or less when it changes or ends."""

from datetime import date, timedelta
from uuid import UUID

from crm_api.billing.delays import NOTICE, Delays
from crm_api.billing.events import InstalmentBilled, ReceivableOpened
from crm_api.billing.lines import Lines, unearned
from crm_api.billing.models.dunning import DunningChannel, DunningStep, DunningStepKind
from crm_api.billing.models.payment import CreditOrigin, CustomerCredit
from crm_api.billing.models.receivable import DunningState, Receivable
from crm_api.billing.models.schedule import (
    INSTALMENT,
    Instalment,
    InstalmentStatus,
    PremiumReceipt,
    PremiumSchedule,
    ReceiptType,
)
from crm_api.billing.numbering import receipt_number
from crm_api.billing.plan import parts
from crm_api.billing.repository.payments import CustomerCreditRepository
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.repository.schedules import (
    Contract,
    Contracts,
    InstalmentRepository,
    PremiumReceiptRepository,
)
from crm_api.billing.settling import Settling
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.clock import today
from crm_api.kit.ids import new_id
from crm_api.policies.models.policy import PaymentPlan
from crm_api.policies.terms import local_day

LIVE = frozenset({InstalmentStatus.BILLED, InstalmentStatus.PARTIALLY_PAID, InstalmentStatus.OVERDUE})


class ScheduleService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.contracts, self.instalments = Contracts(ctx), InstalmentRepository(ctx)
        self.receipts, self.receivables = PremiumReceiptRepository(ctx), ReceivableRepository(ctx)
        self.credits, self.settling, self.delays = CustomerCreditRepository(ctx), Settling(ctx), Delays(ctx)

    async def open(self, policy_id: UUID) -> None:
        """The parts of the premium; the first one is billed at once, those whose notice is late too.

        Said twice, done once.
        """
        contract = await self.contracts.of(policy_id)
        policy = contract.policy
        if await self.contracts.schedule_exists(policy_id, 1):
            return
        planned = parts(Lines.of_policy(policy), policy.payment_plan, policy.effective_at, policy.expires_at)
        schedule = PremiumSchedule(
            id=new_id(),
            policy_id=policy_id,
            policy_version=1,
            payment_plan=policy.payment_plan,
            total=policy.total_premium,
        )
        self.ctx.session.add(schedule)
        await self.ctx.session.flush()  # before the rows that refer to it
        kind = ReceiptType.RENEWAL if policy.previous_policy_id else ReceiptType.NEW
        written: list[Instalment] = []
        for part in planned:
            bill_on = today() if part.seq == 1 else (await self.delays.before(NOTICE, part.due_on)).on
            written.append(
                Instalment(
                    id=new_id(),
                    schedule_id=schedule.id,
                    policy_id=policy_id,
                    account_id=policy.account_id,
                    owner_user_id=policy.owner_user_id,
                    agency_id=policy.agency_id,
                    seq=part.seq,
                    period_from=part.period_from,
                    period_to=part.period_to,
                    due_on=part.due_on,
                    bill_on=bill_on,
                    **part.lines.columns(),
                )
            )
        self.ctx.session.add_all(written)
        await self.ctx.session.flush()
        for instalment in written:
            if instalment.bill_on <= today():
                await self.bill(instalment, contract, kind)

    async def bill(
        self,
        instalment: Instalment,
        contract: Contract,
        kind: ReceiptType,
        endorsement_id: UUID | None = None,
    ) -> None:
        """The receipt, and the debt; what is held for the customer pays it first."""
        on = today()
        number = await receipt_number(self.ctx, contract.agency_code, on, contract.policy.product_code)
        receipt = self._receipt(contract, number, kind, Lines.of(instalment), on)
        receipt.instalment_id, receipt.endorsement_id = instalment.id, endorsement_id
        await self.receipts.save(receipt)
        INSTALMENT.check(instalment.status, InstalmentStatus.BILLED)
        instalment.status = InstalmentStatus.BILLED
        await self.instalments.save(instalment)
        await publish(
            self.ctx, InstalmentBilled(instalment.id, instalment.policy_id, number, instalment.due_on)
        )
        if instalment.total.centimes == 0:
            await self.settling.nothing_to_pay(instalment)
            return
        receivable = await self._owe(instalment, receipt)
        held = await self.credits.left_to(instalment.account_id)
        await self.settling.spend(held, [receivable])

    async def _owe(self, instalment: Instalment, receipt: PremiumReceipt) -> Receivable:
        ahead = instalment.due_on > today()
        receivable = Receivable(
            id=new_id(),
            account_id=instalment.account_id,
            policy_id=instalment.policy_id,
            instalment_id=instalment.id,
            receipt_id=receipt.id,
            owner_user_id=instalment.owner_user_id,
            agency_id=instalment.agency_id,
            original_amount=instalment.total,
            due_on=instalment.due_on,
            dunning_from_on=instalment.due_on,
            dunning_next_on=instalment.due_on,
            dunning_state=DunningState.NOTICED if ahead else DunningState.QUIET,
            dunning_since=now() if ahead else None,
        )
        await self.receivables.save(receivable)
        if ahead:  # the receipt is the notice, with its amount and its day
            self.ctx.session.add(
                DunningStep(
                    receivable_id=receivable.id,
                    cycle=1,
                    kind=DunningStepKind.NOTICE,
                    effective_on=today(),
                    rule_code=NOTICE,
                    counted_from=instalment.due_on,
                    balance=instalment.total,
                    channel=DunningChannel.LETTER,
                    actor_id=self.ctx.principal.id,
                )
            )
        await publish(
            self.ctx,
            ReceivableOpened(receivable.id, receivable.account_id, receivable.policy_id, receivable.due_on),
        )
        return receivable

    # --- changes of a contract

    async def endorse(self, policy_id: UUID, endorsement_id: UUID, version: int, delta: Lines) -> None:
        """More to pay is one part more, due at once; less is a receipt that gives back."""
        if delta.total == 0 or await self.contracts.schedule_exists(policy_id, version):
            return
        contract = await self.contracts.of(policy_id)
        policy = contract.policy
        schedule = PremiumSchedule(
            id=new_id(),
            policy_id=policy_id,
            policy_version=version,
            endorsement_id=endorsement_id,
            payment_plan=PaymentPlan.SINGLE,
            total=delta.columns()["total"],
        )
        self.ctx.session.add(schedule)
        await self.ctx.session.flush()  # before the rows that refer to it
        if delta.total < 0:
            await self._give_back(contract, delta, CreditOrigin.ENDORSEMENT, endorsement_id)
            return
        ends = local_day(policy.expires_at)
        begins = local_day(await self.contracts.begins(endorsement_id))
        instalment = Instalment(
            id=new_id(),
            schedule_id=schedule.id,
            policy_id=policy_id,
            account_id=policy.account_id,
            owner_user_id=policy.owner_user_id,
            agency_id=policy.agency_id,
            seq=1,
            period_from=min(begins, ends - timedelta(days=1)),
            period_to=ends,
            due_on=today(),
            bill_on=today(),
            **delta.columns(),
        )
        await self.instalments.save(instalment)
        await self.bill(instalment, contract, ReceiptType.ENDORSEMENT, endorsement_id)

    async def end(self, policy_id: UUID, ends_on: date) -> None:
        """What was not billed falls away; what was billed for days after is given back (D-30)."""
        await self._close(policy_id, CreditOrigin.TERMINATION, ends_on)

    async def void(self, policy_id: UUID) -> None:
        """It never was: nothing is owed, and everything that was paid is given back."""
        await self._close(policy_id, CreditOrigin.CANCELLATION, None)

    async def _close(self, policy_id: UUID, origin: CreditOrigin, ends_on: date | None) -> None:
        contract = await self.contracts.of(policy_id)
        receivables = await self.receivables.of_policy(policy_id)
        back = Lines()
        for instalment in await self.instalments.of_policy(policy_id):
            if instalment.status is InstalmentStatus.SCHEDULED:
                INSTALMENT.check(instalment.status, InstalmentStatus.CANCELLED)
                instalment.status = InstalmentStatus.CANCELLED
                await self.instalments.save(instalment)
            elif instalment.status in LIVE | {InstalmentStatus.PAID}:
                lines = Lines.of(instalment)
                gone = _left(lines, instalment.period_from, instalment.period_to, ends_on)
                back += gone
                if gone == lines:
                    await self.settling.void(instalment)
        ends = local_day(contract.policy.expires_at)
        for receipt, since in await self.receipts.given_back(policy_id):  # what endorsements gave already
            back += _left(Lines.of(receipt), local_day(since), ends, ends_on)
        if back.total > 0:
            await self._give_back(contract, -back, origin, None, receivables)

    async def _give_back(
        self,
        contract: Contract,
        lines: Lines,
        origin: CreditOrigin,
        endorsement_id: UUID | None,
        receivables: list[Receivable] | None = None,
    ) -> None:
        """A receipt of negative lines; its money pays what is owed of the contract, the rest is held."""
        on, policy = today(), contract.policy
        number = await receipt_number(self.ctx, contract.agency_code, on, policy.product_code)
        receipt = self._receipt(contract, number, ReceiptType.REFUND, lines, on)
        receipt.endorsement_id = endorsement_id
        await self.receipts.save(receipt)
        credit = CustomerCredit(
            id=new_id(),
            account_id=policy.account_id,
            owner_user_id=policy.owner_user_id,
            agency_id=policy.agency_id,
            origin=origin,
            receipt_id=receipt.id,
            amount=(-lines).columns()["total"],
        )
        await self.credits.save(credit)
        if receivables is None:
            receivables = await self.receivables.of_policy(policy.id)
        await self.settling.spend([credit], [one for one in receivables if one.left])

    def _receipt(
        self, contract: Contract, number: str, kind: ReceiptType, lines: Lines, on: date
    ) -> PremiumReceipt:
        policy = contract.policy
        return PremiumReceipt(
            id=new_id(),
            number=number,
            type=kind,
            policy_id=policy.id,
            account_id=policy.account_id,
            owner_user_id=policy.owner_user_id,
            agency_id=policy.agency_id,
            issued_on=on,
            **lines.columns(),
        )


def _left(lines: Lines, period_from: date, period_to: date, ends_on: date | None) -> Lines:
    """What of `lines` is no longer due; all of it where the contract never was."""
    if ends_on is None:
        return lines
    return unearned(lines, period_from, period_to, ends_on) if period_to > period_from else Lines()
