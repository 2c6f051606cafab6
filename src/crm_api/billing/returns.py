"""Money that goes back, debts that are given up: somebody asks, somebody else decides (H 10)."""

from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.billing.errors import (
    NothingOwed,
    PaymentNotIncoming,
    RefundAboveLimit,
    ReturnDecidedByRequester,
    ReturnExceedsPayment,
    WriteOffDecidedByRequester,
)
from crm_api.billing.events import PaymentReversed, ReceivableWrittenOff
from crm_api.billing.models.payment import (
    PAYMENT,
    PAYMENT_RETURN,
    Payment,
    PaymentDirection,
    PaymentReturn,
    PaymentStatus,
    ReturnKind,
    ReturnStatus,
)
from crm_api.billing.models.receivable import (
    RECEIVABLE,
    WRITE_OFF,
    ReceivableStatus,
    WriteOff,
    WriteOffStatus,
)
from crm_api.billing.models.schedule import INSTALMENT, InstalmentStatus
from crm_api.billing.numbering import payment_number
from crm_api.billing.repository.payments import PaymentRepository, PaymentReturnRepository
from crm_api.billing.repository.receivables import ReceivableRepository, WriteOffRepository
from crm_api.billing.repository.schedules import Contracts, InstalmentRepository
from crm_api.billing.schemas.payment import (
    PaymentReturnPage,
    PaymentReturnQuery,
    PaymentReturnRead,
    ReturnRequest,
)
from crm_api.billing.schemas.receivable import (
    BillingDecision,
    WriteOffPage,
    WriteOffQuery,
    WriteOffRead,
    WriteOffRequest,
)
from crm_api.billing.settling import Settling
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.policies.terms import local_day
from crm_api.roles.service import GroupService


class ReturnService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.returns, self.payments = PaymentReturnRepository(ctx), PaymentRepository(ctx)
        self.receivables, self.settling = ReceivableRepository(ctx), Settling(ctx)

    async def page(self, query: PaymentReturnQuery) -> Json[PaymentReturnPage]:
        return await self.returns.page(query, PaymentReturnPage)

    async def get(self, return_id: UUID) -> Json[PaymentReturnRead]:
        return await self.returns.get(return_id)

    async def request(self, payment_id: UUID, data: ReturnRequest) -> Json[PaymentReturnRead]:
        """Raises PaymentNotIncoming, InvalidTransition, ReturnExceedsPayment, ReturnAlreadyRequested."""
        self.ctx.begin()
        payment = await self.payments.load(payment_id)
        amount = data.amount if data.kind is ReturnKind.REFUND else payment.amount
        _refuse_unreturnable(payment, data.kind, amount)
        wanted = PaymentReturn(
            id=new_id(),
            payment_id=payment.id,
            kind=data.kind,
            amount=amount or Money.of(_left(payment)),
            method=(data.method or payment.method) if data.kind is ReturnKind.REFUND else None,
            reference=data.reference,
            reason=data.reason,
            owner_user_id=self.ctx.principal.id,
            agency_id=payment.agency_id,
        )
        await self.returns.save(wanted)
        return await self.returns.get(wanted.id)

    async def approve(self, return_id: UUID, data: BillingDecision, version: int) -> Json[PaymentReturnRead]:
        """By another person, within their limit: the money goes back, and what it had paid is owed again.

        Raises ReturnDecidedByRequester, RefundAboveLimit, ReturnExceedsPayment.
        """
        wanted = await self._deciding(return_id, version, ReturnStatus.APPROVED, data.reason)
        await self._refuse_above_limit(wanted.amount)
        payment = await self.payments.load(wanted.payment_id)
        _refuse_unreturnable(payment, wanted.kind, wanted.amount)
        at = now()
        lines = await self.payments.allocations(payment.id)
        await self.settling.hold(await self.receivables.named([line.receivable_id for line in lines]))
        await self.settling.free(payment, wanted.amount.centimes, at)
        back = await self._paid_out(payment, wanted)
        payment.refunded_amount = Money.of(payment.refunded_amount.centimes + wanted.amount.centimes)
        if payment.refunded_amount == payment.amount:
            reversal = wanted.kind is ReturnKind.REVERSAL
            payment.status = PaymentStatus.REVERSED if reversal else PaymentStatus.REFUNDED
            payment.ended_at = at
        await self.payments.save(payment)
        wanted.out_payment_id = back.id
        await self.returns.save(wanted)
        named = payment.id, payment.number, payment.account_id
        await publish(self.ctx, PaymentReversed(*named, payment.status))
        return await self.returns.get(wanted.id)

    async def refuse(self, return_id: UUID, data: BillingDecision, version: int) -> Json[PaymentReturnRead]:
        wanted = await self._deciding(return_id, version, ReturnStatus.REFUSED, data.reason)
        await self.returns.save(wanted)
        return await self.returns.get(wanted.id)

    async def _paid_out(self, payment: Payment, wanted: PaymentReturn) -> Payment:
        """The entry on the other side: refunded, or undone."""
        assert payment.agency_id is not None  # noqa: S101 - every payment has one
        code = (await AgencyService(self.ctx).get(payment.agency_id)).value.code
        at = now()
        back = Payment(
            id=new_id(),
            number=await payment_number(self.ctx, code, local_day(at)),
            direction=PaymentDirection.OUT,
            account_id=payment.account_id,
            amount=wanted.amount,
            method=wanted.method or payment.method,
            status=PaymentStatus.SETTLED,
            received_at=at,
            value_date=local_day(at),
            reference=wanted.reference or payment.number,
            reversal_of_id=payment.id,
            settled_at=at,
            owner_user_id=self.ctx.principal.id,
            agency_id=payment.agency_id,
        )
        return await self.payments.save(back)

    async def _deciding(
        self, return_id: UUID, version: int, status: ReturnStatus, reason: str | None
    ) -> PaymentReturn:
        wanted = await self.returns.load(return_id)
        if version not in (wanted.version, ANY_VERSION):
            raise VersionConflict(current_version=wanted.version)
        PAYMENT_RETURN.check(wanted.status, status)
        if wanted.owner_user_id == self.ctx.principal.id:
            raise ReturnDecidedByRequester
        wanted.status, wanted.decision_reason = status, reason
        wanted.decided_by_id, wanted.decided_at = self.ctx.principal.id, now()
        return wanted

    async def _refuse_above_limit(self, amount: Money) -> None:
        """The highest limit of the groups that let this person refund; who is in none has no limit."""
        groups = GroupService(self.ctx)
        mine = await groups.with_ids(await groups.ids_of(self.ctx.principal.id))
        limits = [limit for group in mine if (limit := group.max_amounts.get("refund")) is not None]
        if limits and amount.centimes > max(limits) * 100:
            raise RefundAboveLimit(limit=Money.of(max(limits) * 100).amount)


