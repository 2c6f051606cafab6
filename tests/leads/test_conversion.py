from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from actors import actor
from leads.people import EVERYTHING, KARIM, Answer, act, agency, lead

pytestmark = pytest.mark.anyio
OURS = uuid4()
CUSTOMERS = ("accounts:read", "accounts:write", "accounts:delete", "contacts:read", "contacts:write")
ADMIN = actor(OURS, *EVERYTHING, *CUSTOMERS)
SELLER = actor(OURS, "leads:read", "leads:write")


async def qualified(client: httpx.AsyncClient, **fields: Any) -> Answer:
    here = await agency(client, ADMIN, str(uuid4().int % 10**8))
    about = {"email": "karim@example.com", "wilaya_code": "16", "agency_id": str(here)} | fields
    made = await lead(client, ADMIN, **about)
    for step in ("contact", "qualify"):
        answer = await act(client, ADMIN, made, step)
        assert answer.status_code == 200, answer.text
    return made


async def test_a_qualified_lead_becomes_an_account_and_a_person(client: httpx.AsyncClient) -> None:
    made = await qualified(client, quick_data={"birth_date": "1990-05-14"})
    answer = await act(client, ADMIN, made, "convert")
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["account_created"], done["contact_created"]) == (True, True)
    account = (await client.get(f"/v1/accounts/{done['account_id']}", headers=ADMIN)).json()
    assert (account["name"], account["type"], account["agency_id"]) == (
        "Famille BOUCHAREB",
        "household",
        made["agency_id"],
    )
    person = (await client.get(f"/v1/contacts/{done['contact_id']}", headers=ADMIN)).json()
    assert (person["display_name"], person["birth_date"]) == ("BOUCHAREB Karim", "•••")
    assert [entry["value"] for entry in person["phones"]] == ["+213550123456"]
    assert [link["account_id"] for link in person["account_links"]] == [done["account_id"]]
    after = await client.get(f"/v1/leads/{made['id']}", headers=ADMIN)
    assert (after.json()["status"], after.json()["converted_account_id"]) == ("converted", done["account_id"])
    assert after.headers["etag"] == answer.headers["etag"]


async def test_a_company_is_converted_with_its_representative(client: httpx.AsyncClient) -> None:
    made = await qualified(
        client, type="company", company_name="SARL El Amel", email="contact@elamel.example.com"
    )
    done = (await act(client, ADMIN, made, "convert")).json()
    account = (await client.get(f"/v1/accounts/{done['account_id']}", headers=ADMIN)).json()
    assert (account["type"], account["name"]) == ("company", "SARL El Amel")
    person = (await client.get(f"/v1/contacts/{done['contact_id']}", headers=ADMIN)).json()
    assert person["account_links"][0]["role"] == "legal_representative"


async def test_a_converted_lead_is_read_only_and_answers_with_what_it_became(
    client: httpx.AsyncClient,
) -> None:
    made = await qualified(client)
    done = (await act(client, ADMIN, made, "convert")).json()
    again = await act(client, ADMIN, made, "convert")
    assert (again.status_code, again.json()["code"]) == (409, "lead_already_converted")
    assert (again.json()["account_id"], again.json()["contact_id"]) == (
        done["account_id"],
        done["contact_id"],
    )
    change = await client.patch(
        f"/v1/leads/{made['id']}", json={"need": "x"}, headers=ADMIN | {"If-Match": f'"{done["version"]}"'}
    )
    assert (change.status_code, change.json()["code"]) == (409, "lead_already_converted")


