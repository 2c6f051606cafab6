"""How a section is written as JSON: its lines, since when and by whom known, where the others are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

from crm_api.core.money import Centimes
from crm_api.core.statements import as_json, wire
from crm_api.policies.models.policy import OURS
from crm_api.profiles.around import ID, NOW, Around, number, word
from crm_api.profiles.schemas import MOST

Part = ColumnElement[Any]
Columns = dict[str, Any]
Order = Sequence[tuple[str, bool]]


def chosen(columns: Mapping[str, Any]) -> Select[Any]:
    return select(*(column.label(name) for name, column in columns.items()))


def listed(rows: Select[Any], order: Order, schema: Any, href: Part, **more: Any) -> Part:
    """The first `MOST` of the rows as JSON, and whether there are others."""
    found = rows.subquery()

    def ordered(table: Any) -> list[Part]:
        return [table.c[name].desc() if down else table.c[name] for name, down in order]

    first = select(found).order_by(*ordered(found)).limit(number(MOST + 1)).subquery()
    place = func.row_number().over(order_by=ordered(first)).label("place")
    line = cast(as_json(dict(first.c), schema.model_fields), JSON).label("line")
    ranked = select(line, place).subquery()
    shown = func.json_agg(ranked.c.line).filter(ranked.c.place <= number(MOST))
    pairs = {"as_of": wire(NOW), "source": word(OURS), "href": href, **more}
    pairs |= {"has_more": func.count() > number(MOST), "data": func.coalesce(shown, nothing())}
    return select(json_of(pairs)).select_from(ranked).scalar_subquery()


def about_them(href: Part, **members: Any) -> Part:
    return json_of({"as_of": wire(NOW), "source": word(OURS), "href": href, **members})


def json_of(members: Mapping[str, Any]) -> Part:
    pairs: list[Any] = []
    for name, value in members.items():
        pairs += word(name), value
    return func.json_build_object(*pairs, type_=JSON())


def kept_by(rows: Any) -> dict[str, Part]:
    """Since when the oldest line of another system stands as it does, and whose they are."""
    theirs = rows.c.source_system != word(OURS)
    moment: TypeEngine[Any] = TIMESTAMP(timezone=True)
    oldest = select(func.min(rows.c.as_of, type_=moment)).where(theirs).scalar_subquery()
    systems = func.count(rows.c.source_system.distinct())
    one = func.coalesce(func.min(rows.c.source_system), word(OURS))
    source = select(case((systems > number(1), word("several")), else_=one)).scalar_subquery()
    return {"as_of": wire(func.coalesce(oldest, NOW, type_=moment)), "source": source}


def counted(rows: Any, condition: Any) -> Part:
    return func.least(select(func.count()).select_from(rows).where(condition).scalar_subquery(), number(1000))


def summed(rows: Any, *conditions: Any) -> Part:
    total = select(func.coalesce(func.sum(rows.c.balance), number(0))).where(*conditions).scalar_subquery()
    return cast(total, Centimes())


def link_to(before: str, after: str = "") -> Part:
    return word(before).concat(cast(ID, Text)).concat(word(after))


def hanging_on(resource: str, around: Around) -> Part:
    return link_to(f"/v1/{resource}?object_type={around.root}&object_id=")


def actor() -> Any:
    return bindparam("actor_id", type_=Uuid())


def condition(text: str) -> Any:
    return literal_column(text)


def nothing() -> Any:
    return literal_column("'[]'::json", JSON())
