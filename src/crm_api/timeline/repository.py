"""The timeline as one statement: the object, and beside it the newest rows of each source, merged.

Each source is read in the order of its index and stops at a page: what a page costs does not depend on how
much happened before, nor on how many objects there are.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    bindparam,
    cast,
    literal_column,
    null,
    select,
    true,
    tuple_,
    union_all,
)

from crm_api.core.context import Context
from crm_api.core.inheritance import subject
from crm_api.core.statements import compiled, wire
from crm_api.timeline.sources import Source

SMALL = Integer()


class Mark(NamedTuple):
    """Where the page before ended."""

    at: datetime
    rank: int
    """Of its source."""
    key: UUID | int


class Row(NamedTuple):
    """An entry as the statement answers it."""

    kind: str
    rank: int
    at: datetime
    key: UUID | int
    at_text: str
    actor_id: UUID | None
    body: str


class TimelineRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def rows(
        self,
        object_type: str,
        object_id: UUID,
        sources: Sequence[tuple[int, Source]],
        limit: int,
        mark: Mark | None,
        before: datetime | None,
    ) -> list[Row] | None:
        """One more than the page has when there are more; None when that object is not to be seen.

        `sources` come with their ranks.
        """
        seen, sight = subject(self.ctx, object_type)
        ranks = tuple(rank for rank, _ in sources)
        marked = mark and mark.rank
        shapes = tuple(source.shape(self.ctx) for _, source in sources)
        shape = (object_type, sight, ranks, shapes, limit, marked, before is not None)
        statement = compiled(
            ("timeline", *shape),
            lambda: self._statement(seen, sources, limit, mark, bounded=before is not None),
        )
        values: dict[str, Any] = {"object_type": object_type, "object_id": object_id, "before": before}
        if mark is not None:
            values |= {"after": mark.at, "after_key": mark.key}
        found = await self.ctx.fetch(statement, values)
        if not found:
            return None
        return [
            Row(kind, rank, at, key or number, text, actor_id, body)
            for kind, rank, at, key, number, text, actor_id, body in found
            if kind is not None
        ]

    def _statement(
        self,
        seen: Subquery,
        sources: Sequence[tuple[int, Source]],
        limit: int,
        mark: Mark | None,
        *,
        bounded: bool,
    ) -> Select[Any]:
        most = literal_column(str(limit + 1), SMALL)
        parts = [
            select(self._newest(rank, source, mark, bounded).limit(most).subquery())
            for rank, source in sources
        ]
        merged = union_all(*parts).subquery("merged")
        page = select(merged).order_by(*_order(merged)).limit(most).lateral("entry")
        shown = [
            *(page.c[name] for name in ("kind", "rank", "at", "key", "number")),
            wire(page.c.at),
            page.c.actor_id,
            page.c.body,
        ]
        return select(*shown).select_from(seen.outerjoin(page, true())).order_by(*_order(page))

    def _newest(self, rank: int, source: Source, mark: Mark | None, bounded: bool) -> Select[Any]:
        columns: list[ColumnElement[Any]] = [
            literal_column(f"'{source.kind}'", Text()).label("kind"),
            literal_column(str(rank), SMALL).label("rank"),
            source.at.label("at"),
            (cast(null(), Uuid()) if source.numbered else source.key).label("key"),
            (source.key if source.numbered else cast(null(), BigInteger())).label("number"),
            source.actor_id.label("actor_id"),
            source.body.label("body"),
        ]
        statement = select(*columns).select_from(source.rows).where(*source.where(self.ctx))
        if bounded:
            statement = statement.where(source.at < bindparam("before", type_=source.at.type))
        if mark is not None:
            statement = statement.where(_after(rank, source, mark.rank))
        return statement.order_by(source.at.desc(), source.key.desc())


def _after(rank: int, source: Source, marked: int) -> ColumnElement[bool]:
    """What stands behind the mark: at one moment the sources stand in the order of their ranks."""
    at = bindparam("after", type_=source.at.type)
    if rank == marked:
        return tuple_(source.at, source.key) < tuple_(at, bindparam("after_key", type_=source.key_type))
    return source.at <= at if rank > marked else source.at < at


def _order(rows: Any) -> tuple[ColumnElement[Any], ...]:
    return rows.c.at.desc(), rows.c.rank, rows.c.key.desc(), rows.c.number.desc()
