"""Who may be the same person: warned of, in both scripts, never a reason to refuse."""

from typing import Any

import asyncpg
import httpx
import pytest

from actors import actor
from contacts.people import ADMIN, CIVIL, OURS, SCOPES, THEIRS, agency, contact, described

pytestmark = pytest.mark.anyio
BORN = {"birth_date": "1994-05-17"}
OTHER_PHONE = [{"value": "0661 00 00 01"}]


async def alike(
    client: httpx.AsyncClient, known: dict[str, Any], seen: dict[str, Any]
) -> list[dict[str, Any]]:
    """`known` is recorded; what does the house say of `seen`?"""
    agency_id = await agency(client)
    await contact(client, agency_id, **known)
    body = described(agency_id, **seen)
    for name in ("agency_id", "create_household"):
        body.pop(name)
    checked = await client.post("/v1/contacts/check-duplicates", json=body, headers=ADMIN)
    assert checked.status_code == 200, checked.text
    assert (await client.get("/v1/contacts/count", headers=ADMIN)).json()["count"] == 1
    made = await contact(client, agency_id, **seen)
    assert made["duplicates"] == checked.json()["data"]
    later = await client.get(f"/v1/contacts/{made['id']}/duplicates", headers=ADMIN)
    assert later.json()["data"] == made["duplicates"]
    return list(made["duplicates"])


@pytest.mark.parametrize(
    ("known", "seen", "score", "verdict", "reasons"),
    [
        (BORN, BORN | {"phones": OTHER_PHONE}, 90, "link", ["name_birth_date"]),
        ({}, {"first_name": "Ilyes", "last_name": "AISSANI"}, 80, "probable", ["name_phone", "phone"]),
        ({}, {"first_name": "Lina", "last_name": "Bensalem"}, 40, "none", ["phone"]),
        (
            {"first_name": "Mohamed", "last_name": "Benali", **BORN},
            {"first_name": "Mohammed", "last_name": "BEN ALI", "phones": OTHER_PHONE, **BORN},
            90,
            "link",
            ["name_birth_date"],
        ),
        (
            {"first_name": "Mohamed", "last_name": "Benali", **BORN},
            {"first_name": "محمد", "last_name": "بن علي", "phones": OTHER_PHONE, **BORN},
            90,
            "link",
            ["name_birth_date"],
        ),
        (
            {"first_name_ar": "محمد", "last_name_ar": "بن علي", "first_name": "Med", "last_name": "Benali"},
            {"first_name": "Mohammad", "last_name": "Ben-Ali"},
            80,
            "probable",
            ["name_phone", "phone"],
        ),
        (
            {"phones": OTHER_PHONE, "emails": [{"value": "i.aissani@gmail.com"}]},
            {"first_name": "Amel", "emails": [{"value": "I.Aissani+crm@gmail.com"}]},
            75,
            "probable",
            ["email_surname", "email"],
        ),
    ],
)
async def test_likeness_is_scored(
    client: httpx.AsyncClient,
    known: dict[str, Any],
    seen: dict[str, Any],
    score: int,
    verdict: str,
    reasons: list[str],
) -> None:
    (found,) = await alike(client, known, seen)
    assert (found["score"], found["verdict"], found["reasons"]) == (score, verdict, reasons)


async def test_a_homonym_born_another_day_is_somebody_else(client: httpx.AsyncClient) -> None:
    assert await alike(client, BORN, {"birth_date": "1980-01-01", "phones": OTHER_PHONE}) == []


async def test_a_second_telephone_counts_as_much_as_the_first(client: httpx.AsyncClient) -> None:
    two = [{"value": "021 34 46 46", "kind": "landline"}, {"value": "0770 11 22 33"}]
    seen = {"first_name": "Lina", "phones": [{"value": "0770112233"}]}
    (found,) = await alike(client, {"phones": two}, seen)
    assert found["reasons"] == ["phone"]


async def test_different_national_ids_are_never_linked_by_a_machine(client: httpx.AsyncClient) -> None:
    known = BORN | {"national_id_number": "1" * 18}
    seen = BORN | {"national_id_number": "2" * 18, "phones": OTHER_PHONE}
    (found,) = await alike(client, known, seen)
    assert (found["score"], found["verdict"]) == (90, "probable")


async def test_a_known_national_id_is_certain_before_anything_is_written_and_the_look_audited(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    agency_id = await agency(client)
    made = await contact(client, agency_id, **CIVIL)
    body = {"last_name": "Autre", "first_name": "Nom", "national_id_number": CIVIL["national_id_number"]}
    found = await client.post("/v1/contacts/check-duplicates", json=body, headers=ADMIN)
    assert [(one["id"], one["score"]) for one in found.json()["data"]] == [(made["id"], 100)]
    looked = "SELECT count(*) FROM audit_log WHERE action = 'contact.found_by_national_id'"
    assert await owner.fetchval(looked) == 1


async def test_whom_one_may_not_see_is_nobodys_duplicate(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    await contact(client, agency_id)
    body = {"last_name": "Aïssani", "first_name": "Ilyès", "phones": [{"value": "0550123456"}]}
    elsewhere = actor(OURS, *SCOPES, data_scope="own")
    for stranger in THEIRS, elsewhere:
        found = await client.post("/v1/contacts/check-duplicates", json=body, headers=stranger)
        assert found.json()["data"] == []


async def test_a_changed_telephone_is_found_by_the_new_number_only(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    made = await contact(client, agency_id)
    path = f"/v1/contacts/{made['id']}"
    await client.patch(path, json={"phones": OTHER_PHONE}, headers=ADMIN | {"If-Match": '"1"'})
    old = await client.get("/v1/contacts", params={"phone": "0550 12 34 56"}, headers=ADMIN)
    new = await client.get("/v1/contacts", params={"phone": "0661000001"}, headers=ADMIN)
    assert (len(old.json()["data"]), len(new.json()["data"])) == (0, 1)
