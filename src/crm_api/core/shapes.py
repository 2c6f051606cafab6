"""The statements behind the verbs of a repository: built once per shape, run by `core.repository`."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import MISSING, BaseModel
from pydantic_core import to_jsonable_python
from sqlalchemy import (
    ColumnElement,
    Select,
    any_,
    bindparam,
    false,
    func,
    literal_column,
    null,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.util import ClauseAdapter

from crm_api.core.db import Entity, Owned, SoftDeleted
from crm_api.core.plain import alteration, insertion, journaled, looked, table_of
from crm_api.core.statements import Question, as_json
from crm_api.core.visibility import visible_rows
from crm_api.kit.listing import Selection
from crm_api.kit.schemas import Json

M = TypeVar("M", bound=Entity)
R = TypeVar("R", bound=BaseModel)
ANY_VERSION = -1
"""`If-Match: *`: whatever it is now (service clients only)."""


class Shapes(Generic[M, R]):
    """What a repository asks and writes, as SQLAlchemy says it. Values are parameters, never part of it."""

    model: type[M]
    read: type[R]
    visibility: Hashable = None
    """Which variant of `visible()` this principal gets: set it where you override that."""
    rows_by_owner: ClassVar[bool] = False
    """Says that an overriding `visible()` asks for owner and agency and nothing else: see `core.sight`."""

    def visible(self) -> list[ColumnElement[bool]]:
        """The rows this principal sees; every verb but `add` starts here. Never a value, only parameters."""
        own = table_of(self.model).c.organization_id == bindparam("organization_id")
        if issubclass(self.model, Owned):
            return [own, *visible_rows(table_of(self.model), self.visibility)]
        return [own]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        """What the fields of `read` are in SQL; override to add computed ones: {**super().columns(), ...}."""
        return dict(table_of(self.model).c)

    def select(self, *columns: Any) -> Select[Any]:
        return select(*columns).where(*self.visible())

    def _fields(self, data: BaseModel | Mapping[str, Any]) -> dict[str, Any]:
        """What the caller gave, as the columns take it: nested schemas become JSON, omissions stay out."""
        given = dict(data) if isinstance(data, BaseModel) else data
        documents = _documents(self.model)
        return {
            name: to_jsonable_python(value) if name in documents else value
            for name, value in given.items()
            if value is not MISSING
        }

    def _json(self, row: Sequence[Any]) -> Json[R]:
        return Json(self.read, row[0], row[1], id=row[2])

    def _read(self, fields: Iterable[str] | None = None) -> tuple[ColumnElement[Any], ...]:
        table = table_of(self.model)
        return as_json(self.columns(), fields or self.read.model_fields), table.c.version, table.c.id

    def _find(self, equal: Mapping[str, Any], in_bin: bool) -> Select[Any]:
        table = table_of(self.model)
        same = [table.c[name] == bindparam(name, type_=table.c[name].type) for name in equal]
        statement = self.select(*self._read()).where(*same, *([] if in_bin else self._alive()))
        return statement.limit(literal_column("1"))

    def _noted(self) -> Select[Any]:
        table = table_of(self.model)
        body, version, id = self._read()
        seen = self.select(body.label("body"), version, id).where(table.c.id == bindparam("id")).cte("seen")
        return select(seen.c.body, seen.c.version, seen.c.id).add_cte(looked(self.model, seen))

    def _get_many(self) -> Select[Any]:
        table = table_of(self.model)
        ids = bindparam("ids", type_=ARRAY(table.c.id.type))
        return self.select(*self._read()).where(table.c.id == any_(ids))

    def _seen(self) -> Select[Any]:
        table = table_of(self.model)
        ids = bindparam("ids", type_=ARRAY(table.c.id.type))
        return self.select(table.c.id).where(table.c.id == any_(ids), *self._alive())

    def _listed(self, chosen: Selection, *columns: Any) -> Select[Any]:
        """Of the rows that lists show; filtered by the caller."""
        statement = self.select(*columns)
        if chosen.deleted == "without":
            return statement.where(*self._alive())
        return statement if chosen.deleted == "with" else statement.where(*self._binned())

    def _page(self, chosen: Selection) -> Select[Any]:
        total: ColumnElement[Any] = null()
        if "total" in chosen.include:
            total = chosen.filtered(self._listed(chosen, func.count())).scalar_subquery()
        body = as_json(self.columns(), chosen.fields or self.read.model_fields)
        return chosen.paged(chosen.filtered(self._listed(chosen, body, total.label("total"))), self.model.id)

    def _alive(self) -> list[ColumnElement[bool]]:
        """Not in the bin, for what has one."""
        return [table_of(self.model).c.deleted_at.is_(None)] if issubclass(self.model, SoftDeleted) else []

    def _binned(self) -> list[ColumnElement[bool]]:
        """In the bin; nothing is, of what has none."""
        has_bin = issubclass(self.model, SoftDeleted)
        return [table_of(self.model).c.deleted_at.is_not(None) if has_bin else false()]

    def _add(self, fields: Mapping[str, Any], asked: Sequence[Question] = ()) -> Select[Any]:
        found = [question.build().cte(f"found_{at}") for at, question in enumerate(asked)]
        written = insertion(self.model, fields, found)
        statement = self._written(written, journaled(self.model, "created", written, fields))
        if not found:
            return statement
        answers = [func.array(select(func.row(*each.c)).scalar_subquery()) for each in found]
        always = select(literal_column("1").label("one")).subquery("always")
        return statement.add_columns(*answers).select_from(always.outerjoin(written, true()))

    def _alter(
        self,
        action: str,
        fields: Mapping[str, Any],
        version: int,
        where: Sequence[ColumnElement[bool]],
    ) -> Select[Any]:
        table = table_of(self.model)
        conditions = [*self.visible(), table.c.id == bindparam("id"), *where]
        if version != ANY_VERSION:
            conditions.append(table.c.version == bindparam("version"))
        constants: dict[str, Any] = {}
        if action == "deleted":
            constants = self._binning()
        elif action == "restored":
            constants = {"deleted_at": null(), "deleted_by_id": null()}
        conditions += self._binned() if action == "restored" else self._alive()
        old, written = alteration(self.model, fields, conditions, **constants)
        return self._written(written, journaled(self.model, action, written, fields, old), old)

    def _alter_all(self, fields: Mapping[str, Any], where: Sequence[ColumnElement[bool]]) -> Select[Any]:
        own = table_of(self.model).c.organization_id == bindparam("organization_id")
        old, written = alteration(self.model, fields, [own, *where])
        return select(written.c.id).add_cte(old, *journaled(self.model, "updated", written, fields, old))

    def _binning(self) -> dict[str, Any]:
        actor = bindparam("actor_id", type_=table_of(self.model).c.deleted_by_id.type)
        return {"deleted_at": func.clock_timestamp(), "deleted_by_id": actor}

    def _written(self, written: Any, lines: list[Any], *more: Any) -> Select[Any]:
        table = table_of(self.model)
        adapt = ClauseAdapter(written).traverse
        columns = {
            name: written.c[name] if name in table.c and column is table.c[name] else adapt(column)
            for name, column in self.columns().items()
        }
        body = as_json(columns, self.read.model_fields)
        return select(body, written.c.version, written.c.id).add_cte(*more, *lines)


@cache
def _documents(model: type[Entity]) -> frozenset[str]:
    """The columns that hold JSON."""
    return frozenset(column.name for column in table_of(model).c if isinstance(column.type, JSONB))
