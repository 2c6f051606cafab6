import typing
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, Uuid, and_, bindparam, cast, func, or_, select

from crm_api.core.context import Context
from crm_api.core.inheritance import object_in_sight, sights
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.statements import as_json
from crm_api.core.visibility import variant_of
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json
from crm_api.notes.models import Note, NoteRevision
from crm_api.notes.schemas import NoteHistory, NoteRead, NoteRevisionRead
from crm_api.notes.sight import readable_note

REVISIONS = typing.cast(Table, NoteRevision.__table__)


class NoteRepository(Repository[Note, NoteRead]):
    model, read = Note, NoteRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._reach = variant_of(ctx.principal)
        self.visibility = self._reach, sights(ctx, Note.label)

    def visible(self) -> list[ColumnElement[bool]]:
        """One's own; of others, what they let one read, on an object in sight."""
        note = table_of(Note)
        own = note.c.organization_id == bindparam("organization_id")
        on_it = object_in_sight(self.ctx, Note.label, note.c.object_type, note.c.object_id)
        readable = and_(readable_note(self._reach), on_it)
        return [own, or_(note.c.created_by_id == bindparam("actor_id", type_=Uuid()), readable)]

    async def history(self, note_id: UUID) -> Json[NoteHistory]:
        """One statement. Raises NotFound."""
        rows = await self.rows("history", self._history, {"id": note_id})
        if not rows:
            raise NotFound(id=str(note_id))
        return Json(NoteHistory, f'{{"data":{rows[0][0]}}}')

    def _history(self) -> Any:
        was = REVISIONS.c
        columns: dict[str, ColumnElement[Any]] = {
            **{name: was[name] for name in ("version", "body", "written_at", "replaced_at")},
            **{name: was.about[name] for name in ("visibility", "is_internal", "mentions")},
        }
        line = as_json(columns, NoteRevisionRead.model_fields)
        told = (
            select(func.string_agg(line, ",").label("lines"))
            .where(
                was.organization_id == bindparam("organization_id"),
                was.note_id == table_of(Note).c.id,
            )
            .correlate(table_of(Note))
            .scalar_subquery()
        )
        return self.select(cast(func.concat("[", told, "]"), Text())).where(
            table_of(Note).c.id == bindparam("id", type_=Uuid())
        )
