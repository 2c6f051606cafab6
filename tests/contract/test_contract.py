"""The documents of the real house: what the linters cannot see."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from crm_api.core.identity import Identity
from crm_api.core.openapi import documents
from crm_api.core.openapi.document import raw
from crm_api.core.openapi.walk import SCHEMAS, inside, operations, references, resolved
from crm_api.core.principal import Principal
from crm_api.core.settings import Settings
from crm_api.core.tools import make_tools
from crm_api.kit.errors import Unauthenticated
from crm_api.main import create_app
from crm_api.registry import LISTENERS, OBJECTS

Document = dict[str, Any]
BOUNDS = {
    "string": {"maxLength", "enum", "const", "format"},
    "integer": {"maximum", "exclusiveMaximum", "enum", "const"},
    "number": {"maximum", "exclusiveMaximum", "enum", "const"},
    "array": {"maxItems"},
}


async def nobody(credential: str) -> tuple[Principal, float]:
    raise Unauthenticated


@pytest.fixture(scope="module")
def unopened(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application as routes and schemas; it never meets a database."""
    settings = Settings(env="test", data_dir=tmp_path_factory.mktemp("data"))
    return create_app(
        URL.create("postgresql+asyncpg"), make_tools(settings, Identity(nobody), LISTENERS, OBJECTS)
    )


def incoming(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Every schema that something sent to us must fit: where, the field, the schema."""
    waiting: list[str] = []
    for _, _, operation in operations(document):
        where = operation["operationId"]
        for parameter in operation.get("parameters", ()):
            for name, schema in inside(parameter["schema"]):
                yield where, name or parameter["name"], schema
        waiting += references(operation.get("requestBody", {}))
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        body = resolved(document, {"$ref": address})
        waiting += references(body)
        for name, schema in inside(body):
            yield address.removeprefix(SCHEMAS), name, schema


def test_every_input_is_bounded_by_its_own_schema(unopened: FastAPI) -> None:
    loose = {
        f"{where}.{name}: {schema['type']}"
        for where, name, schema in incoming(raw(unopened))
        if isinstance(schema.get("type"), str)
        and not BOUNDS.get(schema["type"], schema.keys()) & schema.keys()
    }
    assert not loose, "these take anything of any size: " + ", ".join(sorted(loose))


def test_every_schema_says_what_it_is_under_a_plain_name_of_its_own(unopened: FastAPI) -> None:
    named = documents(unopened, {})["staff"]["components"]["schemas"]
    assert not [name for name, schema in named.items() if not schema.get("description", "").strip()]
    assert not [name for name in named if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)]


@pytest.mark.parametrize("audience", ["staff", "portal", "partner"])
def test_every_example_fits_its_schema(unopened: FastAPI, audience: str) -> None:
    document = documents(unopened, {})[audience]
    examples = document["components"].get("examples", {})
    for name, example in examples.items():
        schema = {"$ref": SCHEMAS + name, "components": document["components"]}
        faults = [*jsonschema_rs.validator_for(schema).iter_errors(example["value"])]
        assert not faults, f"{name}: {faults[0]}"
    assert examples or audience != "staff"
