from typing import Any
from uuid import uuid4

import httpx
import pytest

from actors import actor

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, "agencies:read", "agencies:write")
THEIRS = actor(uuid4(), "agencies:read", "agencies:write")


async def region(client: httpx.AsyncClient, code: str = "CO") -> str:
    answer = await client.post("/v1/regions", json={"code": code, "name": f"DR {code}"}, headers=ADMIN)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def agency(client: httpx.AsyncClient, region_id: str, code: str, **more: Any) -> dict[str, Any]:
    body = {"code": code, "name": f"Agence {code}", "type": "direct_agency", "region_id": region_id} | more
    answer = await client.post("/v1/agencies", json={"wilaya_code": "16"} | body, headers=ADMIN)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_agency_is_opened_read_and_changed(client: httpx.AsyncClient) -> None:
    made = await agency(client, await region(client), "16012", phone="021 34 46 46")
    assert made["status"] == "active"
    assert made["phone"] == "+21321344646"
    read = await client.get(f"/v1/agencies/{made['id']}", headers=ADMIN)
    assert (read.json(), read.headers["etag"]) == (made, '"1"')
    changed = await client.patch(
        f"/v1/agencies/{made['id']}", json={"name": "Agence Hydra"}, headers=ADMIN | {"If-Match": '"1"'}
    )
    assert (changed.status_code, changed.json()["name"], changed.headers["etag"]) == (
        200,
        "Agence Hydra",
        '"2"',
    )


async def test_a_number_is_used_once_in_an_organization(client: httpx.AsyncClient) -> None:
    region_id = await region(client)
    await agency(client, region_id, "16012")
    body = {
        "code": "16012",
        "name": "Autre",
        "type": "direct_agency",
        "region_id": region_id,
        "wilaya_code": "16",
    }
    again = await client.post("/v1/agencies", json=body, headers=ADMIN)
    assert (again.status_code, again.json()["code"]) == (409, "agency_code_taken")
    assert again.json()["detail"] == "Une autre agence porte ce numéro."


async def test_the_tree_has_three_levels_and_no_circle(client: httpx.AsyncClient) -> None:
    region_id = await region(client)
    top = await agency(client, region_id, "16001")
    middle = await agency(client, region_id, "16002", parent_agency_id=top["id"])
    low = await agency(client, region_id, "16003", parent_agency_id=middle["id"])
    body = {
        "code": "16004",
        "name": "Trop bas",
        "type": "direct_agency",
        "region_id": region_id,
        "wilaya_code": "16",
    }
    deep = await client.post("/v1/agencies", json=body | {"parent_agency_id": low["id"]}, headers=ADMIN)
    assert (deep.status_code, deep.json()["code"]) == (409, "agency_tree_too_deep")
    circle = await client.patch(
        f"/v1/agencies/{top['id']}",
        json={"parent_agency_id": low["id"]},
        headers=ADMIN | {"If-Match": '"1"'},
    )
    assert (circle.status_code, circle.json()["code"]) == (409, "agency_tree_circle")
    tree = (await client.get("/v1/agencies/tree", headers=ADMIN)).json()
    (root,) = tree["regions"][0]["agencies"]
    assert root["children"][0]["children"][0]["code"] == "16003"


async def test_an_intermediary_needs_a_licence(client: httpx.AsyncClient) -> None:
    body = {
        "code": "31003",
        "name": "Oran",
        "type": "general_agent",
        "region_id": await region(client),
        "wilaya_code": "31",
    }
    refused = await client.post("/v1/agencies", json=body, headers=ADMIN)
    assert refused.status_code == 422
    assert refused.json()["code"] == "validation_failed"


async def test_closing_hands_the_work_over_and_is_final(client: httpx.AsyncClient) -> None:
    region_id = await region(client)
    closing, target = await agency(client, region_id, "16001"), await agency(client, region_id, "16002")
    path = f"/v1/agencies/{closing['id']}/close"
    body = {"transfer_to_agency_id": target["id"]}
    closed = await client.post(path, json=body, headers=ADMIN | {"If-Match": '"1"'})
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    again = await client.post(path, json=body, headers=ADMIN | {"If-Match": '"2"'})
    assert (again.status_code, again.json()["code"], again.json()["allowed"]) == (
        409,
        "invalid_transition",
        [],
    )
    change = await client.patch(
        f"/v1/agencies/{closing['id']}", json={"name": "x y"}, headers=ADMIN | {"If-Match": '"2"'}
    )
    assert change.json()["code"] == "agency_closed_for_good"


async def test_another_organization_sees_nothing(client: httpx.AsyncClient) -> None:
    made = await agency(client, await region(client), "16012")
    assert (await client.get(f"/v1/agencies/{made['id']}", headers=THEIRS)).status_code == 404
    assert (await client.get("/v1/agencies", headers=THEIRS)).json()["data"] == []


async def test_a_list_is_filtered_sorted_and_paged(client: httpx.AsyncClient) -> None:
    region_id = await region(client)
    for code in ("16003", "16001", "16002", "31001"):
        await agency(client, region_id, code, wilaya_code=code[:2])
    params: dict[str, Any] = {"limit": 2, "wilaya_code": "16", "sort": "-code", "include": "total"}
    first = await client.get("/v1/agencies", params=params, headers=ADMIN)
    assert [row["code"] for row in first.json()["data"]] == ["16003", "16002"]
    assert first.json()["total"] == 3
    assert 'rel="next"' in first.headers["link"]
    cursor = first.json()["next_cursor"]
    second = await client.get("/v1/agencies", params=params | {"cursor": cursor}, headers=ADMIN)
    assert [row["code"] for row in second.json()["data"]] == ["16001"]
    other = await client.get("/v1/agencies", params={"cursor": cursor}, headers=ADMIN)
    assert (other.status_code, other.json()["code"]) == (400, "cursor_mismatch")
    found = await client.get("/v1/agencies", params={"name_prefix": "AGENCE 31"}, headers=ADMIN)
    assert [row["code"] for row in found.json()["data"]] == ["31001"]
