from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, func, literal_column, select, update

from crm_api.bulk_edits.models import BulkEdit, BulkEditPart
from crm_api.bulk_edits.schemas import BulkEditRead
from crm_api.core.bulk import insert_lines
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.kit.errors import NotFound
from crm_api.kit.listing import Selection

PART = 200
"""Records of one transaction."""


class BulkEditRepository(Repository[BulkEdit, BulkEditRead]):
    """Whoever may change records one by one sees what was changed by many."""

    model, read = BulkEdit, BulkEditRead

    async def put_parts(self, edit_id: UUID, found: Sequence[tuple[UUID, int]]) -> None:
        rows = [
            {
                "bulk_edit_id": edit_id,
                "number": at // PART,
                "ids": [id for id, _ in found[at : at + PART]],
                "versions": [version for _, version in found[at : at + PART]],
            }
            for at in range(0, len(found), PART)
        ]
        await insert_lines(self.ctx, BulkEditPart, rows)

    async def of_job(self, job_id: UUID) -> BulkEdit:
        found = await self.ctx.session.scalar(select(BulkEdit).where(BulkEdit.job_id == job_id))
        if found is None:
            raise NotFound
        return found

    async def held(self, edit_id: UUID, part: int) -> tuple[BulkEdit, BulkEditPart] | None:
        """Both, locked while the bookmark is there; None after the last part."""
        edit = await self.ctx.session.scalar(
            select(BulkEdit).where(BulkEdit.id == edit_id, BulkEdit.parts_done == part).with_for_update()
        )
        found = await self.ctx.session.get(BulkEditPart, (self.ctx.organization_id, edit_id, part))
        return (edit, found) if edit is not None and found is not None else None

    async def move_bookmark(
        self, edit_id: UUID, part: int, counts: Mapping[str, int], sample: Sequence[Mapping[str, Any]]
    ) -> None:
        table = table_of(BulkEdit)
        await self.ctx.session.execute(
            update(table)
            .where(table.c.organization_id == self.ctx.organization_id, table.c.id == edit_id)
            .values(
                parts_done=part + 1,
                counts=dict(counts),
                sample=[*sample],
                version=table.c.version + 1,
                updated_at=func.clock_timestamp(),
            )
        )


async def versions_of(
    repository: Repository[Any, Any], chosen: Selection, most: int
) -> list[tuple[UUID, int]]:
    """Ids and versions of what a search finds and this principal sees, `most` at most."""
    table = table_of(repository.model)
    limit = literal_column(str(most), Integer())
    owner = (repository.ctx.organization_id, repository.model.label)
    rows = await repository.rows(
        ("versions", most, chosen.shape()),
        lambda: chosen.filtered(repository._listed(chosen, table.c.id, table.c.version)).limit(limit),
        chosen.values(repository.ctx.tools.cursors, owner),
    )
    return [(row[0], row[1]) for row in rows]
