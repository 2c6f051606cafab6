"""The change, part after part: each record by the service of its domain, at the version that was found."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import from_json

from crm_api.bulk_edits.editors import EDITORS
from crm_api.bulk_edits.models import BulkEdit, BulkEditPart, EditedEntity
from crm_api.bulk_edits.repository import PART, BulkEditRepository
from crm_api.core.apart import committed, in_savepoint
from crm_api.core.batch import alone
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.principal import restored
from crm_api.core.problems import told
from crm_api.core.progress import Line, Run, RunOutcome
from crm_api.kit.errors import DomainError
from crm_api.kit.schemas import Json

SAMPLE = 10


class BulkEditRun:
    def __init__(self, ctx: Context, run: Run) -> None:
        self.house, self.run = ctx, run

    async def work(self) -> None:
        edit = await self._asked()
        total = edit.counts["matched"]
        changes = EDITORS[edit.entity].changes.model_validate(edit.changes)
        for number in range(edit.parts_done, -(-total // PART)):
            counts = await self._part(edit, changes, number)
            await self.run.report(total, counts["updated"], counts["failed"])
        await self._finish(edit)
        await self.run.close(href=f"/v1/bulk-edits/{edit.id}")

    async def _part(self, edit: BulkEdit, changes: BaseModel, number: int) -> dict[str, int]:
        """Records, their lines and the bookmark in one transaction; a rehearsal keeps the latter two only."""
        async with committed(self._acting(edit)) as ctx:
            held = await BulkEditRepository(ctx).held(edit.id, number)
            if held is None:
                return edit.counts
            counts, sample = dict(held[0].counts), list(held[0].sample)
            ctx.session.expunge(held[0])
            lines: list[Line] = []
            async with in_savepoint(ctx, kept=not edit.dry_run):
                for at, (id, version) in enumerate(_records(held[1])):
                    line, shown = await self._one(ctx, edit.entity, id, changes, version)
                    counts["failed" if line else "updated"] += 1
                    if line:
                        lines.append(Line(number * PART + at + 1, *line))
                    elif len(sample) < SAMPLE and shown is not None:
                        sample.append(shown)
            await self.run.keep(ctx, lines)
            await BulkEditRepository(ctx).move_bookmark(edit.id, number, counts, sample)
        return counts

    async def _one(
        self, ctx: Context, entity: EditedEntity, id: UUID, changes: BaseModel, version: int
    ) -> tuple[tuple[Any, ...] | None, dict[str, Any] | None]:
        """Why it was refused; else how its fields changed."""
        names = sorted(changes.model_fields_set)
        before = await ctx.tools.objects[entity](ctx).get_many([id])
        done = await alone(ctx, lambda: EDITORS[entity].edit(ctx, id, changes, version))
        if isinstance(done, DomainError):
            fault = {"pointer": "", **told(done, self.house.origin.locale)}
            return (RunOutcome.FAILED, None, id, (fault,)), None
        return None, {"id": str(id), "before": _fields(before[0], names), "after": _fields(done, names)}

    async def _finish(self, edit: BulkEdit) -> None:
        async with committed(self._acting(edit)) as ctx:
            edits = BulkEditRepository(ctx)
            ended = await edits.load(edit.id)
            ended.finished_at = ended.finished_at or now()
            await edits.save(ended)

    async def _asked(self) -> BulkEdit:
        async with committed(self.house.apart()) as ctx:
            edit = await BulkEditRepository(ctx).of_job(self.run.id)
            ctx.session.expunge(edit)
            return edit

    def _acting(self, edit: BulkEdit) -> Context:
        principal = restored(self.house.organization_id, edit.actor)
        return Context(principal, self.house.database, self.house.tools, self.house.origin)


def _records(part: BulkEditPart) -> list[tuple[UUID, int]]:
    return list(zip(part.ids, part.versions, strict=True))


def _fields(row: Json[Any] | None, names: list[str]) -> dict[str, Any]:
    whole: dict[str, Any] = from_json(row.body) if row is not None else {}
    return {name: whole.get(name) for name in names}
