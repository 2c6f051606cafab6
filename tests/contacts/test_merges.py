"""Two sheets of one person become one, and two again."""

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from contacts.people import ADMIN, CIVIL, THEIRS, account, agency, contact, matching

pytestmark = pytest.mark.anyio


async def two(client: httpx.AsyncClient) -> tuple[dict[str, Any], dict[str, Any]]:
    agency_id = await agency(client)
    one = await contact(client, agency_id, tags=["vip"], profession="Hydrogéologue")
    home = await account(client, agency_id, "Famille BENSALEM")
    other = await contact(
        client,
        agency_id,
        last_name="Aissani",
        first_name="Ilyes",
        maiden_name="Bensalem",
        phones=[{"value": "0550 12 34 56"}, {"value": "0661 00 00 01"}],
        emails=[{"value": "ilyes@example.com"}],
        external_ids=[{"system": "policy_admin", "value": "CL-1"}],
        tags=["flotte"],
        account_links=[{"account_id": home["id"], "role": "spouse"}],
        create_household=False,
        **{name: CIVIL[name] for name in ("birth_date", "national_id_number", "employer")},
    )
    return one, other


async def unmasked(client: httpx.AsyncClient, contact_id: str, *fields: str) -> list[Any]:
    asked = {"fields": fields, "reason": "Vérification"}
    shown = (await client.post(f"/v1/contacts/{contact_id}/unmask", json=asked, headers=ADMIN)).json()
    return [shown[field] for field in fields]


async def merge(client: httpx.AsyncClient, one: Any, other: Any, **survivorship: str) -> dict[str, Any]:
    body = {"other_id": other["id"], "survivorship": survivorship}
    answer = await client.post(f"/v1/contacts/{one['id']}/merge", json=body, headers=matching(one["version"]))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_the_survivor_keeps_its_own_and_takes_what_it_lacks(client: httpx.AsyncClient) -> None:
    one, other = await two(client)
    merged = await merge(client, one, other, first_name="other")
    assert (merged["last_name"], merged["first_name"], merged["maiden_name"]) == (
        "Aïssani",
        "Ilyes",
        "Bensalem",
    )
    assert merged["display_name"] == "AÏSSANI Ilyes"
    assert [phone["value"] for phone in merged["phones"]] == ["+213550123456", "+213661000001"]
    assert [phone["is_primary"] for phone in merged["phones"]] == [True, False]
    assert merged["primary_email"] == "ilyes@example.com"
    assert merged["tags"] == ["vip", "flotte"]
    assert merged["external_ids"] == other["external_ids"]
    assert {link["account_id"] for link in merged["account_links"]} == {
        link["account_id"] for sheet in (one, other) for link in sheet["account_links"]
    }
    civil = await unmasked(client, one["id"], "profession", "employer", "national_id_number")
    assert civil == ["Hydrogéologue", "Sonelgaz Engineering", "109900100112345678"]


async def test_the_other_sheet_goes_and_names_the_survivor(client: httpx.AsyncClient) -> None:
    one, other = await two(client)
    await merge(client, one, other)
    path = f"/v1/contacts/{other['id']}"
    gone = (await client.get(path, headers=ADMIN)).json()
    assert (gone["merged_into_id"], gone["deleted_at"] is None) == (one["id"], False)
    for refused in (
        await client.patch(path, json={"first_name": "Ali"}, headers=matching(gone["version"])),
        await client.post(f"{path}/restore", headers=ADMIN),
        await client.post(f"{path}/merge", json={"other_id": one["id"]}, headers=matching(gone["version"])),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "contact_merged_away")
    named = await client.get("/v1/external-ids/policy_admin/contacts/CL-1", headers=ADMIN)
    assert named.json()["id"] == one["id"]
    found = await client.get("/v1/contacts", params={"phone": "0661000001"}, headers=ADMIN)
    assert [sheet["id"] for sheet in found.json()["data"]] == [one["id"]]


async def test_an_undone_merge_leaves_both_as_they_were(client: httpx.AsyncClient) -> None:
    one, other = await two(client)
    merged = await merge(client, one, other)
    (known,) = (await client.get(f"/v1/contacts/{one['id']}/merges", headers=ADMIN)).json()["data"]
    path = f"/v1/contacts/{one['id']}/merges/{known['id']}/undo"
    undone = await client.post(path, headers=matching(merged["version"]))
    assert undone.status_code == 200, undone.text
    changing = {"version", "updated_at", "duplicates", "warnings"}
    for before in one, other:
        now = (await client.get(f"/v1/contacts/{before['id']}", headers=ADMIN)).json()
        assert {k: v for k, v in now.items() if k not in changing} == {
            k: v for k, v in before.items() if k not in changing
        }
    assert await unmasked(client, one["id"], "employer", "national_id_number") == [None, None]
    assert await unmasked(client, other["id"], "national_id_number") == ["109900100112345678"]
    holder = await client.post(
        "/v1/contacts/find-by-national-id", json={"national_id_number": "109900100112345678"}, headers=ADMIN
    )
    assert holder.json()["id"] == other["id"]
    again = await client.post(path, headers=matching(undone.json()["version"]))
    assert (again.status_code, again.json()["code"]) == (409, "contact_merge_undone")


async def test_an_undoing_keeps_what_was_changed_since(client: httpx.AsyncClient) -> None:
    one, other = await two(client)
    merged = await merge(client, one, other)
    path = f"/v1/contacts/{one['id']}"
    changed = await client.patch(
        path, json={"maiden_name": "Khelifi", "employer": "Cosider"}, headers=matching(merged["version"])
    )
    (known,) = (await client.get(f"{path}/merges", headers=ADMIN)).json()["data"]
    undone = await client.post(
        f"{path}/merges/{known['id']}/undo", headers=matching(changed.json()["version"])
    )
    assert undone.json()["maiden_name"] == "Khelifi"
    assert undone.json()["emails"] == []
    assert await unmasked(client, one["id"], "employer", "birth_date") == ["Cosider", None]


async def test_after_thirty_days_a_merge_stays(client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    one, other = await two(client)
    merged = await merge(client, one, other)
    await owner.execute("UPDATE contact_merges SET merged_at = merged_at - $1::interval", timedelta(days=31))
    (known,) = (await client.get(f"/v1/contacts/{one['id']}/merges", headers=ADMIN)).json()["data"]
    late = await client.post(
        f"/v1/contacts/{one['id']}/merges/{known['id']}/undo", headers=matching(merged["version"])
    )
    assert (late.status_code, late.json()["code"]) == (410, "contact_merge_too_old")


async def test_a_merge_is_told_once_and_needs_two_visible_sheets(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    one, other = await two(client)
    path = f"/v1/contacts/{one['id']}/merge"
    itself = await client.post(path, json={"other_id": one["id"]}, headers=matching(1))
    assert (itself.status_code, itself.json()["code"]) == (409, "merged_with_itself")
    foreign = await client.post(path, json={"other_id": other["id"]}, headers=matching(1, THEIRS))
    assert foreign.status_code == 404
    stale = await client.post(path, json={"other_id": other["id"]}, headers=matching(9))
    assert stale.status_code == 412
    await merge(client, one, other)
    assert await owner.fetchval("SELECT count(*) FROM event_log WHERE kind = 'contact.merged'") == 1
