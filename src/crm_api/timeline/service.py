from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from crm_api.core.context import Context
from crm_api.kit.cursors import CursorMismatch
from crm_api.kit.errors import InsufficientScope, NotFound
from crm_api.kit.schemas import Json
from crm_api.timeline.repository import Mark, Row, TimelineRepository
from crm_api.timeline.schemas import Timeline, TimelineQuery
from crm_api.timeline.sources import SOURCES, Source

_KINDS = [source.kind for source in SOURCES]
_MARK: TypeAdapter[tuple[datetime, str, UUID | int]] = TypeAdapter(tuple[datetime, str, UUID | int])


class TimelineService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def page(self, object_type: str, object_id: UUID, query: TimelineQuery) -> Json[Timeline]:
        """Raises NotFound for an object that is not there, in the bin or out of sight; CursorMismatch."""
        sources = self._sources(query)
        bound_to = (
            *(str(self.ctx.organization_id), "timeline", object_type, str(object_id)),
            *(tuple(query.kind or ()), str(query.at_lt)),
        )
        mark = self._opened(query.cursor, bound_to) if query.cursor else None
        rows = await TimelineRepository(self.ctx).rows(
            object_type, object_id, sources, query.limit, mark, query.at_lt
        )
        if rows is None:
            raise NotFound(id=str(object_id))
        page, more = rows[: query.limit], len(rows) > query.limit
        cursor = None
        if more:
            last = page[-1]
            cursor = self.ctx.tools.cursors.close([last.at, last.kind, last.key], bound_to)
        return Json(Timeline, _page_json(page, cursor), next_cursor=cursor)

    def _sources(self, query: TimelineQuery) -> list[tuple[int, Source]]:
        """Those that this principal reads, with their ranks; asking for another one is refused."""
        scopes = self.ctx.principal.scopes
        refused = {
            source.scope
            for source in SOURCES
            if source.scope and source.scope not in scopes and source.kind in (query.kind or ())
        }
        if refused:
            raise InsufficientScope(required_scopes=sorted(refused))
        return [
            (rank, source)
            for rank, source in enumerate(SOURCES)
            if (source.scope is None or source.scope in scopes)
            and (query.kind is None or source.kind in query.kind)
        ]

    def _opened(self, cursor: str, bound_to: Any) -> Mark:
        mark = self.ctx.tools.cursors.open(cursor, bound_to)
        try:
            at, kind, key = _MARK.validate_python(mark)
            return Mark(at, _KINDS.index(kind), key)
        except ValueError as error:
            raise CursorMismatch from error


def _page_json(rows: list[Row], cursor: str | None) -> str:
    """The page around entries that are JSON already."""
    entries = ",".join(_entry_json(row) for row in rows)
    mark = "null" if cursor is None else f'"{cursor}"'
    more = "false" if cursor is None else "true"
    return f'{{"data":[{entries}],"next_cursor":{mark},"has_more":{more}}}'


def _entry_json(row: Row) -> str:
    actor = "null" if row.actor_id is None else f'"{row.actor_id}"'
    told = ",".join(f'"{kind}":{row.body if kind == row.kind else "null"}' for kind in _KINDS)
    return f'{{"kind":"{row.kind}","at":"{row.at_text}","actor_id":{actor},{told}}}'
