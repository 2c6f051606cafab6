"""Reads the event log without ever skipping a fact: webhooks, SSE, the delta feed and automation follow it.

A transaction may commit after one that began later, so the newest number seen is no safe mark. The order is
(xid, id), and nothing is read at or above the oldest transaction that still runs: whatever is below has
ended, and nothing more can appear there.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import ARRAY, BigInteger, Text, any_, bindparam, literal_column, select, tuple_

from crm_api.core.context import Context
from crm_api.core.journal import EventLine
from crm_api.core.pool import Database
from crm_api.core.statements import compiled
from crm_api.kit.cursors import CursorMismatch, Seal

Mark = tuple[int, int]
"""Where somebody is in the log: (xid, id) of the last fact that was told."""
START: Mark = (0, 0)
HORIZON = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", BigInteger())


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the event log."""

    xid: int
    id: int
    at: datetime
    kind: str
    object_type: str
    object_id: UUID
    actor_type: str
    actor_id: UUID
    data: dict[str, Any]
    schema_version: int

    @property
    def mark(self) -> Mark:
        return self.xid, self.id


@dataclass(frozen=True, slots=True)
class Facts:
    """Some facts in order, and the mark to go on from: also when there are none yet."""

    facts: Sequence[Fact]
    cursor: str
    has_more: bool


async def read(ctx: Context, cursor: str | None = None, kinds: Sequence[str] = (), limit: int = 100) -> Facts:
    """The facts of the organization after `cursor` (None: from the beginning), of some kinds or all.

    The cursor opens only for the same kinds. Raises CursorMismatch.
    """
    seal = ctx.tools.cursors
    mark = mark_of(seal, ctx.organization_id, cursor, kinds) if cursor else START
    statement = compiled(("feed", bool(kinds), limit), lambda: _statement(bool(kinds), limit))
    values = {"after_xid": mark[0], "after_id": mark[1], "kinds": list(kinds)}
    rows = await ctx.fetch(statement, values)
    page = [_fact(row) for row in rows[:limit]]
    last = page[-1].mark if page else mark
    return Facts(page, cursor_at(seal, ctx.organization_id, last, kinds), len(rows) > limit)


async def after(database: Database, organization_id: UUID, mark: Mark, limit: int) -> list[Fact]:
    """What came after, of every kind; with one more than `limit` there is more to come."""
    statement = compiled(("feed", False, limit), lambda: _statement(False, limit))
    values = {"organization_id": organization_id, "after_xid": mark[0], "after_id": mark[1]}
    rows = await database.fetch(organization_id, statement, values, repeatable=True)
    return [_fact(row) for row in rows]


async def end(database: Database, organization_id: UUID) -> Mark:
    """Where who wants only what comes from now on begins."""
    statement = compiled("end of the feed", lambda: select(HORIZON))
    rows = await database.fetch(organization_id, statement, {}, repeatable=True)
    return rows[0][0], 0


def cursor_at(seal: Seal, organization_id: UUID, mark: Mark, kinds: Sequence[str] = ()) -> str:
    return seal.close(list(mark), _bound_to(organization_id, kinds))


def mark_of(seal: Seal, organization_id: UUID, cursor: str, kinds: Sequence[str] = ()) -> Mark:
    """Raises CursorMismatch."""
    mark = seal.open(cursor, _bound_to(organization_id, kinds))
    if len(mark) != 2 or not all(isinstance(part, int) for part in mark):
        raise CursorMismatch
    return mark[0], mark[1]


def _bound_to(organization_id: UUID, kinds: Sequence[str]) -> Hashable:
    return str(organization_id), "events", tuple(sorted(kinds))


def _fact(row: Sequence[Any]) -> Fact:
    xid, id, at, kind, object_type, object_id, actor_type, actor_id, data, version = row
    if isinstance(data, str):  # as a statement alone brings it; a session has parsed it
        data = from_json(data)
    return Fact(xid, id, at, kind, object_type, object_id, actor_type, actor_id, data, version)


def _statement(some_kinds: bool, limit: int) -> Any:
    line = EventLine.__table__.c
    mark = tuple_(bindparam("after_xid", type_=BigInteger()), bindparam("after_id", type_=BigInteger()))
    columns = line.xid, line.id, line.at, line.kind, line.object_type, line.object_id, line.actor_type
    statement = (
        select(*columns, line.actor_id, line.data, line.schema_version)
        .where(line.organization_id == bindparam("organization_id"))
        .where(tuple_(line.xid, line.id) > mark, line.xid < HORIZON)
        .order_by(line.xid, line.id)
        .limit(literal_column(str(limit + 1)))
    )
    return (
        statement.where(line.kind == any_(bindparam("kinds", type_=ARRAY(Text()))))
        if some_kinds
        else statement
    )
