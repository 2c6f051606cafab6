"""Tells every process that an organization has new facts: after the commit, once for many writes.

A NOTIFY inside the transaction of each write would take a lock of the whole server at every commit (20 % of
the small ones). Here a write sets a mark, and a moment later one statement tells of all marks together. If
the process dies in that moment nothing is lost: whoever listens also looks by itself now and then.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from uuid import UUID

CHANNEL = "crm_events"
PAUSE = 0.02
"""Seconds during which writes are gathered."""
TELL = """SELECT set_config('synchronous_commit', 'off', true), pg_notify('crm_events', changed)
    FROM unnest($1::text[]) AS changed"""
Send = Callable[[UUID, str, tuple[list[str]]], Awaitable[object]]


class Waker:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._changed: set[UUID] = set()
        self._due: asyncio.TimerHandle | None = None
        self._telling: asyncio.Task[None] | None = None

    def wrote(self, organization_id: UUID) -> None:
        """Something of this organization was committed."""
        self._changed.add(organization_id)
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(PAUSE, self._tell)

    def _tell(self) -> None:
        self._due = None
        changed, self._changed = list(self._changed), set()
        self._telling = asyncio.create_task(self._told(changed))

    async def _told(self, changed: list[UUID]) -> None:
        with contextlib.suppress(Exception):  # whoever listens will find it by themselves
            await self._send(changed[0], TELL, ([str(one) for one in changed],))

    async def close(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._telling is not None:
            await self._telling