class WriteOffService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.write_offs, self.receivables = WriteOffRepository(ctx), ReceivableRepository(ctx)
        self.instalments, self.contracts, self.settling = (
            InstalmentRepository(ctx),
            Contracts(ctx),
            Settling(ctx),
        )

    async def page(self, query: WriteOffQuery) -> Json[WriteOffPage]:
        return await self.write_offs.page(query, WriteOffPage)

    async def get(self, write_off_id: UUID) -> Json[WriteOffRead]:
        return await self.write_offs.get(write_off_id)

    async def request(self, receivable_id: UUID, data: WriteOffRequest) -> Json[WriteOffRead]:
        """Raises InvalidTransition where nothing is owed, WriteOffAlreadyRequested."""
        receivable = await self.receivables.load(receivable_id)
        RECEIVABLE.check(receivable.status, ReceivableStatus.WRITTEN_OFF)
        wanted = WriteOff(
            id=new_id(),
            receivable_id=receivable.id,
            amount=Money.of(receivable.left),
            reason=data.reason,
            owner_user_id=self.ctx.principal.id,
            agency_id=receivable.agency_id,
        )
        await self.write_offs.save(wanted)
        return await self.write_offs.get(wanted.id)

    async def approve(self, write_off_id: UUID, data: BillingDecision, version: int) -> Json[WriteOffRead]:
        """What is left today is given up. Raises WriteOffDecidedByRequester, NothingOwed."""
        seen = (await self.write_offs.get(write_off_id)).value
        known = await self.receivables.named([seen.receivable_id])
        receivable = (await self.settling.hold(known))[0]
        wanted = await self._deciding(write_off_id, version, WriteOffStatus.APPROVED, data.reason)
        if receivable.left == 0:
            raise NothingOwed
        RECEIVABLE.check(receivable.status, ReceivableStatus.WRITTEN_OFF)
        wanted.amount = Money.of(receivable.left)
        receivable.disputed_at = receivable.dispute_reason = None
        receivable.written_off_amount = wanted.amount
        receivable.status, receivable.settled_at = ReceivableStatus.WRITTEN_OFF, now()
        await self.settling.clock.end(receivable)
        await self.receivables.save(receivable)
        if receivable.instalment_id is not None:
            held = await self.instalments.locked([receivable.instalment_id])
            instalment = held[receivable.instalment_id]
            INSTALMENT.check(instalment.status, InstalmentStatus.WRITTEN_OFF)
            instalment.status = InstalmentStatus.WRITTEN_OFF
            await self.instalments.save(instalment)
        await self.write_offs.save(wanted)
        await publish(self.ctx, ReceivableWrittenOff(receivable.id, receivable.account_id))
        return await self.write_offs.get(wanted.id)

    async def refuse(self, write_off_id: UUID, data: BillingDecision, version: int) -> Json[WriteOffRead]:
        wanted = await self._deciding(write_off_id, version, WriteOffStatus.REFUSED, data.reason)
        await self.write_offs.save(wanted)
        return await self.write_offs.get(wanted.id)

    async def _deciding(
        self, write_off_id: UUID, version: int, status: WriteOffStatus, reason: str | None
    ) -> WriteOff:
        wanted = await self.write_offs.load(write_off_id)
        if version not in (wanted.version, ANY_VERSION):
            raise VersionConflict(current_version=wanted.version)
        WRITE_OFF.check(wanted.status, status)
        if wanted.owner_user_id == self.ctx.principal.id:
            raise WriteOffDecidedByRequester
        wanted.status, wanted.decision_reason = status, reason
        wanted.decided_by_id, wanted.decided_at = self.ctx.principal.id, now()
        return wanted


def _left(payment: Payment) -> int:
    return payment.amount.centimes - payment.refunded_amount.centimes


def _refuse_unreturnable(payment: Payment, kind: ReturnKind, amount: Money | None) -> None:
    """Only money that is surely here goes back; a mistake is undone before anything of it went back."""
    if payment.direction is not PaymentDirection.IN:
        raise PaymentNotIncoming
    reversal = kind is ReturnKind.REVERSAL
    PAYMENT.check(payment.status, PaymentStatus.REVERSED if reversal else PaymentStatus.REFUNDED)
    asked = amount.centimes if amount else _left(payment)
    if asked > _left(payment) or asked == 0 or (reversal and payment.refunded_amount.centimes):
        raise ReturnExceedsPayment(left=Money.of(_left(payment)).amount)
