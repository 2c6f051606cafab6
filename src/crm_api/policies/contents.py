"""What a contract is about, checked and written: objects, parties, coverages."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_jsonable_python

from crm_api.core.context import Context
from crm_api.core.objects import seen_objects
from crm_api.kit.errors import ValidationFailed
from crm_api.policies.errors import UnfitObject, UnknownPolicyParty
from crm_api.policies.models.policy import Policy
from crm_api.policies.repository.contents import AMOUNTS, ContentsRepository
from crm_api.policies.repository.objects import InsuredObjectRepository
from crm_api.policies.schemas.contents import PolicyCoverageInput, PolicyPartyInput
from crm_api.policies.schemas.objects import DoubleInsurance
from crm_api.policies.terms import local_day


class Contents(NamedTuple):
    """What is given anew; None: as it was."""

    object_ids: Sequence[UUID] | None = None
    parties: Sequence[PolicyPartyInput] | None = None
    coverages: Sequence[PolicyCoverageInput] | None = None


class PolicyContents:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rows, self.objects = ContentsRepository(ctx), InsuredObjectRepository(ctx)

    async def write(self, policy: Policy, given: Contents, since: Any = None) -> None:
        """From `since` (the effect of the contract) on. Raises UnfitObject, UnknownPolicyParty, and
        ValidationFailed for a coverage on an object of another contract, or outside the term."""
        since = since or policy.effective_at
        await self.refuse_unfit(policy, given)
        if given.object_ids is not None:
            await self.rows.write_objects(policy, given.object_ids)
        if given.parties is not None:
            await self.rows.write_parties(policy, given.parties, local_day(since))
        if given.coverages is not None:
            await self.rows.write_coverages(policy, given.coverages, since)

    async def refuse_unfit(self, policy: Policy, given: Contents, account_id: UUID | None = None) -> None:
        """`account_id`: whose contract it is to be."""
        if given.object_ids:
            fit = await self.objects.fit_for(account_id or policy.account_id, given.object_ids)
            if unfit := set(given.object_ids) - fit:
                raise UnfitObject(object_id=str(min(unfit)))
        for party in given.parties or ():
            kind, id = ("contact", party.contact_id) if party.contact_id else ("account", party.account_id)
            if id is not None and not await seen_objects(self.ctx, kind, [id]):
                raise UnknownPolicyParty(object_type=kind, object_id=str(id))
        if given.coverages:
            await self._refuse_misplaced(policy, given)

    async def doubles(self, policy: Policy) -> list[DoubleInsurance]:
        """Other living contracts on the same vehicles at the same time (ord. 95-07 art. 33)."""
        ids = [held.insured_object_id for held in await self.rows.objects(policy.id)]
        kin = [id for id in (policy.id, policy.previous_policy_id, policy.next_policy_id) if id is not None]
        return await self.objects.insured_twice(ids, kin, policy) if ids else []

    async def as_json(self, policy: Policy) -> dict[str, Any]:
        """As they stand: {object_ids, parties, coverages}."""
        coverages = await self.rows.coverages(policy.id, policy.version_no)
        parties = await self.rows.parties(policy.id)
        known: dict[str, Any] = to_jsonable_python(
            {
                "object_ids": [held.insured_object_id for held in await self.rows.objects(policy.id)],
                "parties": [
                    {
                        **{name: getattr(party, name) for name in ("role", "contact_id", "account_id")},
                        "share": party.share and f"{party.share.normalize():f}",
                        "valid_from": party.valid_from,
                    }
                    for party in parties
                ],
                "coverages": [_told(coverage) for coverage in coverages],
            }
        )
        return known

    async def _refuse_misplaced(self, policy: Policy, given: Contents) -> None:
        ids = given.object_ids
        if ids is None:
            ids = [held.insured_object_id for held in await self.rows.objects(policy.id)]
        for at, coverage in enumerate(given.coverages or ()):
            if coverage.insured_object_id not in (None, *ids):
                raise ValidationFailed.at(
                    f"/coverages/{at}/insured_object_id", "not_insured", "The contract covers no such object."
                )
            starts = coverage.effective_at or policy.effective_at
            ends = coverage.expires_at or policy.expires_at
            if not policy.effective_at <= starts < ends <= policy.expires_at:
                raise ValidationFailed.at(
                    f"/coverages/{at}/effective_at", "outside_term", "A coverage runs within its contract."
                )


def _told(coverage: Any) -> dict[str, Any]:
    told = {name: getattr(coverage, name) for name in AMOUNTS}
    percent = coverage.deductible_percent
    return {
        "coverage_code": coverage.coverage_code,
        "insured_object_id": coverage.insured_object_id,
        **told,
        "deductible_percent": None if percent is None else f"{percent.normalize():f}",
        "effective_at": coverage.effective_at,
        "expires_at": coverage.expires_at,
        "status": coverage.status,
    }
