"""A contract as its policy system tells it: in whatever order the messages come, the newest stands."""

from typing import Any
from uuid import UUID

from crm_api.accounts.models import Account
from crm_api.accounts.service import AccountService
from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.external_ids import objects_named
from crm_api.kit.errors import NotFound, ValidationFailed
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.policies import events
from crm_api.policies.errors import (
    PolicyMessageOutdated,
    ReservedSystem,
    UnknownPolicyAccount,
    UnknownPolicyAgency,
    UnknownPreviousPolicy,
)
from crm_api.policies.life import PolicyLife
from crm_api.policies.models.policy import OURS, Policy, PolicyStatus
from crm_api.policies.premiums import set_premium
from crm_api.policies.recording import PolicyRecorder, snapshot
from crm_api.policies.repository.policies import PolicyRepository
from crm_api.policies.schemas.content import LINES, PolicySync
from crm_api.policies.schemas.policy import PolicyRead
from crm_api.policies.terms import local_day, months_later
from crm_api.quotes.service import QuoteService

TAKEN = (
    *("product_code", "plan_code", "channel", "policyholder_contact_id", "effective_at", "term_months"),
    *("renewal_type", "notice_days", "payment_plan", "bonus_malus_coefficient"),
    *("status", "status_reason", "first_paid_at", "termination_reason"),
)
"""As the message has them."""
COVERED = frozenset(
    {
        PolicyStatus.IN_FORCE,
        PolicyStatus.SUSPENDED,
        PolicyStatus.EXPIRED,
        PolicyStatus.RENEWED,
        PolicyStatus.TERMINATED,
    }
)
"""States of a contract that was in force once."""


class PolicySyncing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.policies, self.recorder = PolicyRepository(ctx), PolicyRecorder(ctx)

    async def upsert(self, system: str, external_id: str, data: PolicySync) -> Json[PolicyRead]:
        """`Json.created` tells whether it is new. The same message again changes nothing.

        Raises PolicyMessageOutdated for one that is older than what stands here.
        """
        if system == OURS:
            raise ReservedSystem
        if data.number is None and len(external_id) > 40:
            raise ValidationFailed.at("/number", "number_missing", "Its identifier is too long for a number.")
        self.ctx.begin()
        policy = await self.policies.claimed(system, external_id)
        if policy is None:
            return await self._first_told(system, external_id, data)
        if data.as_of < policy.as_of:
            raise PolicyMessageOutdated(as_of=policy.as_of.isoformat())
        if data.as_of > policy.as_of:
            before, agreed, account_id = policy.status, snapshot(policy), policy.account_id
            await self._write(policy, system, data)
            if snapshot(policy) != agreed:
                policy.version_no += 1
                await self.policies.save(policy)
                await self.recorder.keep(policy, at=data.as_of)
            await self._tell(policy, before)
            if policy.account_id != account_id:
                await PolicyLife(self.ctx).follow_account(account_id)
        return await self.policies.get(policy.id)

    async def _first_told(self, system: str, external_id: str, data: PolicySync) -> Json[PolicyRead]:
        policy = Policy(id=new_id(), source_system=system, external_id=external_id, version_no=1)
        policy.number = data.number or external_id
        if data.quote_id is not None:
            quote = await QuoteService(self.ctx).take_for_conversion(data.quote_id, policy.id)
            policy.quote_id, policy.opportunity_id = quote.quote_id, quote.opportunity_id
        await self._write(policy, system, data)
        await self.recorder.first(policy)
        await self._tell(policy, None)
        made = await self.policies.get(policy.id)
        made.created = True
        return made

    async def _write(self, policy: Policy, system: str, data: PolicySync) -> None:
        account_id = data.account_id or await self._account(system, data.account_external_id or "")
        policy.agency_id = await self._agency(account_id, data)
        policy.account_id = account_id
        policy.branch_code = await self.policies.branch_of(data.product_code)
        fill(policy, data)
        if data.previous_external_id is not None:
            policy.previous_policy_id = await self._previous(system, data.previous_external_id)
        await self._follow_suspension(policy, data)
        await self.policies.save(policy)
        if policy.previous_policy_id is not None:
            previous = await self.policies.held(policy.previous_policy_id)
            previous.next_policy_id = policy.id
            await self.policies.save(previous)

    async def _follow_suspension(self, policy: Policy, data: PolicySync) -> None:
        suspended = data.status is PolicyStatus.SUSPENDED
        if suspended and policy.suspended_at is None:
            policy.suspended_at = data.moment(data.suspended_at)
            await self.policies.save(policy)
            self.policies.stop_cover(policy, policy.suspended_at, data.status_reason or str(data.status))
        elif not suspended and policy.suspended_at is not None:
            policy.suspended_at = None
            await self.policies.resume_cover(policy, data.moment(data.terminated_at))

    async def _tell(self, policy: Policy, before: PolicyStatus | None) -> None:
        await PolicyLife(self.ctx).follow_account(policy.account_id)
        named = policy.id, policy.number, policy.account_id, policy.product_code
        if policy.status != before and (fact := fact_of(policy, named)):
            await publish(self.ctx, fact)
        await publish(self.ctx, events.PolicySynced(*named, policy.source_system, policy.as_of))

    async def _account(self, system: str, external_id: str) -> UUID:
        known = await objects_named(self.ctx, Account.label, [(system, external_id)])
        if not known:
            raise UnknownPolicyAccount
        return known[system, external_id]

    async def _agency(self, account_id: UUID, data: PolicySync) -> UUID:
        if data.agency_id is not None:
            return data.agency_id
        if data.agency_code is not None:
            known = await AgencyService(self.ctx).ids_by_code([data.agency_code])
            if data.agency_code not in known:
                raise UnknownPolicyAgency
            return known[data.agency_code]
        try:
            return (await AccountService(self.ctx).get(account_id)).value.agency_id
        except NotFound as error:
            raise UnknownPolicyAccount from error

    async def _previous(self, system: str, external_id: str) -> UUID:
        found = await self.policies.id_of(system, external_id)
        if found is None:
            raise UnknownPreviousPolicy
        return found


