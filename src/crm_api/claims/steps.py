"""The steps of a claim that move no money: each checks the table of states, does its work, and says so."""

from uuid import UUID

from crm_api.claims.errors import ClaimPaymentsUnderway, ClosingReasonUnfit
from crm_api.claims.events import (
    ClaimAssigned,
    ClaimClosed,
    ClaimDecisionAsked,
    ClaimLitigated,
    ClaimRegistered,
    ClaimReopened,
    ClaimReviewed,
)
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.words import CLAIM, ClaimClosingReason, ClaimStatus
from crm_api.claims.repository.parts import ClaimPaymentRepository
from crm_api.claims.reserving import ClaimReserves
from crm_api.claims.schemas.claim import ClaimRead
from crm_api.claims.schemas.steps import ClaimAssign, ClaimClose, ClaimLitigate, ClaimRegister, ClaimReopen
from crm_api.claims.telling import ClaimTeller
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.schemas import Json

_REASON = ClaimClosingReason
_WITHOUT_DECISION = frozenset(
    {
        _REASON.NO_FOLLOW_UP,
        _REASON.BELOW_DEDUCTIBLE,
        _REASON.WITHDRAWN,
        _REASON.TIME_BARRED,
        _REASON.DUPLICATE,
    }
)
_CLOSES = {
    ClaimStatus.SETTLED: frozenset({_REASON.SETTLED}),
    ClaimStatus.REFUSED: frozenset({_REASON.REFUSED, _REASON.TIME_BARRED}),
    ClaimStatus.LITIGATION: frozenset({_REASON.SETTLED, _REASON.REFUSED, _REASON.WITHDRAWN}),
}
"""What a file may be closed as; as all that needs no decision where it is not listed."""
_RELEASED = "Clôture du dossier"


class ClaimSteps:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.teller = ClaimDesk(ctx), ClaimTeller(ctx)

    async def register(self, claim_id: UUID, data: ClaimRegister, version: int) -> Json[ClaimRead]:
        """Somebody takes the file. Raises UnknownClaimHandler."""
        claim = await self.desk.stepping(claim_id, version, ClaimStatus.REGISTERED)
        await self._hand(claim, data.handler_user_id or self.ctx.principal.id)
        return await self.desk.kept(claim, ClaimRegistered(claim.id, claim.number, claim.account_id))

    async def assign(self, claim_id: UUID, data: ClaimAssign, version: int) -> Json[ClaimRead]:
        """Somebody else handles it from now on."""
        claim = await self.desk.take_open(claim_id, version)
        await self._hand(claim, data.handler_user_id)
        return await self.desk.kept(claim, ClaimAssigned(claim.id, claim.number, data.handler_user_id))

    async def review(self, claim_id: UUID, version: int) -> Json[ClaimRead]:
        claim = await self.desk.stepping(claim_id, version, ClaimStatus.UNDER_REVIEW)
        return await self.desk.kept(claim, ClaimReviewed(claim.id, claim.number))

    async def prepare_decision(self, claim_id: UUID, version: int) -> Json[ClaimRead]:
        claim = await self.desk.stepping(claim_id, version, ClaimStatus.DECISION_PENDING)
        return await self.desk.kept(claim, ClaimDecisionAsked(claim.id, claim.number))

    async def litigate(self, claim_id: UUID, data: ClaimLitigate, version: int) -> Json[ClaimRead]:
        claim = await self.desk.stepping(claim_id, version, ClaimStatus.LITIGATION)
        await self._refuse_underway(claim)
        claim.litigation_reference, claim.litigation_note = data.reference, data.note
        return await self.desk.kept(claim, ClaimLitigated(claim.id, claim.number))

    async def close(self, claim_id: UUID, data: ClaimClose, version: int) -> Json[ClaimRead]:
        """Nothing remains set aside. Raises ClosingReasonUnfit, ClaimPaymentsUnderway."""
        claim = await self.desk.take(claim_id, version)
        CLAIM.check(claim.status, ClaimStatus.CLOSED)
        if data.reason not in _CLOSES.get(claim.status, _WITHOUT_DECISION):
            raise ClosingReasonUnfit
        await self._refuse_underway(claim)
        await ClaimReserves(self.ctx).released(claim, _RELEASED)
        self.desk.move(claim, ClaimStatus.CLOSED)
        claim.closed_at, claim.closing_reason = now(), data.reason
        return await self.desk.kept(claim, ClaimClosed(claim.id, claim.number, claim.account_id, data.reason))

    async def reopen(self, claim_id: UUID, data: ClaimReopen, version: int) -> Json[ClaimRead]:
        """New damage, a second appraisal, a court: its clocks run on from where they began."""
        claim = await self.desk.stepping(claim_id, version, ClaimStatus.REOPENED)
        claim.reopened_at, claim.reopening_reason, claim.reopening_note = now(), data.reason, data.note
        claim.reopened_count += 1
        claim.closed_at = claim.closing_reason = claim.settled_at = None
        claim.decided_at = claim.refusal_motive = claim.appeal_path = None
        await self.desk.retime(claim)
        event = ClaimReopened(claim.id, claim.number, claim.account_id, data.reason)
        return await self.desk.kept(claim, event)

    async def _hand(self, claim: Claim, user_id: UUID) -> None:
        await self.desk.refuse_unfit_handler(user_id)
        claim.owner_user_id = user_id
        await self.teller.given(claim)

    async def _refuse_underway(self, claim: Claim) -> None:
        if await ClaimPaymentRepository(self.ctx).underway(claim.id):
            raise ClaimPaymentsUnderway
