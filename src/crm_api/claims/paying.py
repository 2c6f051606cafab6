"""Payments of claims: proposed by one, approved by another, never by who decided; never more than approved.

The claim is locked by every step, so two people at once cannot pay the same dinar; a CHECK of the table
says it again.
"""

from uuid import UUID

from crm_api.claims.assessing import FraudDesk
from crm_api.claims.errors import (
    ApprovedAmountExceeded,
    ClaimNothingPaid,
    ClaimNotPayable,
    ClaimOnHold,
    ClaimPaymentsUnderway,
    DischargeMissing,
    OwnClaimPayment,
    ReserveTooSmall,
    UnknownClaimParticipant,
)
from crm_api.claims.events import ClaimPaid, ClaimPaymentOrdered, ClaimSettled
from crm_api.claims.gathering import link
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.handling import ClaimPayment
from crm_api.claims.models.words import (
    CLAIM_PAYMENT,
    EXPENSES,
    UNDERWAY,
    ClaimDecisionStatus,
    ClaimPaymentStatus,
    ClaimStatus,
    ReserveKind,
)
from crm_api.claims.repository.parts import (
    ClaimPaymentRepository,
    DecisionRepository,
    ParticipantRepository,
    ReserveLedger,
)
from crm_api.claims.reserving import ClaimReserves
from crm_api.claims.schemas.claim import ClaimRead
from crm_api.claims.schemas.money import (
    ClaimPaymentEnd,
    ClaimPaymentList,
    ClaimPaymentMade,
    ClaimPaymentOrder,
    ClaimPaymentPropose,
    ClaimPaymentRead,
)
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money, in_french
from crm_api.kit.schemas import Json

_STATUS = ClaimPaymentStatus
_PAYABLE = frozenset({ClaimStatus.APPROVED, ClaimStatus.PAYMENT_PENDING})
_TOO_EARLY_OR_LATE = frozenset({ClaimStatus.DRAFT, ClaimStatus.DECLARED, ClaimStatus.CLOSED})


