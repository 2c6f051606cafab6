"""How PostgreSQL runs what a request sends: as the restricted role, with the organization bound.

plans = await explained(house, "GET", "/v1/accounts", headers=ADMIN, params={"limit": 50})
plans[0].uses("ix_accounts_newest").sorts_nothing().removes_at_most(50)
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Self
from unittest.mock import patch
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI
from sqlalchemy import event

from actors import Headers, principal_of
from crm_api.core.pool import LIMITS, Database
from crm_api.core.statements import Statement

Node = dict[str, Any]


async def fill(owner: asyncpg.Connection, statement: str, *values: Any) -> None:
    """Many rows at once.

    The session forgets how it checked the foreign keys of small tables (that plan would read a whole table
    for each row), and joins what was never analysed without reading one side again and again. A table that
    was vacuumed while it was empty is believed to stay empty, however much it holds: that is forgotten too.
    """
    await owner.execute(
        """UPDATE pg_class SET reltuples = -1, relpages = 0
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND reltuples = 0"""
    )
    await owner.execute("DISCARD PLANS")
    await owner.execute("SET jit = off")  # what is told to avoid loops looks dear, and is compiled each time
    await owner.execute("SET enable_nestloop = off")
    await owner.execute(statement, *values)
    await owner.execute("RESET enable_nestloop")


class Sent(NamedTuple):
    sql: str
    arguments: tuple[Any, ...]
    varied: bool = False


class Plan:
    """What EXPLAIN ANALYZE says of one statement."""

    def __init__(self, sent: Sent, document: dict[str, Any]) -> None:
        self.sql, self.top = sent.sql, document["Plan"]
        self.ms: float = document["Execution Time"]

    def __repr__(self) -> str:
        told = (
            "Node Type",
            "Index Name",
            "Actual Rows",
            "Actual Loops",
            "Rows Removed by Filter",
            "Index Cond",
        )
        lines = [", ".join(f"{name}: {node[name]}" for name in told if name in node) for node in self.nodes()]
        return "\n".join([self.sql, f"{self.ms:.2f} ms", *lines])

    def nodes(self) -> Iterator[Node]:
        waiting = [self.top]
        while waiting:
            node = waiting.pop()
            waiting += node.get("Plans", [])
            yield node

    def uses(self, *indexes: str) -> Self:
        found = {node.get("Index Name") for node in self.nodes()}
        assert set(indexes) <= found, f"uses {found}\n{self!r}"
        return self

    def sorts_nothing(self) -> Self:
        sorts = [node for node in self.nodes() if node["Node Type"].endswith("Sort")]
        assert not sorts, repr(self)
        return self

    def scans_nothing(self) -> Self:
        """No table is read from end to end."""
        scans = [node for node in self.nodes() if node["Node Type"] == "Seq Scan"]
        assert not scans, repr(self)
        return self

    def removes_at_most(self, rows: int) -> Self:
        """Rows that were read and thrown away."""
        removed = sum(
            node.get(f"Rows Removed by {why}", 0) * node["Actual Loops"]
            for node in self.nodes()
            for why in ("Filter", "Index Recheck", "Join Filter")
        )
        assert removed <= rows, f"{removed} rows removed\n{self!r}"
        return self


async def explained(
    app: FastAPI, method: str, path: str, *, headers: Headers, generic: bool = False, **request: Any
) -> list[Plan]:
    """The plan of each statement that the request sent, in order. A change is made once more, and undone.

    `generic`: the plan for unknown values, as PostgreSQL may choose after five executions (never of
    statements that are marked as varied).
    """
    with recorded(app) as sent:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.request(method, path, headers=headers, **request)
    assert answer.status_code < 300, answer.text
    organization_id = principal_of(headers).organization_id
    connection = await asyncpg.connect(app.state.database.dsn, server_settings=LIMITS)
    try:
        return [await _plan(connection, organization_id, one, generic) for one in sent]
    finally:
        await connection.close()


@contextmanager
def recorded(app: FastAPI) -> Iterator[list[Sent]]:
    """What reaches PostgreSQL by either path, but for the statements that bind the organization."""
    sent: list[Sent] = []
    fetch = Database.fetch

    async def watched(
        self: Database, organization_id: UUID, statement: Statement, values: Any, **how: Any
    ) -> Any:
        sent.append(Sent(statement.sql, statement.arguments(values), statement.varied))
        return await fetch(self, organization_id, statement, values, **how)

    def executed(_: Any, __: Any, sql: str, arguments: Any, *___: Any) -> None:
        if sql.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            sent.append(Sent(sql, tuple(arguments or ())))

    engine = app.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", executed)
    try:
        with patch.object(Database, "fetch", watched):
            yield sent
    finally:
        event.remove(engine, "before_cursor_execute", executed)
        sent[:] = [one for one in sent if "set_config" not in one.sql]


async def _plan(connection: asyncpg.Connection, organization_id: UUID, sent: Sent, generic: bool) -> Plan:
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("SELECT set_config('crm.organization', $1, true)", str(organization_id))
        options = "(ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON)"
        if generic and not sent.varied:
            await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            await connection.execute(f"PREPARE asked AS {sent.sql}")
            values = ", ".join(map(_literal, sent.arguments))
            document = await connection.fetchval(
                f"EXPLAIN {options} EXECUTE asked" + (f"({values})" if values else "")
            )
            await connection.execute("DEALLOCATE asked")
        else:
            document = await connection.fetchval(f"EXPLAIN {options} {sent.sql}", *sent.arguments)
        return Plan(sent, json.loads(document)[0])
    finally:
        await transaction.rollback()


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list | tuple):
        quoted = ('"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"' for item in value)
        return _literal("{" + ",".join(quoted) + "}")
    if isinstance(value, bytes):
        return _literal("\\x" + value.hex())
    return "'" + str(value).replace("'", "''") + "'"
