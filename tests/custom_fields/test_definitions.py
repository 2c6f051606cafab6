from typing import Any
from uuid import uuid4

import httpx
import pytest

from actors import actor

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, "organization:read", "settings:manage")
THEIRS = actor(uuid4(), "organization:read", "settings:manage")


async def define(client: httpx.AsyncClient, key: str, kind: str, **more: Any) -> dict[str, Any]:
    body = {"entity": "account", "key": key, "label_fr": key, "type": kind} | more
    answer = await client.post("/v1/custom-fields", json=body, headers=ADMIN)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_field_is_defined_changed_and_retired(client: httpx.AsyncClient) -> None:
    made = await define(client, "fleet_size", "integer", limits={"min": 0, "max": 500})
    assert (made["status"], made["pii_class"], made["limits"]["max"]) == ("active", "p0", 500)
    path = f"/v1/custom-fields/{made['id']}"
    changed = await client.patch(path, json={"label_fr": "Parc"}, headers=ADMIN | {"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["label_fr"]) == (200, "Parc")
    retired = await client.delete(path, headers=ADMIN | {"If-Match": '"2"'})
    assert retired.status_code == 204
    assert (await client.get(path, headers=ADMIN)).json()["status"] == "retired"
    again = await client.post(
        "/v1/custom-fields",
        json={"entity": "account", "key": "fleet_size", "label_fr": "Autre", "type": "text"},
        headers=ADMIN,
    )
    assert (again.status_code, again.json()["code"]) == (409, "custom_field_key_taken")


async def test_options_belong_to_choices_only(client: httpx.AsyncClient) -> None:
    for kind, options in ("enum", []), ("text", [{"value": "a", "label_fr": "A"}]):
        body = {"entity": "lead", "key": "k", "label_fr": "K", "type": kind, "options": options}
        refused = await client.post("/v1/custom-fields", json=body, headers=ADMIN)
        assert refused.status_code == 422
    made = await define(client, "network", "enum", options=[{"value": "gold", "label_fr": "Or"}])
    emptied = await client.patch(
        f"/v1/custom-fields/{made['id']}", json={"options": []}, headers=ADMIN | {"If-Match": '"1"'}
    )
    assert (emptied.status_code, emptied.json()["code"]) == (409, "custom_field_needs_options")


async def test_a_kind_of_object_has_a_hundred_fields_at_most(client: httpx.AsyncClient) -> None:
    for at in range(100):
        await define(client, f"field_{at}", "text")
    body = {"entity": "account", "key": "one_more", "label_fr": "X", "type": "text"}
    refused = await client.post("/v1/custom-fields", json=body, headers=ADMIN)
    assert (refused.status_code, refused.json()["code"], refused.json()["most"]) == (
        409,
        "too_many_custom_fields",
        100,
    )
    elsewhere = await client.post("/v1/custom-fields", json=body | {"entity": "lead"}, headers=ADMIN)
    assert elsewhere.status_code == 201


async def test_definitions_are_the_organizations_own(client: httpx.AsyncClient) -> None:
    made = await define(client, "fleet_size", "integer")
    assert (await client.get(f"/v1/custom-fields/{made['id']}", headers=THEIRS)).status_code == 404
    listed = await client.get("/v1/custom-fields", params={"entity": "account"}, headers=THEIRS)
    assert listed.json()["data"] == []


async def test_reading_needs_a_scope_and_writing_another(client: httpx.AsyncClient) -> None:
    reader = actor(OURS, "organization:read")
    assert (await client.get("/v1/custom-fields", headers=reader)).status_code == 200
    body = {"entity": "account", "key": "k", "label_fr": "K", "type": "text"}
    assert (await client.post("/v1/custom-fields", json=body, headers=reader)).status_code == 403
