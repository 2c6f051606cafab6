"""The oldest transaction that still runs, on the whole server: other databases' tests hold it back too.

What reads the event log or seals the audit log stops below it; a test that counts what they did waits first.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from company import Company

PASSED = "SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::text::xid8"


async def passed(fetchval: Callable[..., Awaitable[Any]]) -> None:
    """Until everything that was committed before this call lies below the horizon."""
    mark = await fetchval("SELECT pg_current_xact_id()::text")
    for _ in range(3000):
        if await fetchval(PASSED, mark):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("a transaction of this server runs on and on")


async def settled(company: Company) -> None:
    """`passed`, for who has no connection of their own: each question is a transaction of the house."""

    async def fetchval(sql: str, *values: str) -> Any:
        ctx = company.context()
        try:
            connection = await ctx.session.connection()
            found = (await connection.exec_driver_sql(sql, values)).scalar()
            await ctx.commit()
            return found
        finally:
            await ctx.close()

    await passed(fetchval)
