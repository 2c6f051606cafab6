"""A file taken in by a job: part after part, each in a transaction that also moves the bookmark.

A worker that is killed leaves whole parts and a bookmark behind them; the next one goes on from there.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.exc import IntegrityError

from crm_api.core.apart import committed, rehearsed
from crm_api.core.bulk import plan_afresh
from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.core.principal import restored
from crm_api.core.problems import refusal_of
from crm_api.core.progress import Run, RunCancelled
from crm_api.core.sealing import vault_of
from crm_api.imports import files
from crm_api.imports.columns import Columns
from crm_api.imports.events import ImportCompleted
from crm_api.imports.models import IMPORT, Import, ImportPart, ImportStatus
from crm_api.imports.own import columns_of
from crm_api.imports.repository import ImportRepository
from crm_api.imports.rows import Made, Verdict
from crm_api.imports.setwise import Prepared
from crm_api.imports.taking import Taking, by_agency, counted
from crm_api.imports.targets import TARGETS
from crm_api.kit.errors import Conflict, Unavailable

MOST_TRIES = 3
"""Times a part is taken again because somebody wrote one of its numbers meanwhile."""


class ImportRun:
    """One run over one file; its contexts are of whoever said go, not of the house."""

    def __init__(self, ctx: Context, run: Run) -> None:
        self.house, self.run = ctx, run

    async def work(self) -> None:
        brought = await self._brought()
        if not brought.dry_run and brought.status is not ImportStatus.RUNNING:
            if brought.status is ImportStatus.CANCELLED:
                raise RunCancelled
            await self._told(brought)  # a worker died after the last part, before this
            return
        try:
            await self._take_all(brought)
        except RunCancelled:
            await self._end(brought, ImportStatus.CANCELLED)
            raise
        except Exception as error:
            if not isinstance(refusal_of(error), Unavailable):
                await self._end(brought, ImportStatus.FAILED)
            raise

    async def _take_all(self, brought: Import) -> None:
        columns = await self._columns(brought)
        taking = Taking(brought, columns, self.house.origin.locale)
        parts = files.parts_in(brought.row_count)
        coming = self._coming(brought, taking, brought.parts_done)
        await self.run.report(brought.row_count, *_totals(brought))
        try:
            for number in range(brought.parts_done, parts):
                prepared = await coming
                coming = self._coming(brought, taking, number + 1)
                counts = await self._part(brought, taking, number, prepared)
                await self.run.report(brought.row_count, *counts)
        finally:
            coming.cancel()
        await self._finish(brought)

    def _coming(self, brought: Import, taking: Taking, number: int) -> "asyncio.Task[Prepared | None]":
        """The next part is read and judged while this one is written."""
        return asyncio.create_task(self._prepared(brought, taking, number))

    async def _prepared(self, brought: Import, taking: Taking, number: int) -> Prepared | None:
        if number >= files.parts_in(brought.row_count):
            return None
        async with committed(self._acting(brought)) as ctx:
            await plan_afresh(ctx)
            return await taking.prepare(ctx, await files.part(self.house, brought.id, number))

    async def _part(
        self, brought: Import, taking: Taking, number: int, prepared: Prepared | None
    ) -> tuple[int, int]:
        for attempt in range(1, MOST_TRIES + 1):
            prepared = prepared or await self._prepared(brought, taking, number)
            assert prepared is not None  # noqa: S101 - there is such a part
            try:
                if brought.dry_run:
                    return await self._rehearsed(brought, taking, number, prepared)
                return await self._written(brought, taking, number, prepared)
            except (Conflict, IntegrityError, asyncpg.IntegrityConstraintViolationError):
                if attempt == MOST_TRIES:
                    raise
                prepared = None  # judged anew: somebody wrote one of its numbers meanwhile
        raise AssertionError("unreachable")

    async def _written(
        self, brought: Import, taking: Taking, number: int, prepared: Prepared
    ) -> tuple[int, int]:
        async with committed(self._acting(brought)) as ctx:
            held = await ImportRepository(ctx).held(brought.id, number)
            if held is None:
                raise RunCancelled
            verdicts, made = await taking.take(ctx, prepared)
            await self._keep(ctx, held, number, verdicts)
            await self._remember(ctx, brought.id, number, made)
        taking.kept(made)
        return _totals(held)

    async def _rehearsed(
        self, brought: Import, taking: Taking, number: int, prepared: Prepared
    ) -> tuple[int, int]:
        async with rehearsed(self._acting(brought)) as trial:
            verdicts, _ = await taking.take(trial, prepared)
        async with committed(self._acting(brought)) as ctx:
            held = await ImportRepository(ctx).held(brought.id, number)
            if held is None:
                raise RunCancelled
            await self._keep(ctx, held, number, verdicts)
        return _totals(held)

    async def _keep(self, ctx: Context, held: Import, number: int, verdicts: Sequence[Verdict]) -> None:
        """Counts, the lines of rows that deserve one, and the bookmark."""
        counts = counted(held.counts, verdicts)
        totals = by_agency(held.by_agency, verdicts)
        await ImportRepository(ctx).move_bookmark(held.id, number, counts, totals)
        await self.run.keep(ctx, [one.line() for one in verdicts if one.deserves_a_line])
        held.counts = counts  # detached below: only to be reported
        ctx.session.expunge(held)

    async def _remember(self, ctx: Context, import_id: UUID, number: int, made: Made) -> None:
        if not (made.created or made.updated):
            return
        updated = [await self._sealed(ctx, import_id, one) for one in made.updated]
        part = ImportPart(
            import_id=import_id,
            number=number,
            created=[*made.created],
            companions=[*made.companions],
            updated=updated,
        )
        await ImportRepository(ctx).put_part(part)

    async def _sealed(self, ctx: Context, import_id: UUID, one: Any) -> dict[str, Any]:
        """What people were before is theirs: it waits under the organization's key."""
        vault = await vault_of(ctx)
        sealed = vault.seal(one["before"], table=ImportPart.__tablename__, row_id=import_id)
        return {"id": one["id"], "version": one["version"], "before": sealed.hex()}

    async def _finish(self, brought: Import) -> None:
        if not brought.dry_run:
            async with committed(self._acting(brought)) as ctx:
                ended = await ImportRepository(ctx).load(brought.id)
                failed = ended.counts["failed"]
                ended.end(ImportStatus.COMPLETED_WITH_ERRORS if failed else ImportStatus.COMPLETED)
                counts = (ended.counts["created"], ended.counts["updated"], failed)
                await publish(ctx, ImportCompleted(ended.id, str(ended.entity), *counts))
                await ImportRepository(ctx).save(ended)
        await self._told(brought)

    async def _told(self, brought: Import) -> None:
        await self.run.close(href=f"/v1/imports/{brought.id}")

    async def _end(self, brought: Import, status: ImportStatus) -> None:
        """Of a run that did not reach its end; a rehearsal leaves the import as it was."""
        if brought.dry_run:
            return
        async with committed(self._acting(brought)) as ctx:
            ended = await ImportRepository(ctx).load(brought.id)
            if status in IMPORT.allowed(ended.status):
                ended.end(status)
                await ImportRepository(ctx).save(ended)

    async def _columns(self, brought: Import) -> Columns:
        async with committed(self.house.apart()) as ctx:
            return await columns_of(ctx, TARGETS[brought.entity])

    async def _brought(self) -> Import:
        """The import that this job works on; a rehearsal begun anew forgets the lines of the first try."""
        async with committed(self.house.apart()) as ctx:
            brought = await ImportRepository(ctx).of_job(self.run.id)
            ctx.session.expunge(brought)
            return brought

    def _acting(self, brought: Import) -> Context:
        principal = restored(self.house.organization_id, brought.actor or {})
        return Context(principal, self.house.database, self.house.tools, self.house.origin)


def _totals(of: Import) -> tuple[int, int]:
    """Done and failed."""
    failed = of.counts["failed"]
    return of.counts["created"] + of.counts["updated"] + of.counts["unchanged"], failed
