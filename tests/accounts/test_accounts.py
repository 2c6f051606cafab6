from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from account_steps import ADDRESS, EVERYTHING, agency, body, match, opened
from actors import actor
from leads.people import colleague

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *EVERYTHING)
THEIRS = actor(uuid4(), *EVERYTHING)


@pytest.fixture
async def ours(app: object, owner: asyncpg.Connection) -> UUID:
    return await agency(owner, OURS)


async def test_an_account_is_opened_read_and_changed(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(
        client,
        ADMIN,
        ours,
        phones=[{"value": "0550 12 34 56"}],
        emails=[{"value": "Ilyes@Example.com", "kind": "personal"}],
        tags=["VIP", "flotte", "vip"],
    )
    assert made["number"] == "C00000001"
    assert (made["status"], made["lifecycle"], made["tier"]) == ("active", "prospect", "standard")
    assert made["tags"] == ["vip", "flotte"]
    assert made["phones"] == [
        {
            "kind": "mobile",
            "value": "+213550123456",
            "is_primary": True,
            "verified_at": None,
            "status": "valid",
        }
    ]
    path = f"/v1/accounts/{made['id']}"
    assert (await client.get(path, headers=ADMIN)).json() == made
    changed = await client.patch(
        path, json={"name": "Famille BENALI", "segment": "individual"}, headers=ADMIN | match(1)
    )
    assert (changed.status_code, changed.json()["name"], changed.headers["etag"]) == (
        200,
        "Famille BENALI",
        '"2"',
    )
    assert changed.json()["phones"] == made["phones"]
    stale = await client.patch(path, json={"name": "Autre"}, headers=ADMIN | match(1))
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)


async def test_numbers_follow_each_other_and_are_never_given_twice(
    client: httpx.AsyncClient, ours: UUID
) -> None:
    numbers = [(await opened(client, ADMIN, ours))["number"] for _ in range(45)]
    assert len(set(numbers)) == 45
    assert numbers == sorted(numbers)


async def test_what_is_known_of_a_number_that_stays_is_kept(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    made = await opened(client, ADMIN, ours, phones=[{"value": "0550123456"}])
    await owner.execute(
        """UPDATE accounts SET phones = jsonb_set(phones, '{0,status}', '"bounced"') WHERE id = $1""",
        made["id"],
    )
    phones = [{"value": "0550123456"}, {"value": "021344646", "kind": "landline", "is_primary": True}]
    changed = await client.patch(
        f"/v1/accounts/{made['id']}", json={"phones": phones}, headers=ADMIN | match(1)
    )
    assert [(p["status"], p["is_primary"]) for p in changed.json()["phones"]] == [
        ("bounced", False),
        ("valid", True),
    ]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"addresses": []}, "/addresses"),
        ({"phones": [{"value": "12345"}]}, "/phones/0/value"),
        ({"phones": [{"value": "0550123456"}, {"value": "+213550123456"}]}, "/phones"),
        ({"tags": ["x" * 31]}, "/tags/0"),
        ({"bank_accounts": [{"kind": "rib", "value": "12", "holder": "X"}]}, "/bank_accounts/0/rib/value"),
        ({"number": "C00000009"}, "/number"),
        ({"external_ids": [{"system": "a", "value": "1"}] * 2}, "/external_ids"),
    ],
)
async def test_a_wrong_field_is_named(
    client: httpx.AsyncClient, ours: UUID, wrong: dict[str, Any], pointer: str
) -> None:
    refused = await client.post("/v1/accounts", json=body(ours) | wrong, headers=ADMIN)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


async def test_a_tax_number_belongs_to_one_account(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours, type="company", tax_id="001516100972762")
    twice = await client.post("/v1/accounts", json=body(ours, tax_id="001516100972762"), headers=ADMIN)
    assert (twice.status_code, twice.json()["code"]) == (409, "tax_id_taken")
    await client.delete(f"/v1/accounts/{made['id']}", headers=ADMIN | match(1))
    again = await opened(client, ADMIN, ours, tax_id="001516100972762")
    back = await client.post(f"/v1/accounts/{made['id']}/restore", headers=ADMIN)
    assert (back.status_code, back.json()["code"]) == (409, "tax_id_taken"), again


