from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from account_steps import EVERYTHING, agency, body, opened
from actors import Headers, actor

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *EVERYTHING)


@pytest.fixture
async def ours(app: object, owner: asyncpg.Connection) -> UUID:
    return await agency(owner, OURS)


async def batch(
    client: httpx.AsyncClient, *operations: dict[str, Any], atomic: bool = False, who: Headers = ADMIN
) -> httpx.Response:
    sent = {"operations": operations, "atomic": atomic}
    return await client.post("/v1/accounts/batch", json=sent, headers=who)


async def test_each_operation_answers_for_itself(client: httpx.AsyncClient, ours: UUID) -> None:
    first, second = await opened(client, ADMIN, ours), await opened(client, ADMIN, ours)
    taken = await opened(client, ADMIN, ours, tax_id="1234")
    answer = await batch(
        client,
        {"op": "create", "data": body(ours, "Neuf")},
        {"op": "update", "id": first["id"], "version": 1, "data": {"name": "Changé"}},
        {"op": "update", "id": first["id"], "version": 1, "data": {"name": "Trop tard"}},
        {"op": "create", "data": body(ours, tax_id="1234")},
        {"op": "create", "data": body(ours, "X")},
        {"op": "delete", "id": second["id"]},
        {"op": "update", "id": str(uuid4()), "version": 1, "data": {}},
    )
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [row["status"] for row in results] == [201, 200, 412, 409, 422, 204, 404]
    assert [row["index"] for row in results] == list(range(7))
    assert (answer.json()["succeeded"], answer.json()["failed"]) == (3, 4)
    assert results[1]["data"]["name"] == "Changé"
    assert results[2]["problem"]["current_version"] == 2
    assert results[3]["problem"]["detail"] == "Un autre compte porte ce NIF."
    assert results[4]["problem"]["errors"][0]["pointer"] == "/name"
    listed = (await client.get("/v1/accounts", params={"sort": "name"}, headers=ADMIN)).json()["data"]
    assert [row["name"] for row in listed] == ["Changé", taken["name"], "Neuf"]


async def test_an_atomic_batch_is_done_whole_or_not_at_all(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    kept = await opened(client, ADMIN, ours)
    lines = await owner.fetchval("SELECT count(*) FROM event_log")
    refused = await batch(
        client,
        {"op": "create", "data": body(ours)},
        {"op": "update", "id": kept["id"], "version": 9, "data": {"name": "Autre"}},
        atomic=True,
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "batch_refused")
    assert [row["status"] for row in refused.json()["results"]] == [424, 412]
    assert await owner.fetchval("SELECT count(*) FROM accounts") == 1
    assert await owner.fetchval("SELECT count(*) FROM event_log") == lines
    done = await batch(client, *({"op": "create", "data": body(ours)} for _ in range(3)), atomic=True)
    assert (done.status_code, done.json()["succeeded"]) == (200, 3)
    assert await owner.fetchval("SELECT count(*) FROM accounts") == 4


async def test_a_refused_row_leaves_no_trace_of_its_side_effects(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    await opened(client, ADMIN, ours, external_ids=[{"system": "siebel", "value": "1"}])
    taken = [{"system": "other", "value": "9"}, {"system": "siebel", "value": "1"}]
    answer = await batch(
        client,
        {"op": "create", "data": body(ours, external_ids=taken)},
        {"op": "create", "data": body(ours, external_ids=taken[:1])},
    )
    assert [row["status"] for row in answer.json()["results"]] == [409, 201]
    assert await owner.fetchval("SELECT count(*) FROM external_ids") == 2


async def test_deleting_in_a_batch_needs_its_own_scope(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours)
    clerk = actor(OURS, "accounts:read", "accounts:write")
    answer = await batch(client, {"op": "delete", "id": made["id"]}, who=clerk)
    assert answer.json()["results"][0]["status"] == 403
    assert (await client.get(f"/v1/accounts/{made['id']}", headers=ADMIN)).json()["deleted_at"] is None


@pytest.mark.parametrize(
    "operations", [[], [{"op": "drop", "id": str(uuid4())}], [{"op": "delete", "id": str(uuid4())}] * 101]
)
async def test_a_batch_that_is_none_is_refused_as_a_whole(
    client: httpx.AsyncClient, ours: UUID, operations: list[Any]
) -> None:
    assert (await batch(client, *operations)).status_code == 422


async def test_many_are_read_in_the_order_asked(client: httpx.AsyncClient, ours: UUID) -> None:
    one, two = await opened(client, ADMIN, ours), await opened(client, ADMIN, ours)
    ids = [two["id"], str(uuid4()), one["id"], two["id"]]
    answer = await client.post("/v1/accounts/batch-get", json={"ids": ids}, headers=ADMIN)
    assert answer.json() == {"data": [two, None, one, two]}


async def test_a_repeated_batch_with_one_key_is_done_once(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    who = ADMIN | {"Idempotency-Key": str(uuid4())}
    first = await batch(client, {"op": "create", "data": body(ours)}, who=who)
    second = await batch(client, {"op": "create", "data": body(ours)}, who=who)
    assert first.json() == second.json()
    assert await owner.fetchval("SELECT count(*) FROM accounts") == 1
