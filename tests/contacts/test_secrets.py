"""Class P3: never in clear anywhere but in the answer of `unmask`."""

import asyncio
import json
from typing import Any

import asyncpg
import httpx
import pytest

from actors import actor
from contacts.people import ADMIN, CIVIL, OURS, SCOPES, agency, contact, described, matching

pytestmark = pytest.mark.anyio
NUMBER = "109900100112345678"
WORDS = (
    "1994-05-17",
    "Ouled Fayet",
    NUMBER,
    "209384756",
    "2019-01-13",
    "2029-01-12",
    "APC Chéraga",
    "DL-771904",
    "2014-07-02",
    "Hydrogéologue",
    "Sonelgaz Engineering",
    "divorced",
    "2024-02-29",
)
"""Of the person in CIVIL, and of their death."""


async def test_reads_show_masks_everywhere(client: httpx.AsyncClient) -> None:
    made = await contact(client, await agency(client), **CIVIL)
    one = f"/v1/contacts/{made['id']}"
    answers = [
        await client.get(one, headers=ADMIN),
        await client.get("/v1/contacts?include=total&q=aissani", headers=ADMIN),
        await client.post("/v1/contacts/search", json={}, headers=ADMIN),
        await client.post("/v1/contacts/batch-get", json={"ids": [made["id"]]}, headers=ADMIN),
        await client.patch(one, json={"employer": "Sonelgaz Engineering"}, headers=matching(1)),
        await client.patch(one, json={"contact_hours": "le soir"}, headers=matching(2)),
        await client.get(f"{one}/duplicates", headers=ADMIN),
        await client.get(f"{one}/account-links", headers=ADMIN),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert not [word for word in WORDS if word in answer.text]
    shown = answers[0].json()
    assert shown["national_id_number"] == "•••5678"
    assert (shown["birth_date"], shown["profession"], shown["children_count"]) == ("•••", "•••", "•••")
    assert shown["id_document"] == {
        "type": "cni",
        "number": "•••4756",
        "issued_on": "•••",
        "expires_on": "•••",
        "issued_by": "•••",
    }
    assert shown["driving_licence"]["categories"] == ["•••"]
    assert not [word for word in WORDS if word in json.dumps(made, ensure_ascii=False)]


async def test_unmasking_needs_its_scope_and_a_reason_and_is_audited(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    made = await contact(client, await agency(client), **CIVIL)
    path = f"/v1/contacts/{made['id']}/unmask"
    asked = {"fields": ["national_id_number", "id_document"], "reason": "Vérification au guichet"}
    without = actor(OURS, "contacts:read", "contacts:write")
    refused = await client.post(path, json=asked, headers=without)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    silent = await client.post(path, json={"fields": ["gender"]}, headers=ADMIN)
    assert silent.status_code == 422
    shown = await client.post(path, json=asked, headers=ADMIN)
    assert shown.headers["cache-control"] == "no-store"
    assert shown.json()["national_id_number"] == NUMBER
    assert shown.json()["id_document"]["issued_by"] == "APC Chéraga"
    assert shown.json()["birth_date"] is None
    (line,) = await owner.fetch("SELECT * FROM audit_log WHERE action = 'contact.unmasked'")
    assert (line["reason"], str(line["object_id"])) == ("Vérification au guichet", made["id"])
    assert json.loads(line["changes"]) == {"fields": ["national_id_number", "id_document"]}


async def test_an_unmasked_answer_is_not_kept_for_a_repetition(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    made = await contact(client, await agency(client), **CIVIL)
    asked = {"fields": ["national_id_number"], "reason": "Vérification"}
    headers = ADMIN | {"Idempotency-Key": "once"}
    await client.post(f"/v1/contacts/{made['id']}/unmask", json=asked, headers=headers)
    assert not await found_anywhere(owner, [NUMBER])


async def test_no_value_stands_in_clear_in_any_table(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    made = await contact(client, await agency(client), **CIVIL)
    path = f"/v1/contacts/{made['id']}"
    await client.patch(path, json={"deceased_on": "2024-02-29"}, headers=matching(1))
    twin = await contact(client, made["agency_id"], **CIVIL | {"national_id_number": None})
    merged = await client.post(f"{path}/merge", json={"other_id": twin["id"]}, headers=matching(2))
    assert merged.status_code == 200, merged.text
    assert not await found_anywhere(owner, WORDS)
    assert await found_anywhere(owner, ["+213550123456"]), "the search itself must find something"


async def found_anywhere(owner: asyncpg.Connection, words: Any) -> list[str]:
    """In which columns, of whatever table and type, one of the words can be read."""
    columns = await owner.fetch(
        """SELECT table_name, column_name FROM information_schema.columns
           WHERE table_schema = 'public' AND is_updatable = 'YES'"""
    )
    found = []
    for table, column in columns:
        rows = await owner.fetch(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
        values = [readable(row[0]) for row in rows]
        if any(word in value for value in values for word in words):
            found.append(f"{table}.{column}")
    return found


def readable(value: str) -> str:
    """Bytes as the letters that they would be."""
    return bytes.fromhex(value[2:]).decode("utf-8", "replace") if value.startswith("\\x") else value


async def test_events_tell_that_a_field_changed_but_not_to_what(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    await contact(client, await agency(client), **CIVIL)
    (event,) = await owner.fetch("SELECT data FROM event_log WHERE kind = 'contact.created'")
    values = json.loads(event["data"])["values"]
    assert "agency_id" in values
    assert not {"last_name", "phones", "primary_phone", "masked", "sealed", "account_links"} & values.keys()


async def test_a_national_id_has_one_holder(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    made = await contact(client, agency_id, **CIVIL)
    other = described(agency_id, last_name="Autre", national_id_number=NUMBER)
    refused = await client.post("/v1/contacts", json=other, headers=ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (409, "national_id_taken")
    assert refused.json()["existing_id"] == made["id"]
    assert NUMBER not in refused.text
    second = await contact(client, agency_id, last_name="Autre")
    path = f"/v1/contacts/{second['id']}"
    stolen = await client.patch(path, json={"national_id_number": NUMBER}, headers=matching(1))
    assert (stolen.status_code, stolen.json()["existing_id"]) == (409, made["id"])
    freed = await client.patch(
        f"/v1/contacts/{made['id']}", json={"national_id_number": None}, headers=matching(1)
    )
    assert (freed.status_code, freed.json()["national_id_number"]) == (200, None)
    taken = await client.patch(path, json={"national_id_number": NUMBER}, headers=matching(1))
    assert taken.json()["national_id_number"] == "•••5678"


async def test_of_many_at_once_one_gets_the_national_id(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    await contact(client, agency_id)  # the organization has its key
    body = described(agency_id, national_id_number=NUMBER)
    answers = await asyncio.gather(*(client.post("/v1/contacts", json=body, headers=ADMIN) for _ in range(6)))
    made = [answer.json() for answer in answers if answer.status_code == 201]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert (len(made), len(refused)) == (1, 5)
    assert {refusal["existing_id"] for refusal in refused} == {made[0]["id"]}


async def test_the_first_two_of_an_organization_at_once_can_both_be_opened(
    client: httpx.AsyncClient,
) -> None:
    agency_id = await agency(client)
    bodies = [described(agency_id, **CIVIL | {"national_id_number": f"{n:018}"}) for n in range(1, 5)]
    made = await asyncio.gather(*(client.post("/v1/contacts", json=body, headers=ADMIN) for body in bodies))
    for answer in made:
        asked = {"fields": ["profession"], "reason": "Vérification"}
        shown = await client.post(f"/v1/contacts/{answer.json()['id']}/unmask", json=asked, headers=ADMIN)
        assert shown.json()["profession"] == "Hydrogéologue"


async def test_a_refused_first_creation_leaves_no_key_behind(client: httpx.AsyncClient) -> None:
    agency_id = await agency(client)
    unknown = "0193e000-0000-7000-8000-000000000000"
    refused = await client.post("/v1/contacts", json=described(unknown, **CIVIL), headers=ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_agency")
    made = await contact(client, agency_id, **CIVIL)
    client._transport.app.state.tools.vaults.clear()  # type: ignore[attr-defined]  # as after a restart
    asked = {"fields": ["birth_date"], "reason": "Vérification"}
    shown = await client.post(f"/v1/contacts/{made['id']}/unmask", json=asked, headers=ADMIN)
    assert shown.json()["birth_date"] == "1994-05-17"


async def test_the_holder_of_a_national_id_is_found_and_the_look_is_audited(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    agency_id = await agency(client)
    made = await contact(client, agency_id, **CIVIL)
    path = "/v1/contacts/find-by-national-id"
    found = await client.post(path, json={"national_id_number": "10 9900 1001 1234 5678"}, headers=ADMIN)
    assert (found.status_code, found.json()["id"]) == (200, made["id"])
    assert NUMBER not in found.text
    assert await owner.fetchval(
        "SELECT count(*) FROM audit_log WHERE action = 'contact.found_by_national_id'"
    )
    nobody = await client.post(path, json={"national_id_number": "1" * 18}, headers=ADMIN)
    assert nobody.status_code == 404
    elsewhere = actor(OURS, *SCOPES, data_scope="own", agency_id=agency_id)
    hidden = await client.post(path, json={"national_id_number": NUMBER}, headers=elsewhere)
    assert hidden.status_code == 404


@pytest.mark.parametrize(
    ("civil", "code"),
    [
        ({"birth_date": "2020-01-01"}, "age_out_of_range"),
        ({"birth_date": "1890-01-01"}, "age_out_of_range"),
        ({"national_id_number": "123"}, "invalid_national_id"),
        (
            {
                "id_document": {
                    "type": "cni",
                    "number": "1234",
                    "issued_on": "2020-01-02",
                    "expires_on": "2020-01-01",
                }
            },
            "dates_out_of_order",
        ),
        ({"driving_licence": {"number": "1234", "issued_on": "2090-01-01"}}, "date_in_the_future"),
        ({"last_name": "R2D2"}, "invalid_name"),
        ({"last_name_ar": "Aissani"}, "not_arabic"),
        ({"children_count": -1}, "greater_than_equal"),
    ],
)
async def test_what_cannot_be_is_refused(client: httpx.AsyncClient, civil: dict[str, Any], code: str) -> None:
    refused = await client.post("/v1/contacts", json=described(await agency(client), **civil), headers=ADMIN)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
