"""Parties, objects and coverages of a contract: they live and change with it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.statements import as_json
from crm_api.kit.ids import new_id
from crm_api.policies.models.cover import InsuredObject, PolicyCoverage, PolicyObject
from crm_api.policies.models.policy import Policy, PolicyParty, PolicySuspension
from crm_api.policies.repository.objects import InsuredObjectRepository
from crm_api.policies.repository.policies import PolicyRepository
from crm_api.policies.schemas.contents import (
    PolicyCoverageInput,
    PolicyCoverageRead,
    PolicyPartyInput,
    PolicyPartyRead,
    PolicySuspensionRead,
)
from crm_api.policies.schemas.objects import InsuredObjectRead

AMOUNTS = (
    *("sum_insured", "limit_amount", "deductible_amount", "deductible_percent", "deductible_min"),
    *("net_premium", "exclusions"),
)


class ContentsRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    # --- as they stand

    async def parties(self, policy_id: UUID) -> Sequence[PolicyParty]:
        """Those whose time has not ended, locked with their contract."""
        mine = PolicyParty.organization_id == self.ctx.organization_id, PolicyParty.policy_id == policy_id
        open_ones = select(PolicyParty).where(*mine, PolicyParty.valid_to.is_(None))
        return list(await self.ctx.session.scalars(open_ones.order_by(PolicyParty.role, PolicyParty.id)))

    async def coverages(self, policy_id: UUID, version_no: int) -> Sequence[PolicyCoverage]:
        mine = (
            PolicyCoverage.organization_id == self.ctx.organization_id,
            PolicyCoverage.policy_id == policy_id,
            PolicyCoverage.policy_version == version_no,
        )
        statement = select(PolicyCoverage).where(*mine)
        ordered = statement.order_by(PolicyCoverage.coverage_code, PolicyCoverage.id)
        return list(await self.ctx.session.scalars(ordered))

    async def objects(self, policy_id: UUID) -> Sequence[PolicyObject]:
        mine = (
            PolicyObject.organization_id == self.ctx.organization_id,
            PolicyObject.policy_id == policy_id,
            PolicyObject.to_version.is_(None),
        )
        return list(
            await self.ctx.session.scalars(
                select(PolicyObject).where(*mine).order_by(PolicyObject.insured_object_id)
            )
        )

    # --- written with a version of their contract

    async def write_objects(self, policy: Policy, ids: Sequence[UUID]) -> None:
        """From this version on, these and no others."""
        wanted = set(ids)
        for held in await self.objects(policy.id):
            if held.insured_object_id in wanted:
                wanted.discard(held.insured_object_id)
            elif held.from_version == policy.version_no:
                await self.ctx.session.delete(held)
            else:
                held.to_version = policy.version_no - 1
        for object_id in sorted(wanted):
            made = PolicyObject(
                policy_id=policy.id, insured_object_id=object_id, from_version=policy.version_no
            )
            self.ctx.session.add(made)
        await self.ctx.session.flush()

    async def write_parties(self, policy: Policy, parties: Sequence[PolicyPartyInput], since: date) -> None:
        """From that day on, these and no others; who had a part before keeps the time they had it."""
        wanted = {_who(party): party for party in parties}
        for held in await self.parties(policy.id):
            same = wanted.get(_who(held))
            if same is not None and same.valid_to is None:
                del wanted[_who(held)]
            elif held.valid_from >= since:
                await self.ctx.session.delete(held)
            else:
                held.valid_to = since - timedelta(days=1)
        for party in wanted.values():
            made = PolicyParty(**{name: value for name, value in party if name != "valid_from"}, id=new_id())
            made.policy_id, made.valid_from = policy.id, party.valid_from or since
            self.ctx.session.add(made)
        await self.ctx.session.flush()

    async def write_coverages(
        self, policy: Policy, coverages: Sequence[PolicyCoverageInput], since: datetime
    ) -> None:
        """Of this version, instead of those it had; what is new to the contract runs from `since`."""
        former = {
            (held.coverage_code, held.insured_object_id): held.effective_at
            for held in await self.coverages(policy.id, policy.version_no - 1)
        }
        for held in await self.coverages(policy.id, policy.version_no):
            await self.ctx.session.delete(held)
        await self.ctx.session.flush()
        for given in coverages:
            made = PolicyCoverage(
                **{name: getattr(given, name) for name in AMOUNTS},
                coverage_code=given.coverage_code,
                insured_object_id=given.insured_object_id,
                effective_at=given.effective_at
                or former.get((given.coverage_code, given.insured_object_id), since),
                expires_at=given.expires_at or policy.expires_at,
            )
            self._add(policy, made)
        await self.ctx.session.flush()

    async def carry_coverages_over(self, policy: Policy, from_version: int, ended: datetime) -> None:
        """The version before had them, this one has them too; to its end, those that ran to the end."""
        for held in await self.coverages(policy.id, from_version):
            made = PolicyCoverage(
                **{name: getattr(held, name) for name in (*AMOUNTS, "coverage_code", "insured_object_id")},
                effective_at=held.effective_at,
                expires_at=policy.expires_at if held.expires_at == ended else held.expires_at,
                status=held.status,
            )
            self._add(policy, made)
        await self.ctx.session.flush()

    def _add(self, policy: Policy, made: PolicyCoverage) -> None:
        made.id, made.policy_id, made.policy_version = new_id(), policy.id, policy.version_no
        self.ctx.session.add(made)


class WholePolicy(PolicyRepository):
    """A contract with what belongs to it, in one statement."""

    async def with_parts(self, policy_id: UUID, parts: Sequence[str]) -> Sequence[Any] | None:
        """The contract's JSON, its version, its id; then the JSON of the rows of each of `parts`."""
        shape = ("whole", *parts)
        rows = await self.rows(shape, lambda: self._whole(parts), {"id": policy_id})
        return rows[0] if rows else None

    def _whole(self, parts: Sequence[str]) -> Any:
        same = table_of(self.model).c.id == bindparam("id", type_=Uuid())
        subqueries = (_PARTS[part](self.ctx).label(part) for part in parts)
        return self.select(*self._read(), *subqueries).where(same)


