"""Changes of a contract: asked for, judged by another person, applied as a new version."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import MISSING
from pydantic_core import to_jsonable_python

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.objects import seen_objects
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import DomainError, ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.policies.contents import Contents
from crm_api.policies.errors import (
    EndorsementNotYetEffective,
    EndorsementOutdated,
    EndorsementSecondPerson,
    PolicyHasEnded,
    TooManyEndorsements,
    UnknownPolicyAccount,
    UnknownPolicyHolder,
    UnknownPolicyParty,
)
from crm_api.policies.events import EndorsementApplied, EndorsementRefused, EndorsementRequested
from crm_api.policies.models.endorsement import (
    ENDORSEMENT,
    Endorsement,
    EndorsementStatus,
    EndorsementType,
)
from crm_api.policies.models.policy import LIVING, Policy
from crm_api.policies.premiums import set_premium, share, term_of
from crm_api.policies.repository.endorsements import EndorsementRepository, PolicyHistory
from crm_api.policies.schemas.contents import PolicyCoverageInput
from crm_api.policies.schemas.endorsements import (
    EndorsementChanges,
    EndorsementCreate,
    EndorsementFilter,
    EndorsementPage,
    EndorsementQuery,
    EndorsementRead,
    EndorsementRefusal,
    PolicyVersions,
    VersionsQuery,
)
from crm_api.policies.service import PolicyService
from crm_api.policies.terms import Span, local_day, part

FURTHEST = timedelta(days=90)
"""So far ahead a change may be asked for."""
MOST = 99
STEPS = frozenset({EndorsementType.SUSPENSION, EndorsementType.REINSTATEMENT, EndorsementType.TERMINATION})
"""They lead the contract to another state, and do so at their effect."""
LIABILITY = "RC"
"""The cover that the contribution to the motor guarantee fund is levied on."""


class Delta(NamedTuple):
    """Centimes to pay, or to give back when negative."""

    net: int
    vat: int
    fga: int


class EndorsementService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.service, self.endorsements = PolicyService(ctx), EndorsementRepository(ctx)
        self.policies, self.contents = self.service.policies, self.service.contents

    # --- reads

    async def page(self, query: EndorsementQuery) -> Json[EndorsementPage]:
        return await self.endorsements.page(query, EndorsementPage)

    async def count(self, query: EndorsementFilter) -> Count:
        return await self.endorsements.count(query)

    async def get(self, endorsement_id: UUID) -> Json[EndorsementRead]:
        return await self.endorsements.get(endorsement_id)

    async def versions(self, policy_id: UUID, query: VersionsQuery) -> Json[PolicyVersions]:
        return await PolicyHistory(self.ctx).versions(policy_id, query.moment)

    # --- the way of a request

    async def ask(self, policy_id: UUID, data: EndorsementCreate) -> Json[EndorsementRead]:
        """Raises PolicyHasEnded, PolicySystemIsMaster, UnknownPolicyAccount, -Holder, -Party, UnfitObject,
        and ValidationFailed for an effect outside its bounds."""
        policy = await self.service.loaded(policy_id, ANY_VERSION)
        self._refuse_misdated(policy, data)
        await self._refuse_unknown(policy, data)
        serial = await self.endorsements.next_of(policy_id)
        if serial > MOST:
            raise TooManyEndorsements(most=MOST)
        after = data.changes.model_dump(mode="json", exclude_unset=True)
        endorsement = Endorsement(
            id=new_id(),
            policy_id=policy_id,
            number=f"{policy.number}/A{serial:02d}",
            type=data.type,
            effective_at=data.effective_at,
            reason=data.reason,
            document_ids=data.document_ids,
            owner_user_id=self.ctx.principal.id if self.ctx.principal.is_person else None,
            agency_id=policy.agency_id,
            changes={"before": await self._as_it_is(policy, after), "after": after},
        )
        self._rate(policy, endorsement, data.changes)
        await self.endorsements.save(endorsement)
        await publish(self.ctx, EndorsementRequested(*_named(endorsement)))
        return await self.endorsements.get(endorsement.id)

    async def review(self, endorsement_id: UUID, version: int) -> Json[EndorsementRead]:
        endorsement, _ = await self._stepping(endorsement_id, version, EndorsementStatus.IN_REVIEW)
        endorsement.reviewed_at = now()
        return await self._done(endorsement)

    async def approve(self, endorsement_id: UUID, version: int) -> Json[EndorsementRead]:
        """By another person than who asked. Raises EndorsementSecondPerson, EndorsementOutdated."""
        endorsement, policy = await self._stepping(endorsement_id, version, EndorsementStatus.APPROVED)
        if endorsement.owner_user_id == self.ctx.principal.id:
            raise EndorsementSecondPerson
        await self._refuse_outdated(policy, endorsement)
        endorsement.approved_at, endorsement.approved_by_id = now(), self.ctx.principal.id
        return await self._done(endorsement)

    async def refuse(
        self, endorsement_id: UUID, data: EndorsementRefusal, version: int
    ) -> Json[EndorsementRead]:
        endorsement, _ = await self._stepping(endorsement_id, version, EndorsementStatus.REFUSED)
        endorsement.refusal_reason = data.reason
        await publish(self.ctx, EndorsementRefused(*_named(endorsement)))
        return await self._done(endorsement)

    async def cancel(self, endorsement_id: UUID, version: int) -> Json[EndorsementRead]:
        endorsement, _ = await self._stepping(endorsement_id, version, EndorsementStatus.CANCELLED)
        return await self._done(endorsement)

    async def apply(self, endorsement_id: UUID, version: int) -> Json[EndorsementRead]:
        """The contract changes: a new version from the effect on. Raises EndorsementNotYetEffective for a
        change of state ahead of its time, EndorsementOutdated, PolicyHasEnded."""
        endorsement, policy = await self._stepping(endorsement_id, version, EndorsementStatus.APPLIED)
        if endorsement.type in STEPS and endorsement.effective_at > now():
            raise EndorsementNotYetEffective(effective_at=endorsement.effective_at.isoformat())
        await self._apply(policy, endorsement)
        return await self.endorsements.get(endorsement_id)

    async def apply_due(self) -> None:
        """Approved, and their effect has come. What no longer fits its contract is cancelled, and says so."""
        for endorsement in await self.endorsements.due(now()):
            try:
                async with self.ctx.session.begin_nested():
                    policy = await self.policies.held(endorsement.policy_id)
                    endorsement.status, endorsement.applied_at = EndorsementStatus.APPLIED, now()
                    await self._apply(policy, endorsement)
            except DomainError as refused:
                await self.ctx.session.refresh(endorsement)
                endorsement.status = EndorsementStatus.CANCELLED
                self.ctx.note("endorsement.overtaken", Endorsement.label, endorsement.id, reason=refused.code)
                await self.endorsements.save(endorsement)

    # --- inside

    async def _apply(self, policy: Policy, endorsement: Endorsement) -> None:
        await self._refuse_outdated(policy, endorsement)
        changes = EndorsementChanges.model_validate(endorsement.changes["after"])
        delta = self._rate(policy, endorsement, changes)
        former, account_id, ended = policy.version_no, policy.account_id, policy.expires_at
        policy.version_no = former + 1
        _rewrite(policy, changes, delta)
        await self.policies.save(policy)
        parts = Contents(
            *(None if (given := getattr(changes, name)) is MISSING else given for name in Contents._fields)
        )
        if parts.coverages is None:
            await self.contents.rows.carry_coverages_over(policy, former, ended)
        await self.contents.write(policy, parts, endorsement.effective_at)
        await self._lead(policy, endorsement, changes)
        endorsement.policy_version = policy.version_no
        await self.endorsements.save(endorsement)
        await self.service.recorder.keep(policy, endorsement.id, endorsement.effective_at)
        for each in {account_id, policy.account_id}:
            await self.service.life.follow_account(each)
        applied = EndorsementApplied(
            *_named(endorsement), policy.version_no, *delta, delta.net + delta.vat + delta.fga
        )
        await publish(self.ctx, applied)

    async def _lead(self, policy: Policy, endorsement: Endorsement, changes: EndorsementChanges) -> None:
        """A suspension, a reinstatement and a termination are steps of the contract's life."""
        life = self.service.life
        if endorsement.type is EndorsementType.SUSPENSION:
            await life.suspend(policy, endorsement.reason)
        elif endorsement.type is EndorsementType.REINSTATEMENT:
            policy.reinstates_at = endorsement.effective_at
            await life.reinstate(policy)
        elif changes.termination_reason is not MISSING:
            at = endorsement.effective_at
            await life.terminate(policy, changes.termination_reason, at, endorsement.reason)

    def _rate(self, policy: Policy, endorsement: Endorsement, changes: EndorsementChanges) -> Delta:
        """Pro rata by day, each line rounded; the refund of a termination is told with it, not here."""
        delta = Delta(0, 0, 0)
        if changes.net_premium is not MISSING:
            term = term_of(policy)
            left = Span(max(local_day(endorsement.effective_at), term.first), term.end).days
            whole = term.days
            if endorsement.type is EndorsementType.EXTENSION:
                left = whole = 1
            change = changes.net_premium.centimes - policy.term_net_premium.centimes
            net = part(change, left, whole)
            delta = Delta(net, share(policy.vat, net, policy), 0)
            if (rc := _liability(endorsement, changes)) is not None:
                before, after = rc
                levied_on = before + policy.policy_fee.centimes
                due = part(after - before, left, whole)
                delta = delta._replace(fga=part(policy.fga.centimes, due, levied_on))
        endorsement.premium_delta, endorsement.vat_delta = Money.of(delta.net), Money.of(delta.vat)
        endorsement.fga_delta, endorsement.total_delta = Money.of(delta.fga), Money.of(sum(delta))
        return delta

    def _refuse_misdated(self, policy: Policy, data: EndorsementCreate) -> None:
        _refuse_ended(policy)
        at = data.effective_at
        if at < policy.effective_at:
            raise ValidationFailed.at("/effective_at", "before_effect", "Not before the contract's effect.")
        if at > now() + FURTHEST:
            raise ValidationFailed.at("/effective_at", "too_far_ahead", "90 days ahead at most.")
        if at >= policy.expires_at and data.type is not EndorsementType.EXTENSION:
            raise ValidationFailed.at("/effective_at", "after_expiry", "The contract has ended by then.")
        until = data.changes.expires_at
        if until is not MISSING and until <= policy.expires_at:
            raise ValidationFailed.at("/changes/expires_at", "no_extension", "An extension ends later.")

    async def _refuse_unknown(self, policy: Policy, data: EndorsementCreate) -> None:
        changes = data.changes
        account_id = policy.account_id
        if changes.account_id is not MISSING:
            account_id = changes.account_id
            if not await seen_objects(self.ctx, "account", [account_id]):
                raise UnknownPolicyAccount
        holder = changes.policyholder_contact_id
        if holder is not MISSING and holder and not await seen_objects(self.ctx, "contact", [holder]):
            raise UnknownPolicyHolder
        if data.document_ids:
            seen = await seen_objects(self.ctx, "document", data.document_ids)
            if missing := set(data.document_ids) - seen:
                raise UnknownPolicyParty(object_type="document", object_id=str(min(missing)))
        parts = Contents(
            *(None if (given := getattr(changes, name)) is MISSING else given for name in Contents._fields)
        )
        await self.contents.refuse_unfit(policy, parts, account_id)

    async def _as_it_is(self, policy: Policy, after: dict[str, Any]) -> dict[str, Any]:
        """Of what is to change, what stands now."""
        contents = await self.contents.as_json(policy)
        known = {name: getattr(policy, name, None) for name in after if name not in contents}
        if "net_premium" in known:
            known["net_premium"] = policy.term_net_premium
        coefficient = known.get("bonus_malus_coefficient")
        if coefficient is not None:
            known["bonus_malus_coefficient"] = f"{coefficient.normalize():f}"
        before: dict[str, Any] = to_jsonable_python(known)
        return before | {name: contents[name] for name in contents if name in after}

    async def _refuse_outdated(self, policy: Policy, endorsement: Endorsement) -> None:
        _refuse_ended(policy)
        before, after = endorsement.changes["before"], endorsement.changes["after"]
        if await self._as_it_is(policy, after) != before:
            raise EndorsementOutdated

    async def _stepping(
        self, endorsement_id: UUID, version: int, wanted: EndorsementStatus
    ) -> tuple[Endorsement, Policy]:
        """Both locked, the contract first: two changes of one contract come one after the other."""
        known = (await self.endorsements.get(endorsement_id)).value
        policy = await self.policies.held(known.policy_id)
        endorsement = await self.endorsements.load(endorsement_id)
        if version not in (endorsement.version, ANY_VERSION):
            raise VersionConflict(current_version=endorsement.version)
        self.service.refuse_foreign(policy)
        ENDORSEMENT.check(endorsement.status, wanted)
        endorsement.status = wanted
        endorsement.applied_at = now() if wanted is EndorsementStatus.APPLIED else None
        return endorsement, policy

    async def _done(self, endorsement: Endorsement) -> Json[EndorsementRead]:
        await self.endorsements.save(endorsement)
        return await self.endorsements.get(endorsement.id)


