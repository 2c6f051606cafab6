"""What hangs on a sheet (notes, tasks, reminders, meetings, papers) follows it when it becomes another.

Each kind remembers which ones followed, so that they go back when the two become two again; what somebody
hung elsewhere meanwhile stays there.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, literal, select
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.hanging import Sheet, rehang
from crm_api.duplicates.models import Carried
from crm_api.files.models import FileLink
from crm_api.kit.ids import new_id
from crm_api.reminders.service import ReminderService

REMINDERS, DOCUMENTS = "reminder", "document"
HANGING = ("note", "task", "appointment", REMINDERS)


class Following:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def carry(self, gone: Sheet, stays: Sheet, via_id: UUID) -> None:
        """Everything that hangs on `gone`, in or out of sight of who merges, hangs on `stays` from now on."""
        for kind in HANGING:
            await self._remember(kind, await self._moved(kind, gone, stays), gone, stays, via_id)
        ids = await self._linked(gone, stays)
        await self._remember(DOCUMENTS, ids, gone, stays, via_id)

    async def return_all(self, via_id: UUID) -> None:
        """Of those that followed, whichever are still there."""
        for row in list(await self.ctx.session.scalars(select(Carried).where(Carried.via_id == via_id))):
            gone, stays = Sheet(row.from_type, row.from_id), Sheet(row.to_type, row.to_id)
            if row.kind == DOCUMENTS:
                await self._unlinked(row.ids, stays)
            else:
                await self._moved(row.kind, stays, gone, row.ids)
            await self.ctx.session.delete(row)
        await self.ctx.session.flush()

    async def _moved(
        self, kind: str, old: Sheet, new: Sheet, ids: Sequence[UUID] | None = None
    ) -> list[UUID]:
        """Of `ids`, or of all; which."""
        if kind == REMINDERS:
            return await ReminderService(self.ctx).rehang(old, new, ids)
        return await rehang(self.ctx.tools.objects[kind](self.ctx), old, new, ids)

    async def _linked(self, gone: Sheet, stays: Sheet) -> list[UUID]:
        """A document may hang on many: it stays with the sheet that goes, too."""
        asked = select(FileLink.file_id).where(
            FileLink.organization_id == self.ctx.organization_id,
            FileLink.object_type == gone.type,
            FileLink.object_id == gone.id,
        )
        linked: list[UUID] = []
        for file_id in list(await self.ctx.session.scalars(asked)):
            row = {"id": new_id(), "file_id": file_id, "object_type": stays.type, "object_id": stays.id}
            row |= {"linked_at": now(), "linked_by_id": self.ctx.principal.id}
            made = insert(FileLink).values(organization_id=self.ctx.organization_id, **row)
            added = made.on_conflict_do_nothing().returning(FileLink.file_id)
            linked += list(await self.ctx.session.scalars(added))
        return linked

    async def _unlinked(self, ids: Sequence[UUID], stays: Sheet) -> None:
        await self.ctx.session.execute(
            delete(FileLink).where(
                FileLink.organization_id == self.ctx.organization_id,
                FileLink.file_id.in_(ids),
                FileLink.object_type == literal(stays.type),
                FileLink.object_id == stays.id,
            )
        )

    async def _remember(
        self, kind: str, ids: Sequence[UUID], gone: Sheet, stays: Sheet, via_id: UUID
    ) -> None:
        if not ids:
            return
        self.ctx.session.add(
            Carried(
                organization_id=self.ctx.organization_id,
                via_id=via_id,
                kind=kind,
                from_type=gone.type,
                from_id=gone.id,
                to_type=stays.type,
                to_id=stays.id,
                ids=[*ids],
            )
        )
        await self.ctx.session.flush()
