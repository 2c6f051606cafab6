"""No cover without payment: whether a contract covers now, computed from its state and its money."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from crm_api.billing.models.receivable import DunningState
from crm_api.billing.repository.reports import BillingReports
from crm_api.billing.schemas.coverage import CoverageReason, CoverageState, CoverageStateRead
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound
from crm_api.kit.money import Money
from crm_api.policies.models.policy import PolicyStatus

_R, _S = CoverageReason, CoverageState
_STEPS = {
    DunningState.QUIET: _R.WITHIN_GRACE,
    DunningState.NOTICED: _R.WITHIN_GRACE,
    DunningState.DUE: _R.WITHIN_GRACE,
    DunningState.OVERDUE: _R.GRACE_IS_OVER,
    DunningState.FORMAL_NOTICE_DUE: _R.GRACE_IS_OVER,
    DunningState.FORMAL_NOTICE_SENT: _R.FORMAL_NOTICE_RUNS,
    DunningState.SUSPENSION_PROPOSED: _R.SUSPENSION_PROPOSED,
}


class Standing(NamedTuple):
    """A contract and its money, as one statement reads them."""

    status: PolicyStatus
    source_system: str
    effective_at: datetime
    expires_at: datetime
    reinstates_at: datetime | None
    owed: int
    """Centimes past due."""
    oldest_due_on: date | None
    states: frozenset[DunningState]
    """Of what is past due."""
    disputed: bool
    uncleared: bool
    """A cheque that paid some of it is not cleared yet."""
    next_due_on: date | None
    next_due_amount: int | None


class CoverageService:
    def __init__(self, ctx: Context) -> None:
        self.reports = BillingReports(ctx)

    async def state_of(self, policy_id: UUID) -> CoverageStateRead:
        """Raises NotFound."""
        row = await self.reports.standing(policy_id, today())
        if row is None:
            raise NotFound(id=str(policy_id))
        at = now()
        standing = Standing._make([PolicyStatus(row[0]), *row[1:7], _states(row[7]), *row[8:]])
        state, reasons = judged(standing, at)
        covered = state in (_S.COVERED, _S.COVERED_UNPAID)
        resumes = standing.reinstates_at if state is _S.REINSTATING else None
        return CoverageStateRead(
            policy_id=policy_id,
            policy_status=standing.status,
            state=state,
            is_covered=covered,
            reasons=reasons,
            as_of=at,
            covered_until=standing.expires_at if covered else None,
            cover_resumes_at=resumes,
            owed=Money.of(standing.owed),
            oldest_due_on=standing.oldest_due_on,
            next_due_on=standing.next_due_on,
            next_due_amount=None if standing.next_due_amount is None else Money.of(standing.next_due_amount),
            source=standing.source_system,
        )


def judged(standing: Standing, at: datetime) -> tuple[CoverageState, list[CoverageReason]]:
    """Cover goes by the state of the contract; the law suspends by decision, never by itself."""
    status = standing.status
    if status is PolicyStatus.PROPOSED:
        return _S.NOT_ISSUED, [_R.PROPOSAL_ONLY]
    if status is PolicyStatus.CANCELLED:
        return _S.ENDED, [_R.CANCELLED]
    if status is PolicyStatus.TERMINATED:
        return _S.ENDED, [_R.TERMINATED]
    if status in (PolicyStatus.EXPIRED, PolicyStatus.RENEWED) or standing.expires_at <= at:
        return _S.ENDED, [_R.TERM_IS_OVER]
    if status is PolicyStatus.ISSUED:
        return _not_begun(standing, at)
    if status is PolicyStatus.SUSPENDED:
        return _suspended(standing)
    if standing.effective_at > at:
        return _S.NOT_YET_EFFECTIVE, [_R.EFFECT_TO_COME]
    return _in_force(standing)


def _not_begun(standing: Standing, at: datetime) -> tuple[CoverageState, list[CoverageReason]]:
    ahead = [_R.EFFECT_TO_COME] if standing.effective_at > at else []
    unpaid = standing.next_due_amount is not None or standing.owed
    if unpaid or not ahead:
        return _S.AWAITING_PAYMENT, [_R.FIRST_PREMIUM_UNPAID, *ahead]
    return _S.NOT_YET_EFFECTIVE, ahead


def _suspended(standing: Standing) -> tuple[CoverageState, list[CoverageReason]]:
    if standing.reinstates_at is not None:
        return _S.REINSTATING, [_R.ARREARS_PAID]
    return _S.SUSPENDED, [_R.SUSPENDED_UNPAID if standing.owed else _R.SUSPENDED_OTHERWISE]


def _in_force(standing: Standing) -> tuple[CoverageState, list[CoverageReason]]:
    reasons = sorted({_STEPS[state] for state in standing.states if state in _STEPS})
    reasons += [_R.DISPUTED] if standing.disputed else []
    reasons += [_R.CHEQUE_NOT_CLEARED] if standing.uncleared else []
    if standing.owed or standing.disputed:
        return _S.COVERED_UNPAID, reasons or [_R.WITHIN_GRACE]
    return _S.COVERED, reasons or [_R.PREMIUMS_PAID]


def _states(found: Any) -> frozenset[DunningState]:
    return frozenset(DunningState(state) for state in found or ())
