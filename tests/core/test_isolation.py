"""Connections are shared, rows never are."""

import asyncio
import random
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from actors import actor
from crm_api.core.pool import Database, OrganizationConnection
from crm_api.core.settings import Settings, app_url
from crm_api.core.startup import UnsafeStart, refuse_unsafe_role

pytestmark = pytest.mark.anyio
SIDES = [uuid4(), uuid4()]
ACTORS = [actor(side, "agencies:read", "agencies:write") for side in SIDES]


async def create(client: httpx.AsyncClient, side: int, number: int) -> str:
    body = {"code": f"R{number}", "name": f"region of {side}"}
    answer = await client.post("/v1/regions", json=body, headers=ACTORS[side])
    return str(answer.json()["id"])


async def test_connections_shared_by_two_organizations_never_mix_them(client: httpx.AsyncClient) -> None:
    ids = [[await create(client, side, n) for n in range(10)] for side in (0, 1)]

    async def look(asker: int, owner: int) -> bool:
        one = await client.get(f"/v1/regions/{random.choice(ids[owner])}", headers=ACTORS[asker])  # noqa: S311
        page = (await client.get("/v1/regions", headers=ACTORS[asker])).json()["data"]
        only_ours = {region["name"] for region in page} == {f"region of {asker}"}
        return only_ours and len(page) == 10 and (one.status_code == 200) == (asker == owner)

    pairs = [(random.randrange(2), random.randrange(2)) for _ in range(150)]  # noqa: S311
    assert all(await asyncio.gather(*[look(*pair) for pair in pairs]))


async def test_row_level_security_alone_holds_on_shared_connections(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    for side in (0, 1):
        await create(client, side, 0)
    lanes = app.state.database.lanes

    async def look(mine: UUID) -> bool:
        rows = await lanes.fetch_as(mine, "SELECT organization_id FROM regions", ())
        return [row[0] for row in rows] == [mine]

    assert all(await asyncio.gather(*[look(SIDES[n % 2]) for n in range(400)]))


@pytest.fixture
async def pooled(app: FastAPI, settings: Settings, owner_url: URL) -> AsyncIterator[Database]:
    """As behind PgBouncer in transaction mode: the organization is bound transaction by transaction."""
    database = Database(app_url(settings, owner_url), connections=2, pooler=True)
    await database.open()
    yield database
    await database.close()


async def test_behind_a_transaction_pooler_nothing_outlives_its_transaction(
    client: httpx.AsyncClient, pooled: Database
) -> None:
    for side in (0, 1):
        await create(client, side, 0)

    async def look(mine: UUID) -> bool:
        rows = await pooled.lanes.fetch_as(mine, "SELECT organization_id FROM regions", ())
        return [row[0] for row in rows] == [mine]

    assert all(await asyncio.gather(*[look(SIDES[n % 2]) for n in range(100)]))
    for lane in pooled.lanes.connections:
        assert await lane.fetchval("SELECT count(*) FROM regions") == 0


async def test_a_connection_that_names_no_organization_sees_and_writes_nothing(
    client: httpx.AsyncClient, stranger: asyncpg.Connection
) -> None:
    await create(client, 0, 0)
    assert await stranger.fetchval("SELECT count(*) FROM regions") == 0
    assert await stranger.execute("UPDATE regions SET name = 'x'") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await stranger.execute(
            "INSERT INTO regions (organization_id, id, code, name, version) VALUES ($1, $1, 'X', 'x', 1)",
            uuid4(),
        )


async def test_logs_can_only_grow(
    client: httpx.AsyncClient, stranger: asyncpg.Connection, owner: asyncpg.Connection
) -> None:
    await create(client, 0, 0)
    await stranger.execute("SELECT set_config('crm.organization', $1, false)", str(SIDES[0]))
    for attempt in ("UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await stranger.execute(attempt)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await owner.execute("DELETE FROM audit_log")


async def test_a_switch_that_fails_leaves_the_connection_without_an_organization(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await asyncpg.connect(app.state.database.dsn, connection_class=OrganizationConnection)
    await connection.fetch_as(uuid4(), "SELECT 1", ())

    async def fail(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(OrganizationConnection, "execute", fail)
        with pytest.raises(asyncio.CancelledError):
            await connection.fetch_as(uuid4(), "SELECT 1", ())
    assert connection._organization_id is None
    await connection.close()


async def test_a_cancelled_statement_gives_its_lane_back(app: FastAPI) -> None:
    lanes, organization = app.state.database.lanes, uuid4()
    slow = [asyncio.create_task(lanes.fetch_as(organization, "SELECT pg_sleep(30)", ())) for _ in range(8)]
    waiting = asyncio.create_task(lanes.fetch_as(organization, "SELECT 7", ()))
    await asyncio.sleep(0.2)
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    assert [row[0] for row in await waiting] == [7]
    answers = await asyncio.gather(*[lanes.fetch_as(organization, "SELECT 1", ()) for _ in range(30)])
    assert len(answers) == 30


async def test_the_application_refuses_to_run_as_the_owner(app: FastAPI, owner_url: URL) -> None:
    await refuse_unsafe_role(app.state.database)
    with pytest.raises(UnsafeStart):
        await refuse_unsafe_role(Database(owner_url))


async def test_a_forged_or_missing_token_is_nobody(client: httpx.AsyncClient) -> None:
    forged = {"Authorization": ACTORS[0]["Authorization"][:-4] + "AAAA"}
    for headers in (forged, {}, {"Authorization": "Basic abc"}, {"X-API-Key": "crm_live_no"}):
        answer = await client.get("/v1/regions", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")
