"""What the tables hold, as the owner sees it: whether anything at all was written."""

import re
from collections.abc import Mapping
from uuid import UUID

import asyncpg

from crm_api.core.db import Base

UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MAY_GROW: Mapping[str, str] = {
    "audit_log": "a refusal may be written down",
    "sign_in_throttles": "failures are counted",
}
"""Tables that a refused request may write to, and why."""
_TABLES = sorted(table.name for table in Base.metadata.sorted_tables if table.name not in MAY_GROW)
_DIGEST = " UNION ALL ".join(
    f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t.ctid::text || t.xmin::text, 0)), 0)::text"
    f" FROM {name} t"
    for name in [*_TABLES, "pgqueuer"]
)


_SO_FAR = "SELECT pg_current_snapshot()::text"
"""Which transactions have written so far: reading takes no number, so it stays the same meanwhile."""
_last: dict[str, dict[str, tuple[int, str]]] = {}


async def digest(owner: asyncpg.Connection) -> dict[str, tuple[int, str]]:
    """Of every table: how many rows, and a hash of which versions of them.

    Every write makes a version of its own (`ctid`, `xmin`), so one that changes nothing is seen too; and no
    row has to be read out for it: this is asked twice for each operation there is. Where nobody has written
    since it was asked last, the answer is the last one.
    """
    at: str = await owner.fetchval(_SO_FAR)
    if at not in _last:
        found = {row[0]: (row[1], row[2]) for row in await owner.fetch(_DIGEST)}
        _last.clear()
        _last[at] = found
    return _last[at]


async def ids_of(owner: asyncpg.Connection, organization_id: UUID) -> set[str]:
    """Every identifier of the organization's own rows, itself included."""
    parts = [f"SELECT id FROM {t.name} WHERE organization_id = $1" for t in _with_uuid()]
    rows = await owner.fetch(" UNION ".join(parts), organization_id)
    return {str(row[0]) for row in rows} | {str(organization_id)}


def _with_uuid() -> list[object]:
    tables = [t for t in Base.metadata.sorted_tables if {"id", "organization_id"} <= set(t.c.keys())]
    return [t for t in tables if str(t.c.id.type) in ("UUID", "CHAR(32)")]


async def text_of(owner: asyncpg.Connection, organization_id: UUID) -> str:
    """All rows of the organization, as text."""
    ruled = sorted(t.name for t in Base.metadata.sorted_tables if "organization_id" in t.c)
    parts = [
        f"SELECT '{name}', t::text FROM {name} t WHERE organization_id = $1"
        for name in ruled
        if name not in MAY_GROW
    ]
    rows = await owner.fetch(" UNION ALL ".join(parts), organization_id)
    return "\n".join(f"{row[0]} {row[1]}" for row in rows)
