"""Lists, searches, batches, and who sees whom."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from actors import Headers, actor, principal_of
from contacts.people import ADMIN, OURS, SCOPES, THEIRS, agency, contact, described, matching

pytestmark = pytest.mark.anyio
SETTINGS = actor(OURS, "settings:manage", "organization:read")


async def crowd(client: httpx.AsyncClient) -> str:
    agency_id = await agency(client)
    people: list[dict[str, Any]] = [
        {"last_name": "Aïssani", "first_name": "Ilyès", "tags": ["vip"]},
        {"last_name": "AISSANI", "first_name": "Lina", "do_not_contact": True},
        {"last_name": "Ben Ali", "first_name": "Mohamed", "last_name_ar": "بن علي", "first_name_ar": "محمد"},
        {"last_name": "Bensalem", "first_name": "Amel", "emails": [{"value": "amel@example.com"}]},
    ]
    for number, person in enumerate(people):
        await contact(client, agency_id, phones=[{"value": f"055000000{number}"}], **person)
    return agency_id


async def listed(client: httpx.AsyncClient, who: Headers = ADMIN, **query: Any) -> list[str]:
    answer = await client.get("/v1/contacts", params={"sort": "name"} | query, headers=who)
    assert answer.status_code == 200, answer.text
    return [one["first_name"] for one in answer.json()["data"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"name_prefix": "aissani"}, ["Ilyès", "Lina"]),
        ({"name_prefix": "AÏSSANI l"}, ["Lina"]),
        ({"name_prefix": "بن"}, ["Mohamed"]),
        ({"q": "lina ais"}, ["Lina"]),
        ({"q": "محمد"}, ["Mohamed"]),
        ({"q": "0550 00 00 03"}, ["Amel"]),
        ({"q": "amel@example.com"}, ["Amel"]),
        ({"tag": "vip"}, ["Ilyès"]),
        ({"email": "Amel@example.com"}, ["Amel"]),
        ({"phone": "+213 550 000 002"}, ["Mohamed"]),
        ({"do_not_contact": "true"}, ["Lina"]),
        ({"registered_on_gte": "2020-01-01", "sort": "-name"}, ["Amel", "Mohamed", "Lina", "Ilyès"]),
        ({"registered_on_lte": "2020-01-01"}, []),
        ({"agency_id": str(uuid4())}, []),
        ({"deleted": "only"}, []),
    ],
)
async def test_people_are_found_by(
    client: httpx.AsyncClient, query: dict[str, str], names: list[str]
) -> None:
    await crowd(client)
    assert await listed(client, **query) == names
    count = {name: value for name, value in query.items() if name != "sort"}
    counted = await client.get("/v1/contacts/count", params=count, headers=ADMIN)
    assert counted.json() == {"count": len(names)}


async def test_pages_follow_one_another(client: httpx.AsyncClient) -> None:
    await crowd(client)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(4):
        query = {"limit": "1", "sort": "name", "include": "total"} | cursor
        page = (await client.get("/v1/contacts", params=query, headers=ADMIN)).json()
        seen += [one["first_name"] for one in page["data"]]
        assert page["total"] == 4
        cursor = {"cursor": page["next_cursor"] or ""}
    assert (seen, page["has_more"]) == (["Ilyès", "Lina", "Mohamed", "Amel"], False)


@pytest.mark.parametrize("query", ["surname=x", "sort=birth_date", "limit=201", "q=x", "phone=12"])
async def test_what_a_list_does_not_know_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/v1/contacts?{query}", headers=ADMIN)).status_code == 422


async def test_a_search_has_alternatives_and_fields_of_the_organizations_own(
    client: httpx.AsyncClient,
) -> None:
    field = {"entity": "contact", "key": "garage", "label_fr": "Garage", "type": "text"}
    made = await client.post("/v1/custom-fields", json=field, headers=SETTINGS)
    assert made.status_code == 201, made.text
    agency_id = await crowd(client)
    refused = described(agency_id, custom_fields={"garagee": "Hydra"})
    wrong = await client.post("/v1/contacts", json=refused, headers=ADMIN)
    assert wrong.json()["errors"][0]["code"] == "unknown_custom_field"
    person = await contact(client, agency_id, first_name="Yacine", custom_fields={"garage": "Hydra"})
    search = {
        "filter": {
            "all": [
                {
                    "any": [
                        {"field": "custom.garage", "value": "Hydra"},
                        {"field": "tag", "op": "match", "value": "vip"},
                    ]
                },
                {"field": "do_not_contact", "value": False},
            ]
        },
        "sort": ["name"],
    }
    found = await client.post("/v1/contacts/search", json=search, headers=ADMIN)
    assert [one["first_name"] for one in found.json()["data"]] == ["Ilyès", "Yacine"]
    path = f"/v1/contacts/{person['id']}"
    emptied = await client.patch(path, json={"custom_fields": {"garage": None}}, headers=matching(1))
    assert emptied.json()["custom_fields"] == {}


async def test_a_batch_says_what_became_of_each(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    known = await contact(client, agency_id, national_id_number="1" * 18)
    operations = [
        {"op": "create", "data": described(agency_id, first_name="Lina")},
        {"op": "create", "data": described(agency_id, national_id_number="1" * 18)},
        {"op": "create", "data": {"last_name": "Sans téléphone"}},
        {"op": "update", "id": known["id"], "version": 1, "data": {"profession": "Architecte"}},
        {"op": "update", "id": known["id"], "version": 1, "data": {"contact_hours": "le soir"}},
        {"op": "delete", "id": known["id"]},
    ]
    answer = await client.post("/v1/contacts/batch", json={"operations": operations}, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    assert [row["status"] for row in answer.json()["results"]] == [201, 409, 422, 200, 412, 204]
    assert "Architecte" not in answer.text
    whole = {"operations": operations[:2], "atomic": True}
    refused = await client.post("/v1/contacts/batch", json=whole, headers=ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (409, "batch_refused")
    assert (await client.get("/v1/contacts/count", headers=ADMIN)).json()["count"] == 1
    keeper = actor(OURS, "contacts:read", "contacts:write")
    kept = await client.post("/v1/contacts/batch", json={"operations": operations[-1:]}, headers=keeper)
    assert kept.json()["results"][0]["status"] == 403


async def test_many_are_read_in_the_order_asked(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    ids = [(await contact(client, agency_id))["id"] for _ in range(3)]
    asked = [ids[2], str(uuid4()), ids[0]]
    found = await client.post("/v1/contacts/batch-get", json={"ids": asked}, headers=ADMIN)
    assert [one and one["id"] for one in found.json()["data"]] == [ids[2], None, ids[0]]
    foreign = await client.post("/v1/contacts/batch-get", json={"ids": asked}, headers=THEIRS)
    assert foreign.json()["data"] == [None, None, None]


async def test_another_system_creates_then_changes_by_its_own_name(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    path = "/v1/external-ids/policy_admin/contacts/CL-889120"
    first = await client.post(path, json=described(agency_id, profession="Architecte"), headers=ADMIN)
    assert first.status_code == 201, first.text
    second = await client.post(path, json=described(agency_id, first_name="Lina"), headers=ADMIN)
    assert (second.status_code, second.json()["id"], second.json()["first_name"]) == (
        200,
        first.json()["id"],
        "Lina",
    )
    assert second.json()["profession"] == "•••"
    assert second.json()["account_links"] == first.json()["account_links"]
    read = await client.get(path, headers=ADMIN)
    assert read.json() == second.json()
    assert (await client.get("/v1/contacts/count", headers=ADMIN)).json()["count"] == 1


async def test_people_are_seen_by_owner_agency_or_all(client: httpx.AsyncClient) -> None:
    here, there = await agency(client, "16012"), await agency(client, "31001")
    mine = actor(OURS, *SCOPES, data_scope="own", agency_id=UUID(here))
    made = await contact(client, here, who=mine)
    near = await contact(client, here, first_name="Lina")
    far = await contact(client, there, first_name="Amel")
    desk = actor(OURS, *SCOPES, data_scope="agency", agency_id=UUID(here), agency_ids=(UUID(here),))
    seen = {
        "mine": (mine, {made["id"]}),
        "desk": (desk, {made["id"], near["id"]}),
        "all": (ADMIN, {made["id"], near["id"], far["id"]}),
    }
    for who, expected in seen.values():
        page = (await client.get("/v1/contacts?include=total", headers=who)).json()
        assert {one["id"] for one in page["data"]} == expected
        assert page["total"] == len(expected)
        for one in made, near, far:
            path = f"/v1/contacts/{one['id']}"
            assert (await client.get(path, headers=who)).status_code == (
                200 if one["id"] in expected else 404
            )
    assert made["owner_user_id"] == str(principal_of(mine).id)
    assert made["agency_id"] == here
    stolen = await client.patch(
        f"/v1/contacts/{made['id']}", json={"agency_id": there}, headers=matching(1, mine)
    )
    assert (stolen.status_code, stolen.json()["code"]) == (422, "unknown_agency")
    elsewhere = await client.post("/v1/contacts", json=described(there), headers=mine)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "unknown_agency")


async def test_each_route_asks_for_its_scope(client: httpx.AsyncClient) -> None:
    made = await contact(client, await agency(client))
    reader, nobody = actor(OURS, "contacts:read"), actor(OURS)
    path = f"/v1/contacts/{made['id']}"
    assert (await client.get(path, headers=nobody)).status_code == 403
    assert (await client.patch(path, json={}, headers=matching(1, reader))).status_code == 403
    assert (await client.delete(path, headers=matching(1, reader))).status_code == 403
    assert (await client.post(f"{path}/merge", json={}, headers=matching(1, reader))).status_code == 403
    assert (await client.get(path)).status_code == 401


async def test_a_death_is_told_once_and_only_that(client: httpx.AsyncClient, owner: Any) -> None:
    made = await contact(client, await agency(client))
    path = f"/v1/contacts/{made['id']}"
    died = await client.patch(path, json={"deceased_on": "2024-02-29"}, headers=matching(1))
    assert (died.json()["is_deceased"], died.json()["deceased_on"]) == (True, "•••")
    await client.patch(path, json={"deceased_on": "2024-03-01"}, headers=matching(2))
    events = await owner.fetch("SELECT data FROM event_log WHERE kind = 'contact.deceased'")
    assert [json.loads(event["data"]) for event in events] == [{"contact_id": made["id"]}]
    assert await listed(client, is_deceased="true") == [made["first_name"]]
    undone = await client.patch(path, json={"deceased_on": None}, headers=matching(3))
    assert undone.json()["is_deceased"] is False


async def test_a_minor_needs_a_guardian(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    minor = await contact(client, agency_id, birth_date="2009-01-01")
    adult = await contact(client, agency_id, birth_date="1994-05-17", first_name="Karim")
    assert (minor["warnings"], adult["warnings"]) == (["guardian_required"], [])


async def test_a_list_shows_the_fields_that_are_asked_for(client: httpx.AsyncClient) -> None:
    await crowd(client)
    for path, names in (
        ("/v1/contacts", ["id", "display_name"]),
        ("/v1/agencies", ["code"]),
        ("/v1/accounts", ["name", "number"]),
    ):
        query = {"fields": names, "limit": 1}
        page = (await client.get(path, params=query, headers=ADMIN)).json()
        assert [sorted(row) for row in page["data"]] == [sorted(names)] * len(page["data"])
        refused = await client.get(path, params={"fields": "national_identity"}, headers=ADMIN)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"].startswith("fields")
