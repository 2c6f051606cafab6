from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from crm_api.core import i18n
from crm_api.core.apart import rehearsed
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.principal import snapshot
from crm_api.imports import files, mapping
from crm_api.imports.columns import Columns
from crm_api.imports.errors import (
    ImportBusy,
    ImportCannotBeUndone,
    ImportFileTooLarge,
    ImportMappingMissing,
    ImportUndoTooLate,
)
from crm_api.imports.models import COUNTED, IMPORT, Import, ImportEntity, ImportStatus
from crm_api.imports.own import columns_of
from crm_api.imports.repair import repairable
from crm_api.imports.repository import ImportRepository
from crm_api.imports.rows import Alike, Verdict
from crm_api.imports.schemas import (
    AlikeRead,
    ImportableEntity,
    ImportableList,
    ImportCommit,
    ImportCounts,
    ImportField,
    ImportOptions,
    ImportPage,
    ImportPreview,
    ImportPreviewRequest,
    ImportQuery,
    ImportRead,
    RowVerdict,
    options_of,
)
from crm_api.imports.sheets import PART
from crm_api.imports.taking import Taking, counted
from crm_api.imports.taking import options_of as options_kept
from crm_api.imports.targets import TARGETS, Target
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.errors import InsufficientScope
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json

RUN, UNDO = "run_import", "undo_import"


