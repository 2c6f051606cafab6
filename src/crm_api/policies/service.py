from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from pydantic import MISSING
from pydantic_core import to_json

from crm_api.accounts.service import AccountService
from crm_api.agencies.service import AgencyService
from crm_api.contacts.service import ContactService
from crm_api.core.batch import Found, found
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.numbers import next_number
from crm_api.core.objects import seen_objects
from crm_api.core.principal import DataScope
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound, ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.policies.contents import Contents, PolicyContents
from crm_api.policies.errors import (
    PolicyAlreadyRenewed,
    PolicyNotProposed,
    PolicySystemIsMaster,
    UnknownPolicyAccount,
    UnknownPolicyAgency,
    UnknownPolicyHolder,
    UnknownPolicyParty,
    UnknownPreviousPolicy,
)
from crm_api.policies.life import PolicyLife
from crm_api.policies.models.policy import OURS, Policy, PolicyStatus, TerminationReason
from crm_api.policies.premiums import set_premium
from crm_api.policies.recording import PolicyRecorder
from crm_api.policies.repository.contents import WholePolicy
from crm_api.policies.repository.policies import PolicyRepository
from crm_api.policies.schemas.actions import PolicyEnded, PolicyTerminate, PremiumRefund
from crm_api.policies.schemas.content import ALWAYS, LINES, PolicyCreate, PolicyPatch
from crm_api.policies.schemas.policy import (
    PolicyFilter,
    PolicyPage,
    PolicyPart,
    PolicyQuery,
    PolicyRead,
    PolicyTold,
    PolicyWhole,
)
from crm_api.policies.terms import months_later
from crm_api.users.service import UserService

LONGEST_NUMBER = 40
PARTS: tuple[PolicyPart, ...] = get_args(PolicyPart)


