"""What hangs on an object is seen by whoever sees the object (domain.md C-5), as a condition of a statement.

Each kind of object says for itself which of its rows are in sight: `registry.OBJECTS` lends their
repositories. One that itself inherits (a note hangs on a task, the task on a person) ends where it would
come back to a kind that is being asked already.
"""

from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    exists,
    false,
    literal_column,
    or_,
    select,
)

from crm_api.core.context import Context
from crm_api.core.db import SoftDeleted
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository

_underway: ContextVar[frozenset[str]] = ContextVar("kinds being asked", default=frozenset())


def object_in_sight(
    ctx: Context,
    label: str,
    object_type: ColumnElement[Any],
    object_id: ColumnElement[Any],
    kinds: Iterable[str] | None = None,
) -> ColumnElement[bool]:
    """Whether the object that these two columns name is there and visible. Parameters only, no values.

    `label` is the kind that asks. `kinds`: only these may pass their visibility on; all when left out.
    """
    with _asked(ctx, label, kinds) as asked:
        return or_(
            false(),
            *(and_(object_type == _constant(kind), _in_sight(ctx, kind, object_id)) for kind in asked),
        )


def sights(ctx: Context, label: str, kinds: Iterable[str] | None = None) -> Hashable:
    """What the shape of `object_in_sight` depends on: for `Repository.visibility` of the kind that asks."""
    with _asked(ctx, label, kinds) as asked:
        return tuple((kind, _repository(ctx, kind).visibility) for kind in asked)


def subject(ctx: Context, object_type: str) -> tuple[Subquery, Hashable]:
    """The object named by the parameter `object_id`, when it is there, alive and visible: one row or none.

    And what its shape depends on.
    """
    table, conditions = in_sight(ctx, object_type)
    found = select(table.c.id).where(*conditions, table.c.id == bindparam("object_id", type_=Uuid()))
    return found.subquery("subject"), _repository(ctx, object_type).visibility


def in_sight(ctx: Context, kind: str) -> tuple[Table, list[ColumnElement[bool]]]:
    """The table of that kind, and what makes a row of it there, alive and visible."""
    repository = _repository(ctx, kind)
    table = table_of(repository.model)
    alive = [table.c.deleted_at.is_(None)] if issubclass(repository.model, SoftDeleted) else []
    return table, [*repository.visible(), *alive]


@contextmanager
def _asked(ctx: Context, label: str, kinds: Iterable[str] | None) -> Iterator[list[str]]:
    underway = _underway.get()
    known = ctx.tools.objects if kinds is None else kinds
    mark = _underway.set(underway | {label})
    try:
        yield [] if label in underway else [k for k in known if k != label and k not in underway]
    finally:
        _underway.reset(mark)


def _in_sight(ctx: Context, kind: str, object_id: ColumnElement[Any]) -> ColumnElement[bool]:
    repository = _repository(ctx, kind)
    table = table_of(repository.model)
    found: Select[Any] = select(literal_column("1")).where(*repository.visible(), table.c.id == object_id)
    return exists(found.correlate_except(table))


def _repository(ctx: Context, kind: str) -> Repository[Any, Any]:
    found: Repository[Any, Any] = ctx.tools.objects[kind](ctx)
    return found


def _constant(kind: str) -> ColumnElement[str]:
    return literal_column(f"'{kind}'", Text())
