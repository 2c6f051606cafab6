import asyncio
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from account_steps import EVERYTHING, agency, body, match, opened
from actors import actor

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *EVERYTHING)
SIEBEL = {"system": "siebel", "value": "CL-1"}
PATH = "/v1/external-ids/siebel/accounts/CL-1"


@pytest.fixture
async def ours(app: object, owner: asyncpg.Connection) -> UUID:
    return await agency(owner, OURS)


async def test_an_external_id_names_one_account(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours, external_ids=[SIEBEL])
    assert made["external_ids"] == [SIEBEL]
    assert (await client.get(PATH, headers=ADMIN)).json() == made
    twice = await client.post("/v1/accounts", json=body(ours, external_ids=[SIEBEL]), headers=ADMIN)
    assert (twice.status_code, twice.json()["code"]) == (409, "external_id_taken")
    path = f"/v1/accounts/{made['id']}"
    await client.patch(path, json={"external_ids": []}, headers=ADMIN | match(1))
    assert (await client.get(PATH, headers=ADMIN)).status_code == 404
    await opened(client, ADMIN, ours, external_ids=[SIEBEL])


async def test_an_upsert_opens_and_then_changes(client: httpx.AsyncClient, ours: UUID) -> None:
    new = await client.post(PATH, json=body(ours, tags=["vip"]), headers=ADMIN)
    assert new.status_code == 201, new.text
    assert new.json()["external_ids"] == [SIEBEL]
    assert new.headers["location"] == f"/v1/accounts/{new.json()['id']}"
    known = await client.post(PATH, json=body(ours, "Famille BENALI"), headers=ADMIN)
    assert (known.status_code, known.json()["id"]) == (200, new.json()["id"])
    assert (known.json()["name"], known.json()["tags"]) == ("Famille BENALI", ["vip"])
    other = {"system": "sap", "value": "77"}
    both = await client.post(PATH, json=body(ours, external_ids=[other]), headers=ADMIN)
    assert both.json()["external_ids"] == [other, SIEBEL]


async def test_twenty_upserts_at_once_open_one_account(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(*(client.post(PATH, json=body(ours), headers=ADMIN) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert await owner.fetchval("SELECT count(*) FROM accounts") == 1


async def test_an_upsert_of_an_account_in_the_bin_is_refused(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours, external_ids=[SIEBEL])
    await client.delete(f"/v1/accounts/{made['id']}", headers=ADMIN | match(1))
    refused = await client.post(PATH, json=body(ours), headers=ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (409, "deleted")


async def test_a_row_removed_for_good_frees_its_names_and_words(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    made = await opened(client, ADMIN, ours, external_ids=[SIEBEL], tags=["vip"])
    assert await owner.fetchval("SELECT count(*) FROM search_tokens WHERE object_id = $1", made["id"]) > 3
    await owner.execute("DELETE FROM accounts WHERE id = $1", made["id"])
    assert await owner.fetchval("SELECT count(*) FROM external_ids") == 0
    assert await owner.fetchval("SELECT count(*) FROM search_tokens") == 0
