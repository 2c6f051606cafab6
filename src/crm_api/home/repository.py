"""Every section in one statement; PostgreSQL makes the JSON."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Integer, Text, cast, func, literal_column, null, select

from crm_api.core.context import Context
from crm_api.core.statements import as_json, compiled
from crm_api.home.schemas import HomeRead, HomeThing
from crm_api.home.sections import MOST, SECTIONS, Section, unread
from crm_api.kit.clock import today
from crm_api.kit.schemas import Json


class HomeRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def page(self, names: Sequence[str]) -> Json[HomeRead]:
        """With those sections; the others are null."""
        statement = compiled(("home", *names), lambda: select(_page(names)))
        rows = await self.ctx.fetch(statement, {"today": today(), "tomorrow": today() + timedelta(days=1)})
        return Json(HomeRead, rows[0][0])


def _page(names: Sequence[str]) -> ColumnElement[str]:
    parts: list[Any] = []
    for name, section in SECTIONS.items():
        parts += literal_column(f"'{name}'"), _section(section) if name in names else null()
    parts += literal_column("'unread_notifications'"), unread().scalar_subquery()
    return cast(func.json_build_object(*parts), Text)


def _section(section: Section) -> ColumnElement[Any]:
    things = section.things().subquery()
    shown = {
        "type": literal_column(f"'{section.type}'", Text()),
        **dict(things.c),
    }
    place = func.row_number().over(order_by=(things.c.at, things.c.id))
    row = cast(as_json(shown, HomeThing.model_fields), JSON)
    ranked = select(row.label("thing"), place.label("place")).subquery()
    most = literal_column(str(MOST), Integer())
    first = func.json_agg(ranked.c.thing).filter(ranked.c.place <= most)
    none = literal_column("'[]'::json", JSON())
    return (
        select(
            func.json_build_object(
                literal_column("'things'"),
                func.coalesce(first, none),
                literal_column("'has_more'"),
                func.count() > most,
            )
        )
        .select_from(ranked)
        .scalar_subquery()
    )
