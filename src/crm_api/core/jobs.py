"""Work for later: a row of the queue (pgqueuer) in the transaction of the use case, neither lost nor early.

A payload holds ids only; names are those of `registry.JOBS`. A job runs at least once: it must be harmless
to run it again.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, cast

from pgqueuer.ports.driver import Driver
from pgqueuer.queries import Queries
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from crm_api.core.context import Context

Payload = Mapping[str, Any]
Job = Callable[[Context, Payload], Awaitable[None]]
"""Receives a context of the house itself (`kind` system) for the organization that asked."""
Jobs = Mapping[str, Job]


async def enqueue(
    ctx: Context,
    name: str,
    payload: Payload,
    *,
    dedupe_key: str | None = None,
    delay: timedelta | None = None,
    priority: int = 0,
) -> None:
    """Equal `dedupe_key`s of one organization are one job while the first still waits or runs."""
    body = to_json({"organization_id": ctx.organization_id, "locale": ctx.origin.locale, **payload})
    key = f"{ctx.organization_id}:{name}:{dedupe_key}" if dedupe_key else None
    await Queries(cast(Driver, SessionDriver(ctx.session))).enqueue(
        name, body, priority, delay, key, {"request_id": ctx.origin.request_id or ""}, on_conflict="skip"
    )


class SessionDriver:
    """pgqueuer's statements on the session's own connection: a rollback takes the job back too."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        connection = await self._session.connection()
        result = await connection.exec_driver_sql(query, tuple(args))
        return [dict(row._mapping) for row in result] if result.returns_rows else []