class PolicyService:
    """Contracts. The verbs for the house (`begin`, `suspend`, ...) ask for no version and for nobody's sight;
    on a contract that a policy system keeps they do nothing, and say so by False."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.policies = PolicyRepository(ctx)
        self.life, self.recorder, self.contents = PolicyLife(ctx), PolicyRecorder(ctx), PolicyContents(ctx)

    # --- reads

    async def page(self, query: PolicyQuery) -> Json[PolicyPage]:
        return await self.policies.page(query, PolicyPage)

    async def search(self, search: Search) -> Json[PolicyPage]:
        return await self.policies.page(search.selection(PolicyQuery), PolicyPage)

    async def count(self, query: PolicyFilter) -> Count:
        return await self.policies.count(query)

    async def get(self, policy_id: UUID) -> Json[PolicyRead]:
        return await self.policies.get(policy_id)

    async def whole(self, policy_id: UUID, parts: Sequence[PolicyPart]) -> Json[PolicyWhole]:
        """One statement. Raises NotFound."""
        asked = sorted(set(parts))
        row = await WholePolicy(self.ctx).with_parts(policy_id, asked)
        if row is None:
            raise NotFound(id=str(policy_id))
        known = dict(zip(asked, row[3:], strict=True))
        told = (f'"{part}":' + (f"[{known[part]}]" if part in known else "null") for part in PARTS)
        return Json(PolicyWhole, f"{row[0][:-1]},{','.join(told)}}}", row[1], id=row[2])

    async def get_many(self, ids: list[UUID]) -> Json[Found[PolicyRead]]:
        return found(PolicyRead, await self.policies.get_many(ids))

    async def get_by_external_id(self, system: str, value: str) -> Json[PolicyRead]:
        policy = await self.policies.find(source_system=system, external_id=value)
        if policy is None:
            raise NotFound
        return policy

    # --- writing

    async def create(self, data: PolicyCreate) -> Json[PolicyTold]:
        """With its number, of the agency and the year; a proposal, unless it is issued at once.

        Raises PolicySystemIsMaster, UnknownPolicyAccount, -Holder, -Agency, -Product, UnknownPreviousPolicy.
        """
        policy = await self.draft(data)
        if data.issue:
            await self.sign(policy)
        return await self.told(policy)

    async def draft(self, data: PolicyCreate, **more: Any) -> Policy:
        """The new row and what belongs to it, in this transaction."""
        self._refuse_in_projection()
        self.ctx.begin()
        agency_id = await self._place(data)
        before = await self._before(data.previous_policy_id)
        branch = await self.policies.branch_of(data.product_code)
        told = {"issue", "producer_user_id", "agency_id", *LINES, *Contents._fields}
        given = {name: value for name, value in data if name not in told and value is not None}
        policy = Policy(
            **{"id": new_id()} | given | more,
            branch_code=branch,
            number=await self._number(agency_id, branch, data.product_code),
            agency_id=agency_id,
            owner_user_id=await self._producer(data.producer_user_id),
        )
        policy.expires_at = data.expires_at or months_later(data.effective_at, data.term_months)
        policy.subscribed_on = data.subscribed_on or today()
        policy.source_system, policy.status = OURS, PolicyStatus.PROPOSED
        set_premium(policy, {name: getattr(data, name) for name in LINES})
        await self.policies.save(policy)
        if before is not None:
            before.next_policy_id = policy.id
            await self.policies.save(before)
        await self.contents.write(policy, Contents(data.object_ids, data.parties, data.coverages))
        return policy

    async def update(self, policy_id: UUID, data: PolicyPatch, version: int) -> Json[PolicyTold]:
        """Raises PolicyNotProposed for what only an endorsement changes."""
        policy = await self.loaded(policy_id, version)
        given = {name: value for name, value in data if value is not MISSING}
        if policy.status is not PolicyStatus.PROPOSED and (fixed := given.keys() - ALWAYS):
            raise PolicyNotProposed(fields=sorted(fixed))
        if "producer_user_id" in given:
            given["owner_user_id"] = await self._producer(given.pop("producer_user_id"))
        if given.get("policyholder_contact_id") is not None:
            await self._refuse_unknown_person(given["policyholder_contact_id"])
        if {"effective_at", "term_months"} & given.keys() and "expires_at" not in given:
            months = given.get("term_months", policy.term_months)
            if months:
                given["expires_at"] = months_later(given.get("effective_at", policy.effective_at), months)
        lines = {name: given.pop(name) for name in LINES if name in given}
        parts = Contents(*(given.pop(name, None) for name in Contents._fields))
        for name, value in given.items():
            setattr(policy, name, value)
        if policy.expires_at <= policy.effective_at:
            raise ValidationFailed.at("/expires_at", "expiry_before_effect", "It ends after it takes effect.")
        set_premium(policy, lines)
        await self.policies.save(policy)
        await self.contents.write(policy, parts)
        return await self.told(policy)

    # --- steps, by people

    async def loaded(self, policy_id: UUID, version: int) -> Policy:
        """Locked, seen by this principal, ours to change. Raises PolicySystemIsMaster, VersionConflict."""
        policy = await self.policies.load(policy_id)
        if version not in (policy.version, ANY_VERSION):
            raise VersionConflict(current_version=policy.version)
        self.refuse_foreign(policy)
        return policy

    def refuse_foreign(self, policy: Policy) -> None:
        """Raises PolicySystemIsMaster."""
        if not self.is_ours(policy):
            raise PolicySystemIsMaster(source_system=policy.source_system)

    async def issue(self, policy_id: UUID, version: int) -> Json[PolicyTold]:
        policy = await self.loaded(policy_id, version)
        await self.sign(policy)
        return await self.told(policy)

    async def begin_now(self, policy_id: UUID, paid_at: datetime | None, version: int) -> Json[PolicyRead]:
        policy = await self.loaded(policy_id, version)
        await self.life.begin(policy, _past(paid_at))
        return await self.policies.get(policy_id)

    async def suspend_now(self, policy_id: UUID, reason: str, version: int) -> Json[PolicyRead]:
        policy = await self.loaded(policy_id, version)
        await self.life.suspend(policy, reason)
        return await self.policies.get(policy_id)

    async def reinstate(self, policy_id: UUID, paid_at: datetime | None, version: int) -> Json[PolicyRead]:
        policy = await self.loaded(policy_id, version)
        await self.life.pay_up(policy, _past(paid_at))
        return await self.policies.get(policy_id)

    async def end(self, policy_id: UUID, data: PolicyTerminate, version: int) -> Json[PolicyEnded]:
        policy = await self.loaded(policy_id, version)
        at = data.terminated_at or now()
        back = await self.life.terminate(policy, data.reason, at, data.comment)
        shown = await self.policies.get(policy_id)
        body = f"{shown.body.decode()[:-1]},{to_json({'refund': back}).decode()[1:]}"
        return Json(PolicyEnded, body, shown.version, id=shown.id)

    async def void(self, policy_id: UUID, reason: str, version: int) -> Json[PolicyRead]:
        policy = await self.loaded(policy_id, version)
        await self.life.cancel(policy, reason)
        return await self.policies.get(policy_id)

    # --- steps, by the house: what floors above decide

    async def begin(self, policy_id: UUID, paid_at: datetime | None = None) -> bool:
        """The first premium is paid: cover begins. Said again, or too late, it changes nothing."""
        policy = await self._held(policy_id)
        if policy is None or policy.status is not PolicyStatus.ISSUED or policy.first_paid_at is not None:
            return False
        await self.life.begin(policy, paid_at or now())
        return True

    async def suspend(self, policy_id: UUID, reason: str) -> bool:
        """Raises InvalidTransition."""
        policy = await self._held(policy_id)
        if policy is None:
            return False
        await self.life.suspend(policy, reason)
        return True

    async def pay_up(self, policy_id: UUID, paid_at: datetime | None = None) -> bool:
        """Suspended, and the arrears are paid: cover resumes the next local day at noon."""
        policy = await self._held(policy_id)
        if policy is None or policy.status is not PolicyStatus.SUSPENDED:
            return False
        await self.life.pay_up(policy, paid_at or now())
        return True

    async def terminate(
        self, policy_id: UUID, reason: TerminationReason, at: datetime | None = None
    ) -> PremiumRefund | None:
        """What is given back; None where a policy system keeps the contract. Raises InvalidTransition."""
        policy = await self._held(policy_id)
        return None if policy is None else await self.life.terminate(policy, reason, at or now())

    async def cancel(self, policy_id: UUID, reason: str) -> bool:
        """Raises InvalidTransition."""
        policy = await self._held(policy_id)
        if policy is None:
            return False
        await self.life.cancel(policy, reason)
        return True

    async def expire(self, policy_id: UUID) -> bool:
        """Raises InvalidTransition."""
        policy = await self._held(policy_id)
        if policy is None:
            return False
        await self.life.expire(policy)
        return True

    def is_ours(self, policy: Policy) -> bool:
        """Whether it is issued here: not where a policy system is master, nor of one that another told us."""
        return self.ctx.tools.settings.policy_mode == "standalone" and policy.source_system == OURS

    # --- inside

    async def sign(self, policy: Policy) -> None:
        """Issued, and kept as its first version."""
        await self.life.issue(policy)
        await self.recorder.first(policy)

    async def told(self, policy: Policy) -> Json[PolicyTold]:
        """The contract, with the others that cover the same vehicles."""
        warnings = to_json({"warnings": await self.contents.doubles(policy)}).decode()
        shown = await self.policies.get(policy.id)
        body = f"{shown.body.decode()[:-1]},{warnings[1:]}"
        return Json(PolicyTold, body, shown.version, id=shown.id)

    async def _held(self, policy_id: UUID) -> Policy | None:
        policy = await self.policies.held(policy_id)
        return policy if self.is_ours(policy) else None

    def _refuse_in_projection(self) -> None:
        if self.ctx.tools.settings.policy_mode != "standalone":
            raise PolicySystemIsMaster

    async def _place(self, data: PolicyCreate) -> UUID:
        """Which agency issues it; who is named is there, and in sight."""
        try:
            account = (await AccountService(self.ctx).get(data.account_id)).value
        except NotFound as error:
            raise UnknownPolicyAccount from error
        if account.deleted_at is not None:
            raise UnknownPolicyAccount
        if data.policyholder_contact_id is not None:
            await self._refuse_unknown_person(data.policyholder_contact_id)
        sale = data.opportunity_id
        if sale is not None and not await seen_objects(self.ctx, "opportunity", [sale]):
            raise UnknownPolicyParty(object_type="opportunity", object_id=str(sale))
        who = self.ctx.principal
        agency_id = data.agency_id or who.agency_id or account.agency_id
        if who.data_scope is not DataScope.ALL and agency_id not in (who.agency_id, *who.agency_ids):
            raise UnknownPolicyAgency
        return agency_id

    async def _before(self, policy_id: UUID | None) -> Policy | None:
        """What a new one goes on from, locked. Raises UnknownPreviousPolicy, PolicyAlreadyRenewed."""
        if policy_id is None:
            return None
        try:
            before = await self.policies.load(policy_id)
        except NotFound as error:
            raise UnknownPreviousPolicy from error
        if before.next_policy_id is not None:
            raise PolicyAlreadyRenewed(existing_id=str(before.next_policy_id))
        return before

    async def _refuse_unknown_person(self, contact_id: UUID) -> None:
        try:
            await ContactService(self.ctx).get(contact_id)
        except NotFound as error:
            raise UnknownPolicyHolder from error

    async def _producer(self, user_id: UUID | None) -> UUID | None:
        who = self.ctx.principal
        if user_id not in (None, who.id):
            await UserService(self.ctx).refuse_unknown([user_id], "/producer_user_id")
        return user_id or (who.id if who.is_person else None)

    async def _number(self, agency_id: UUID, branch: str, product_code: str) -> str:
        """16012.2026.11.AUTO_P.00042: agency, year, branch, product, serial (domain.md 0.3)."""
        try:
            code = (await AgencyService(self.ctx).get(agency_id)).value.code
        except NotFound as unknown:
            raise UnknownPolicyAgency from unknown
        year = today().year
        serial = await next_number(self.ctx, f"{Policy.label}.{code}.{year}.{product_code}")
        head, tail = f"{code}.{year}.{branch}.", f".{serial:05d}"
        return head + product_code[: LONGEST_NUMBER - len(head) - len(tail)] + tail


def _past(moment: datetime | None) -> datetime:
    if moment is not None and moment > now():
        raise ValidationFailed.at("/paid_at", "in_the_future", "It cannot be later than now.")
    return moment or now()