class Paying:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.payments = ClaimDesk(ctx), ClaimPaymentRepository(ctx)

    async def all_of(self, claim_id: UUID) -> Json[ClaimPaymentList]:
        return await self.payments.all_of(claim_id, ClaimPaymentList)

    async def propose(
        self, claim_id: UUID, data: ClaimPaymentPropose, version: int
    ) -> Json[ClaimPaymentRead]:
        """Raises ClaimNotPayable, ApprovedAmountExceeded, ReserveTooSmall (of an expense)."""
        claim = await self.desk.take(claim_id, version)
        net = data.gross.centimes - data.deductible_applied.centimes
        await self._refuse_unknown_payee(claim.id, data.payee_participant_id)
        if data.kind in EXPENSES:
            await self._refuse_expense(claim, data.coverage_code, net)
        else:
            self._commit(claim, net)
        if data.discharge_document_id is not None:
            await link(self.ctx, claim.id, data.discharge_document_id)
        row = ClaimPayment(**dict(data), id=new_id(), claim_id=claim.id, net=Money.of(net))
        await self.payments.save(row)
        await self.desk.keep(claim)
        return await self.payments.get(row.id)

    async def approve(self, claim_id: UUID, id: UUID, version: int) -> Json[ClaimPaymentRead]:
        """Raises OwnClaimPayment, ClaimOnHold."""
        claim, row = await self._step(claim_id, id, _STATUS.APPROVED, version)
        await self._refuse_own(claim, row)
        await self._refuse_held(claim)
        row.approved_by_id, row.approved_at = self.ctx.principal.id, now()
        return await self._kept(row)

    async def order(
        self, claim_id: UUID, id: UUID, data: ClaimPaymentOrder, version: int
    ) -> Json[ClaimPaymentRead]:
        """It goes to the bank. Raises DischargeMissing, ClaimOnHold."""
        claim, row = await self._step(claim_id, id, _STATUS.ORDERED, version)
        await self._refuse_held(claim)
        if data.discharge_document_id is not None:
            await link(self.ctx, claim.id, data.discharge_document_id)
            row.discharge_document_id = data.discharge_document_id
        if row.kind not in EXPENSES:
            if row.discharge_document_id is None:
                raise DischargeMissing
            if claim.status is not ClaimStatus.PAYMENT_PENDING:
                self.desk.move(claim, ClaimStatus.PAYMENT_PENDING)
        row.ordered_at = now()
        await self.payments.save(row)
        await self.desk.keep(claim, ClaimPaymentOrdered(claim.id, claim.number, row.id))
        return await self.payments.get(row.id)

    async def pay(
        self, claim_id: UUID, id: UUID, data: ClaimPaymentMade, version: int
    ) -> Json[ClaimPaymentRead]:
        """The bank has paid: it leaves the reserve."""
        claim, row = await self._step(claim_id, id, _STATUS.PAID, version)
        row.paid_at, row.reference = now(), data.reference
        await self.payments.save(row)
        expense = row.kind in EXPENSES
        claim.paid_amount = _sum(claim.paid_amount, row.net.centimes)
        if expense:
            claim.expense_paid_amount = _sum(claim.expense_paid_amount, row.net.centimes)
        kind = ReserveKind.EXPENSE if expense else ReserveKind.INDEMNITY
        reserves = ClaimReserves(self.ctx)
        await reserves.drawn(claim, row.coverage_code, kind, row.net.centimes, "Règlement")
        event = ClaimPaid(claim.id, claim.number, row.id, claim.account_id)
        await self.desk.keep(claim, event)
        return await self.payments.get(row.id)

    async def reject(
        self, claim_id: UUID, id: UUID, data: ClaimPaymentEnd, version: int
    ) -> Json[ClaimPaymentRead]:
        """By whoever pays: also who proposed it, who may have erred."""
        return await self._ended(claim_id, id, _STATUS.REJECTED, data, version)

    async def stop(
        self, claim_id: UUID, id: UUID, data: ClaimPaymentEnd, version: int
    ) -> Json[ClaimPaymentRead]:
        return await self._ended(claim_id, id, _STATUS.STOPPED, data, version)

    async def settle(self, claim_id: UUID, version: int) -> Json[ClaimRead]:
        """Everything owed is paid. Raises ClaimPaymentsUnderway, ClaimNothingPaid."""
        claim = await self.desk.stepping(claim_id, version, ClaimStatus.SETTLED)
        if await self.payments.underway(claim.id):
            raise ClaimPaymentsUnderway
        if claim.paid_amount.centimes == claim.expense_paid_amount.centimes:
            raise ClaimNothingPaid
        claim.settled_at = now()
        event = ClaimSettled(claim.id, claim.number, claim.policy_id, claim.account_id)
        return await self.desk.kept(claim, event)

    # --- the money

    def _commit(self, claim: Claim, centimes: int) -> None:
        """Raises ClaimNotPayable, ApprovedAmountExceeded."""
        if claim.status not in _PAYABLE or claim.approved_amount is None:
            raise ClaimNotPayable
        remaining = claim.approved_amount.centimes - claim.committed_amount.centimes
        if centimes > remaining:
            raise ApprovedAmountExceeded(remaining=in_french(remaining))
        claim.committed_amount = _sum(claim.committed_amount, centimes)

    async def _refuse_expense(self, claim: Claim, coverage_code: str, centimes: int) -> None:
        """An expense is paid out of what was set aside for expenses."""
        if claim.status in _TOO_EARLY_OR_LATE:
            raise ClaimNotPayable
        key = coverage_code, ReserveKind.EXPENSE
        lines = await ReserveLedger(self.ctx).last(claim.id)
        aside = sum(each.balance.centimes for each in lines if (each.coverage_code, each.kind) == key)
        underway = sum(
            each.net.centimes
            for each in await self.payments.of(claim.id)
            if each.kind in EXPENSES and each.coverage_code == coverage_code and each.status in UNDERWAY
        )
        if centimes > aside - underway:
            raise ReserveTooSmall(balance=in_french(aside - underway))

    async def _ended(
        self, claim_id: UUID, id: UUID, wanted: ClaimPaymentStatus, data: ClaimPaymentEnd, version: int
    ) -> Json[ClaimPaymentRead]:
        claim, row = await self._step(claim_id, id, wanted, version)
        row.end_reason = data.reason
        await self.payments.save(row)
        if row.kind not in EXPENSES:
            claim.committed_amount = _sum(claim.committed_amount, -row.net.centimes)
            live = {_STATUS.ORDERED, _STATUS.PAID}
            others = [each for each in await self.payments.of(claim.id) if each.kind not in EXPENSES]
            if claim.status is ClaimStatus.PAYMENT_PENDING and not any(o.status in live for o in others):
                self.desk.move(claim, ClaimStatus.APPROVED)
        await self.desk.keep(claim)
        return await self.payments.get(row.id)

    # --- who may

    async def _refuse_own(self, claim: Claim, row: ClaimPayment) -> None:
        decided = [
            each
            for each in await DecisionRepository(self.ctx).of(claim.id)
            if each.status is ClaimDecisionStatus.EFFECTIVE
        ]
        others = {row.created_by_id, *(each.author_id for each in decided)}
        if self.ctx.principal.id in others | {each.confirmed_by_id for each in decided}:
            raise OwnClaimPayment

    async def _refuse_held(self, claim: Claim) -> None:
        if await FraudDesk(self.ctx).holds(claim.id):
            raise ClaimOnHold

    async def _refuse_unknown_payee(self, claim_id: UUID, participant_id: UUID) -> None:
        try:
            await ParticipantRepository(self.ctx).held(claim_id, participant_id)
        except NotFound as unknown:
            raise UnknownClaimParticipant from unknown

    async def _step(
        self, claim_id: UUID, id: UUID, wanted: ClaimPaymentStatus, version: int
    ) -> tuple[Claim, ClaimPayment]:
        claim = await self.desk.take(claim_id)
        row = await self.payments.held(claim_id, id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        CLAIM_PAYMENT.check(row.status, wanted)
        row.status = wanted
        return claim, row

    async def _kept(self, row: ClaimPayment) -> Json[ClaimPaymentRead]:
        await self.payments.save(row)
        return await self.payments.get(row.id)


def _sum(money: Money, centimes: int) -> Money:
    return Money.of(money.centimes + centimes)
