"""Work for later: a row of the queue (pgqueuer) in the transaction of the use case, neither lost nor early.

A payload holds ids only; names are those of `registry.JOBS`. What a job writes through its context happens
exactly once (`core.worker` signs it off in the same transaction); what it does outside (a mail, a call)
happens at least once.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from pgqueuer.ports.driver import Driver
from pgqueuer.queries import Queries
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from crm_api.core.context import Context

Payload = Mapping[str, Any]
Job = Callable[[Context, Payload], Awaitable[None]]
"""Receives a context of the house itself (`kind` system) for the organization that asked."""
Jobs = Mapping[str, Job]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job of every organization, again and again: `cron` has five fields, in the local time of Algiers."""

    job: str
    cron: str


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
    await Queries(cast(Driver, SessionDriver(ctx.session))).enqueue(
        name,
        _body(ctx.organization_id, {"locale": ctx.origin.locale, **payload}),
        priority,
        delay,
        f"{ctx.organization_id}:{name}:{dedupe_key}" if dedupe_key else None,
        {"request_id": ctx.origin.request_id or ""},
        on_conflict="skip",
    )


async def enqueue_each(
    ctx: Context,
    name: str,
    payloads: Sequence[Payload],
    delays: Sequence[timedelta | None],
    *,
    dedupe_keys: Sequence[str] | None = None,
) -> None:
    """The same job once for each payload, in one statement however many they are."""
    if not payloads:
        return
    keys = [f"{ctx.organization_id}:{name}:{key}" for key in dedupe_keys or ()]
    about = {"locale": ctx.origin.locale}
    await Queries(cast(Driver, SessionDriver(ctx.session))).enqueue(
        [name] * len(payloads),
        [_body(ctx.organization_id, {**about, **payload}) for payload in payloads],
        [0] * len(payloads),
        list(delays),
        list(keys) or None,
        [{"request_id": ctx.origin.request_id or ""} for _ in payloads],
        on_conflict="skip",
    )


async def enqueue_for_each(driver: Driver, name: str, organization_ids: Iterable[UUID]) -> None:
    """The same job for many organizations, but not for those where it still waits or runs."""
    ids = list(organization_ids)
    await Queries(driver).enqueue(
        [name] * len(ids),
        [_body(organization_id, {}) for organization_id in ids],
        [0] * len(ids),
        dedupe_key=[f"{organization_id}:{name}:scheduled" for organization_id in ids],
        on_conflict="skip",
    )


def _body(organization_id: UUID, payload: Payload) -> bytes:
    return to_json({"organization_id": organization_id, **payload})


class SessionDriver:
    """pgqueuer's statements on the session's own connection: a rollback takes the job back too."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        connection = await self._session.connection()
        result = await connection.exec_driver_sql(query, tuple(args))
        return [dict(row._mapping) for row in result] if result.returns_rows else []
