"""One statement looks through every kind of object: a few steps of the index of words for each.

Each kind's part walks the index in its own order and stops as soon as it has found enough, so that it costs
the same among ten thousand objects and among a million. Where it gave up (a frequent word of which somebody
sees few rows), `find_all` asks PostgreSQL for the best way instead.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)

from crm_api.core.context import Context
from crm_api.core.repository import Repository
from crm_api.core.statements import compiled
from crm_api.core.words import SearchToken
from crm_api.kit.listing import END
from crm_api.search.asked import Asked, Drive
from crm_api.search.kinds import KINDS, Kind

FURTHEST = 400
"""Entries of the index that are looked at for one beginning, of one kind."""
_OWN = SearchToken.organization_id == bindparam("organization_id")


class Found(NamedTuple):
    kind: str
    id: UUID
    shown: dict[str, Any]


class SearchRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def find(self, asked: Asked, kinds: Sequence[str], most: int) -> tuple[list[Found], set[str]]:
        """At most `most` of each kind; and the kinds of which there may be others that were not reached."""
        words = [(start, at) for at, word in enumerate(asked.words) for start in word.starts]
        values = {
            **_drives("names", asked.names),
            **_drives("others", asked.others),
            "starts": [start for start, _ in words],
            "numbers": [at for _, at in words],
            "count": len(asked.words),
            "enough": most if len(asked.words) == 1 else 1,
        }
        whole = compiled(
            ("search", most, *((kind, self._of(kind).visibility) for kind in kinds)),
            lambda: union_all(*(self._part(kind, most) for kind in kinds)).execution_options(steady=True),
        )
        rows = await self.ctx.fetch(whole, values)
        found = {(row[0], row[1]): row[2] for row in rows if row[1] is not None}
        cut = {row[0] for row in rows if row[1] is None and row[3]}
        return [Found(kind, id, from_json(shown)) for (kind, id), shown in found.items()], cut

    async def find_all(self, asked: Asked, kind: str, most: int) -> list[Found]:
        """The newest ones, found as a list with the same words finds them."""
        shape = tuple(len(word.starts) for word in asked.words)
        values = {
            f"word_{at}_{other}": start
            for at, word in enumerate(asked.words)
            for other, start in enumerate(word.starts)
        }
        statement = compiled(
            ("search all", kind, most, self._of(kind).visibility, shape), lambda: self._all(kind, shape, most)
        )
        rows = await self.ctx.fetch(statement, values)
        return [Found(kind, row[0], from_json(row[1])) for row in rows]

    def _of(self, kind: str) -> Repository[Any, Any]:
        """The domain's own, which knows what this principal sees."""
        repository: type[Repository[Any, Any]] = self.ctx.tools.objects[kind]
        return repository(self.ctx)

    def _part(self, label: str, most: int) -> Select[Any]:
        named = self._walk(label, "names", most).cte(f"{label}_named").prefix_with("MATERIALIZED")
        enough = select(func.count(named.c.id.distinct())).scalar_subquery() < bindparam(
            "enough", type_=Integer()
        )
        other = self._walk(label, "others", most).where(enough).cte(f"{label}_other")
        other = other.prefix_with("MATERIALIZED")
        hits = union_all(select(named), select(other)).subquery(f"{label}_hits")
        few = select(func.count(hits.c.id.distinct())).scalar_subquery() < _number(most)
        given_up = or_(_goes_on(label, "names"), and_(enough, _goes_on(label, "others")))
        kind = literal_column(f"'{label}'", Text()).label("kind")
        verdict = case((few, given_up), else_=literal_column("false")).label("cut")
        nothing: list[Any] = [cast(null(), Uuid()).label("id"), cast(null(), Text()).label("shown")]
        return select(
            union_all(
                select(kind, hits.c.id, hits.c.shown, literal_column("false", Boolean()).label("cut")),
                select(kind, *nothing, verdict),
            ).subquery(f"{label}_part")
        )

    def _walk(self, label: str, drives: str, most: int) -> Select[Any]:
        """Index entries of each beginning in order, and the rows behind them that are to be seen."""
        kind = KINDS[label]
        drive = _asked_for(drives, label)
        entry = (
            select(SearchToken.object_id)
            .where(_OWN, _within(SearchToken.token, drive))
            .order_by(SearchToken.token, SearchToken.object_id.desc())
            .limit(_number(FURTHEST))
            .lateral(f"{label}_{drives}_entry")
        )
        model: Any = kind.model
        row = (
            select(model.id, _shown(kind).label("shown"))
            .where(*self._of(label).visible(), *kind.here(), model.id == entry.c.object_id)
            .limit(_number(1))  # a fence: the planner looks the row up, whatever it believes of the entries
            .lateral(f"{label}_{drives}_row")
        )
        return (
            select(row.c.id, row.c.shown)
            .select_from(drive.join(entry, true()).join(row, true()))
            .where(or_(drive.c.whole, _has_every_word(label, row.c.id)))
            .limit(_number(2 * most))  # two beginnings may lead to one object
        )

    def _all(self, label: str, shape: Sequence[int], most: int) -> Select[Any]:
        kind = KINDS[label]
        model: Any = kind.model
        words = [
            or_(
                *(
                    _begins(SearchToken.token, label, bindparam(f"word_{at}_{other}", type_=Text()))
                    for other in range(count)
                )
            )
            for at, count in enumerate(shape)
        ]
        having = [model.id.in_(select(SearchToken.object_id).where(_OWN, word)) for word in words]
        return (
            select(model.id, _shown(kind))
            .where(*self._of(label).visible(), *kind.here(), *having)
            .order_by(model.created_at.desc(), model.id.desc())
            .limit(_number(most))
            .execution_options(varied=True)
        )