def _listed(columns: Any, schema: Any, order: Sequence[Any], *conditions: ColumnElement[bool]) -> Any:
    row = as_json(dict(columns), schema.model_fields)
    comma = literal_column("','", Text())
    joined = func.string_agg(row, aggregate_order_by(comma, *order))
    return select(func.coalesce(joined, literal_column("''", Text()))).where(*conditions)


def _parties(_: Context) -> Any:
    parties, policies = table_of(PolicyParty), table_of(Policy)
    same = parties.c.organization_id == policies.c.organization_id, parties.c.policy_id == policies.c.id
    return _listed(parties.c, PolicyPartyRead, [parties.c.role, parties.c.id], *same).scalar_subquery()


def _coverages(_: Context) -> Any:
    coverages, policies = table_of(PolicyCoverage), table_of(Policy)
    same = (
        coverages.c.organization_id == policies.c.organization_id,
        coverages.c.policy_id == policies.c.id,
        coverages.c.policy_version == policies.c.version_no,
    )
    order = [coverages.c.coverage_code, coverages.c.id]
    return _listed(coverages.c, PolicyCoverageRead, order, *same).scalar_subquery()


def _objects(ctx: Context) -> Any:
    held, objects, policies = PolicyObject.__table__, table_of(InsuredObject), table_of(Policy)
    same = (
        held.c.organization_id == policies.c.organization_id,
        held.c.policy_id == policies.c.id,
        held.c.to_version.is_(None),
        objects.c.organization_id == held.c.organization_id,
        objects.c.id == held.c.insured_object_id,
    )
    columns = InsuredObjectRepository(ctx).columns()
    return _listed(columns, InsuredObjectRead, [objects.c.id], *same).scalar_subquery()


def _suspensions(_: Context) -> Any:
    held, policies = PolicySuspension.__table__, table_of(Policy)
    same = held.c.organization_id == policies.c.organization_id, held.c.policy_id == policies.c.id
    return _listed(held.c, PolicySuspensionRead, [held.c.suspended_at], *same).scalar_subquery()


_PARTS = {
    "parties": _parties,
    "coverages": _coverages,
    "objects": _objects,
    "suspensions": _suspensions,
}


def _who(party: PolicyParty | PolicyPartyInput) -> tuple[Any, ...]:
    return party.role, party.contact_id, party.account_id, party.share
