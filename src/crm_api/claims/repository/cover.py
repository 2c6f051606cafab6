"""What a contract covered at a moment: read once, when a claim is declared or its contract becomes known."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)

from crm_api.core.context import Context
from crm_api.core.db import Ledger
from crm_api.core.plain import table_of
from crm_api.core.statements import compiled
from crm_api.core.visibility import variant_of, visible_rows
from crm_api.policies.models.cover import PolicyCoverage, PolicyObject
from crm_api.policies.models.policy import Policy, PolicySuspension, PolicyVersion
from crm_api.products.models import Product


class Cover(NamedTuple):
    """A contract as it was at a moment."""

    policy_id: UUID
    account_id: UUID
    agency_id: UUID
    product_code: str
    branch_code: str
    status: str
    effective_at: datetime
    expires_at: datetime
    in_force_since: datetime | None
    terminated_at: datetime | None
    suspended: bool
    version_no: int
    """The version that held then; the first one for a moment before it."""
    documents: Mapping[str, Any] | None
    """What its product asks for: {cause or "default": [kind]}."""
    coverages: Mapping[str, str]
    """Coverage code -> its state, in that version."""
    objects: tuple[str, ...]
    """The keys of what it covered."""
    largest_sum_insured: int | None
    """Centimes, of one coverage."""


class CoverRecords:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def at(self, policy_id: UUID, moment: datetime) -> Cover | None:
        """One statement. None for a contract that is not there, or out of sight."""
        variant = variant_of(self.ctx.principal)
        statement = compiled(("cover at", variant), lambda: _cover(variant))
        rows = await self.ctx.fetch(statement, {"policy_id": policy_id, "moment": moment})
        if not rows:
            return None
        row = dict(zip(Cover._fields, rows[0], strict=True))
        return Cover(**row | {"objects": tuple(row["objects"] or ())})


def _ledger(model: type[Ledger]) -> Any:
    return model.__table__


def _cover(variant: str) -> Select[Any]:
    policy, coverage, product = table_of(Policy), table_of(PolicyCoverage), table_of(Product)
    version, suspension, thing = _ledger(PolicyVersion), _ledger(PolicySuspension), _ledger(PolicyObject)
    moment = bindparam("moment", type_=policy.c.effective_at.type)
    one: Any = literal_column("1")

    def of_policy(part: Any) -> Any:
        return and_(part.c.organization_id == policy.c.organization_id, part.c.policy_id == policy.c.id)

    then = (
        select(func.max(version.c.version_no))
        .where(of_policy(version), version.c.effective_at <= moment)
        .correlate(policy)
        .scalar_subquery()
    )
    version_no = func.coalesce(then, one)
    suspended = (
        select(one)
        .where(
            of_policy(suspension),
            suspension.c.suspended_at <= moment,
            or_(suspension.c.resumed_at.is_(None), suspension.c.resumed_at > moment),
        )
        .correlate(policy)
        .exists()
    )
    documents = (
        select(product.c.documents_claim)
        .where(
            product.c.organization_id == policy.c.organization_id,
            product.c.code == policy.c.product_code,
        )
        .correlate(policy)
        .scalar_subquery()
    )
    in_version = and_(of_policy(coverage), coverage.c.policy_version == version_no)
    coverages = (
        select(func.jsonb_object_agg(coverage.c.coverage_code, coverage.c.status))
        .where(in_version)
        .correlate(policy)
        .scalar_subquery()
    )
    largest = (
        select(func.max(type_coerce(coverage.c.sum_insured, BigInteger)))
        .where(in_version)
        .correlate(policy)
        .scalar_subquery()
    )
    objects = (
        select(func.array_agg(cast(thing.c.insured_object_id, Text)))
        .where(
            of_policy(thing),
            thing.c.from_version <= version_no,
            or_(thing.c.to_version.is_(None), thing.c.to_version >= version_no),
        )
        .correlate(policy)
        .scalar_subquery()
    )
    return select(
        *(policy.c[name] for name in ("id", "account_id", "agency_id", "product_code", "branch_code")),
        *(policy.c[name] for name in ("status", "effective_at", "expires_at", "in_force_since")),
        policy.c.terminated_at,
        suspended,
        version_no,
        documents,
        func.coalesce(coverages, literal_column("'{}'::jsonb")),
        objects,
        largest,
    ).where(
        policy.c.organization_id == bindparam("organization_id"),
        policy.c.id == bindparam("policy_id", type_=Uuid()),
        *visible_rows(policy, variant),
    )
