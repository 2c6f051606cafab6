"""The documents that the sample house gets: what the conventions promise, and nothing by hand."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import jsonschema_rs
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, Field

from contract.sample_app import SCOPES, create_app
from crm_api.core.openapi import documents, write
from crm_api.core.openapi.samples import NoExample
from crm_api.core.openapi.walk import operations, references, resolved, webhooks
from crm_api.kit.schemas import Input, Output

Document = dict[str, Any]
W = TypeVar("W", bound=BaseModel)


@pytest.fixture(scope="module")
def staff() -> Document:
    return documents(create_app(), SCOPES)["staff"]


def operation(document: Document, operation_id: str) -> Document:
    return next(o for _, _, o in operations(document) if o["operationId"] == operation_id)


def named(document: Document, operation: Document) -> dict[str, Document]:
    found = (resolved(document, parameter) for parameter in operation.get("parameters", ()))
    return {parameter["name"]: parameter for parameter in found}


def bodies(document: Document) -> Iterator[tuple[str, Document, Any]]:
    """Every media type: where it is, its schema, its example."""
    for _, _, o in [*operations(document), *webhooks(document)]:
        answers = {code: resolved(document, answer) for code, answer in o["responses"].items()}
        for place, holder in {"request": o.get("requestBody", {}), **answers}.items():
            for media in holder.get("content", {}).values():
                for example in media["examples"].values():
                    yield f"{o['operationId']} {place}", media["schema"], resolved(document, example)["value"]


def small_app(*endpoints: Any, **options: Any) -> FastAPI:
    app, router = FastAPI(title="Small", openapi_url=None), APIRouter(prefix="/v1/things")
    for endpoint in endpoints:
        router.add_api_route("", endpoint, methods=["POST"], **options)
    app.include_router(router)
    return app


def test_the_same_routes_give_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write(create_app(), SCOPES, tmp_path / "first")]
    again = [path.read_bytes() for path in write(create_app(), SCOPES, tmp_path / "again")]
    assert first == again
    assert len(first) == 3


def test_every_example_fits_its_schema(staff: Document) -> None:
    tried = 0
    for where, schema, value in bodies(staff):
        validator = jsonschema_rs.validator_for({**schema, "components": staff["components"]})
        assert not list(validator.iter_errors(value)), where
        tried += 1
    assert tried > 30


def test_every_reference_leads_somewhere_and_every_component_is_reached() -> None:
    for document in documents(create_app(), SCOPES).values():
        found = set(references(document))
        for address in found:
            assert resolved(document, {"$ref": address})
        for kind in ("schemas", "parameters", "responses", "headers", "examples"):
            for name in document["components"].get(kind, ()):
                assert f"#/components/{kind}/{name}" in found


def test_an_operation_is_named_after_its_function(staff: Document) -> None:
    names = [o["operationId"] for _, _, o in [*operations(staff), *webhooks(staff)]]
    assert {"createToken", "listLeads", "createLeadExport", "onLeadCreated"} <= set(names)
    assert len(names) == len(set(names))
    assert operation(staff, "listLeads")["summary"] == "List leads"
    assert operation(staff, "convertLead")["summary"] == "Make a customer of a lead"


def test_scopes_are_said_three_times_over(staff: Document) -> None:
    listing = operation(staff, "listLeads")
    assert listing["security"] == [{"oauth2": ["leads:read"]}, {"api_key": []}]
    assert listing["x-required-scopes"] == ["leads:read"]
    assert listing["description"].endswith("**Required scopes:** `leads:read`.")


def test_a_public_route_asks_for_nothing_and_refuses_nobody_it_does_not_know(staff: Document) -> None:
    token = operation(staff, "createToken")
    assert token["security"] == []
    assert "403" not in token["responses"]
    assert "Idempotency-Key" not in named(staff, token)


@pytest.mark.parametrize(
    ("operation_id", "refused"),
    [
        ("listLeads", {"400", "401", "403", "422", "429", "500", "503"}),
        ("getLead", {"400", "401", "403", "404", "422", "429", "500", "503"}),
        ("createLead", {"400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"}),
        ("deleteLead", {"400", "401", "403", "404", "409", "412", "422", "428", "429", "500", "503"}),
    ],
)
def test_an_operation_lists_the_refusals_of_its_kind(
    staff: Document, operation_id: str, refused: set[str]
) -> None:
    responses = operation(staff, operation_id)["responses"]
    assert {code for code in responses if code >= "400"} == refused
    for code in refused:
        assert "application/problem+json" in resolved(staff, responses[code])["content"]


def test_a_route_adds_its_own_refusals(staff: Document) -> None:
    assert "**Refusals:** `lead_already_converted` (409)." in operation(staff, "convertLead")["description"]


def test_every_answer_carries_the_quota_and_the_request_id(staff: Document) -> None:
    for _, _, o in operations(staff):
        for answer in o["responses"].values():
            assert {"RateLimit", "RateLimit-Policy", "X-Request-Id"} <= resolved(staff, answer)[
                "headers"
            ].keys()


def test_a_versioned_resource_has_an_etag_and_is_read_and_changed_by_it(staff: Document) -> None:
    created, read = operation(staff, "createLead"), operation(staff, "getLead")
    assert {"ETag", "Location"} <= created["responses"]["201"]["headers"].keys()
    assert "304" in read["responses"]
    assert not named(staff, read)["If-None-Match"]["required"]
    for operation_id in ("updateLead", "deleteLead"):
        assert named(staff, operation(staff, operation_id))["If-Match"]["required"]


def test_a_list_links_to_its_next_page(staff: Document) -> None:
    assert "Link" in operation(staff, "listLeads")["responses"]["200"]["headers"]


def test_a_key_makes_a_post_repeatable_and_may_be_required(staff: Document) -> None:
    assert not named(staff, operation(staff, "createLead"))["Idempotency-Key"]["required"]
    assert named(staff, operation(staff, "createLeadExport"))["Idempotency-Key"]["required"]


def test_a_patch_is_a_merge_patch_and_shows_a_part(staff: Document) -> None:
    (media_type,) = operation(staff, "updateLead")["requestBody"]["content"]
    assert media_type == "application/merge-patch+json"
    patch = staff["components"]["examples"]["LeadPatch"]["value"]
    assert 0 < len(patch) < len(staff["components"]["schemas"]["LeadPatch"]["properties"])


def test_nulls_in_examples_survive(staff: Document) -> None:
    lead = staff["components"]["examples"]["LeadRead"]["value"]
    assert lead["deleted_at"] is None
    assert lead["parent"] is None


def test_a_nullable_field_is_a_type_and_a_parameter_is_never_null(staff: Document) -> None:
    assert staff["components"]["schemas"]["LeadRead"]["properties"]["email"]["type"] == ["string", "null"]
    assert named(staff, operation(staff, "listLeads"))["q"]["schema"]["type"] == "string"


def test_nothing_is_titled_or_unbounded(staff: Document) -> None:
    lead = staff["components"]["schemas"]["LeadRead"]["properties"]
    assert "title" not in json.dumps(lead)
    assert lead["version"]["maximum"] == 2**31 - 1
    assert lead["created_at"]["maxLength"] == 35
    assert lead["custom_fields"]["maxProperties"] == 200


def test_a_stream_is_described_event_by_event_in_words_of_3_1(staff: Document) -> None:
    media = operation(staff, "streamEvents")["responses"]["200"]["content"]["text/event-stream"]
    assert "itemSchema" not in media
    assert media["schema"]["properties"]["data"]["contentSchema"] == {"$ref": "#/components/schemas/Change"}


def test_a_webhook_is_what_we_send(staff: Document) -> None:
    ((_, _, sent),) = webhooks(staff)
    schema = sent["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/LeadCreated"}
    assert list(named(staff, sent)) == ["webhook-id", "webhook-timestamp", "webhook-signature"]


def test_an_audience_reads_what_is_meant_for_it_and_what_that_needs() -> None:
    made = documents(create_app(), SCOPES)
    ids = {audience: {o["operationId"] for _, _, o in operations(d)} for audience, d in made.items()}
    assert ids["portal"] == {"createToken", "streamEvents"}
    assert ids["partner"] == ids["staff"] - {"deleteLead", "convertLead", "createLeadExport"}
    assert "webhooks" not in made["portal"]
    assert "LeadRead" not in made["portal"]["components"]["schemas"]
    assert [tag["name"] for tag in made["portal"]["tags"]] == ["auth", "sync"]
    flows = made["portal"]["components"]["securitySchemes"]["oauth2"]["flows"]
    assert list(flows["password"]["scopes"]) == ["events:read"]


class Coded(Input):
    code: str = Field(pattern=r"^Z-\d{9}$", max_length=11)


class CodedWell(Input):
    code: str = Field(pattern=r"^Z-\d{9}$", max_length=11, examples=["Z-000000001"])


class Thing(Output):
    note: str | None


def create_thing(body: Coded) -> Thing:
    return Thing(note=body.code)


def create_thing_well(body: CodedWell) -> Thing:
    return Thing(note=body.code)


def test_a_pattern_that_nothing_fits_must_bring_its_example() -> None:
    with pytest.raises(NoExample, match="code"):
        documents(small_app(create_thing), {})
    staff = documents(small_app(create_thing_well), {})["staff"]
    assert staff["components"]["examples"]["CodedWell"]["value"] == {"code": "Z-000000001"}


def test_a_route_may_bring_its_own_examples_with_their_nulls() -> None:
    own = {"request": {"code": "Z-123456789"}, "200": {"note": None}}
    staff = documents(small_app(create_thing_well, openapi_extra={"x-examples": own}), {})["staff"]
    created = operation(staff, "createThingWell")
    content = [created["requestBody"]["content"], created["responses"]["200"]["content"]]
    assert [c["application/json"]["examples"]["sample"]["value"] for c in content] == [*own.values()]


def test_what_is_made_once_is_not_changed_by_making_it_again() -> None:
    app = create_app()
    first = documents(app, SCOPES)["staff"]
    kept = copy.deepcopy(first)
    documents(app, SCOPES)
    assert first == kept


class Want(Output):
    """What is asked for."""

    thing: Thing | None


class Holder(Output):
    """Who asks for it."""

    want: Want | None
    wants: list[Want]


class Several(Output, Generic[W]):
    """Several of a kind."""

    rows: list[W]


class HolderRead(Holder):
    """Somebody."""


def test_what_may_be_null_within_what_may_be_null_leaves_no_choice_to_a_client() -> None:
    def list_holders() -> Holder:
        raise NotImplementedError

    staff = documents(small_app(list_holders), {})["staff"]
    assert "anyOf" not in json.dumps(staff["components"]["schemas"])
    inner = staff["components"]["schemas"]["WantOrNull"]["properties"]["thing"]
    assert inner["$ref"] == "#/components/schemas/ThingOrNull"


def test_a_generic_schema_has_a_plain_name_and_the_words_of_its_kind() -> None:
    def list_holders() -> Several[HolderRead]:
        raise NotImplementedError

    staff = documents(small_app(list_holders), {})["staff"]
    assert staff["components"]["schemas"]["HolderSeveral"]["description"] == "Several of a kind."
    answer = operation(staff, "listHolders")["responses"]["200"]["content"]["application/json"]
    assert answer["schema"] == {"$ref": "#/components/schemas/HolderSeveral"}