async def test_an_account_needs_an_agency_of_the_organization(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    foreign = await agency(owner, uuid4(), "31001")
    refused = await client.post("/v1/accounts", json=body(foreign), headers=ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_agency")
    nowhere = body(ours)
    del nowhere["agency_id"]
    refused = await client.post("/v1/accounts", json=nowhere, headers=ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (422, "agency_required")
    clerk = actor(OURS, *EVERYTHING, data_scope="agency", agency_id=ours, agency_ids=(ours,))
    made = await client.post("/v1/accounts", json=nowhere, headers=clerk)
    assert made.json()["agency_id"] == str(ours)


async def test_the_bin_keeps_and_gives_back(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours)
    path = f"/v1/accounts/{made['id']}"
    assert (await client.delete(path, headers=ADMIN)).status_code == 428
    assert (await client.delete(path, headers=ADMIN | match(1))).status_code == 204
    assert (await client.get("/v1/accounts", headers=ADMIN)).json()["data"] == []
    only = await client.get("/v1/accounts", params={"deleted": "only"}, headers=ADMIN)
    assert [row["id"] for row in only.json()["data"]] == [made["id"]]
    change = await client.patch(path, json={"name": "Autre"}, headers=ADMIN | match(2))
    assert (change.status_code, change.json()["code"]) == (409, "deleted")
    back = await client.post(f"{path}/restore", headers=ADMIN)
    assert (back.status_code, back.json()["deleted_at"]) == (200, None)
    twice = await client.post(f"{path}/restore", headers=ADMIN)
    assert (twice.status_code, twice.json()["code"]) == (409, "not_deleted")


async def test_archived_closed_and_reopened(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours)
    path = f"/v1/accounts/{made['id']}"
    archived = await client.post(f"{path}/archive", headers=ADMIN | match(1))
    assert archived.json()["status"] == "archived"
    again = await client.post(f"{path}/archive", headers=ADMIN | match(2))
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert again.json()["allowed"] == ["active", "closed", "merged"]
    closed = await client.post(f"{path}/close", headers=ADMIN | match(2))
    assert closed.json()["status"] == "closed"
    reopened = await client.post(f"{path}/reopen", headers=ADMIN | match(3))
    assert reopened.json()["status"] == "active"


async def test_another_organization_sees_and_changes_nothing(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours, external_ids=[{"system": "siebel", "value": "1"}])
    path = f"/v1/accounts/{made['id']}"
    assert (await client.get(path, headers=THEIRS)).status_code == 404
    for action in "archive", "close", "unmerge":
        answer = await client.post(f"{path}/{action}", headers=THEIRS | match(1))
        assert answer.status_code == 404
    assert (await client.get("/v1/accounts", headers=THEIRS)).json()["data"] == []
    found = await client.get("/v1/external-ids/siebel/accounts/1", headers=THEIRS)
    assert found.status_code == 404
    assert (await client.get("/v1/accounts", params={"q": "aissani"}, headers=THEIRS)).json()["data"] == []
    many = await client.post("/v1/accounts/batch-get", json={"ids": [made["id"]]}, headers=THEIRS)
    assert many.json() == {"data": [None]}
    assert (await client.get(path, headers=ADMIN)).json() == made


async def test_a_group_is_a_tree(client: httpx.AsyncClient, ours: UUID) -> None:
    top = await opened(client, ADMIN, ours, name="Groupe CEVITAL")
    middle = await opened(client, ADMIN, ours, name="Filiale", parent_account_id=top["id"])
    low = await opened(client, ADMIN, ours, name="Agence", parent_account_id=middle["id"])
    above = await client.get(f"/v1/accounts/{low['id']}/ancestors", headers=ADMIN)
    assert [(row["name"], row["level"]) for row in above.json()["data"]] == [
        ("Filiale", 1),
        ("Groupe CEVITAL", 2),
    ]
    below = await client.get(f"/v1/accounts/{top['id']}/children", headers=ADMIN)
    assert [row["id"] for row in below.json()["data"]] == [middle["id"]]
    circle = await client.patch(
        f"/v1/accounts/{top['id']}", json={"parent_account_id": low["id"]}, headers=ADMIN | match(1)
    )
    assert (circle.status_code, circle.json()["code"]) == (409, "account_circle")
    unknown = await client.post(
        "/v1/accounts", json=body(ours, parent_account_id=str(uuid4())), headers=ADMIN
    )
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_parent_account")
    kept = await client.delete(f"/v1/accounts/{top['id']}", headers=ADMIN | match(1))
    assert (kept.status_code, kept.json()["code"]) == (409, "account_has_children")
    parent = low
    for _ in range(7):
        parent = await opened(client, ADMIN, ours, parent_account_id=parent["id"])
    deep = await client.post("/v1/accounts", json=body(ours, parent_account_id=parent["id"]), headers=ADMIN)
    assert (deep.status_code, deep.json()["code"]) == (409, "account_group_too_deep")


async def test_a_change_of_manager_is_a_fact(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    made = await opened(client, ADMIN, ours)
    manager = str(await colleague(owner, OURS, ours))
    other = await agency(owner, OURS, "31001")
    given = await client.post(
        f"/v1/accounts/{made['id']}/assign",
        json={"manager_user_id": manager, "agency_id": str(other)},
        headers=ADMIN | match(1),
    )
    assert (given.json()["manager_user_id"], given.json()["agency_id"]) == (manager, str(other))
    facts = await owner.fetch("SELECT data FROM event_log WHERE kind = 'account.manager_changed'")
    assert len(facts) == 1
    assert manager in facts[0]["data"]


async def test_a_closing_agency_hands_its_accounts_over(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    other = await agency(owner, OURS, "31001")
    mine = await opened(client, ADMIN, ours)
    closed = await opened(client, ADMIN, ours)
    await client.post(f"/v1/accounts/{closed['id']}/close", headers=ADMIN | match(1))
    answer = await client.post(
        f"/v1/agencies/{ours}/close",
        json={"transfer_to_agency_id": str(other)},
        headers=actor(OURS, "agencies:write") | match(1),
    )
    assert answer.status_code == 200, answer.text
    moved = (await client.get(f"/v1/accounts/{mine['id']}", headers=ADMIN)).json()
    assert (moved["agency_id"], moved["version"]) == (str(other), 2)
    stayed = (await client.get(f"/v1/accounts/{closed['id']}", headers=ADMIN)).json()
    assert stayed["agency_id"] == str(ours)
    lines = await owner.fetch(
        "SELECT changes FROM audit_log WHERE object_id = $1 AND action = 'account.updated'", mine["id"]
    )
    assert len(lines) == 1
    assert str(other) in lines[0]["changes"]


async def test_addresses_give_the_wilaya_to_filter_by(client: httpx.AsyncClient, ours: UUID) -> None:
    await opened(client, ADMIN, ours)
    oran = await opened(client, ADMIN, ours, addresses=[ADDRESS | {"wilaya_code": "31"}])
    found = await client.get("/v1/accounts", params={"wilaya_code": "31"}, headers=ADMIN)
    assert [row["id"] for row in found.json()["data"]] == [oran["id"]]
    count = await client.get("/v1/accounts/count", params={"wilaya_code": ["16", "31"]}, headers=ADMIN)
    assert count.json() == {"count": 2}