async def test_the_same_key_converts_once(client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    made = await qualified(client)
    version = (await client.get(f"/v1/leads/{made['id']}", headers=ADMIN)).headers["etag"]
    headers = ADMIN | {"If-Match": version, "Idempotency-Key": str(uuid4())}
    first, second = [
        await client.post(f"/v1/leads/{made['id']}/convert", json={}, headers=headers) for _ in range(2)
    ]
    assert first.status_code == second.status_code == 200
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert await owner.fetchval("SELECT count(*) FROM accounts") == 1


async def test_an_account_and_a_person_who_exist_are_taken(client: httpx.AsyncClient) -> None:
    first = (await act(client, ADMIN, await qualified(client), "convert")).json()
    other = await qualified(client, full_name="Lina HADDAD", phone="0770 00 00 01", email=None)
    joined = await act(client, ADMIN, other, "convert", account_id=first["account_id"], role="spouse")
    assert joined.status_code == 200, joined.text
    assert (joined.json()["account_created"], joined.json()["contact_created"]) == (False, True)
    third = await qualified(client, full_name="Karim B", phone="0770 00 00 02", email=None)
    named = await act(client, ADMIN, third, "convert", contact_id=first["contact_id"])
    assert (named.json()["account_created"], named.json()["contact_created"]) == (True, False)
    for body, code in (
        ({"account_id": str(uuid4())}, "unknown_account"),
        (
            {"contact_id": str(uuid4()), "account_id": first["account_id"]},
            "unknown_contact",
        ),
    ):
        lost = await qualified(client, full_name="Aucun MATCH", phone="0770 00 00 03", email=None)
        refused = await act(client, ADMIN, lost, "convert", **body)
        assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_who_is_certainly_the_same_person_is_not_recorded_twice(client: httpx.AsyncClient) -> None:
    born = {"quick_data": {"birth_date": "1990-05-14"}}
    first = (await act(client, ADMIN, await qualified(client, **born), "convert")).json()
    again = await qualified(client, full_name="بوشارب كريم", phone="0661 00 00 00", email=None, **born)
    body = {"account_id": first["account_id"], "first_name": "Karim", "last_name": "Bouchareb"}
    answer = await act(client, ADMIN, again, "convert", **body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["contact_id"], answer.json()["contact_created"]) == (first["contact_id"], False)


async def test_what_the_lead_does_not_tell_is_asked_for(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    made = await qualified(client, wilaya_code=None)
    refused = await act(client, ADMIN, made, "convert")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/address")
    address = {"kind": "home", "lines": ["12, rue Didouche Mourad"], "wilaya_code": "16"}
    half = await act(client, ADMIN, made, "convert", address=address, first_name="K4r1m")
    assert half.status_code == 422
    assert await owner.fetchval("SELECT count(*) FROM accounts") == 0, "half a conversion is none"
    assert (await act(client, ADMIN, made, "convert", address=address)).status_code == 200


async def test_converting_needs_the_scope(client: httpx.AsyncClient) -> None:
    made = await qualified(client)
    assert (await act(client, SELLER, made, "convert")).status_code == 403


async def test_a_conversion_is_taken_back_within_a_week(client: httpx.AsyncClient) -> None:
    made = await qualified(client)
    done = (await act(client, ADMIN, made, "convert")).json()
    undone = await act(client, ADMIN, made, "undo-conversion")
    assert undone.status_code == 200, undone.text
    lead_now = undone.json()
    assert (lead_now["status"], lead_now["converted_account_id"]) == ("qualified", None)
    for kind in ("account", "contact"):
        gone = await client.get(f"/v1/{kind}s/{done[f'{kind}_id']}", headers=ADMIN)
        assert gone.json()["deleted_at"], kind
    again = await act(client, ADMIN, made, "convert")
    assert again.status_code == 200, again.text
    assert again.json()["account_id"] != done["account_id"]


async def test_a_person_who_was_there_before_stays_when_a_conversion_is_taken_back(
    client: httpx.AsyncClient,
) -> None:
    first = (await act(client, ADMIN, await qualified(client), "convert")).json()
    other = await qualified(client, full_name="Karim B", phone="0770 00 00 02", email=None)
    done = (await act(client, ADMIN, other, "convert", contact_id=first["contact_id"])).json()
    undone = await act(client, ADMIN, other, "undo-conversion")
    assert undone.status_code == 200, undone.text
    person = (await client.get(f"/v1/contacts/{first['contact_id']}", headers=ADMIN)).json()
    assert person["deleted_at"] is None
    assert [link["account_id"] for link in person["account_links"]] == [first["account_id"]]
    assert (await client.get(f"/v1/accounts/{done['account_id']}", headers=ADMIN)).json()["deleted_at"]


async def test_what_was_worked_on_is_not_taken_back(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    made = await qualified(client)
    done = (await act(client, ADMIN, made, "convert")).json()
    change = await client.patch(
        f"/v1/accounts/{done['account_id']}",
        json={"name": "Famille BOUCHAREB-ALI"},
        headers=ADMIN | {"If-Match": '"1"'},
    )
    assert change.status_code == 200, change.text
    refused = await act(client, ADMIN, made, "undo-conversion")
    assert (refused.status_code, refused.json()["code"]) == (409, "conversion_in_use")
    assert refused.json()["reasons"] == ["account_changed"]
    await owner.execute("UPDATE leads SET converted_at = now() - interval '8 days'")
    late = await act(client, ADMIN, made, "undo-conversion")
    assert (late.status_code, late.json()["code"]) == (409, "undo_too_late")


async def test_only_a_converted_lead_is_taken_back(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN, **{k: v for k, v in KARIM.items() if k != "source"})
    refused = await act(client, ADMIN, made, "undo-conversion")
    assert (refused.status_code, refused.json()["code"]) == (409, "lead_not_converted")