def _drives(name: str, drives: Sequence[Drive]) -> dict[str, Any]:
    return {name: [drive.start for drive in drives], f"{name}_whole": [drive.whole for drive in drives]}


def _asked_for(drives: str, label: str) -> Any:
    """One row a beginning: where its words start and end in the index, and whether nothing else was asked."""
    starts = bindparam(drives, type_=ARRAY(Text()))
    whole = bindparam(f"{drives}_whole", type_=ARRAY(Boolean()))
    asked = func.unnest(starts, whole).table_valued("start", "whole", name=f"{label}_{drives}")
    return _fenced(label, asked.render_derived(), f"{label}_{drives}_bounds", "whole")


def _fenced(label: str, asked: Any, name: str, also: str) -> Any:
    """Both ends are made here, once and for all: behind OFFSET 0 nobody moves the making to the words.

    To put words together is not leakproof. Under row-level security PostgreSQL 15 would then read every word
    of the organization, and compare afterwards.
    """
    first = literal_column(f"'{label}'", Text()).concat(asked.c.start)
    bounds = select(first.label("first"), first.concat(END).label("last"), asked.c[also])
    return bounds.offset(_number(0)).subquery(name)


def _within(token: Any, bounds: Any) -> ColumnElement[bool]:
    return and_(token >= bounds.c.first, token <= bounds.c.last)


def _begins(token: Any, label: str, start: Any) -> ColumnElement[bool]:
    """Of a parameter: what is made of those alone is known before anything is read."""
    first = literal_column(f"'{label}'", Text()).concat(start)
    return and_(token >= first, token <= first.concat(END))


def _has_every_word(label: str, object_id: Any) -> ColumnElement[bool]:
    starts, numbers = bindparam("starts", type_=ARRAY(Text())), bindparam("numbers", type_=ARRAY(Integer()))
    asked = func.unnest(starts, numbers).table_valued("start", "at", name=f"{label}_word").render_derived()
    word = _fenced(label, asked, f"{label}_word_bounds", "at")
    there = exists(
        select(SearchToken.object_id)
        .where(_OWN, SearchToken.object_id == object_id, _within(SearchToken.token, word))
        .correlate_except(SearchToken)
    )
    matched = (
        select(func.count(word.c.at.distinct()))
        .select_from(word)
        .where(there)
        .correlate_except(word)
        .scalar_subquery()
    )
    return matched == bindparam("count", type_=Integer())


def _goes_on(label: str, drives: str) -> ColumnElement[bool]:
    """Whether one of the beginnings has more entries than were looked at."""
    drive = _asked_for(drives, label)
    beyond = (
        select(SearchToken.object_id)
        .where(_OWN, _within(SearchToken.token, drive))
        .order_by(SearchToken.token, SearchToken.object_id.desc())
        .offset(_number(FURTHEST))
        .limit(_number(1))
        .lateral(f"{label}_{drives}_beyond")
    )
    return exists(select(drive.c.first).select_from(drive.join(beyond, true())))


def _shown(kind: Kind) -> ColumnElement[Any]:
    pairs: list[Any] = []
    for place, column in kind.shown.items():
        pairs += literal_column(f"'{place}'"), column
    return cast(func.json_build_object(*pairs), Text)


def _number(constant: int) -> ColumnElement[int]:
    return literal_column(str(constant), Integer())
