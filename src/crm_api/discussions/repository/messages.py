"""What was said; only of rooms in sight."""

import typing
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    literal_column,
    null,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.statements import as_json
from crm_api.discussions.errors import DiscussionFileTaken
from crm_api.discussions.models import (
    Discussion,
    DiscussionAttachment,
    DiscussionMessage,
    DiscussionReaction,
    DiscussionResponse,
    DiscussionRevision,
)
from crm_api.discussions.schemas.message import (
    DiscussionFile,
    DiscussionHistory,
    DiscussionMessageRead,
    DiscussionRevisionRead,
)
from crm_api.discussions.sight import reach, rooms_in_sight
from crm_api.files.models import File
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json

ATTACHED = typing.cast(Table, DiscussionAttachment.__table__)
RESPONSES = typing.cast(Table, DiscussionResponse.__table__)
REVISIONS = typing.cast(Table, DiscussionRevision.__table__)
# Everything that was said in a time, whoever sees it, with what it said before it was changed or removed.
_SAID = """SELECT m.created_at, m.id, json_build_object(
    'discussion', json_build_object('id', d.id, 'kind', d.kind, 'name', d.name,
        'object_type', d.object_type, 'object_id', d.object_id),
    'number', m.number, 'id', m.id, 'said_at', m.created_at, 'author_id', m.author_id,
    'author', concat_ws(' ', u.first_name, u.last_name), 'body', m.body, 'reply_to_id', m.reply_to_id,
    'mentions', m.mentions, 'mark', m.mark, 'promised_by_id', m.promised_by_id,
    'promise_due_on', m.promise_due_on, 'edited_at', m.edited_at,
    'removed_at', m.removed_at, 'removed_by_id', m.removed_by_id,
    'before', (SELECT coalesce(json_agg(json_build_object('body', r.body, 'written_at', r.written_at,
        'replaced_at', r.replaced_at) ORDER BY r.version), '[]') FROM discussion_revisions r
        WHERE r.organization_id = m.organization_id AND r.message_id = m.id),
    'files', (SELECT coalesce(json_agg(json_build_object('id', f.id, 'name', f.name, 'sha256', f.sha256)),
            '[]')
        FROM discussion_attachments a
        JOIN files f ON f.organization_id = a.organization_id AND f.id = a.file_id
        WHERE a.organization_id = m.organization_id AND a.message_id = m.id)
)::text AS line
FROM discussion_messages m
JOIN discussions d ON d.organization_id = m.organization_id AND d.id = m.discussion_id
JOIN users u ON u.organization_id = m.organization_id AND u.id = m.author_id
WHERE m.organization_id = :organization_id AND m.created_at >= :said_gte AND m.created_at < :said_lt
    AND (CAST(:discussion_id AS uuid) IS NULL OR m.discussion_id = :discussion_id)
    AND (CAST(:author_id AS uuid) IS NULL OR m.author_id = :author_id)
    AND (m.created_at, m.id) > (:after, :after_id)
ORDER BY m.created_at, m.id LIMIT :most"""


