"""Sessions, events and goals as they are listed, and how many there were."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Date, Uuid, bindparam, literal_column, null, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.sql.elements import ColumnElement, TextClause

from crm_api.core.repository import Repository
from crm_api.core.statements import as_json, compiled
from crm_api.tracking.errors import WebGoalCodeTaken
from crm_api.tracking.models import WebEvent, WebGoal, WebSession
from crm_api.tracking.schemas.visits import (
    WebEventRead,
    WebGoalRead,
    WebGrouping,
    WebSessionRead,
)

_NO_UTM = literal_column(
    "jsonb_build_object('source', NULL, 'medium', NULL, 'campaign', NULL, 'term', NULL, 'content', NULL)",
    JSONB(),
)
_MOMENT = TIMESTAMP(timezone=True, precision=3)


class WebSessionRepository(Repository[Any, WebSessionRead]):
    model, read = WebSession, WebSessionRead

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        """A part of `utm` that was not given is null, as everywhere."""
        return {**super().columns(), "utm": _NO_UTM.op("||")(WebSession.__table__.c.utm)}

    def _read(self, fields: Iterable[str] | None = None) -> tuple[ColumnElement[Any], ...]:
        """A session has no version: nobody changes it by hand."""
        return as_json(self.columns(), fields or self.read.model_fields), null(), WebSession.__table__.c.id


class WebEventRepository(Repository[Any, WebEventRead]):
    model, read = WebEvent, WebEventRead


class WebGoalRepository(Repository[WebGoal, WebGoalRead]):
    model, read = WebGoal, WebGoalRead
    refusals = {"uq_web_goals_code": WebGoalCodeTaken}


_GROUPS: Mapping[WebGrouping | None, tuple[str, str]] = {
    None: ("NULL::text", "NULL::text"),
    WebGrouping.DAY: ("(started_at AT TIME ZONE 'Africa/Algiers')::date::text", "day::text"),
    WebGrouping.SOURCE: ("utm ->> 'source'", "nullif(source, '')"),
    WebGrouping.CAMPAIGN: ("utm_campaign", "nullif(campaign, '')"),
    WebGrouping.DEVICE: ("device", "device"),
}
_FIGURES = """WITH counted AS (
    SELECT {session_group} AS part, count(*) AS sessions, count(*) FILTER (WHERE NOT consent) AS unknown,
        sum(page_views) AS page_views, count(*) FILTER (WHERE conversions > 0) AS converted,
        sum(goal_value) AS value
    FROM web_sessions
    WHERE organization_id = :organization_id AND started_at >= :start AND started_at < :end AND NOT is_bot
    GROUP BY 1
    UNION ALL
    SELECT {day_group}, sum(sessions), sum(unknown_sessions), sum(page_views), sum(converted_sessions),
        sum(goal_value)
    FROM web_days WHERE organization_id = :organization_id AND day >= :first AND day < :last
    GROUP BY 1
)
SELECT part, sum(sessions)::bigint, sum(unknown)::bigint, sum(page_views)::bigint, sum(converted)::bigint,
    sum(value)::bigint
FROM counted GROUP BY part ORDER BY {order} LIMIT 1100"""


class FiguresRepository(Repository[Any, WebSessionRead]):
    model, read = WebSession, WebSessionRead

    async def visits(
        self, start: datetime, end: datetime, days: tuple[Any, Any], grouping: WebGrouping | None
    ) -> Sequence[Sequence[Any]]:
        """(group, sessions, unknown, page views, converted, centimes), days in order, else the most first."""
        values = {"start": start, "end": end, "first": days[0], "last": days[1]}
        return await self.ctx.fetch(compiled(("web figures", grouping), lambda: _figures(grouping)), values)


def _figures(grouping: WebGrouping | None) -> TextClause:
    session_group, day_group = _GROUPS[grouping]
    order = "part" if grouping is WebGrouping.DAY else "2 DESC, part"
    sql = _FIGURES.format(session_group=session_group, day_group=day_group, order=order)
    types: dict[str, Any] = {"organization_id": Uuid(), "start": _MOMENT, "end": _MOMENT}
    types |= {"first": Date(), "last": Date()}
    return text(sql).bindparams(*(bindparam(name, type_=kind) for name, kind in types.items()))
