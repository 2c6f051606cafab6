"""A network from a table: any order of lines, sent twice, with mistakes in it."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from chores import done

pytestmark = pytest.mark.anyio
SCOPES = "agencies:read", "agencies:write", "data:import", "jobs:read", "jobs:write"
OURS = uuid4()
ADMIN = actor(OURS, *SCOPES)
HEADER = "code,name,type,region_code,wilaya_code,parent_code,phone\n"


async def region(client: httpx.AsyncClient, code: str = "CO") -> None:
    answer = await client.post("/v1/regions", json={"code": code, "name": f"DR {code}"}, headers=ADMIN)
    assert answer.status_code == 201, answer.text


async def send(client: httpx.AsyncClient, table: str | bytes, **headers: str) -> httpx.Response:
    known = {"Content-Type": "text/csv", "Idempotency-Key": str(uuid4())}
    return await client.post("/v1/agencies/imports", content=table, headers=ADMIN | known | headers)


async def imported(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, table: str | bytes
) -> dict[int, dict[str, Any]]:
    answer = await send(client, table)
    assert answer.status_code == 202, answer.text
    await done(app, owner)
    job = (await client.get(answer.headers["location"], headers=ADMIN)).json()
    assert job["status"] == "succeeded", job
    lines = await client.get(f"{answer.headers['location']}/results?limit=200", headers=ADMIN)
    return {line["number"]: line for line in lines.json()["data"]}


async def test_a_network_is_imported_in_any_order_and_again_without_effect(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    await region(client)
    table = (
        HEADER
        + "16013,Agence Hydra,direct_agency,CO,16,16012,021 34 46 46\n"
        + "16012,Agence Alger,main_agency,CO,16,,\n"
    )
    first = await imported(app, client, owner, table)
    assert [first[n]["outcome"] for n in (1, 2)] == ["created", "created"]
    child = (await client.get(f"/v1/agencies/{first[1]['object_id']}", headers=ADMIN)).json()
    assert (child["phone"], child["parent_agency_id"]) == ("+21321344646", first[2]["object_id"])
    again = await imported(app, client, owner, table)
    assert {line["outcome"] for line in again.values()} == {"unchanged"}
    renamed = await imported(
        app, client, owner, table.replace("Hydra", "Kouba").replace(",021 34 46 46", ",")
    )
    assert [renamed[n]["outcome"] for n in (1, 2)] == ["updated", "unchanged"]
    child = (await client.get(f"/v1/agencies/{first[1]['object_id']}", headers=ADMIN)).json()
    assert (child["name"], child["phone"]) == ("Agence Kouba", "+21321344646")


async def test_each_mistake_is_told_in_french_and_leaves_the_other_lines_alone(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    await region(client)
    lines = await imported(
        app,
        client,
        owner,
        HEADER
        + "16012,Alger,main_agency,CO,16,,\n"
        + "16013,Hydra,direct_agency,XX,16,,\n"
        + "16014,Kouba,direct_agency,CO,16,99999,\n"
        + "16012,Encore,direct_agency,CO,16,,\n"
        + "16015,Courtier,broker,CO,16,,\n"
        + "16016,Phone,direct_agency,CO,16,,12\n"
        + "16017,Deux,direct_agency,CO,16,16018,\n"
        + "16018,Un,direct_agency,CO,16,16017,\n",
    )
    told = {n: [(f["pointer"], f["code"]) for f in line["faults"]] for n, line in lines.items()}
    assert told == {
        1: [],
        2: [("/region_code", "unknown_region")],
        3: [("/parent_code", "unknown_parent_agency")],
        4: [("/code", "code_twice_in_table")],
        5: [("", "intermediary_licence_required")],
        6: [("/phone", "invalid_phone")],
        7: [("/parent_code", "agency_tree_circle")],
        8: [("/parent_code", "agency_tree_circle")],
    }
    assert lines[2]["faults"][0]["detail"] == "Cette région n'existe pas."
    assert lines[6]["faults"][0]["detail"] == "Ce n'est pas un numéro de téléphone."
    codes = [a["code"] for a in (await client.get("/v1/agencies", headers=ADMIN)).json()["data"]]
    assert codes == ["16012"]


async def test_the_tree_of_a_table_has_three_levels_and_closed_agencies_stay_closed(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    await region(client)
    chain = [("10001", ""), ("10002", "10001"), ("10003", "10002"), ("10004", "10003")]
    table = HEADER + "".join(f"{code},Agence,direct_agency,CO,16,{above},\n" for code, above in chain)
    lines = await imported(app, client, owner, table)
    assert [lines[n]["outcome"] for n in (1, 2, 3, 4)] == ["created", "created", "created", "failed"]
    assert lines[4]["faults"][0]["code"] == "agency_tree_too_deep"
    closing = {"transfer_to_agency_id": lines[1]["object_id"]}
    shut = await client.post(
        f"/v1/agencies/{lines[3]['object_id']}/close", json=closing, headers=ADMIN | {"If-Match": '"1"'}
    )
    assert shut.status_code == 200, shut.text
    again = await imported(app, client, owner, table)
    assert again[3]["faults"][0]["code"] == "agency_closed_for_good"


async def test_five_thousand_lines_are_one_import(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    await region(client)
    rows = [
        f"{n},Agence {n},direct_agency,CO,16,{10_000 + n % 50 if n >= 10_050 else ''},"
        for n in range(10_000, 15_000)
    ]
    lines = await imported(app, client, owner, "\ufeff" + (HEADER + "\n".join(rows)).replace(",", ";"))
    assert len(lines) == 200
    assert await owner.fetchval("SELECT count(*) FROM agencies WHERE parent_agency_id IS NOT NULL") == 4_950
    too_many = await send(client, HEADER + "\n".join([*rows, "99999,A la fin,direct_agency,CO,16,,"]))
    assert (too_many.status_code, too_many.json()["code"]) == (422, "too_many_lines")


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (b"", "unreadable_table"),
        (b"\xff\xfe\x00", "unreadable_table"),
        (b"code,name\n\0,x", "unreadable_table"),
        (b'code,name,type,region_code,wilaya_code\n"16012,x', "unreadable_table"),
        (b"code,name,type,region_code,wilaya_code\n1,2,3,4,5,6", "unreadable_table"),
        (b"code,name,type,region_code,wilaya_code,code\n", "unreadable_table"),
        (b"code,name\n", "missing_columns"),
        (b"code,name,type,region_code,wilaya_code,salary\n", "unknown_columns"),
    ],
)
async def test_a_table_that_is_none_is_refused_at_once(
    client: httpx.AsyncClient, owner: asyncpg.Connection, table: bytes, code: str
) -> None:
    answer = await send(client, table)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await owner.fetchval("SELECT count(*) FROM job_runs") == 0


async def test_an_import_needs_a_key_and_csv_and_happens_once(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    table = HEADER + "16012,Alger,main_agency,CO,16,,\n"
    without = await client.post(
        "/v1/agencies/imports", content=table, headers=ADMIN | {"Content-Type": "text/csv"}
    )
    assert (without.status_code, without.json()["code"]) == (400, "idempotency_key_required")
    other = await send(client, table, **{"Content-Type": "application/json"})
    assert (other.status_code, other.json()["code"]) == (415, "csv_expected")
    first, second = [await send(client, table, **{"Idempotency-Key": "one"}) for _ in "ab"]
    assert first.headers["location"] == second.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"
    assert await owner.fetchval("SELECT count(*) FROM job_runs") == 1
