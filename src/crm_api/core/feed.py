"""Reads the event log without ever skipping a fact: webhooks, SSE, the delta feed and automation follow it.

A transaction may commit after one that began later, so the newest number seen is no safe mark. The order is
(xid, id), and nothing is read at or above the oldest transaction that still runs: whatever is below has
ended, and nothing more can appear there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import ARRAY, BigInteger, Text, any_, bindparam, literal_column, select, tuple_

from crm_api.core.context import Context
from crm_api.core.journal import EventLine
from crm_api.core.statements import compiled
from crm_api.kit.cursors import CursorMismatch

START = (0, 0)
HORIZON = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", BigInteger())


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the event log."""

    id: int
    at: datetime
    kind: str
    object_type: str
    object_id: UUID
    actor_type: str
    actor_id: UUID
    data: dict[str, Any]
    schema_version: int


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
    bound_to = str(ctx.organization_id), "events", tuple(sorted(kinds))
    seal = ctx.tools.cursors
    mark = _opened(seal.open(cursor, bound_to)) if cursor else START
    statement = compiled(("feed", bool(kinds), limit), lambda: _statement(bool(kinds), limit))
    values = {"after_xid": mark[0], "after_id": mark[1], "kinds": list(kinds)}
    rows = await ctx.fetch(statement, values)
    page = rows[:limit]
    if page:
        mark = page[-1][0], page[-1][1]
    return Facts([_fact(row) for row in page], seal.close(list(mark), bound_to), len(rows) > limit)


def _fact(row: Sequence[Any]) -> Fact:
    _, id, at, kind, object_type, object_id, actor_type, actor_id, data, version = row
    if isinstance(data, str):  # as a statement alone brings it; a session has parsed it
        data = from_json(data)
    return Fact(id, at, kind, object_type, object_id, actor_type, actor_id, data, version)


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


def _opened(mark: list[Any]) -> tuple[int, int]:
    if len(mark) != 2 or not all(isinstance(part, int) for part in mark):
        raise CursorMismatch
    return mark[0], mark[1]
