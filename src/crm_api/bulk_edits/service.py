from typing import Any
from uuid import UUID

from crm_api.bulk_edits.editors import EDITORS
from crm_api.bulk_edits.errors import BulkEditTooLarge, NothingToChange
from crm_api.bulk_edits.models import BulkEdit, EditedEntity
from crm_api.bulk_edits.repository import BulkEditRepository, versions_of
from crm_api.bulk_edits.schemas import BulkEditPage, BulkEditQuery, BulkEditRead, BulkEditRequest
from crm_api.core.context import Context
from crm_api.core.principal import snapshot
from crm_api.custom_fields.service import CustomFieldService
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search

MOST = 50_000
KIND = "bulk_edit"


class BulkEditService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.edits = BulkEditRepository(ctx)

    async def page(self, query: BulkEditQuery) -> Json[BulkEditPage]:
        return await self.edits.page(query, BulkEditPage)

    async def get(self, edit_id: UUID) -> Json[BulkEditRead]:
        return await self.edits.get(edit_id)

    async def start(self, entity: EditedEntity, data: BulkEditRequest[Any]) -> Json[JobRead]:
        """Which records, and at which versions, is settled now; a job changes them.

        Raises BulkEditTooLarge, NothingToChange.
        """
        editor = EDITORS[entity]
        if not data.changes.model_fields_set:
            raise NothingToChange
        repository = self.ctx.tools.objects[entity](self.ctx)
        model = repository.model
        own = await CustomFieldService(self.ctx).searchable(entity, model.custom_fields)
        selection = Search(filter=data.filter).selection(editor.query, own)
        self.ctx.begin()
        found = await versions_of(repository, selection, MOST + 1)
        if len(found) > MOST:
            raise BulkEditTooLarge(limit=MOST)
        job = await JobService(self.ctx).start(KIND, b"")
        edit = BulkEdit(
            id=new_id(),
            entity=entity,
            filter=data.filter.model_dump(mode="json"),
            changes=data.changes.model_dump(mode="json", exclude_unset=True),
            dry_run=data.dry_run,
            job_id=UUID(str(job.id)),
            actor=snapshot(self.ctx.principal),
            counts={"matched": len(found), "updated": 0, "failed": 0},
        )
        await self.edits.save(edit)
        await self.edits.put_parts(edit.id, found)
        job.headers["Link"] = f'</v1/bulk-edits/{edit.id}>; rel="describes"'
        return job
