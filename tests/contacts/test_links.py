"""People in households and companies."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from actors import actor
from contacts.people import ADMIN, OURS, SCOPES, account, agency, contact, described, matching

pytestmark = pytest.mark.anyio


async def family(client: httpx.AsyncClient) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """An agency, an account, and somebody who belongs to it."""
    agency_id = await agency(client)
    home = await account(client, agency_id)
    links = [{"account_id": home["id"], "role": "head"}]
    return agency_id, home, await contact(client, agency_id, account_links=links, create_household=False)


async def test_somebody_belongs_to_an_account_from_the_first_day(client: httpx.AsyncClient) -> None:
    agency_id, home, person = await family(client)
    (link,) = person["account_links"]
    assert (link["account_id"], link["role"], link["is_primary"]) == (home["id"], "head", True)
    nowhere = described(agency_id, create_household=False)
    refused = await client.post("/v1/contacts", json=nowhere, headers=ADMIN)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "account_required")
    unknown = nowhere | {"account_links": [{"account_id": str(uuid4())}]}
    refused = await client.post("/v1/contacts", json=unknown, headers=ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_account")


async def test_a_household_is_made_in_the_same_transaction(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    place = {"lines": ["12, rue Didouche Mourad"], "wilaya_code": "16"}
    person = await contact(client, agency_id, addresses=[place], national_id_number="1" * 18)
    home = person["account_links"][0]["account_id"]
    made = (await client.get(f"/v1/accounts/{home}", headers=ADMIN)).json()
    assert (made["name"], made["type"], made["agency_id"]) == ("Famille AÏSSANI", "household", agency_id)
    assert made["addresses"][0]["lines"] == place["lines"]
    again = described(agency_id, national_id_number="1" * 18)
    assert (await client.post("/v1/contacts", json=again, headers=ADMIN)).status_code == 409
    assert (await client.get("/v1/accounts/count", headers=ADMIN)).json()["count"] == 1


async def test_the_members_of_an_account_are_those_of_today(client: httpx.AsyncClient) -> None:
    agency_id, home, head = await family(client)
    links = [{"account_id": home["id"], "role": "spouse"}]
    spouse = await contact(client, agency_id, first_name="Lina", account_links=links, create_household=True)
    members = await client.get(f"/v1/accounts/{home['id']}/contacts?sort=name", headers=ADMIN)
    assert [one["id"] for one in members.json()["data"]] == [head["id"], spouse["id"]]
    filtered = await client.get(f"/v1/contacts?account_id={home['id']}&include=total", headers=ADMIN)
    assert filtered.json()["total"] == 2
    link = next(one for one in spouse["account_links"] if one["account_id"] == home["id"])
    path = f"/v1/contacts/{spouse['id']}/account-links/{link['id']}"
    assert (await client.delete(path, headers=matching(1))).status_code == 204
    members = await client.get(f"/v1/accounts/{home['id']}/contacts", headers=ADMIN)
    assert [one["id"] for one in members.json()["data"]] == [head["id"]]
    assert (await client.get(f"/v1/accounts/{uuid4()}/contacts", headers=ADMIN)).status_code == 404


async def test_links_are_added_changed_and_kept_when_they_end(client: httpx.AsyncClient) -> None:
    agency_id, home, person = await family(client)
    firm = await account(client, agency_id, "SARL Ilyès", type="company", tax_id="001516100972762")
    path = f"/v1/contacts/{person['id']}/account-links"
    body = {"account_id": firm["id"], "role": "legal_representative", "from_date": "2024-03-01"}
    made = await client.post(path, json=body, headers=ADMIN)
    assert (made.status_code, made.headers["etag"]) == (201, '"2"')
    link = made.json()
    assert (await client.get(made.headers["location"], headers=ADMIN)).json() == link
    again = await client.post(path, json=body, headers=ADMIN)
    assert (again.status_code, again.json()["code"]) == (409, "account_linked_already")
    main = await client.patch(f"{path}/{link['id']}", json={"is_primary": True}, headers=matching(2))
    assert main.json()["is_primary"]
    sheet = (await client.get(f"/v1/contacts/{person['id']}", headers=ADMIN)).json()
    assert [one["account_id"] for one in sheet["account_links"]] == [firm["id"], home["id"]]
    assert [one["is_primary"] for one in sheet["account_links"]] == [True, False]
    ended = await client.patch(f"{path}/{link['id']}", json={"to_date": "2025-01-31"}, headers=matching(3))
    assert ended.json()["to_date"] == "2025-01-31"
    (left,) = (await client.get(f"/v1/contacts/{person['id']}", headers=ADMIN)).json()["account_links"]
    assert (left["account_id"], left["is_primary"]) == (home["id"], True)
    history = (await client.get(path, headers=ADMIN)).json()["data"]
    assert {one["account_id"]: one["to_date"] for one in history} == {
        home["id"]: None,
        firm["id"]: "2025-01-31",
    }
    closed = await client.patch(f"{path}/{link['id']}", json={"role": "driver"}, headers=matching(4))
    assert (closed.status_code, closed.json()["code"]) == (409, "account_link_ended")


async def test_the_last_link_stays(client: httpx.AsyncClient) -> None:
    _, _, person = await family(client)
    path = f"/v1/contacts/{person['id']}/account-links/{person['account_links'][0]['id']}"
    for refused in (
        await client.delete(path, headers=matching(1)),
        await client.patch(path, json={"to_date": "2026-01-01"}, headers=matching(1)),
    ):
        assert refused.status_code in (409, 422)
    assert (await client.delete(path, headers=matching(1))).json()["code"] == "last_account_link"
    assert (await client.get(path, headers=ADMIN)).json()["to_date"] is None


async def test_a_link_cannot_end_before_it_began(client: httpx.AsyncClient) -> None:
    _, home, person = await family(client)
    other = await account(client, person["agency_id"], "SARL Autre")
    path = f"/v1/contacts/{person['id']}/account-links"
    body = {"account_id": other["id"], "role": "driver", "from_date": "2025-03-01"}
    link = (await client.post(path, json=body, headers=ADMIN)).json()
    refused = await client.patch(f"{path}/{link['id']}", json={"to_date": "2025-02-28"}, headers=matching(2))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "dates_out_of_order")
    assert home["id"] != other["id"]


async def test_an_account_leaves_only_people_who_have_another(client: httpx.AsyncClient) -> None:
    agency_id, home, person = await family(client)
    remover = actor(OURS, *SCOPES, "accounts:delete")
    refused = await client.delete(f"/v1/accounts/{home['id']}", headers=matching(1, remover))
    assert (refused.status_code, refused.json()["code"]) == (409, "account_in_use")
    other = await account(client, agency_id, "Famille BENALI")
    path = f"/v1/contacts/{person['id']}/account-links"
    await client.post(path, json={"account_id": other["id"], "role": "spouse"}, headers=ADMIN)
    gone = await client.delete(f"/v1/accounts/{home['id']}", headers=matching(1, remover))
    assert gone.status_code == 204, gone.text
    (left,) = (await client.get(f"/v1/contacts/{person['id']}", headers=ADMIN)).json()["account_links"]
    assert (left["account_id"], left["is_primary"]) == (other["id"], True)


async def test_people_follow_a_merged_account_and_return(client: httpx.AsyncClient) -> None:
    agency_id, home, person = await family(client)
    twin = await account(client, agency_id, "Famille Aissani")
    links = [{"account_id": home["id"], "role": "child"}, {"account_id": twin["id"], "role": "child"}]
    child = await contact(client, agency_id, first_name="Yacine", account_links=links, create_household=False)
    merged = await client.post(
        f"/v1/accounts/{twin['id']}/merge", json={"account_id": home["id"]}, headers=matching(1)
    )
    assert merged.status_code == 200, merged.text
    for one in person, child:
        (link,) = (await client.get(f"/v1/contacts/{one['id']}", headers=ADMIN)).json()["account_links"]
        assert (link["account_id"], link["is_primary"]) == (twin["id"], True)
    version = (await client.get(f"/v1/accounts/{home['id']}", headers=ADMIN)).json()["version"]
    undone = await client.post(f"/v1/accounts/{home['id']}/unmerge", headers=matching(version))
    assert undone.status_code == 200, undone.text
    (link,) = (await client.get(f"/v1/contacts/{person['id']}", headers=ADMIN)).json()["account_links"]
    assert link["account_id"] == home["id"]
    back = (await client.get(f"/v1/contacts/{child['id']}", headers=ADMIN)).json()["account_links"]
    assert {one["account_id"] for one in back} == {home["id"], twin["id"]}


async def test_people_go_over_when_their_agency_closes(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    agency_id, _, person = await family(client)
    target = await agency(client, "16013")
    closed = await client.post(
        f"/v1/agencies/{agency_id}/close", json={"transfer_to_agency_id": target}, headers=matching(1)
    )
    assert closed.status_code == 200, closed.text
    sheet = (await client.get(f"/v1/contacts/{person['id']}", headers=ADMIN)).json()
    assert (sheet["agency_id"], sheet["version"]) == (target, 2)
    told = await owner.fetchval("SELECT count(*) FROM event_log WHERE kind = 'contact.updated'")
    assert told == 1
