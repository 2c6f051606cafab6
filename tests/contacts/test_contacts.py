import httpx
import pytest

from contacts.people import ADMIN, THEIRS, agency, contact, described, matching

pytestmark = pytest.mark.anyio


async def test_a_person_is_recorded_read_and_changed(client: httpx.AsyncClient) -> None:
    made = await contact(client, await agency(client), emails=[{"value": "Ilyes@Gmail.com"}])
    assert made["display_name"] == "AÏSSANI Ilyès"
    assert (made["primary_phone"], made["primary_email"]) == ("+213550123456", "ilyes@gmail.com")
    assert made["phones"][0]["is_primary"]
    path = f"/v1/contacts/{made['id']}"
    read = await client.get(path, headers=ADMIN)
    assert read.headers["etag"] == '"1"'
    assert {k: v for k, v in made.items() if k not in ("duplicates", "warnings")} == read.json()
    changed = await client.patch(path, json={"preferred_language": "kab"}, headers=matching(1))
    assert (changed.status_code, changed.json()["preferred_language"], changed.headers["etag"]) == (
        200,
        "kab",
        '"2"',
    )
    renamed = await client.patch(path, json={"last_name": "Benali"}, headers=matching(2))
    assert renamed.json()["display_name"] == "BENALI Ilyès"
    stale = await client.patch(path, json={"last_name": "Benali"}, headers=matching(2))
    assert (stale.status_code, stale.json()["current_version"]) == (412, 3)


async def test_somebody_nobody_can_reach_is_refused(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    refused = await client.post("/v1/contacts", json=described(agency_id, phones=[]), headers=ADMIN)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unreachable")
    made = await contact(client, agency_id)
    path = f"/v1/contacts/{made['id']}"
    emptied = await client.patch(path, json={"phones": []}, headers=matching(1))
    assert (emptied.status_code, emptied.json()["errors"][0]["code"]) == (422, "unreachable")


async def test_the_bin_and_back(client: httpx.AsyncClient) -> None:
    made = await contact(client, await agency(client))
    path = f"/v1/contacts/{made['id']}"
    assert (await client.delete(path, headers=matching(1))).status_code == 204
    assert (await client.get("/v1/contacts", headers=ADMIN)).json()["data"] == []
    (binned,) = (await client.get("/v1/contacts?deleted=only", headers=ADMIN)).json()["data"]
    assert binned["deleted_at"]
    refused = await client.patch(path, json={"first_name": "Ali"}, headers=matching(2))
    assert (refused.status_code, refused.json()["code"]) == (409, "deleted")
    back = await client.post(f"{path}/restore", headers=ADMIN)
    assert (back.status_code, back.json()["deleted_at"]) == (200, None)
    again = await client.post(f"{path}/restore", headers=ADMIN)
    assert (again.status_code, again.json()["code"]) == (409, "not_deleted")


async def test_another_organization_sees_nothing(client: httpx.AsyncClient) -> None:
    made = await contact(client, await agency(client))
    path = f"/v1/contacts/{made['id']}"
    assert (await client.get(path, headers=THEIRS)).status_code == 404
    assert (await client.get("/v1/contacts", headers=THEIRS)).json()["data"] == []
    for refused in (
        await client.patch(path, json={"first_name": "Ali"}, headers=matching(1, THEIRS)),
        await client.patch(path, json={"do_not_contact": True}, headers=matching(1, THEIRS)),
        await client.delete(path, headers=matching(1, THEIRS)),
        await client.post(f"{path}/restore", headers=THEIRS),
        await client.post(f"{path}/unmask", json={"fields": ["gender"], "reason": "curieux"}, headers=THEIRS),
        await client.get(f"{path}/duplicates", headers=THEIRS),
    ):
        assert refused.status_code == 404
