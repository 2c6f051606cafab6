"""How to go round a document: its operations, its schemas, and what they refer to."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SCHEMAS = "#/components/schemas/"


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def webhooks(document: Json) -> Iterator[tuple[str, str, Json]]:
    for name, item in document.get("webhooks", {}).items():
        for method in METHODS:
            if method in item:
                yield name, method, item[method]


def resolved(document: Json, node: Json) -> Json:
    while "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def inside(schema: Json) -> Iterator[tuple[str, Json]]:
    """The schema and every schema written within it, innermost first, each with the name it is known by."""
    yield from _inside(schema, "")


def _inside(schema: Any, name: str) -> Iterator[tuple[str, Json]]:
    if not isinstance(schema, dict):  # `additionalProperties: false`
        return
    for key in ("properties", "patternProperties", "$defs"):
        for label, part in schema.get(key, {}).items():
            yield from _inside(part, label)
    for key in ("items", "additionalProperties", "not", "contentSchema", "propertyNames"):
        yield from _inside(schema.get(key), name)
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        for part in schema.get(key, ()):
            yield from _inside(part, name)
    yield name, schema


def schemas(document: Json) -> Iterator[tuple[str, Json]]:
    """Every schema of the document, wherever it is written."""
    for schema in document.get("components", {}).get("schemas", {}).values():
        yield from inside(schema)
    places = [*operations(document), *webhooks(document)]
    for holder in (document.get("components", {}), *(operation for _, _, operation in places)):
        for name, schema in _held(holder):
            yield from _inside(schema, name)


def _held(node: Any, name: str = "", *, key: str = "") -> Iterator[tuple[str, Json]]:
    """The schemas that parameters, headers and media types carry."""
    if key in {"schemas", "example", "examples"}:
        return
    if isinstance(node, dict):
        name = node["name"] if isinstance(node.get("name"), str) else name
        if isinstance(node.get("schema"), dict):
            yield name, node["schema"]
        for label, part in node.items():
            if label != "schema":
                yield from _held(part, name, key=label)
    elif isinstance(node, list):
        for part in node:
            yield from _held(part, name)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for part in node.values():
            yield from references(part)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)
