from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from chores import done
from crm_api.calendars.service import CalendarService
from crm_api.core.apart import committed
from crm_api.core.context import Context
from crm_api.core.principal import system
from crm_api.sla.jobs import watch_sla
from crm_api.sla.ruling import SlaPolicyService
from crm_api.sla.service import Clock, SlaFacts, SlaService
from moved_clock import MovedClock


@dataclass
class Desk:
    """One organization with the usual calendars and policies, and a clock that moves."""

    app: FastAPI
    client: httpx.AsyncClient
    owner: asyncpg.Connection
    time: MovedClock
    organization_id: UUID = field(default_factory=uuid4)

    @property
    def manager(self) -> Headers:
        return actor(
            self.organization_id, "tickets:read", "sla:manage", "organization:read", "calendars:manage"
        )

    def acting(self) -> AbstractAsyncContextManager[Context]:
        return committed(Context(system(self.organization_id), self.app.state.database, self.app.state.tools))

    async def furnish(self) -> None:
        async with self.acting() as ctx:
            await CalendarService(ctx).seed()
            await SlaPolicyService(ctx).seed()

    async def start(self, type: str = "question", **about: Any) -> Clock:
        async with self.acting() as ctx:
            return await SlaService(ctx).start(SlaFacts(type, **about), self.time.now)

    async def then(self, verb: str, clock: Clock, *given: Any) -> Clock:
        async with self.acting() as ctx:
            told: Clock = await getattr(SlaService(ctx), verb)(clock.id, *given, self.time.now)
            return told

    async def watch(self) -> None:
        """The minute job, and what it sets off."""
        async with self.acting() as ctx:
            await watch_sla(ctx, {})
        await done(self.app, self.owner)

    async def heard(self, clock: Clock) -> Sequence[tuple[str, str, int]]:
        """kind, metric and percent of what was announced of a clock, in its order."""
        rows = await self.owner.fetch(
            "SELECT kind, data->>'metric' AS metric, (data->>'percent')::int AS percent FROM event_log"
            " WHERE object_type = 'sla' AND object_id = $1 ORDER BY id",
            clock.id,
        )
        return [tuple(row) for row in rows]

    async def explain(self, clock: Clock) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/sla-clocks/{clock.id}/explanation", headers=self.manager)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def due(clock: Clock, metric: str, instance: int = 1) -> datetime | None:
    return next(each.due_at for each in clock.timers if (each.metric, each.instance) == (metric, instance))


def state(clock: Clock, metric: str, instance: int = 1) -> str:
    return next(
        each.state.value for each in clock.timers if (each.metric, each.instance) == (metric, instance)
    )


@pytest.fixture
async def desk(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    desk = Desk(app, client, owner, MovedClock(monkeypatch))
    desk.time.go("2026-11-19 15:00")
    await desk.furnish()
    return desk