def fill(policy: Policy, data: PolicySync) -> None:
    """What the message says of the contract itself; whose it is, its agency and its branch are known."""
    before = policy.status
    policy.owner_user_id = data.producer_user_id
    policy.number = data.number or policy.number
    for name in TAKEN:
        setattr(policy, name, getattr(data, name))
    policy.expires_at = data.expires_at or months_later(data.effective_at, data.term_months)
    policy.subscribed_on = data.subscribed_on or local_day(data.effective_at)
    policy.as_of, policy.synced_at = data.as_of, now()
    set_premium(policy, {name: getattr(data, name) for name in LINES})
    if before != data.status:
        policy.status_since = data.as_of
    policy.reinstates_at = None
    policy.terminated_at = data.terminated_at or data.as_of if data.termination_reason else None
    began = data.in_force_since or policy.in_force_since or data.effective_at
    policy.in_force_since = began if data.status in COVERED else data.in_force_since


def fact_of(policy: Policy, named: tuple[UUID, str, UUID, str]) -> Event | None:
    """What its new state means to the floors above."""
    status: Any = policy.status
    match status:
        case PolicyStatus.ISSUED:
            return events.PolicyIssued(*named, policy.effective_at, policy.source_system)
        case PolicyStatus.IN_FORCE:
            return events.PolicyInForce(*named, policy.effective_at)
        case PolicyStatus.SUSPENDED:
            return events.PolicySuspended(*named, policy.status_reason or "")
        case PolicyStatus.EXPIRED:
            return events.PolicyExpired(*named)
        case PolicyStatus.CANCELLED:
            return events.PolicyCancelled(*named, policy.source_system)
        case PolicyStatus.TERMINATED if policy.termination_reason and policy.terminated_at:
            reason, at = policy.termination_reason, policy.terminated_at
            return events.PolicyTerminated(*named, reason, at, source_system=policy.source_system)
        case _:
            return None
