from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from account_steps import EVERYTHING, agency, body, match, opened
from actors import actor

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *EVERYTHING, "settings:manage", "organization:read")
FIELDS: dict[str, dict[str, Any]] = {
    "size": {"type": "integer", "limits": {"min": 1, "max": 500}},
    "rate": {"type": "number"},
    "since": {"type": "date"},
    "listed": {"type": "boolean"},
    "network": {"type": "enum", "options": [{"value": "gold", "label_fr": "Or"}]},
    "sites": {"type": "multi_enum", "options": [{"value": v, "label_fr": v} for v in ("alger", "oran")]},
    "budget": {"type": "money", "limits": {"min": 0}},
    "motto": {"type": "text", "limits": {"max_length": 5}},
}


@pytest.fixture
async def ours(app: object, owner: asyncpg.Connection, client: httpx.AsyncClient) -> UUID:
    for key, field in FIELDS.items():
        definition = {"entity": "account", "key": key, "label_fr": key} | field
        made = await client.post("/v1/custom-fields", json=definition, headers=ADMIN)
        assert made.status_code == 201, made.text
    return await agency(owner, OURS)


async def test_values_are_kept_as_their_types_say(client: httpx.AsyncClient, ours: UUID) -> None:
    values = {
        "size": 12,
        "rate": 0.5,
        "since": "2026-01-31",
        "listed": False,
        "network": "gold",
        "sites": ["oran"],
        "budget": {"amount": "45000.00", "currency": "DZD"},
        "motto": "Élan",
    }
    made = await opened(client, ADMIN, ours, custom_fields=values)
    assert made["custom_fields"] == values


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("size", "12"),
        ("size", 501),
        ("size", 1.5),
        ("size", True),
        ("rate", "0.5"),
        ("since", "2026-02-30"),
        ("listed", 1),
        ("network", "silver"),
        ("sites", ["oran", "paris"]),
        ("sites", "oran"),
        ("budget", "45000.00"),
        ("budget", {"amount": "-1.00", "currency": "DZD"}),
        ("motto", "Élégance"),
        ("unknown", 1),
        ("Bad/Key", 1),
    ],
)
async def test_a_value_that_is_none_of_its_type_is_named(
    client: httpx.AsyncClient, ours: UUID, key: str, value: Any
) -> None:
    refused = await client.post("/v1/accounts", json=body(ours, custom_fields={key: value}), headers=ADMIN)
    assert refused.status_code == 422
    pointer = refused.json()["errors"][0]["pointer"]
    assert pointer.startswith(f"/custom_fields/{key.replace('/', '~1')}")


async def test_a_patch_is_laid_over_and_null_takes_away(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours, custom_fields={"size": 12, "motto": "Élan"})
    changed = await client.patch(
        f"/v1/accounts/{made['id']}",
        json={"custom_fields": {"size": None, "rate": 1}},
        headers=ADMIN | match(1),
    )
    assert changed.json()["custom_fields"] == {"motto": "Élan", "rate": 1}


async def test_a_required_field_is_asked_for(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours)
    definition = {
        "entity": "account",
        "key": "origin",
        "label_fr": "Origine",
        "type": "text",
        "required": True,
    }
    await client.post("/v1/custom-fields", json=definition, headers=ADMIN)
    refused = await client.post("/v1/accounts", json=body(ours), headers=ADMIN)
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/custom_fields/origin", "missing")
    ]
    path = f"/v1/accounts/{made['id']}"
    elsewhere = await client.patch(path, json={"name": "Autre nom"}, headers=ADMIN | match(1))
    assert elsewhere.status_code == 200, "older objects may be changed without it"
    emptied = await client.patch(path, json={"custom_fields": {"origin": None}}, headers=ADMIN | match(2))
    assert emptied.status_code == 422


async def test_a_retired_field_is_shown_and_no_longer_written(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours, custom_fields={"motto": "Élan"})
    fields = (await client.get("/v1/custom-fields", headers=ADMIN)).json()["data"]
    motto = next(field for field in fields if field["key"] == "motto")
    await client.delete(f"/v1/custom-fields/{motto['id']}", headers=ADMIN | match(1))
    refused = await client.post(
        "/v1/accounts", json=body(ours, custom_fields={"motto": "Élan"}), headers=ADMIN
    )
    assert refused.status_code == 422
    read = await client.get(f"/v1/accounts/{made['id']}", headers=ADMIN)
    assert read.json()["custom_fields"] == {"motto": "Élan"}


async def test_a_search_survives_values_of_another_type(
    client: httpx.AsyncClient, ours: UUID, owner: asyncpg.Connection
) -> None:
    bad = await opened(client, ADMIN, ours)
    await opened(
        client, ADMIN, ours, custom_fields={"size": 12, "budget": {"amount": "5.00", "currency": "DZD"}}
    )
    await owner.execute(
        """UPDATE accounts SET custom_fields = '{"size": "many", "budget": "much", "since": 7, "sites": 1,
        "listed": "perhaps", "rate": {}}' WHERE id = $1""",
        bad["id"],
    )
    asked: dict[str, Any] = {
        "size": 12,
        "rate": 1.5,
        "since": "2026-01-01",
        "listed": True,
        "network": "gold",
        "sites": "oran",
        "budget": {"amount": "5.00", "currency": "DZD"},
        "motto": "x",
    }
    for key, value in asked.items():
        conditions = [{"field": f"custom.{key}", "op": "eq", "value": value}]
        answer = await client.post("/v1/accounts/search", json={"filter": {"all": conditions}}, headers=ADMIN)
        assert answer.status_code == 200, answer.text
        assert bad["id"] not in [row["id"] for row in answer.json()["data"]]
    for key in "size", "rate", "since", "budget", "motto", "network":
        answer = await client.post(
            "/v1/accounts/search", json={"sort": [f"custom.{key}"], "limit": 1}, headers=ADMIN
        )
        assert (answer.status_code, len(answer.json()["data"])) == (200, 1)
