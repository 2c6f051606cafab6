"""Money that comes in: recorded, carried out, honoured or not (domain.md B-26)."""

from collections.abc import Sequence
from uuid import UUID

from pydantic_core import to_json

from crm_api.accounts.service import AccountService
from crm_api.agencies.service import AgencyService
from crm_api.billing.delays import Delays
from crm_api.billing.errors import (
    AllocationExceedsDue,
    CashNotAllowed,
    PaymentAmountDiffers,
    PaymentIntentUnknown,
    PaymentInTheFuture,
    UnknownBillingAccount,
    UnknownBillingAgency,
    UnknownReceivable,
)
from crm_api.billing.events import PaymentFailed, PaymentSettled
from crm_api.billing.models.payment import (
    COUNTS,
    PAYMENT,
    CreditOrigin,
    CustomerCredit,
    Payment,
    PaymentMethod,
    PaymentStatus,
)
from crm_api.billing.models.receivable import OWED, Receivable, ReceivableStatus
from crm_api.billing.numbering import payment_number
from crm_api.billing.repository.payments import CustomerCreditRepository, PaymentRepository
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.repository.schedules import Contracts
from crm_api.billing.schemas.payment import (
    AllocationWanted,
    CustomerCreditPage,
    CustomerCreditQuery,
    LikePayment,
    PaymentCreate,
    PaymentPage,
    PaymentQuery,
    PaymentRead,
    PaymentTold,
    PspNews,
)
from crm_api.billing.settling import Settling
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.principal import DataScope
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.policies.terms import local_day

Shares = list[tuple[Receivable, int]]
_NO_MONEY = frozenset({PaymentStatus.FAILED, PaymentStatus.CANCELLED, PaymentStatus.EXPIRED})


