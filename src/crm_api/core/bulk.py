"""Many rows in one statement: copied into a table of the moment, inserted from there with their journal.

Row-level security takes no COPY, so the rows pass through a temporary table; what a single insertion writes
(defaults, who and when, audit line, event line, search words by trigger) is written for all of them at once.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import (
    ARRAY,
    Insert,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    column,
    func,
    insert,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from crm_api.core.context import Context
from crm_api.core.db import Entity, ExternallyKnown, Ledger
from crm_api.core.journal import HIDDEN, UNTOLD, AuditLine, EventLine, hidden, told
from crm_api.core.plain import alteration, constant, journaled, table_of
from crm_api.core.repository import Repository
from crm_api.core.statements import DIALECT, compiled

Row = Mapping[str, Any]


async def plan_afresh(ctx: Context) -> None:
    """Until the end of this transaction: a plan made while a table was empty is ruinous once it is not."""
    connection = await ctx.session.connection()
    await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


async def insert_all(ctx: Context, model: type[Entity], rows: Sequence[Row]) -> None:
    """New rows of `model`, each with its `id`; a column that a row leaves out is null or its default.

    Raises what PostgreSQL refuses: a violated constraint refuses them all.
    """
    if not rows:
        return
    target, given = table_of(model), set().union(*rows)
    names = tuple(column.name for column in target.c if column.name in given)
    journal = [_lines_of(model, row) for row in rows]
    incoming = await _copied(ctx, target, names, rows, journal)
    for what, build in _INSERTIONS.items():
        statement = compiled((insert_all, model, what, names), partial(build, model, names, incoming))
        await ctx.write(statement, {})


async def insert_lines(ctx: Context, model: type[Ledger], rows: Sequence[Row]) -> None:
    """New rows of a table without journal: links, keys. All rows name the same columns."""
    if not rows:
        return
    ledger = model.__table__
    assert isinstance(ledger, Table)  # noqa: S101 - narrows the type
    names = tuple(rows[0])
    incoming = await _copied(ctx, ledger, names, rows)
    statement = compiled((insert_lines, model, names), lambda: _plain(ledger, names, incoming))
    await ctx.write(statement, {})


async def upsert_all(
    ctx: Context, model: type[Entity], rows: Sequence[Row], *, key: Sequence[str], newer: str
) -> set[UUID]:
    """New rows, and rows that are known by the unique `key` where theirs is older by the column `newer`.

    The ids of those that were written. All rows name the same columns. The journal is the caller's: only he
    knows what stood there before.
    """
    target, names = table_of(model), tuple(rows[0])
    incoming = await _copied(ctx, target, names, rows)
    shape = (upsert_all, model, names, tuple(key), newer)
    statement = compiled(shape, lambda: _upsertion(model, names, incoming, key, newer))
    return {row[0] for row in await ctx.write(statement, {})}


def _upsertion(
    model: type[Entity], names: Sequence[str], incoming: str, key: Sequence[str], newer: str
) -> Any:
    target = table_of(model)
    values, chosen = _given(model, names, incoming)
    new = upsert(target).from_select([*values], chosen, include_defaults=False)
    changes: dict[str, Any] = {name: new.excluded[name] for name in names if name not in {"id", *key}}
    changes |= {
        "version": target.c.version + literal_column("1"),
        "updated_at": func.clock_timestamp(),
        "updated_by_id": new.excluded.updated_by_id,
    }
    known = target.c[key[-1]].is_not(None)
    done = new.on_conflict_do_update(
        index_elements=["organization_id", *key],
        index_where=known,
        set_=changes,
        where=target.c[newer] < new.excluded[newer],
    )
    return done.returning(target.c.id)


def _lines_of(model: type[Entity], row: Row) -> tuple[str, str]:
    """What the audit line and the event line of a new row hold, as `core.journal` writes them."""
    secret, public = hidden(model), told(model)
    names = sorted(name for name, value in row.items() if value is not None and name not in UNTOLD)
    changes = {name: (HIDDEN, HIDDEN) if name in secret else (None, row[name]) for name in names}
    values = {name: row[name] for name in names if name in public}
    data = {"changed": names, "values": values}
    return to_json(changes, fallback=str).decode(), to_json(data, fallback=str).decode()


async def _copied(
    ctx: Context,
    target: Table,
    names: Sequence[str],
    rows: Sequence[Row],
    journal: Sequence[tuple[str, str]] = (),
) -> str:
    """The name of the temporary table that holds them; it is gone with the transaction."""
    incoming = f"incoming_{target.name}"
    connection = await ctx.session.connection()
    columns = ", ".join(names)
    more = ", NULL::jsonb AS journal_changes, NULL::jsonb AS journal_data" if journal else ""
    await connection.exec_driver_sql(f"DROP TABLE IF EXISTS pg_temp.{incoming}")
    shape = f"SELECT {columns}{more} FROM {target.name} WITH NO DATA"  # noqa: S608 - our own names
    await connection.exec_driver_sql(f"CREATE TEMP TABLE {incoming} ON COMMIT DROP AS {shape}")
    encoders = [_encoder(target, name) for name in names]
    records = [
        tuple(
            encode(value) if (value := row.get(name, default)) is not None and encode else value
            for name, default, encode in encoders
        )
        for row in rows
    ]
    if journal:
        records = [record + lines for record, lines in zip(records, journal, strict=True)]
        names = (*names, "journal_changes", "journal_data")
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.copy_records_to_table(incoming, records=records, columns=names)
    return incoming


def _encoder(target: Table, name: str) -> tuple[str, Any, Callable[[Any], Any] | None]:
    """Name, value where a row has none, and what makes the driver's value of ours."""
    found = target.c[name]
    default = found.default
    fallback = None
    if isinstance(default, ScalarElementColumnDefault | CallableColumnDefault):
        fallback = constant(default)
    if isinstance(found.type, JSONB):
        return name, fallback, lambda value: to_json(value).decode()
    return name, fallback, found.type.dialect_impl(DIALECT).bind_processor(DIALECT)


