"""Idempotency-Key: the first answer is kept for 24 hours and given again, in the transaction of its effect.

Two equal requests at once: one works, the other is told to wait (409, Retry-After). A key used with
another body is refused (422). Refusals are not kept: a repaired request may use the key again.
"""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import Index, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.context import Context
from crm_api.core.db import Ledger
from crm_api.kit.errors import IdempotencyInProgress, IdempotencyKeyReused

LONGEST_KEY = 255


class IdempotencyRecord(Ledger):
    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_age", "organization_id", "created_at"),)

    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    body: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Kept(NamedTuple):
    """An answer as it went out."""

    status: int
    headers: dict[str, str]
    body: bytes


class Once:
    """One request that must have one effect."""

    def __init__(self, ctx: Context, route: str, key: str, body: bytes) -> None:
        self.ctx, self.route, self.key = ctx, route, key
        self.request_hash = hashlib.sha256(_canonical(body)).hexdigest()

    async def earlier_answer(self) -> Kept | None:
        """What the first request answered. Raises IdempotencyInProgress, IdempotencyKeyReused."""
        actor_id = self.ctx.principal.id
        lock = f"{self.ctx.organization_id}{actor_id}{self.route}{self.key}"
        alone = await self.ctx.session.scalar(
            select(func.pg_try_advisory_xact_lock(func.hashtextextended(lock, 0)))
        )
        if not alone:
            raise IdempotencyInProgress(retry_after=1)
        identity = (self.ctx.organization_id, actor_id, self.route, self.key)
        record = await self.ctx.session.get(IdempotencyRecord, identity)
        if record is None:
            return None
        if record.request_hash != self.request_hash:
            raise IdempotencyKeyReused
        return Kept(record.status, dict(record.headers), record.body)

    def keep(self, answer: Kept) -> None:
        """In the same transaction as what the answer tells about."""
        self.ctx.session.add(
            IdempotencyRecord(
                actor_id=self.ctx.principal.id,
                route=self.route,
                key=self.key,
                request_hash=self.request_hash,
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
            )
        )


def _canonical(body: bytes) -> bytes:
    """The same JSON written with other spaces or another order of keys is the same request."""
    try:
        return to_json(_sorted(from_json(body))) if body else b""
    except ValueError:
        return body


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
