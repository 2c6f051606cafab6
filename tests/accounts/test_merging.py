from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from account_steps import EVERYTHING, agency, match, opened
from actors import actor

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *EVERYTHING)


@pytest.fixture
async def ours(app: object, owner: asyncpg.Connection) -> UUID:
    return await agency(owner, OURS)


async def pair(
    client: httpx.AsyncClient, ours: UUID
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    survivor = await opened(client, ADMIN, ours, name="Famille BENALI", phones=[{"value": "0550123456"}])
    gone = await opened(
        client,
        ADMIN,
        ours,
        name="Famille BEN ALI",
        phones=[{"value": "0550123456"}, {"value": "0661000000"}],
        tax_id="1234",
        tags=["vip"],
        external_ids=[{"system": "siebel", "value": "1"}],
    )
    child = await opened(client, ADMIN, ours, name="Filiale", parent_account_id=gone["id"])
    return survivor, gone, child


async def merged(client: httpx.AsyncClient, survivor: dict[str, Any], gone: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(
        f"/v1/accounts/{survivor['id']}/merge",
        json={"account_id": gone["id"]},
        headers=ADMIN | match(survivor["version"]),
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_the_survivor_takes_over_what_it_lacks(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    survivor, gone, child = await pair(client, ours)
    after = await merged(client, survivor, gone)
    assert [phone["value"] for phone in after["phones"]] == ["+213550123456", "+213661000000"]
    assert [phone["is_primary"] for phone in after["phones"]] == [True, False]
    assert (after["tax_id"], after["tags"]) == ("1234", ["vip"])
    found = await client.get("/v1/external-ids/siebel/accounts/1", headers=ADMIN)
    assert found.json()["id"] == survivor["id"]
    left = (await client.get(f"/v1/accounts/{gone['id']}", headers=ADMIN)).json()
    assert (left["status"], left["merged_into_id"]) == ("merged", survivor["id"])
    moved = (await client.get(f"/v1/accounts/{child['id']}", headers=ADMIN)).json()
    assert moved["parent_account_id"] == survivor["id"]
    listed = (await client.get("/v1/accounts", headers=ADMIN)).json()["data"]
    assert {row["id"] for row in listed} == {survivor["id"], child["id"]}
    change = await client.patch(
        f"/v1/accounts/{gone['id']}", json={"name": "Autre"}, headers=ADMIN | match(left["version"])
    )
    assert (change.status_code, change.json()["code"]) == (409, "account_merged_away")
    assert await owner.fetchval("SELECT count(*) FROM event_log WHERE kind = 'account.merged'") == 1


async def test_a_merge_is_undone(client: httpx.AsyncClient, ours: UUID) -> None:
    survivor, gone, child = await pair(client, ours)
    await merged(client, survivor, gone)
    left = (await client.get(f"/v1/accounts/{gone['id']}", headers=ADMIN)).json()
    back = await client.post(f"/v1/accounts/{gone['id']}/unmerge", headers=ADMIN | match(left["version"]))
    assert back.status_code == 200, back.text
    changing = {"version", "updated_at"}
    for before in survivor, gone, child:
        now = (await client.get(f"/v1/accounts/{before['id']}", headers=ADMIN)).json()
        assert {k: v for k, v in now.items() if k not in changing} == {
            k: v for k, v in before.items() if k not in changing
        }
    again = await client.post(
        f"/v1/accounts/{gone['id']}/unmerge", headers=ADMIN | match(back.json()["version"])
    )
    assert (again.status_code, again.json()["code"]) == (409, "account_not_merged")


async def test_undoing_keeps_what_changed_since(client: httpx.AsyncClient, ours: UUID) -> None:
    survivor, gone, _ = await pair(client, ours)
    after = await merged(client, survivor, gone)
    changed = await client.patch(
        f"/v1/accounts/{survivor['id']}",
        json={"tax_id": "9999", "tags": ["vip", "or"]},
        headers=ADMIN | match(after["version"]),
    )
    assert changed.status_code == 200
    left = (await client.get(f"/v1/accounts/{gone['id']}", headers=ADMIN)).json()
    await client.post(f"/v1/accounts/{gone['id']}/unmerge", headers=ADMIN | match(left["version"]))
    now = (await client.get(f"/v1/accounts/{survivor['id']}", headers=ADMIN)).json()
    assert (now["tax_id"], now["tags"]) == ("9999", ["or"])


async def test_a_merge_is_final_after_thirty_days(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    survivor, gone, _ = await pair(client, ours)
    await merged(client, survivor, gone)
    await owner.execute("UPDATE account_merges SET merged_at = merged_at - interval '31 days'")
    left = (await client.get(f"/v1/accounts/{gone['id']}", headers=ADMIN)).json()
    late = await client.post(f"/v1/accounts/{gone['id']}/unmerge", headers=ADMIN | match(left["version"]))
    assert (late.status_code, late.json()["code"], late.json()["days"]) == (409, "merge_too_old", 30)


async def test_some_pairs_cannot_be_merged(client: httpx.AsyncClient, ours: UUID) -> None:
    survivor, gone, child = await pair(client, ours)
    itself = await client.post(
        f"/v1/accounts/{gone['id']}/merge", json={"account_id": gone["id"]}, headers=ADMIN | match(1)
    )
    assert (itself.status_code, itself.json()["code"]) == (409, "account_merged_with_itself")
    above = await client.post(
        f"/v1/accounts/{child['id']}/merge", json={"account_id": gone["id"]}, headers=ADMIN | match(1)
    )
    assert (above.status_code, above.json()["code"]) == (409, "account_circle")
    await merged(client, survivor, gone)
    other = await opened(client, ADMIN, ours)
    twice = await client.post(
        f"/v1/accounts/{other['id']}/merge", json={"account_id": gone["id"]}, headers=ADMIN | match(1)
    )
    assert (twice.status_code, twice.json()["code"]) == (409, "invalid_transition")
    stale = await client.post(
        f"/v1/accounts/{other['id']}/merge", json={"account_id": child["id"]}, headers=ADMIN | match(7)
    )
    assert stale.status_code == 412
    unscoped = actor(OURS, "accounts:read", "accounts:write")
    refused = await client.post(
        f"/v1/accounts/{other['id']}/merge", json={"account_id": child["id"]}, headers=unscoped | match(1)
    )
    assert refused.status_code == 403