def _rows(model: type[Entity], names: Sequence[str], incoming: str) -> Insert:
    values, chosen = _given(model, names, incoming)
    return insert(table_of(model)).from_select([*values], chosen, include_defaults=False)


def _given(model: type[Entity], names: Sequence[str], incoming: str) -> tuple[dict[str, Any], Select[Any]]:
    target = table_of(model)
    values: dict[str, Any] = {name: column(name, target.c[name].type) for name in names}
    for other in target.c:
        if other.name not in values and isinstance(
            other.default, ScalarElementColumnDefault | CallableColumnDefault
        ):
            values[other.name] = bindparam(f"default_{other.name}", constant(other.default), type_=other.type)
    values["organization_id"] = bindparam("organization_id", type_=target.c.organization_id.type)
    for stamp in ("created_by_id", "updated_by_id"):
        values[stamp] = bindparam("actor_id", type_=target.c[stamp].type)
    source = table(incoming, *(column(name) for name in names))
    return values, select(*values.values()).select_from(source)


def _audit(model: type[Entity], _: Sequence[str], incoming: str) -> Insert:
    names = ("actor_type", "actor_id", "ip", "request_id")
    return _logged(AuditLine, model, incoming, names, ("action", "changes", "journal_changes"))


def _facts(model: type[Entity], _: Sequence[str], incoming: str) -> Insert:
    return _logged(EventLine, model, incoming, ("actor_type", "actor_id"), ("kind", "data", "journal_data"))


def _logged(
    log: type[AuditLine | EventLine],
    model: type[Entity],
    incoming: str,
    who: Sequence[str],
    what: tuple[str, str, str],
) -> Insert:
    """`what`: the columns of the log for kind and content, and the copied column of the latter."""
    kind, content, copied = what
    columns = log.__table__.c
    source = table(incoming, column("id"), column(copied))
    values: dict[str, Any] = {
        name: bindparam(name, type_=columns[name].type) for name in ("organization_id", *who)
    }
    values[kind] = literal_column(f"'{model.label}.created'", Text())
    values["object_type"] = literal_column(f"'{model.label}'", Text())
    values |= {"object_id": source.c.id, content: source.c[copied]}
    return insert(log).from_select([*values], select(*values.values()), include_defaults=False)


_INSERTIONS = {"rows": _rows, "audit": _audit, "facts": _facts}


def _plain(target: Table, names: Sequence[str], incoming: str) -> Any:
    values: dict[str, Any] = {name: column(name, target.c[name].type) for name in names}
    values["organization_id"] = bindparam("organization_id", type_=target.c.organization_id.type)
    source = table(incoming, *(column(name) for name in names))
    rows = select(*values.values()).select_from(source)
    return insert(target).from_select([*values], rows, include_defaults=False)


async def discard_all(repository: Repository[Any, Any], ids: Sequence[UUID], version: int) -> list[UUID]:
    """To the bin, those of `ids` that are still of that version; what other systems call them is free."""
    known = issubclass(repository.model, ExternallyKnown)
    fields: dict[str, Any] = {"external_ids": []} if known else {}
    values = {f"new_{name}": value for name, value in fields.items()} | {"ids": [*ids], "version": version}
    shape = (discard_all, type(repository), repository.visibility)
    statement = compiled(shape, lambda: _discarding(repository, fields))
    return [row[0] for row in await repository.ctx.write(statement, values)]


def _discarding(repository: Repository[Any, Any], fields: Row) -> Select[Any]:
    target = table_of(repository.model)
    asked = target.c.id == any_(bindparam("ids", type_=ARRAY(target.c.id.type)))
    same = target.c.version == bindparam("version")
    conditions = [*repository.visible(), *repository._alive(), asked, same]
    old, written = alteration(repository.model, fields, conditions, **repository._binning())
    lines = journaled(repository.model, "deleted", written, fields, old)
    return select(written.c.id).add_cte(old, *lines)
