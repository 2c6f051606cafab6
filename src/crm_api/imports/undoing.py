"""What an import made, taken back: new records go to the bin, changed ones get their values again.

Whatever somebody touched since stays as it is, and is told.
"""

from uuid import UUID

from crm_api.core.apart import committed
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.principal import restored
from crm_api.core.problems import told
from crm_api.core.progress import Line, Run, RunCancelled, RunOutcome
from crm_api.core.sealing import vault_of
from crm_api.imports.errors import RowTouchedSince
from crm_api.imports.events import ImportUndone
from crm_api.imports.models import Import, ImportPart, ImportStatus
from crm_api.imports.repository import ImportRepository
from crm_api.imports.rows import Made
from crm_api.imports.taking import Taking
from crm_api.imports.targets import TARGETS


class UndoRun:
    """One run over the parts of an import, the last one first; each part is one transaction."""

    def __init__(self, ctx: Context, run: Run) -> None:
        self.house, self.run = ctx, run

    async def work(self) -> None:
        brought, parts = await self._found()
        if brought.status is ImportStatus.ROLLED_BACK:
            await self.run.close(href=f"/v1/imports/{brought.id}")
            return
        made = brought.counts["created"] + brought.counts["updated"]
        back, kept = brought.counts["undone"], 0
        await self.run.report(made, back, kept)
        for number in parts:
            taken, left = await self._part(brought, number)
            back, kept = back + taken, kept + left
            await self.run.report(made, back, kept)
        await self._finish(brought)

    async def _part(self, brought: Import, number: int) -> tuple[int, int]:
        async with committed(self._acting(brought)) as ctx:
            part = await ImportRepository(ctx).part(brought.id, number)
            if part is None:
                return 0, 0
            kept = await self._take_back(ctx, brought, part)
            taken = len(part.created) + len(part.updated) - len(kept)
            part.undone_at = now()
            await ImportRepository(ctx).count_undone(brought.id, taken)
            await self.run.keep(ctx, [self._left(id) for id in kept])
        return taken, len(kept)

    async def _take_back(self, ctx: Context, brought: Import, part: ImportPart) -> list[UUID]:
        """The ids of those that stay."""
        vault = await vault_of(ctx)
        table = ImportPart.__tablename__
        updated = [
            {**one, "before": vault.open(bytes.fromhex(one["before"]), table=table, row_id=brought.id)}
            for one in part.updated
        ]
        made = Made(part.created, part.companions, updated)
        columns = TARGETS[brought.entity].columns
        taking = Taking(brought, columns, self.house.origin.locale)
        return await taking.taker(ctx).take_back(made)

    def _left(self, id: UUID) -> Line:
        fault = {"pointer": "", **told(RowTouchedSince(), self.house.origin.locale)}
        return Line(1, RunOutcome.UNCHANGED, None, id, (fault,))

    async def _finish(self, brought: Import) -> None:
        async with committed(self._acting(brought)) as ctx:
            imports = ImportRepository(ctx)
            ended = await imports.load(brought.id)
            ended.end(ImportStatus.ROLLED_BACK)
            await publish(ctx, ImportUndone(ended.id, str(ended.entity), ended.counts["undone"]))
            await imports.save(ended)
        await self.run.close(href=f"/v1/imports/{brought.id}")

    async def _found(self) -> tuple[Import, list[int]]:
        async with committed(self.house.apart()) as ctx:
            imports = ImportRepository(ctx)
            brought = await imports.of_job(self.run.id)
            parts = await imports.parts(brought.id)
            ctx.session.expunge(brought)
            return brought, parts

    def _acting(self, brought: Import) -> Context:
        if brought.actor is None:
            raise RunCancelled
        principal = restored(self.house.organization_id, brought.actor)
        return Context(principal, self.house.database, self.house.tools, self.house.origin)
