from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, Text, TextClause, Uuid, bindparam, select, text

from crm_api.core.bulk import insert_lines
from crm_api.core.progress import JobResult, Line
from crm_api.core.repository import Repository
from crm_api.integrations.models import (
    IntegrationBatch,
    ReconciledEntity,
    Reconciliation,
    ReconciliationDifference,
)
from crm_api.integrations.schemas import DifferenceRead, ReconciliationRead
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id

_OURS = {
    ReconciledEntity.POLICIES: """SELECT p.id, p.external_id, a.code AS agency_code, p.branch_code,
        p.total_premium AS amount, p.as_of
    FROM policies p JOIN agencies a ON a.organization_id = p.organization_id AND a.id = p.agency_id
    WHERE p.organization_id = :organization_id AND p.source_system = :system""",
    ReconciledEntity.RECEIVABLES: """SELECT r.id, r.external_id, a.code AS agency_code,
        coalesce(p.branch_code, '-') AS branch_code, r.original_amount AS amount,
        coalesce(r.as_of, r.created_at) AS as_of
    FROM receivables r JOIN agencies a ON a.organization_id = r.organization_id AND a.id = r.agency_id
    LEFT JOIN policies p ON p.organization_id = r.organization_id AND p.id = r.policy_id
    WHERE r.organization_id = :organization_id AND r.source_system = :system""",
}
"""What a system told us of: id, external_id, agency_code, branch_code, amount, as_of."""
_TYPES: Mapping[str, Any] = {
    "organization_id": Uuid(),
    "system": Text(),
    "as_of": DateTime(timezone=True),
    "names": ARRAY(Text()),
    "amounts": ARRAY(BigInteger()),
}
MOST_DIFFERENCES = 10_000


class IntegrationBatchRepository(Repository[IntegrationBatch, Any]):
    model = IntegrationBatch

    async def of_job(self, job_id: UUID) -> IntegrationBatch:
        """Raises NotFound."""
        found = await self.ctx.session.scalar(
            select(IntegrationBatch).where(IntegrationBatch.job_id == job_id)
        )
        if found is None:
            raise NotFound
        return found

    async def held(self, batch_id: UUID, number: int) -> IntegrationBatch | None:
        """Locked; None when that part is done already."""
        mine = IntegrationBatch.id == batch_id, IntegrationBatch.parts_done == number
        return await self.ctx.session.scalar(select(IntegrationBatch).where(*mine).with_for_update())

    async def keep(self, job_id: UUID, lines: Sequence[Line]) -> None:
        """The verdicts of one part, copied in."""
        rows = [
            {
                "id": new_id(),
                "version": 1,
                "job_id": job_id,
                "number": line.number,
                "outcome": line.outcome,
                "key": line.key,
                "object_id": line.object_id,
                "faults": [dict(fault) for fault in line.faults],
            }
            for line in lines
        ]
        await insert_lines(self.ctx, JobResult, rows)  # type: ignore[arg-type]  # plain rows of it


class ReconciliationRepository(Repository[Reconciliation, ReconciliationRead]):
    model, read = Reconciliation, ReconciliationRead

    async def totals(self, entity: ReconciledEntity, system: str, as_of: datetime) -> Sequence[Sequence[Any]]:
        """agency_code, branch_code, count, sum in centimes, and how many were told for a later moment."""
        sql = f"""SELECT agency_code, branch_code, count(*) FILTER (WHERE as_of <= :as_of),
            coalesce(sum(amount) FILTER (WHERE as_of <= :as_of), 0)::bigint,
            count(*) FILTER (WHERE as_of > :as_of)
        FROM ({_OURS[entity]}) ours GROUP BY agency_code, branch_code ORDER BY agency_code, branch_code"""  # noqa: S608 - constants
        return await self.rows(("totals", entity), lambda: _typed(sql), {"system": system, "as_of": as_of})

    async def singles(
        self, entity: ReconciledEntity, system: str, as_of: datetime, rows: Mapping[str, int]
    ) -> Sequence[Sequence[Any]]:
        """external_id, id, amount here, amount there: of those that differ, at most `MOST_DIFFERENCES`."""
        sql = f"""SELECT coalesce(ours.external_id, theirs.name), ours.id, ours.amount, theirs.amount
        FROM ({_OURS[entity]}) ours
        FULL JOIN unnest(:names, :amounts) AS theirs (name, amount) ON theirs.name = ours.external_id
        WHERE (ours.as_of IS NULL OR ours.as_of <= :as_of) AND ours.amount IS DISTINCT FROM theirs.amount
        ORDER BY 1 LIMIT {MOST_DIFFERENCES}"""  # noqa: S608 - constants
        values = {"system": system, "as_of": as_of, "names": [*rows], "amounts": [*rows.values()]}
        return await self.rows(("singles", entity), lambda: _typed(sql), values)


class DifferenceRepository(Repository[ReconciliationDifference, DifferenceRead]):
    model, read = ReconciliationDifference, DifferenceRead


def _typed(sql: str) -> TextClause:
    statement = text(sql)
    names = [name for name in _TYPES if f":{name}" in sql]
    return statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in names))
