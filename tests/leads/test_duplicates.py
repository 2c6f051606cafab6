from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from actors import actor
from leads.people import EVERYTHING, KARIM, administrator, agency, lead

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = administrator(OURS)
CLERK = actor(OURS, *EVERYTHING, "accounts:read", "accounts:write", "contacts:read", "contacts:write")
BORN = {"quick_data": {"birth_date": "1990-05-14"}}


@pytest.mark.parametrize(
    ("first", "second", "score", "reason"),
    [
        ({}, {"full_name": "BOUCHAREB Kareem"}, 80, "name_phone"),
        ({}, {"full_name": "بوشارب كريم"}, 80, "name_phone"),
        (
            {"email": "k.b@example.com", "first_name": "Karim", "last_name": "BOUCHAREB"},
            {
                "email": "K.B+devis@example.com",
                "phone": None,
                "first_name": "Samir",
                "last_name": "Bouchareb",
            },
            75,
            "email_surname",
        ),
        (
            {
                "quick_data": {"vehicle": {"plate": "12345-126-16"}},
                "first_name": "Karim",
                "last_name": "BOUCHAREB",
            },
            {
                "quick_data": {"vehicle": {"plate": "1234512616"}},
                "phone": "0661 00 00 00",
                "first_name": "Ali",
                "last_name": "BOUCHAREB",
            },
            80,
            "plate_surname",
        ),
    ],
)
async def test_a_probable_duplicate_is_named_and_recorded_all_the_same(
    client: httpx.AsyncClient, first: dict[str, Any], second: dict[str, Any], score: int, reason: str
) -> None:
    known = await lead(client, ADMIN, **first)
    made = await lead(client, ADMIN, **second)
    (duplicate,) = made["duplicates"]
    assert (duplicate["type"], duplicate["id"], duplicate["score"]) == ("lead", known["id"], score)
    assert duplicate["reasons"][0] == reason
    assert made["duplicate_of_id"] is None


async def test_the_same_name_and_birth_date_are_linked(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    known = await lead(client, ADMIN, **BORN)
    made = await lead(client, ADMIN, phone="0661 00 00 00", full_name="Bouchareb Karim", **BORN)
    assert (made["duplicate_of_id"], made["duplicates"][0]["score"]) == (known["id"], 90)
    events = await owner.fetch("SELECT data FROM event_log WHERE kind = 'lead.duplicate_detected'")
    assert len(events) == 1
    listed = await client.get("/v1/leads", params={"duplicate_of_id": known["id"]}, headers=ADMIN)
    assert [row["id"] for row in listed.json()["data"]] == [made["id"]]


async def test_a_family_shares_its_phone(client: httpx.AsyncClient) -> None:
    await lead(client, ADMIN)
    made = await lead(client, ADMIN, full_name="Lina HADDAD")
    assert (made["duplicates"], made["duplicate_of_id"]) == ([], None)
    shown = await client.get(f"/v1/leads/{made['id']}/duplicates", headers=ADMIN)
    assert [(row["score"], row["reasons"]) for row in shown.json()["data"]] == [(40, ["phone"])]


async def test_a_check_writes_nothing(client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    known = await lead(client, ADMIN, **BORN)
    before = await owner.fetchval("SELECT count(*) FROM audit_log")
    body = {"full_name": KARIM["full_name"], "email": "neuf@example.com"} | BORN
    answer = await client.post("/v1/leads/check-duplicates", json=body, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    assert [(row["id"], row["score"]) for row in answer.json()["data"]] == [(known["id"], 90)]
    assert await owner.fetchval("SELECT count(*) FROM leads") == 1
    assert await owner.fetchval("SELECT count(*) FROM audit_log") == before


async def test_what_one_may_not_see_is_never_named(client: httpx.AsyncClient) -> None:
    here, there = await agency(client, ADMIN), await agency(client, ADMIN, "16013")
    await lead(client, ADMIN, agency_id=str(there))
    about: dict[str, Any] = {"data_scope": "agency", "agency_id": here, "agency_ids": (here,)}
    seller = actor(OURS, "leads:read", "leads:write", **about)
    made = await lead(client, seller)
    assert made["duplicates"] == []


async def test_the_bin_holds_no_duplicates(client: httpx.AsyncClient) -> None:
    gone = await lead(client, ADMIN)
    await client.delete(f"/v1/leads/{gone['id']}", headers=ADMIN | {"If-Match": '"1"'})
    assert (await lead(client, ADMIN))["duplicates"] == []


async def test_customers_are_compared_too(client: httpx.AsyncClient) -> None:
    here = await agency(client, CLERK)
    person = {"last_name": "BOUCHAREB", "first_name": "Karim", "phones": [{"value": "0550 12 34 56"}]}
    born = {"birth_date": "1990-05-14", "create_household": True, "agency_id": str(here)}
    address = [{"kind": "home", "lines": ["Alger"], "wilaya_code": "16", "is_primary": True}]
    made = await client.post("/v1/contacts", json=person | born | {"addresses": address}, headers=CLERK)
    assert made.status_code == 201, made.text
    known = made.json()["id"]
    by_phone = await lead(client, CLERK, full_name="بوشارب كريم")
    assert [(d["type"], d["id"], d["score"]) for d in by_phone["duplicates"]] == [("contact", known, 80)]
    by_birth = await lead(client, CLERK, phone="0661 00 00 00", **BORN)
    assert [(d["type"], d["id"], d["score"]) for d in by_birth["duplicates"]] == [("contact", known, 90)]
    assert by_birth["duplicate_of_id"] is None, "a lead repeats leads; a contact is what it becomes"
    shown = await client.get(f"/v1/leads/{by_birth['id']}/duplicates", headers=CLERK)
    assert [(d["type"], d["score"]) for d in shown.json()["data"]] == [("contact", 90)]