class PaymentService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.payments, self.credits = PaymentRepository(ctx), CustomerCreditRepository(ctx)
        self.receivables, self.settling = ReceivableRepository(ctx), Settling(ctx)
        self.contracts = Contracts(ctx)

    # --- reads

    async def page(self, query: PaymentQuery) -> Json[PaymentPage]:
        return await self.payments.page(query, PaymentPage)

    async def get(self, payment_id: UUID) -> Json[PaymentRead]:
        return await self.payments.get(payment_id)

    async def credit_page(self, query: CustomerCreditQuery) -> Json[CustomerCreditPage]:
        return await self.credits.page(query, CustomerCreditPage)

    # --- money that comes in

    async def record(self, data: PaymentCreate) -> Json[PaymentTold]:
        """Counter payments are settled, cheques received, what a payment service carries out initiated.

        Raises CashNotAllowed, AllocationExceedsDue, UnknownReceivable, UnknownBillingAccount,
        UnknownBillingAgency, PaymentInTheFuture, PaymentIntentTaken.
        """
        self.ctx.begin()
        payment = await self._new(data)
        shares = await self._shares(payment, data.allocations)
        await self._refuse_cash(payment, shares)
        await self.payments.save(payment)
        if payment.status in COUNTS:
            await self._apply(payment, shares)
        else:
            payment.wanted = [
                {"receivable_id": str(one.receivable_id), "centimes": one.amount.centimes}
                for one in data.allocations
            ]
            await self.payments.save(payment)
        if payment.status is PaymentStatus.SETTLED:
            await self._tell_settled(payment)
        return await self._told(payment)

    async def _new(self, data: PaymentCreate) -> Payment:
        moment = now()
        received_at = data.received_at or moment
        if received_at > moment:
            raise PaymentInTheFuture
        agency_id, code = await self._place(data)
        status = PaymentStatus.SETTLED
        if data.psp is not None:
            status = PaymentStatus.INITIATED
        elif data.method is PaymentMethod.CHEQUE:
            status = PaymentStatus.RECEIVED
        value_date = data.value_date or local_day(received_at)
        return Payment(
            id=new_id(),
            number=await payment_number(self.ctx, code, local_day(received_at)),
            account_id=data.account_id,
            amount=data.amount,
            method=data.method,
            status=status,
            received_at=received_at,
            value_date=value_date,
            reference=data.reference,
            payer_name=data.payer_name,
            psp_provider=data.psp.provider if data.psp else None,
            psp_intent_id=data.psp.intent_id if data.psp else None,
            settled_at=moment if status is PaymentStatus.SETTLED else None,
            owner_user_id=self.ctx.principal.id if self.ctx.principal.is_person else None,
            agency_id=agency_id,
        )

    async def _place(self, data: PaymentCreate) -> tuple[UUID, str]:
        """Where it is paid: the agency named, that of who records it, or the account's; and its code."""
        try:
            account = (await AccountService(self.ctx).get(data.account_id)).value
        except NotFound as unknown:
            raise UnknownBillingAccount from unknown
        principal = self.ctx.principal
        agency_id = data.agency_id or principal.agency_id or account.agency_id
        foreign = data.agency_id is not None and data.agency_id not in principal.agency_ids
        if agency_id is None or (foreign and principal.data_scope is not DataScope.ALL):
            raise UnknownBillingAgency
        try:
            return agency_id, (await AgencyService(self.ctx).get(agency_id)).value.code
        except NotFound as unknown:
            raise UnknownBillingAgency from unknown

    async def _shares(self, payment: Payment, wanted: Sequence[AllocationWanted]) -> Shares:
        """What is asked for, or the oldest debts of the account first; all of it held from here on."""
        if not wanted:
            owed = await self.receivables.owed_by(payment.account_id)
            return _oldest_first(await self.settling.hold(owed), payment.amount.centimes)
        seen = await self.receivables.seen([one.receivable_id for one in wanted])
        for one in wanted:
            if one.receivable_id not in seen:
                raise UnknownReceivable(receivable_id=str(one.receivable_id))
        known = await self.receivables.named([one.receivable_id for one in wanted])
        held = {one.id: one for one in await self.settling.hold(known)}
        shares: Shares = []
        for one in wanted:
            receivable = held[one.receivable_id]
            if receivable.account_id != payment.account_id:
                raise UnknownReceivable(receivable_id=str(one.receivable_id))
            if receivable.status not in OWED or receivable.left < one.amount.centimes:
                left = Money.of(receivable.left).amount
                raise AllocationExceedsDue(receivable_id=str(receivable.id), balance=left)
            shares.append((receivable, one.amount.centimes))
        return shares

    async def _refuse_cash(self, payment: Payment, shares: Shares) -> None:
        """By the rule of the value date (LF 2025 art. 207)."""
        if payment.method is not PaymentMethod.CASH:
            return
        rule = await Delays(self.ctx).cash_is_banned(payment.value_date)
        if rule is None:
            return
        policy_ids = [one.policy_id for one, _ in shares if one.policy_id is not None]
        if barred := await self.contracts.compulsory(policy_ids):
            raise CashNotAllowed(source=rule.source, policy_ids=[str(id) for id in barred])

    async def _apply(self, payment: Payment, shares: Shares) -> None:
        """The shares are paid; what is left is held for the customer."""
        await self.settling.pay(payment, shares, payment.received_at)
        left = payment.amount.centimes - sum(share for _, share in shares)
        if left:
            credit = CustomerCredit(
                id=new_id(),
                account_id=payment.account_id,
                origin=CreditOrigin.OVERPAYMENT,
                payment_id=payment.id,
                amount=Money.of(left),
                owner_user_id=payment.owner_user_id,
                agency_id=payment.agency_id,
            )
            await self.credits.save(credit)

    # --- cheques

    async def deposit(self, payment_id: UUID, version: int) -> Json[PaymentRead]:
        """The cheque went to the bank."""
        payment = await self._stepping(payment_id, version, PaymentStatus.DEPOSITED)
        payment.deposited_at = now()
        return await self._done(payment)

    async def clear(self, payment_id: UUID, version: int) -> Json[PaymentRead]:
        """The bank paid it."""
        payment = await self._stepping(payment_id, version, PaymentStatus.CLEARED)
        payment.settled_at = now()
        await self._tell_settled(payment)
        return await self._done(payment)

    async def bounce(self, payment_id: UUID, reason: str, version: int) -> Json[PaymentRead]:
        """The bank refused it: what it had paid is owed again."""
        payment = await self._stepping(payment_id, version, PaymentStatus.BOUNCED)
        await self._without_money(payment, reason)
        return await self._done(payment)

    async def cancel(self, payment_id: UUID, reason: str, version: int) -> Json[PaymentRead]:
        """Before its money came: the cheque was given back, the intent given up."""
        payment = await self._stepping(payment_id, version, PaymentStatus.CANCELLED)
        await self._without_money(payment, reason)
        return await self._done(payment)

    # --- payment services

    async def hear(self, provider: str, intent_id: str, news: PspNews) -> Json[PaymentRead]:
        """What a service says of a payment that was begun here; said again, it changes nothing.

        Raises PaymentIntentUnknown, PaymentAmountDiffers, InvalidTransition.
        """
        payment = await self.payments.with_intent(provider, intent_id)
        if payment is None:
            raise PaymentIntentUnknown
        if payment.amount != news.amount:
            raise PaymentAmountDiffers(expected=payment.amount.amount)
        wanted = PaymentStatus(news.status)
        if payment.status is not wanted:
            PAYMENT.check(payment.status, wanted)
            payment.status = wanted
            if wanted is PaymentStatus.SETTLED:
                await self._arrived(payment)
            elif wanted in _NO_MONEY:
                await self._without_money(payment, news.reason)
            await self.payments.save(payment)
        return await self.payments.get(payment.id)

    async def _arrived(self, payment: Payment) -> None:
        """The money is here: what it was for is paid as far as it is still owed, the rest is held."""
        moment = now()
        payment.settled_at, payment.received_at = moment, moment
        shares: Shares = []
        if payment.wanted:
            amounts = {UUID(one["receivable_id"]): int(one["centimes"]) for one in payment.wanted}
            known = await self.receivables.named(list(amounts))
            for receivable in await self.settling.hold(known):
                owed = receivable.status in OWED
                shares.append((receivable, min(amounts[receivable.id], receivable.left) if owed else 0))
        else:
            owed_now = await self.receivables.owed_by(payment.account_id)
            shares = _oldest_first(await self.settling.hold(owed_now), payment.amount.centimes)
        await self._apply(payment, [(one, share) for one, share in shares if share])
        await self._tell_settled(payment)

    # --- inside

    async def _stepping(self, payment_id: UUID, version: int, wanted: PaymentStatus) -> Payment:
        payment = await self.payments.load(payment_id)
        if version not in (payment.version, ANY_VERSION):
            raise VersionConflict(current_version=payment.version)
        PAYMENT.check(payment.status, wanted)
        payment.status = wanted
        return payment

    async def _without_money(self, payment: Payment, reason: str | None) -> None:
        """What counted as paid no longer does."""
        payment.ended_at, payment.failure_reason = now(), reason
        lines = await self.payments.allocations(payment.id)
        credits = await self.credits.of_payment(payment.id)
        for credit in credits:
            lines += await self.credits.allocations(credit.id)
        held = await self.receivables.named([line.receivable_id for line in lines])
        await self.settling.hold(held)
        await self.settling.take_back(lines, payment.ended_at)
        for credit in credits:
            credit.refunded_amount = credit.amount
            await self.credits.save(credit)
        named = payment.id, payment.number, payment.account_id
        await publish(self.ctx, PaymentFailed(*named, payment.status))

    async def _tell_settled(self, payment: Payment) -> None:
        named = payment.id, payment.number, payment.account_id
        await publish(self.ctx, PaymentSettled(*named, payment.method))

    async def _told(self, payment: Payment) -> Json[PaymentTold]:
        like = [LikePayment(payment_id=row[0], number=row[1]) for row in await self.payments.like(payment)]
        shown = await self.payments.get(payment.id)
        body = f"{shown.body.decode()[:-1]},{to_json({'warnings': like}).decode()[1:]}"
        return Json(PaymentTold, body, shown.version, id=shown.id)

    async def _done(self, payment: Payment) -> Json[PaymentRead]:
        await self.payments.save(payment)
        return await self.payments.get(payment.id)


def _oldest_first(receivables: Sequence[Receivable], centimes: int) -> Shares:
    shares: Shares = []
    for receivable in receivables:
        share = 0 if receivable.status is ReceivableStatus.DISPUTED else min(receivable.left, centimes)
        if share > 0:
            shares.append((receivable, share))
            centimes -= share
    return shares
