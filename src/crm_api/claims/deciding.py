"""Decisions: alone up to a limit, by two people above it; never while the claim is held back."""

from uuid import UUID

from crm_api.claims.assessing import FraudDesk
from crm_api.claims.choosing import ClaimSettingsService
from crm_api.claims.errors import (
    ApprovedAmountBelowPayments,
    ClaimDecisionMade,
    ClaimDecisionWaiting,
    ClaimOnHold,
    OwnClaimDecision,
)
from crm_api.claims.events import ClaimApproved, ClaimDecisionAsked, ClaimRefused
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.handling import ClaimDecision
from crm_api.claims.models.words import CLAIM, ClaimDecisionOutcome, ClaimDecisionStatus, ClaimStatus
from crm_api.claims.repository.parts import DecisionRepository
from crm_api.claims.schemas.steps import ClaimDecide, ClaimDecisionList, ClaimDecisionRead, ClaimTurnDown
from crm_api.claims.telling import ClaimTeller
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money, in_french
from crm_api.kit.schemas import Json

_APPROVE, _WAITS = ClaimDecisionOutcome.APPROVE, ClaimDecisionStatus.PROPOSED


class Deciding:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.decisions = ClaimDesk(ctx), DecisionRepository(ctx)

    async def all_of(self, claim_id: UUID) -> Json[ClaimDecisionList]:
        return await self.decisions.all_of(claim_id, ClaimDecisionList)

    async def decide(self, claim_id: UUID, data: ClaimDecide, version: int) -> Json[ClaimDecisionRead]:
        """It holds at once, or waits for a second person. Raises ClaimOnHold, ClaimDecisionWaiting."""
        claim = await self.desk.take(claim_id, version)
        CLAIM.check(claim.status, _wanted(data.outcome))
        if claim.status is ClaimStatus.PAYMENT_PENDING:  # back to approved it goes by stopping payments
            raise CLAIM.refusal(claim.status, _wanted(data.outcome))
        if any(each.status is _WAITS for each in await self.decisions.of(claim.id)):
            raise ClaimDecisionWaiting
        settings = await ClaimSettingsService(self.ctx).chosen()
        limit = await self.desk.claims.decide_limit(self.ctx.principal.id)
        row = ClaimDecision(
            id=new_id(),
            claim_id=claim.id,
            outcome=data.outcome,
            status=_WAITS,
            amount=data.amount,
            motive=data.motive,
            appeal_path=None if data.outcome is _APPROVE else data.appeal_path or settings.appeal_path,
            limit_amount=settings.decide_limit if limit is None else Money.of(limit),
            author_id=self.ctx.principal.id,
        )
        await self._refuse_unfit(claim, row)
        alone = row.amount is None or row.amount.centimes <= row.limit_amount.centimes
        if alone:
            await self._effective(claim, row)
        else:
            await self.decisions.save(row)
            await self.desk.keep(claim, ClaimDecisionAsked(claim.id, claim.number))
            await ClaimTeller(self.ctx).decision_waits(claim)
        return await self.decisions.get(row.id)

    async def confirm(self, claim_id: UUID, decision_id: UUID, version: int) -> Json[ClaimDecisionRead]:
        """By somebody else. Raises OwnClaimDecision, ClaimDecisionMade, ClaimOnHold."""
        claim, row = await self._waiting(claim_id, decision_id, version)
        CLAIM.check(claim.status, _wanted(row.outcome))
        await self._refuse_unfit(claim, row)
        row.confirmed_by_id = self.ctx.principal.id
        await self._effective(claim, row)
        await ClaimTeller(self.ctx).decided(claim, row.author_id, confirmed=True)
        return await self.decisions.get(row.id)

    async def turn_down(
        self, claim_id: UUID, decision_id: UUID, data: ClaimTurnDown, version: int
    ) -> Json[ClaimDecisionRead]:
        """The claim stays where it is: another decision may be made."""
        claim, row = await self._waiting(claim_id, decision_id, version)
        row.status, row.turned_down_reason = ClaimDecisionStatus.TURNED_DOWN, data.reason
        row.confirmed_by_id = self.ctx.principal.id
        await self.decisions.save(row)
        await ClaimTeller(self.ctx).decided(claim, row.author_id, confirmed=False)
        return await self.decisions.get(row.id)

    async def _waiting(self, claim_id: UUID, id: UUID, version: int) -> tuple[Claim, ClaimDecision]:
        claim = await self.desk.take(claim_id)
        row = await self.decisions.held(claim_id, id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        if row.status is not _WAITS:
            raise ClaimDecisionMade
        if row.author_id == self.ctx.principal.id:
            raise OwnClaimDecision
        return claim, row

    async def _refuse_unfit(self, claim: Claim, row: ClaimDecision) -> None:
        if row.outcome is not _APPROVE:
            return
        if await FraudDesk(self.ctx).holds(claim.id):
            raise ClaimOnHold
        if row.amount is not None and row.amount.centimes < claim.committed_amount.centimes:
            raise ApprovedAmountBelowPayments(committed=in_french(claim.committed_amount.centimes))

    async def _effective(self, claim: Claim, row: ClaimDecision) -> None:
        moment = now()
        row.status, row.decided_at = ClaimDecisionStatus.EFFECTIVE, moment
        await self.decisions.save(row)
        self.desk.move(claim, _wanted(row.outcome))
        claim.decided_at = moment
        if row.outcome is _APPROVE:
            claim.approved_amount, claim.refusal_motive, claim.appeal_path = row.amount, None, None
            event: ClaimApproved | ClaimRefused = ClaimApproved(claim.id, claim.number, claim.account_id)
        else:
            claim.refusal_motive, claim.appeal_path = row.motive, row.appeal_path
            event = ClaimRefused(claim.id, claim.number, claim.account_id)
        await self.desk.keep(claim, event)


def _wanted(outcome: ClaimDecisionOutcome) -> ClaimStatus:
    return ClaimStatus.APPROVED if outcome is _APPROVE else ClaimStatus.REFUSED