def _refuse_ended(policy: Policy) -> None:
    if policy.status not in LIVING:
        raise PolicyHasEnded(status=str(policy.status))


def _rewrite(policy: Policy, changes: EndorsementChanges, delta: Delta) -> None:
    """The contract's own columns; its premium is what was written of it, the change included."""
    plain = ("plan_code", "payment_plan", "bonus_malus_coefficient", "account_id", "policyholder_contact_id")
    for name in (*plain, "expires_at"):
        if (given := getattr(changes, name)) is not MISSING:
            setattr(policy, name, given)
    lines = {
        "net_premium": Money.of(policy.net_premium.centimes + delta.net),
        "vat": Money.of(max(policy.vat.centimes + delta.vat, 0)),
        "fga": Money.of(max(policy.fga.centimes + delta.fga, 0)),
    }
    given = changes.net_premium
    set_premium(policy, lines, policy.term_net_premium if given is MISSING else given)


def _liability(endorsement: Endorsement, changes: EndorsementChanges) -> tuple[int, int] | None:
    """Premium of the liability cover before and after; None where that does not change, or is not known."""
    if changes.coverages is MISSING:
        return None
    held = [
        PolicyCoverageInput.model_validate(
            {name: value for name, value in one.items() if name in PolicyCoverageInput.model_fields}
        )
        for one in endorsement.changes["before"]["coverages"]
    ]
    before, after = (
        sum(one.net_premium.centimes for one in listed if one.coverage_code == LIABILITY)
        for listed in (held, changes.coverages)
    )
    return (before, after) if before else None


def _named(endorsement: Endorsement) -> tuple[UUID, str, UUID, str]:
    return endorsement.id, endorsement.number, endorsement.policy_id, str(endorsement.type)
