"""What a timeline is made of. Another kind of entry is one more `Source` here, and a field of that name in
`schemas.TimelineEntry`; its table has the index (organization_id, object_type, object_id, <time>, <key>)."""

import typing
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, FromClause, Table, Text, Uuid, bindparam
from sqlalchemy.types import TypeEngine

from crm_api.core.context import Context
from crm_api.core.db import Ledger
from crm_api.core.journal import EventLine
from crm_api.core.plain import table_of
from crm_api.core.statements import as_json
from crm_api.core.visibility import variant_of
from crm_api.files.models import File, FileLink
from crm_api.files.sight import readable_files, readers
from crm_api.interactions.columns import LINKS, shown_columns
from crm_api.interactions.models import Interaction
from crm_api.interactions.schemas import InteractionLine
from crm_api.notes.models import Note
from crm_api.notes.schemas import NoteRead
from crm_api.notes.sight import readable_note
from crm_api.tasks.models import Task
from crm_api.tasks.sight import seen_tasks
from crm_api.timeline.schemas import ChangeRead, DocumentLine, TaskLine

Conditions = Sequence[ColumnElement[bool]]


class Source(NamedTuple):
    """One kind of entry: the rows that hang on an object, each with its moment and a key that orders ties."""

    kind: str
    scope: str | None
    """Who lacks it reads a timeline without these entries; None: whoever sees the object."""
    rows: FromClause
    at: ColumnElement[Any]
    key: ColumnElement[Any]
    actor_id: ColumnElement[Any]
    body: ColumnElement[str]
    """The entry as JSON."""
    where: Callable[[Context], Conditions]
    """Which rows this principal reads, the object being in sight. Parameters only."""
    shape: Callable[[Context], Hashable] = lambda _: None
    """What of the principal `where` depends on."""

    @property
    def key_type(self) -> TypeEngine[Any]:
        return self.key.type

    @property
    def numbered(self) -> bool:
        return isinstance(self.key.type, BigInteger)


def on_object(object_type: ColumnElement[Any], object_id: ColumnElement[Any]) -> Conditions:
    return (
        object_type == bindparam("object_type", type_=Text()),
        object_id == bindparam("object_id", type_=Uuid()),
    )


def _of_ledger(model: type[Ledger]) -> Table:
    return typing.cast(Table, model.__table__)


def _ours(table: Table) -> ColumnElement[bool]:
    own: ColumnElement[bool] = table.c.organization_id == bindparam("organization_id")
    return own


def _interactions() -> Source:
    """By the links alone, in their order; each interaction is then one look by its key."""
    row, link = table_of(Interaction), LINKS
    same = (row.c.organization_id == link.c.organization_id) & (row.c.id == link.c.interaction_id)
    conditions = (
        _ours(link),
        _ours(row),
        *on_object(link.c.object_type, link.c.object_id),
        row.c.corrected_by_id.is_(None),
    )
    return Source(
        "interaction",
        "interactions:read",
        link.join(row, same),
        link.c.occurred_at,
        link.c.interaction_id,
        row.c.owner_user_id,
        as_json(shown_columns(dict(row.c)), InteractionLine.model_fields),
        lambda _: conditions,
    )


def _changes() -> Source:
    line = _of_ledger(EventLine)
    conditions = (_ours(line), *on_object(line.c.object_type, line.c.object_id))
    return Source(
        "change",
        None,
        line,
        line.c.at,
        line.c.id,
        line.c.actor_id,
        as_json(dict(line.c), ChangeRead.model_fields),
        lambda _: conditions,
    )


def _notes() -> Source:
    """Of others only what they let one read: a private note is its author's."""
    note = table_of(Note)
    conditions = (_ours(note), *on_object(note.c.object_type, note.c.object_id), note.c.deleted_at.is_(None))
    return Source(
        "note",
        "notes:read",
        note,
        note.c.created_at,
        note.c.id,
        note.c.created_by_id,
        as_json(dict(note.c), NoteRead.model_fields),
        lambda ctx: (*conditions, readable_note(variant_of(ctx.principal))),
        lambda ctx: variant_of(ctx.principal),
    )


def _documents() -> Source:
    """At the moment when each was hung on the object; health data only for who may read it."""
    row, link = table_of(File), _of_ledger(FileLink)
    same = (row.c.organization_id == link.c.organization_id) & (row.c.id == link.c.file_id)
    conditions = (_ours(link), *on_object(link.c.object_type, link.c.object_id), row.c.deleted_at.is_(None))
    return Source(
        "document",
        "documents:read",
        link.join(row, same),
        link.c.linked_at,
        link.c.id,
        link.c.linked_by_id,
        as_json(dict(row.c), DocumentLine.model_fields),
        lambda ctx: (*conditions, *readable_files(ctx.principal)),
        lambda ctx: readers(ctx.principal),
    )


def _tasks() -> Source:
    """At the moment when each was asked for; its later steps are changes of the task itself."""
    task = table_of(Task)
    conditions = (_ours(task), *on_object(task.c.object_type, task.c.object_id), task.c.deleted_at.is_(None))
    return Source(
        "task",
        "tasks:read",
        task,
        task.c.created_at,
        task.c.id,
        task.c.created_by_id,
        as_json(dict(task.c), TaskLine.model_fields),
        lambda ctx: (*conditions, *seen_tasks(variant_of(ctx.principal))),
        lambda ctx: variant_of(ctx.principal),
    )


SOURCES: tuple[Source, ...] = (_interactions(), _changes(), _notes(), _documents(), _tasks())
"""In the order in which entries of one moment stand."""
