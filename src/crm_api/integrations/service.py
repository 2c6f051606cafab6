from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from crm_api.core.context import Context
from crm_api.core.principal import snapshot
from crm_api.integrations.models import (
    DifferenceKind,
    IntegratedEntity,
    IntegrationBatch,
    Reconciliation,
    ReconciliationDifference,
)
from crm_api.integrations.reading import lines_of
from crm_api.integrations.repository import (
    DifferenceRepository,
    IntegrationBatchRepository,
    ReconciliationRepository,
)
from crm_api.integrations.schemas import (
    DifferencePage,
    DifferenceQuery,
    DifferencesOfOne,
    ReconciliationCreate,
    ReconciliationPage,
    ReconciliationQuery,
    ReconciliationRead,
    ReconciliationsOfSystem,
)
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.policies.errors import ReservedSystem
from crm_api.policies.models.policy import OURS

BATCH = "take_integration_batch"
_KINDS = {
    (True, False): DifferenceKind.MISSING_HERE,
    (False, True): DifferenceKind.MISSING_THERE,
    (False, False): DifferenceKind.AMOUNT_DIFFERS,
}
"""(not here, not there)"""


class BatchService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.batches = IntegrationBatchRepository(ctx)

    async def start(self, entity: IntegratedEntity, system: str, content: bytes) -> Json[JobRead]:
        """Raises BatchRefused, EmptyBatch, BatchTooLong, ReservedSystem."""
        if system == OURS:
            raise ReservedSystem
        lines = lines_of(content)
        self.ctx.begin()
        job = await JobService(self.ctx).start(BATCH, lines)
        batch = IntegrationBatch(
            id=new_id(),
            system=system,
            entity=entity,
            job_id=job.value.id,
            actor=snapshot(self.ctx.principal),
            row_count=lines.count(b"\n") + 1,
        )
        await self.batches.save(batch)
        return job


class ReconciliationService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.reconciliations, self.differences = ReconciliationRepository(ctx), DifferenceRepository(ctx)

    async def compare(self, system: str, data: ReconciliationCreate) -> Json[ReconciliationRead]:
        self.ctx.begin()
        cells = await self._cells(system, data)
        differences = [one for cell in cells if (one := _of_cell(cell))]
        if data.rows is not None:
            wanted = {row.external_id: row.amount.centimes for row in data.rows}
            found = await self.reconciliations.singles(data.entity, system, data.as_of, wanted)
            differences += [_single(*row) for row in found]
        made = Reconciliation(
            id=new_id(),
            system=system,
            entity=data.entity,
            as_of=data.as_of,
            cells=to_jsonable_python(cells),
            difference_count=len(differences),
            agrees=not differences,
        )
        await self.reconciliations.save(made)
        for seq, one in enumerate(differences, 1):
            self.ctx.session.add(
                ReconciliationDifference(id=new_id(), reconciliation_id=made.id, seq=seq, **one)
            )
        return await self.reconciliations.get(made.id)

    async def get(self, system: str, reconciliation_id: UUID) -> Json[ReconciliationRead]:
        """Raises NotFound, also for one of another system."""
        found = await self.reconciliations.find(id=reconciliation_id, system=system)
        if found is None:
            raise NotFound(id=str(reconciliation_id))
        return found

    async def page(self, system: str, query: ReconciliationQuery) -> Json[ReconciliationPage]:
        return await self.reconciliations.page(
            ReconciliationsOfSystem(system=system, **dict(query)), ReconciliationPage
        )

    async def differences_of(
        self, system: str, reconciliation_id: UUID, query: DifferenceQuery
    ) -> Json[DifferencePage]:
        await self.get(system, reconciliation_id)
        mine = DifferencesOfOne(reconciliation_id=reconciliation_id, **dict(query))
        return await self.differences.page(mine, DifferencePage)

    async def _cells(self, system: str, data: ReconciliationCreate) -> list[dict[str, Any]]:
        """Every agency and branch that either of us has."""
        there: dict[tuple[str, str], tuple[int, int]] = {}
        for total in data.totals:
            key = total.agency_code, total.branch_code
            count, centimes = there.get(key, (0, 0))
            there[key] = count + total.count, centimes + total.sum.centimes
        rows = await self.reconciliations.totals(data.entity, system, data.as_of)
        here = {(row[0], row[1]): tuple(row[2:]) for row in rows}
        return [
            {
                "agency_code": key[0],
                "branch_code": key[1],
                "count_here": (mine := here.get(key, (0, 0, 0)))[0],
                "count_there": (theirs := there.get(key, (0, 0)))[0],
                "sum_here": Money.of(mine[1]),
                "sum_there": Money.of(theirs[1]),
                "changed_since": mine[2],
                "agrees": mine[:2] == theirs,
            }
            for key in sorted({*here, *there})
        ]


def _of_cell(cell: Mapping[str, Any]) -> dict[str, Any] | None:
    if cell["agrees"]:
        return None
    same = cell["count_here"] == cell["count_there"]
    return {
        "kind": DifferenceKind.SUM_DIFFERS if same else DifferenceKind.COUNT_DIFFERS,
        **{name: cell[name] for name in ("agency_code", "branch_code", "count_here", "count_there")},
        "amount_here": cell["sum_here"],
        "amount_there": cell["sum_there"],
    }


def _single(external_id: str, object_id: UUID | None, here: int | None, there: int | None) -> dict[str, Any]:
    return {
        "kind": _KINDS[here is None, there is None],
        "external_id": external_id,
        "object_id": object_id,
        "amount_here": None if here is None else Money.of(here),
        "amount_there": None if there is None else Money.of(there),
    }
