"""The event log as its readers follow it: each fact once, none skipped."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors import actor
from crm_api.core.context import Context
from crm_api.core.events import Event, publish
from crm_api.core.feed import Facts, read
from crm_api.core.principal import system
from crm_api.kit.cursors import CursorMismatch
from crm_api.kit.ids import new_id

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class LeadLost(Event):
    kind: ClassVar = "lead.lost"

    lead_id: UUID


@dataclass(frozen=True, slots=True)
class LeadWon(LeadLost):
    kind: ClassVar = "lead.won"


def context(app: FastAPI, organization: UUID) -> Context:
    return Context(system(organization), app.state.database, app.state.tools)


async def opened(app: FastAPI, organization: UUID, event: type[LeadLost] = LeadLost) -> tuple[Context, UUID]:
    """A transaction that has its fact and still runs."""
    ctx, id = context(app, organization), new_id()
    await publish(ctx, event(id))
    await ctx.session.flush()
    return ctx, id


async def ended(ctx: Context) -> None:
    await ctx.commit()
    await ctx.close()


async def told(app: FastAPI, organization: UUID, event: type[LeadLost] = LeadLost) -> UUID:
    ctx, id = await opened(app, organization, event)
    await ended(ctx)
    return id


async def followed(
    app: FastAPI, organization: UUID, cursor: str | None, wanted: int, **more: object
) -> tuple[list[UUID], str | None]:
    """Reads until `wanted` facts came: other databases of the server may hold the horizon back a moment."""
    seen: list[UUID] = []
    for _ in range(1000):
        found: Facts = await read(context(app, organization), cursor, **more)  # type: ignore[arg-type]
        seen += [fact.object_id for fact in found.facts]
        cursor = found.cursor
        if len(seen) >= wanted and not found.has_more:
            break
        await asyncio.sleep(0.02)
    return seen, cursor


async def test_a_transaction_that_took_its_number_first_and_ended_last_is_not_skipped(app: FastAPI) -> None:
    organization = uuid4()
    slow, first = await opened(app, organization)
    second = await told(app, organization)
    found = await read(context(app, organization))
    assert list(found.facts) == []
    await ended(slow)
    seen, cursor = await followed(app, organization, found.cursor, 2)
    assert seen == [first, second]
    assert (await followed(app, organization, cursor, 0))[0] == []


async def test_what_was_rolled_back_is_never_told(app: FastAPI) -> None:
    organization = uuid4()
    undone, _ = await opened(app, organization)
    kept = await told(app, organization)
    await undone.close()
    assert (await followed(app, organization, None, 1))[0] == [kept]


async def test_facts_of_some_kinds_and_of_another_organization(app: FastAPI) -> None:
    organization = uuid4()
    await told(app, organization)
    won = await told(app, organization, LeadWon)
    await told(app, uuid4(), LeadWon)
    seen, cursor = await followed(app, organization, None, 1, kinds=["lead.won"])
    assert seen == [won]
    with pytest.raises(CursorMismatch):
        await read(context(app, organization), cursor, ["lead.lost"])
    with pytest.raises(CursorMismatch):
        await read(context(app, uuid4()), cursor, ["lead.won"])


STEPS = st.lists(
    st.tuples(st.sampled_from(["begin", "commit", "rollback", "read"]), st.integers(0, 3)), max_size=30
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_whatever_the_order_of_commits_each_fact_comes_once(
    house: FastAPI, steps: list[tuple[str, int]]
) -> None:
    organization, cursor = uuid4(), None
    running: dict[int, tuple[Context, UUID]] = {}
    expected: set[UUID] = set()
    seen: list[UUID] = []
    for step, who in steps:
        if step == "begin" and who not in running:
            running[who] = await opened(house, organization)
        elif step == "read":
            found = await read(context(house, organization), cursor, limit=2)
            seen += [fact.object_id for fact in found.facts]
            cursor = found.cursor
        elif who in running:
            ctx, id = running.pop(who)
            if step == "commit":
                expected.add(id)
                await ctx.commit()
            await ctx.close()
    for ctx, _ in running.values():
        await ctx.close()
    last, _ = await followed(house, organization, cursor, len(expected) - len(seen), limit=3)
    seen += last
    assert sorted(seen) == sorted(expected)


async def test_the_log_over_http(app: FastAPI, client: httpx.AsyncClient) -> None:
    organization = uuid4()
    reader = actor(organization, "events:read")
    ids = [await told(app, organization) for _ in range(3)]
    await followed(app, organization, None, 3)
    first = (await client.get("/v1/events/log?limit=2", headers=reader)).json()
    assert ([e["object_id"] for e in first["data"]], first["has_more"]) == ([str(id) for id in ids[:2]], True)
    assert first["data"][0]["data"] == {"lead_id": str(ids[0])}
    second = (await client.get(f"/v1/events/log?cursor={first['next_cursor']}", headers=reader)).json()
    assert ([e["object_id"] for e in second["data"]], second["has_more"]) == ([str(ids[2])], False)
    forged = await client.get(f"/v1/events/log?cursor={'A' * 40}", headers=reader)
    assert (forged.status_code, forged.json()["code"]) == (400, "cursor_mismatch")
    assert (await client.get("/v1/events/log", headers=actor(organization, "leads:read"))).status_code == 403
    assert (await client.get("/v1/events/log", headers=actor(uuid4(), "events:read"))).json()["data"] == []