class ImportService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.imports = ImportRepository(ctx)

    # --- reads

    async def page(self, query: ImportQuery) -> Json[ImportPage]:
        return await self.imports.page(query, ImportPage)

    async def get(self, import_id: UUID) -> Json[ImportRead]:
        return await self.imports.get(import_id)

    async def importable(self) -> ImportableList:
        shown = [_shown(target, await columns_of(self.ctx, target)) for target in TARGETS.values()]
        return ImportableList(data=shown)

    async def refused_rows(self, import_id: UUID) -> AsyncIterator[bytes]:
        """The refused rows as CSV with the reason in the last column: repaired, it can be brought again."""
        found = (await self.imports.get(import_id)).value
        return repairable(self.ctx.apart(), found)

    # --- steps

    async def bring(
        self, entity: ImportEntity, file_name: str, data: bytes, sheet: str | None
    ) -> Json[ImportRead]:
        """Refuses at once a file that cannot be read; what its columns mean is suggested."""
        target = self._allowed(entity)
        if len(data) > files.LARGEST:
            raise ImportFileTooLarge(limit=files.LARGEST)
        import_id = new_id()
        columns = await columns_of(self.ctx, target)
        about = await files.take_in(self.ctx, import_id, data, sheet, columns.vocabulary())
        header = about["header"]
        known = await self.imports.remembered(self.ctx.principal.id, entity, mapping.header_key(header))
        meaning = {name: field for name, field in known.items() if name in header}
        brought = Import(
            id=import_id,
            entity=entity,
            file_name=file_name[:200],
            file_bytes=len(data),
            format=about["format"],
            encoding=about["encoding"],
            delimiter=about["delimiter"],
            sheet=about.get("sheet"),
            sheets=about["sheets"],
            header=header,
            row_count=about["rows"],
            mapping=meaning or mapping.suggested(columns, header),
            options=options_of(ImportOptions()),
        )
        await self.imports.save(brought)
        return await self.imports.get(import_id)

    async def preview(self, import_id: UUID, data: ImportPreviewRequest) -> ImportPreview:
        """A real transaction over some rows, rolled back; what the columns mean is kept and remembered."""
        brought = await self.imports.load(import_id)
        target = self._allowed(brought.entity)
        if brought.status is not ImportStatus.VALIDATED:
            IMPORT.check(brought.status, ImportStatus.VALIDATING)
        await self._refuse_busy(brought)
        kept = options_of(data)
        options = options_kept(kept, self.ctx.origin.locale)
        columns = await columns_of(self.ctx, target)
        meaning = mapping.checked(target, columns, brought.header, data.mapping, options)
        brought.mapping, brought.options = meaning, kept
        if brought.status is not ImportStatus.VALIDATED:
            brought.status = ImportStatus.VALIDATING
            IMPORT.check(brought.status, ImportStatus.VALIDATED)
            brought.status = ImportStatus.VALIDATED
        await self.imports.save(brought)
        await self.imports.remember(brought.entity, mapping.header_key(brought.header), meaning)
        cells = await self._cells(brought, data.first_row, data.rows)
        return self._preview(brought, cells, await self._rehearsed(brought, cells))

    async def take_in(self, import_id: UUID, data: ImportCommit) -> Json[JobRead]:
        """The rows are taken in by a job, part after part; or judged only."""
        brought = await self.imports.load(import_id)
        self._allowed(brought.entity)
        if brought.status is ImportStatus.UPLOADED:
            raise ImportMappingMissing
        IMPORT.check(brought.status, ImportStatus.RUNNING)
        await self._refuse_busy(brought)
        job = await JobService(self.ctx).start(RUN, b"")
        brought.job_id, brought.dry_run = UUID(str(job.id)), data.dry_run
        brought.actor = snapshot(self.ctx.principal)
        brought.parts_done, brought.counts, brought.by_agency = 0, dict.fromkeys(COUNTED, 0), []
        if not data.dry_run:
            brought.status, brought.started_at = ImportStatus.RUNNING, now()
        await self.imports.save(brought)
        return job

    async def cancel(self, import_id: UUID) -> Json[ImportRead]:
        """No further part is taken in; what was is kept, and can be undone."""
        brought = await self.imports.load(import_id)
        self._allowed(brought.entity)
        IMPORT.check(brought.status, ImportStatus.CANCELLED)
        if brought.job_id is not None and await self._is_busy(brought):
            await JobService(self.ctx).cancel(brought.job_id)
        brought.end(ImportStatus.CANCELLED)
        await self.imports.save(brought)
        return await self.imports.get(import_id)

    async def undo(self, import_id: UUID) -> Json[JobRead]:
        """A job takes back what nobody has touched since. Raises ImportUndoTooLate, ImportCannotBeUndone."""
        brought = await self.imports.load(import_id)
        target = self._allowed(brought.entity)
        IMPORT.check(brought.status, ImportStatus.ROLLED_BACK)
        await self._refuse_busy(brought)
        if not target.undo:
            raise ImportCannotBeUndone
        if brought.undo_until is None or now() > brought.undo_until:
            raise ImportUndoTooLate
        job = await JobService(self.ctx).start(UNDO, b"")
        brought.job_id, brought.actor = UUID(str(job.id)), snapshot(self.ctx.principal)
        await self.imports.save(brought)
        return job

    # --- all of them

    def _allowed(self, entity: ImportEntity) -> Target:
        """Who may bring many must be allowed to do it one by one."""
        target = TARGETS[entity]
        if target.scope not in self.ctx.principal.scopes:
            raise InsufficientScope(required_scopes=[target.scope])
        return target

    async def _is_busy(self, brought: Import) -> bool:
        if brought.job_id is None:
            return False
        return await self.imports.is_running(brought.job_id)

    async def _refuse_busy(self, brought: Import) -> None:
        if await self._is_busy(brought):
            raise ImportBusy(job_id=str(brought.job_id))

    async def _cells(self, brought: Import, first: int, count: int) -> list[tuple[int, list[str]]]:
        last = min(first + count - 1, brought.row_count)
        numbers = range((first - 1) // PART, (last - 1) // PART + 1) if last >= first else ()
        rows = [row for number in numbers for row in await files.part(self.ctx, brought.id, number)]
        return [row for row in rows if first <= row[0] <= last]

    async def _rehearsed(self, brought: Import, cells: list[tuple[int, list[str]]]) -> list[Verdict]:
        async with rehearsed(self.ctx.apart()) as trial:
            columns = await columns_of(trial, TARGETS[brought.entity])
            taking = Taking(brought, columns, self.ctx.origin.locale)
            verdicts, _ = await taking.take(trial, await taking.prepare(trial, cells))
        return verdicts

    def _preview(
        self, brought: Import, cells: list[tuple[int, list[str]]], verdicts: list[Verdict]
    ) -> ImportPreview:
        ignored = [name for name in brought.header if name and name not in brought.mapping]
        return ImportPreview(
            import_id=brought.id,
            ignored=ignored,
            notes=self._notes(brought, ignored),
            counts=ImportCounts(**counted(dict.fromkeys(COUNTED, 0), verdicts)),
            rows=[_verdict(verdict, line) for verdict, (_, line) in zip(verdicts, cells, strict=True)],
        )

    def _notes(self, brought: Import, ignored: list[str]) -> list[str]:
        """What to know before going on."""
        notes = []
        if names := mapping.consents(ignored):
            english = "Consents are not imported: marketing starts refused ({columns})."
            notes.append(self._said("import_consents_refused", english, columns=", ".join(names)[:150]))
        return notes

    def _said(self, code: str, english: str, **values: Any) -> str:
        return i18n.fault(code, self.ctx.origin.locale, english, values)


def _verdict(verdict: Verdict, cells: list[str]) -> RowVerdict:
    return RowVerdict.model_validate(
        {
            "number": verdict.number,
            "outcome": verdict.outcome,
            "key": verdict.key,
            "cells": cells,
            "faults": verdict.faults[:200],
            "duplicates": [_alike(one) for one in verdict.duplicates],
        }
    )


def _alike(one: Alike) -> AlikeRead:
    """Of an earlier row its number: it is not on record yet."""
    id = None if one.number else one.id
    return AlikeRead(type=one.type, id=id, row=one.number, score=one.score, reasons=[*one.reasons])


def _shown(target: Target, columns: Columns) -> ImportableEntity:
    return ImportableEntity(
        entity=target.entity,
        modes=[*target.modes],
        undo=target.undo,
        fields=[
            ImportField(name=one.name, label=one.label, kind=one.kind, matches=one.name in target.keys)
            for one in columns.columns
        ],
        required=[sorted(group) for group in target.columns.required],
    )
