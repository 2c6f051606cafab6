"""A company opened once for each worker, and put back row by row for the next test that wants one.

Opening one is a sign-up, a letter, a sheet and all that the house furnishes it with: a sixth of a second,
which most tests spend before their first line. The first test of a worker opens it over HTTP; the others
find the very rows that this left.
"""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import asyncpg

from crm_api.core.db import Base

QUEUE = ["pgqueuer", "pgqueuer_log", "pgqueuer_schedules"]
WRITTEN = """SELECT string_agg(column_name, ',' ORDER BY ordinal_position)
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'"""


@dataclass
class Snapshot:
    """The rows of one company, and what the test knows of it."""

    owner: asyncpg.Connection
    rows: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    """Table, columns, content in PostgreSQL's binary format."""
    about: Any = None

    async def fits(self) -> bool:
        """Whether nothing stands in the way of the rows."""
        return not await self.owner.fetchval("SELECT EXISTS (SELECT FROM organizations)")

    async def take(self, about: Any) -> None:
        for name in [*(table.name for table in Base.metadata.sorted_tables), *QUEUE]:
            if await self.owner.fetchval(f"SELECT EXISTS (SELECT FROM {name})"):
                columns = (await self.owner.fetchval(WRITTEN, name)).split(",")
                content = BytesIO()
                await self.owner.copy_from_table(name, output=content, columns=columns, format="binary")
                self.rows.append((name, columns, content.getvalue()))
        self.about = about

    async def put(self) -> None:
        async with self.owner.transaction():
            # as a restore does: what the triggers and references would check was checked when it was written
            await self.owner.execute("SET LOCAL session_replication_role = replica")
            for name, columns, content in self.rows:
                await self.owner.copy_to_table(
                    name, source=BytesIO(content), columns=columns, format="binary"
                )
