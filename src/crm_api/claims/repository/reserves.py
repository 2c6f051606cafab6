"""The reserves of a claim, read in one statement."""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm_api.claims.models.claim import Claim
from crm_api.claims.models.handling import ClaimReserveMovement
from crm_api.claims.schemas.money import ReserveBalance, ReserveMovementRead, ReserveRead
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.statements import as_json, compiled
from crm_api.core.visibility import variant_of, visible_rows
from crm_api.kit.errors import NotFound


class ReserveReading:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def of(self, claim_id: UUID) -> ReserveRead:
        """Raises NotFound."""
        variant = variant_of(self.ctx.principal)
        statement = compiled(("reserves of", variant), lambda: _movements(variant))
        rows = await self.ctx.fetch(statement, {"claim_id": claim_id})
        if not rows:
            raise NotFound(id=str(claim_id))
        read = ReserveRead.model_validate_json(f'{{"balances":[],"data":[{rows[0][0]}]}}')
        newest: dict[tuple[str, str], ReserveMovementRead] = {}
        for line in read.data:
            newest.setdefault((line.coverage_code, line.kind), line)
        balances = [
            ReserveBalance(coverage_code=line.coverage_code, kind=line.kind, balance=line.balance)
            for _, line in sorted(newest.items())
        ]
        return ReserveRead(balances=balances, data=read.data)


def _movements(variant: str) -> Any:
    claims, line = table_of(Claim), ClaimReserveMovement.__table__
    comma = literal_column("','", Text())
    one = as_json(dict(line.c), ReserveMovementRead.model_fields)
    lines = (
        select(func.coalesce(func.string_agg(one, aggregate_order_by(comma, line.c.id.desc())), ""))
        .where(line.c.organization_id == claims.c.organization_id, line.c.claim_id == claims.c.id)
        .correlate(claims)
        .scalar_subquery()
    )
    return select(lines).where(
        claims.c.organization_id == bindparam("organization_id"),
        claims.c.id == bindparam("claim_id", type_=Uuid()),
        *visible_rows(claims, variant),
    )