class DiscussionMessageRepository(Repository[DiscussionMessage, DiscussionMessageRead]):
    model, read = DiscussionMessage, DiscussionMessageRead
    refusals = {"uq_discussion_attachments_file": DiscussionFileTaken}

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.visibility = reach(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        said, room = table_of(DiscussionMessage).c, table_of(Discussion)
        own = said.organization_id == bindparam("organization_id")
        here: Select[Any] = (
            select(literal_column("1"))
            .select_from(room)
            .where(*rooms_in_sight(self.ctx), room.c.id == said.discussion_id)
        )
        return [own, exists(here.correlate_except(room))]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        said = table_of(DiscussionMessage).c
        return {
            **super().columns(),
            "body": case((said.removed_at.is_(None), said.body), else_=null()),
            "reply_count": _replies(),
            "reactions": _reactions(),
            "files": _files(),
        }

    # --- reads

    async def history(self, message_id: UUID) -> Json[DiscussionHistory]:
        """One statement. Raises NotFound."""
        rows = await self.rows("history", self._history, {"id": message_id})
        if not rows:
            raise NotFound(id=str(message_id))
        return Json(DiscussionHistory, f'{{"data":{rows[0][0]}}}')

    def _history(self) -> Any:
        was, said = REVISIONS.c, table_of(DiscussionMessage)
        line = as_json({column.name: column for column in was}, DiscussionRevisionRead.model_fields)
        told = (
            select(func.string_agg(line, ","))
            .where(
                was.organization_id == bindparam("organization_id"),
                was.message_id == said.c.id,
                said.c.removed_at.is_(None),
            )
            .correlate(said)
            .scalar_subquery()
        )
        return self.select(cast(func.concat("[", told, "]"), Text())).where(
            said.c.id == bindparam("id", type_=Uuid())
        )

    async def said(self, **asked: Any) -> Sequence[tuple[datetime, UUID, str]]:
        """For an audit: moment, id and JSON of each message, whoever sees it; in the order of the moments."""
        values = {"organization_id": self.ctx.organization_id, **asked}
        rows = await self.ctx.session.execute(text(_SAID), values)
        return [(row[0], row[1], row[2]) for row in rows]

    # --- what hangs on one

    async def attach(self, message_id: UUID, file_ids: Sequence[UUID]) -> None:
        """Raises DiscussionFileTaken."""
        self.ctx.session.add_all(DiscussionAttachment(message_id=message_id, file_id=one) for one in file_ids)
        with self.refusing():
            await self.ctx.session.flush()

    async def attached(self, message_ids: Sequence[UUID]) -> list[UUID]:
        found = select(DiscussionAttachment.file_id).where(DiscussionAttachment.message_id.in_(message_ids))
        return list(await self.ctx.session.scalars(found))

    async def respond(self, message_id: UUID, reaction: DiscussionReaction) -> bool:
        """Whether it is new."""
        row: dict[str, Any] = {"organization_id": self.ctx.organization_id, "message_id": message_id}
        row |= {"user_id": self.ctx.principal.id, "reaction": reaction}
        written = insert(RESPONSES).values(row).on_conflict_do_nothing().returning(RESPONSES.c.user_id)
        return (await self.ctx.session.execute(written)).first() is not None

    async def take_back(self, message_id: UUID, reaction: DiscussionReaction) -> bool:
        """Whether it was there."""
        gone = (
            delete(RESPONSES)
            .where(
                RESPONSES.c.organization_id == self.ctx.organization_id,
                RESPONSES.c.message_id == message_id,
                RESPONSES.c.user_id == self.ctx.principal.id,
                RESPONSES.c.reaction == reaction,
            )
            .returning(RESPONSES.c.user_id)
        )
        return (await self.ctx.session.execute(gone)).first() is not None

    async def silence(self, message_id: UUID) -> None:
        """Nobody reacts to a tombstone."""
        mine = RESPONSES.c.organization_id == self.ctx.organization_id
        await self.ctx.session.execute(delete(RESPONSES).where(mine, RESPONSES.c.message_id == message_id))

    # --- what has had its time

    async def older(self, than: datetime, most: int) -> list[UUID]:
        found = (
            select(DiscussionMessage.id)
            .where(DiscussionMessage.created_at < than)
            .order_by(DiscussionMessage.created_at, DiscussionMessage.id)
            .limit(most)
        )
        return list(await self.ctx.session.scalars(found))

    async def forget(self, ids: Sequence[UUID]) -> None:
        """For good, with what they said before and the reactions."""
        mine = DiscussionMessage.organization_id == self.ctx.organization_id
        await self.ctx.session.execute(delete(DiscussionMessage).where(mine, DiscussionMessage.id.in_(ids)))


def _replies() -> ScalarSelect[Any]:
    said, reply = table_of(DiscussionMessage).c, table_of(DiscussionMessage).alias("reply")
    return (
        select(func.count())
        .select_from(reply)
        .where(
            reply.c.organization_id == said.organization_id,
            reply.c.thread_id == said.id,
            reply.c.removed_at.is_(None),
        )
        .scalar_subquery()
    )


def _reactions() -> ColumnElement[Any]:
    said, given = table_of(DiscussionMessage).c, RESPONSES.alias("given")
    counted = (
        select(
            given.c.reaction,
            func.count().label("count"),
            func.bool_or(given.c.user_id == bindparam("actor_id", type_=Uuid())).label("mine"),
        )
        .where(given.c.organization_id == said.organization_id, given.c.message_id == said.id)
        .group_by(given.c.reaction)
        .order_by(given.c.reaction)
        .correlate_except(given)
        .subquery("counted")
    )
    return _listed({name: counted.c[name] for name in ("reaction", "count", "mine")}, counted)


def _files() -> ColumnElement[Any]:
    said, link, file = table_of(DiscussionMessage).c, ATTACHED.alias("attached"), table_of(File).alias("file")
    found = (
        select(*(file.c[name] for name in DiscussionFile.model_fields))
        .select_from(link)
        .join(file, (file.c.organization_id == link.c.organization_id) & (file.c.id == link.c.file_id))
        .where(
            link.c.organization_id == said.organization_id,
            link.c.message_id == said.id,
            file.c.deleted_at.is_(None),
        )
        .order_by(file.c.created_at, file.c.id)
        .correlate_except(link, file)
        .subquery("hanging")
    )
    return _listed({name: found.c[name] for name in DiscussionFile.model_fields}, found)


def _listed(columns: Mapping[str, ColumnElement[Any]], source: Any) -> ColumnElement[Any]:
    pairs = [part for name, column in columns.items() for part in (literal_column(f"'{name}'"), column)]
    whole = select(func.json_agg(func.json_build_object(*pairs))).select_from(source).scalar_subquery()
    return func.coalesce(cast(whole, JSONB), cast(literal_column("'[]'", Text()), JSONB))
