"""What screens draw is what the API takes: never written twice, so held to the schemas themselves."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from crm_api.registry import OBJECTS
from crm_api.roles.catalogue import permissions

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
ADMIN = actor(OURS, *permissions(), "session:self")
READER = actor(OURS, "leads:read", "session:self")


async def entity(
    client: httpx.AsyncClient, name: str = "lead", by: Any = ADMIN, **params: str
) -> dict[str, Any]:
    answer = await client.get(f"/v1/metadata/entities/{name}", headers=by, params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def by_name(detail: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in detail["fields"]}


async def test_every_object_with_a_list_is_described(client: httpx.AsyncClient, app: FastAPI) -> None:
    listed = (await client.get("/v1/metadata/entities", headers=ADMIN)).json()["data"]
    assert [one["name"] for one in listed] == sorted(app.state.tools.entities)
    assert {"account", "agency", "contact", "lead", "user"} <= set(app.state.tools.entities) <= set(OBJECTS)
    for one in listed:
        detail = await entity(client, one["name"])
        shape = app.state.tools.entities[one["name"]]
        fields = by_name(detail)
        assert {name for name, field in fields.items() if field["readable"]} == (
            set(shape.read.model_fields) - {"custom_fields"}
        )
        if shape.created is not None and shape.created.body is not None:  # a document comes as a form
            given = set(shape.created.body.model_fields) - {"custom_fields"}
            assert {name for name, field in fields.items() if field["creatable"]} == given
            needed = {name for name, field in shape.created.body.model_fields.items() if field.is_required()}
            assert {name for name, field in fields.items() if field["required"]} == needed
        assert {name for name, field in fields.items() if field["sortable"]} == (
            set(shape.query.sortable) & set(fields)
        )
        in_form = [name for section in detail["layout"]["form"] for name in section["fields"]]
        assert sorted(in_form) == sorted(fields)
        assert set(detail["layout"]["columns"]) <= set(fields)


async def test_a_field_says_what_it_must_keep_to(client: httpx.AsyncClient) -> None:
    fields = by_name(await entity(client))
    status, name, owner = fields["status"], fields["full_name"], fields["owner_user_id"]
    assert status["kind"] == "choice"
    assert {"value": "new", "label": "Nouvelle"} in status["choices"]
    assert "in" in status["operators"]
    assert (status["creatable"], status["writable"], status["readable"]) == (False, False, True)
    assert (name["kind"], name["required"], name["max_length"], name["sortable"]) == (
        "text",
        False,
        161,
        True,
    )
    assert name["description"]
    assert (owner["kind"], owner["reference"], owner["nullable"]) == ("reference", "user", True)
    assert fields["tags"]["many"] is True
    assert fields["created_at"]["kind"] == "moment"
    assert fields["score"]["kind"] == "integer"


async def test_labels_come_in_the_language_asked_for(client: httpx.AsyncClient) -> None:
    for lang, label in ("fr", "Nouvelle"), ("en", "New"), ("ar", "جديدة"):
        detail = await entity(client, lang=lang)
        assert detail["lang"] == lang
        assert {"value": "new", "label": label} in by_name(detail)["status"]["choices"]
    assert (await client.get("/v1/metadata/entities/lead?lang=de", headers=ADMIN)).status_code == 422


async def test_what_a_screen_may_offer_depends_on_who_looks(client: httpx.AsyncClient) -> None:
    detail = await entity(client, by=READER)
    assert (detail["creatable"], detail["writable"], detail["deletable"]) == (False, False, False)
    assert not any(field["creatable"] or field["writable"] for field in detail["fields"])
    assert any(field["readable"] for field in detail["fields"])
    listed = (await client.get("/v1/metadata/entities", headers=READER)).json()["data"]
    assert [one["name"] for one in listed] == ["lead"]
    for name in "account", "ghost":
        assert (await client.get(f"/v1/metadata/entities/{name}", headers=READER)).status_code == 404
    assert (await client.get("/v1/metadata/entities")).status_code == 401


async def test_the_fields_of_an_organization_are_shown_to_it_alone(client: httpx.AsyncClient) -> None:
    field = {
        "entity": "lead",
        "key": "colour",
        "label_fr": "Couleur",
        "label_ar": "لون",
        "type": "enum",
        "required": True,
        "options": [{"value": "red", "label_fr": "Rouge"}],
    }
    made = await client.post("/v1/custom-fields", json=field, headers=ADMIN)
    assert made.status_code == 201, made.text
    colour = by_name(await entity(client))["custom.colour"]
    assert (colour["label"], colour["kind"], colour["required"]) == ("Couleur", "choice", True)
    assert colour["choices"] == [{"value": "red", "label": "Rouge"}]
    assert by_name(await entity(client, lang="ar"))["custom.colour"]["label"] == "لون"
    sections = {part["key"]: part for part in (await entity(client))["layout"]["form"]}
    assert sections["custom"]["fields"] == ["custom.colour"]
    assert "custom.colour" not in by_name(
        await entity(client, by=actor(THEIRS, *permissions(), "session:self"))
    )
    await client.delete(f"/v1/custom-fields/{made.json()['id']}", headers=ADMIN | {"If-Match": '"1"'})
    retired = by_name(await entity(client))["custom.colour"]
    assert (retired["readable"], retired["writable"], retired["required"]) == (True, False, False)


async def test_what_has_not_changed_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/v1/metadata/entities/lead", headers=ADMIN)
    tag = first.headers["etag"]
    same = await client.get("/v1/metadata/entities/lead", headers=ADMIN | {"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    other = await client.get("/v1/metadata/entities/lead", headers=READER | {"If-None-Match": tag})
    assert other.status_code == 200
    assert other.headers["etag"] != tag
