"""Rows out of PostgreSQL as a stream: COPY, as the restricted role, in constant memory."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.core.pool import LIMITS, LOST, Database
from crm_api.kit.errors import Unavailable

WHOLE = 512 * 1024
"""Bytes that are handed on at once; as many wait at most."""
PATIENT = LIMITS | {
    "statement_timeout": "300000",
    "idle_in_transaction_session_timeout": "300000",
    "application_name": "crm-copy",
}


class Copying:
    """`COPY (sql) TO STDOUT` in one snapshot; `rows` is known when `chunks` has ended."""

    def __init__(
        self,
        database: Database,
        organization_id: UUID,
        sql: str,
        arguments: Sequence[Any],
        *,
        settings: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        """`settings`: of the session, for how values are written; `options`: those of COPY."""
        self._settings = dict(settings or {})
        self._database, self._organization_id = database, organization_id
        self._sql, self._arguments, self._options = sql, arguments, options
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self.rows = 0

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Raises Unavailable when the server goes away."""
        task = asyncio.create_task(self._copy())
        try:
            while (chunk := await self._waiting.get()) is not None:
                yield chunk
            await task
        except LOST as error:
            raise Unavailable from error
        finally:
            await self._stopped(task)

    async def _copy(self) -> None:
        kept = bytearray()

        async def sink(data: bytes) -> None:
            kept.extend(data)
            if len(kept) >= WHOLE:
                await self._waiting.put(bytes(kept))
                kept.clear()

        try:
            async with self._database.apart(self._organization_id, PATIENT) as connection:
                for name, value in self._settings.items():
                    await connection.execute("SELECT set_config($1, $2, true)", name, value)
                told = await connection.copy_from_query(
                    self._sql, *self._arguments, output=sink, **self._options
                )
            self.rows = int(told.rpartition(" ")[2])
            if kept:
                await self._waiting.put(bytes(kept))
        finally:
            await self._waiting.put(None)

    async def _stopped(self, task: "asyncio.Task[None]") -> None:
        """Nobody reads on: whoever waits to hand something over is let go."""
        while not task.done():
            task.cancel()
            while not self._waiting.empty():
                self._waiting.get_nowait()
            await asyncio.wait([task], timeout=0.1)
