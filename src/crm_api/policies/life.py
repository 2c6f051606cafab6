"""The steps of a contract, on a row that is locked: what changes, what is told, what its account becomes."""

from datetime import datetime
from uuid import UUID

from crm_api.accounts.service import AccountService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.policies.errors import PolicyEndsOutsideTerm, PolicyNotSuspended
from crm_api.policies.events import (
    PolicyCancelled,
    PolicyExpired,
    PolicyExpiring,
    PolicyInForce,
    PolicyIssued,
    PolicyReinstated,
    PolicyReinstatementDue,
    PolicyRenewed,
    PolicySuspended,
    PolicyTerminated,
)
from crm_api.policies.models.policy import POLICY, Policy, PolicyStatus, TerminationReason
from crm_api.policies.premiums import refund_of
from crm_api.policies.repository.policies import PolicyRepository
from crm_api.policies.schemas.actions import PremiumRefund
from crm_api.policies.terms import local_day, noon_after


class PolicyLife:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.policies = PolicyRepository(ctx)

    async def issue(self, policy: Policy) -> None:
        """Signed: the premium is due, and cover waits for it."""
        self._step(policy, PolicyStatus.ISSUED)
        issued = PolicyIssued(*_named(policy), policy.effective_at, policy.source_system)
        await self._done(policy, issued)

    async def begin(self, policy: Policy, paid_at: datetime) -> None:
        """The first premium is paid: cover begins, at the effect if that is still to come."""
        if policy.status is not PolicyStatus.ISSUED:
            raise POLICY.refusal(policy.status, PolicyStatus.IN_FORCE)
        policy.first_paid_at = policy.first_paid_at or paid_at
        if policy.effective_at > now():
            await self.policies.save(policy)
            return
        self._step(policy, PolicyStatus.IN_FORCE)
        policy.in_force_since = max(policy.effective_at, policy.first_paid_at)
        await self._done(policy, PolicyInForce(*_named(policy), policy.effective_at))
        if policy.previous_policy_id is not None:
            await self._succeed(policy.previous_policy_id, policy.id)

    async def suspend(self, policy: Policy, reason: str) -> None:
        """Cover stops now; the contract goes on."""
        self._step(policy, PolicyStatus.SUSPENDED, reason)
        policy.suspended_at = policy.status_since
        self.policies.stop_cover(policy, policy.status_since, reason)
        await self._done(policy, PolicySuspended(*_named(policy), reason))

    async def pay_up(self, policy: Policy, paid_at: datetime) -> None:
        """The arrears are paid: cover resumes the next local day at noon, at once where that has passed."""
        if policy.status is not PolicyStatus.SUSPENDED:
            raise PolicyNotSuspended
        if policy.reinstates_at is not None:
            return
        policy.reinstates_at = noon_after(paid_at)
        await self.policies.save(policy)
        await publish(self.ctx, PolicyReinstatementDue(*_named(policy), policy.reinstates_at))
        if policy.reinstates_at <= now():
            await self.reinstate(policy)

    async def reinstate(self, policy: Policy) -> None:
        """Cover resumes, at the moment that was set; not where the contract ended before."""
        at = policy.reinstates_at or now()
        if policy.expires_at <= at:
            return
        self._step(policy, PolicyStatus.IN_FORCE)
        await self.policies.resume_cover(policy, at)
        await self._done(policy, PolicyReinstated(*_named(policy)))

    async def terminate(
        self, policy: Policy, reason: TerminationReason, at: datetime, comment: str | None = None
    ) -> PremiumRefund:
        """Raises PolicyEndsOutsideTerm."""
        POLICY.check(policy.status, PolicyStatus.TERMINATED)
        if not policy.effective_at <= at <= min(now(), policy.expires_at):
            raise PolicyEndsOutsideTerm
        self._step(policy, PolicyStatus.TERMINATED, comment)
        policy.termination_reason, policy.terminated_at = reason, at
        await self.policies.resume_cover(policy, at)
        back = refund_of(policy, at)
        parts = back.net.centimes, back.vat.centimes, back.fga.centimes
        ended = PolicyTerminated(*_named(policy), reason, at, *parts, policy.source_system)
        await self._done(policy, ended)
        return back

    async def cancel(self, policy: Policy, reason: str) -> None:
        """Void from the beginning."""
        self._step(policy, PolicyStatus.CANCELLED, reason)
        await self._done(policy, PolicyCancelled(*_named(policy), policy.source_system))
        if policy.previous_policy_id is not None:
            previous = await self.policies.held(policy.previous_policy_id)
            if previous.next_policy_id == policy.id:
                previous.next_policy_id = None
                await self.policies.save(previous)

    async def expire(self, policy: Policy) -> None:
        """It ran to its end; renewed, where a contract that goes on from it is in force."""
        successor = policy.next_policy_id and await self.policies.held(policy.next_policy_id)
        if successor and successor.status is PolicyStatus.IN_FORCE:
            await self._pass_on(policy, successor.id)
            return
        self._step(policy, PolicyStatus.EXPIRED)
        await self.policies.resume_cover(policy, policy.expires_at)
        await self._done(policy, PolicyExpired(*_named(policy)))

    async def tell_of_renewal(self, policy: Policy) -> None:
        """Said once a contract."""
        policy.renewal_due_told_at = now()
        await self.policies.save(policy)
        await publish(self.ctx, PolicyExpiring(*_named(policy), policy.expires_at))

    async def follow_account(self, account_id: UUID) -> None:
        """A customer is who has a contract in force."""
        standing = await self.policies.standing(account_id)
        await AccountService(self.ctx).follow_contracts(
            account_id,
            in_force=standing.in_force > 0,
            since=standing.since and local_day(standing.since),
            last_expiry=standing.last_expiry and local_day(standing.last_expiry),
        )

    # --- inside

    async def _succeed(self, previous_id: UUID, next_id: UUID) -> None:
        """The contract before gives way; one whose term still runs does so when that ends."""
        previous = await self.policies.held(previous_id)
        over = previous.status is PolicyStatus.EXPIRED or previous.expires_at <= now()
        if over and PolicyStatus.RENEWED in POLICY.allowed(previous.status):
            await self._pass_on(previous, next_id)

    async def _pass_on(self, policy: Policy, next_id: UUID) -> None:
        if policy.status is PolicyStatus.SUSPENDED:  # suspended contracts expire first
            self._step(policy, PolicyStatus.EXPIRED)
            await self.policies.resume_cover(policy, policy.expires_at)
        self._step(policy, PolicyStatus.RENEWED)
        policy.next_policy_id = next_id
        await self._done(policy, PolicyRenewed(*_named(policy), next_id))

    def _step(self, policy: Policy, wanted: PolicyStatus, reason: str | None = None) -> None:
        POLICY.check(policy.status, wanted)
        policy.status, policy.status_reason, policy.status_since = wanted, reason, now()
        policy.reinstates_at = policy.suspended_at = None

    async def _done(self, policy: Policy, event: Event) -> None:
        policy.as_of = policy.status_since
        await self.policies.save(policy)
        await self.follow_account(policy.account_id)
        await publish(self.ctx, event)


def _named(policy: Policy) -> tuple[UUID, str, UUID, str]:
    return policy.id, policy.number, policy.account_id, policy.product_code
