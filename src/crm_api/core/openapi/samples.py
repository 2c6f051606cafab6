"""Example values made from the schemas, so that nobody writes an example twice.

In this order: the field's own `examples`, its const, first enum value or default; else what its format
says; else what its name says; else the smallest value of its type. A field with a pattern that none
of these matches must bring its own example: `NoExample` names it.
"""

import json
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from crm_api.core.openapi.walk import Json, resolved

FORMATS = {
    "uuid": "01936e2a-7c1e-7b3a-9f60-3d5b2b8f1c11",
    "date-time": "2026-11-23T08:30:00.125Z",
    "date": "2026-11-23",
    "time": "08:30:00",
    "duration": "P30D",
    "email": "amel.haddad@example.dz",
    "uri": "https://crm.example.dz/welcome",
    "uri-reference": "/v1/leads",
    "password": "a long sentence is best",
    "binary": "bytes",
    "byte": "Ynl0ZXM=",
    "ipv4": "192.0.2.10",
    "ipv6": "2001:db8::10",
}
NAMES: tuple[tuple[str, str], ...] = (
    (r"currency", "DZD"),
    (r"amount|.*_amount", "45000.00"),
    (r".*rate", "0.19"),
    (r"phone|mobile|.*_phone", "+213550123456"),
    (r"full_name|.*_name|name", "Amel Haddad"),
    (r"(.*_)?email", "amel.haddad@example.dz"),
    (r"locale|language|.*_locale", "fr"),
    (r"timezone", "Africa/Algiers"),
    (r"country|country_code", "DZ"),
    (r"wilaya|wilaya_code", "16"),
    (r"city|commune", "Alger"),
    (r".*address|street", "12 rue Didouche Mourad"),
    (r".*cursor", "eyJrIjpbIjIwMjYiXX0"),
    (r".*token|.*secret|.*key", "opaque"),
    (r".*url|href", "https://crm.example.dz/welcome"),
    (r".*reason|note|.*note|comment|description|body", "Called back; interested in car insurance."),
    (r"subject|title|label", "Car insurance"),
    (r"code|.*_code|number|.*_number", "16005"),
    (r"tags?", "vip"),
    (r".*", "text"),
)
_USUALLY_NULL = {"deleted_at", "error"}
_NOTHING = object()


class NoExample(Exception):
    """A field's pattern fits none of the standard values: give it Field(examples=[...])."""


class Sampler:
    def __init__(self, document: Json) -> None:
        self.document = document
        self._open: list[str] = []

    def of(self, schema: Json, name: str = "", *, at_most: int | None = None) -> Any:
        """A value that the schema accepts; of an object, `at_most` so many properties."""
        if "$ref" in schema:
            return self._referred(schema, name, at_most)
        told = _told(schema, name)
        return self._made(schema, name, at_most) if told is _NOTHING else told

    def _made(self, schema: Json, name: str, at_most: int | None) -> Any:
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._chosen(schema[key], name, at_most)
        if "allOf" in schema:
            return self._merged(schema, name)
        kind = next((k for k in kinds(schema) if k != "null"), "object")
        return _MAKERS[kind](self, schema, name, at_most)

    def _referred(self, schema: Json, name: str, at_most: int | None) -> Any:
        address, target = schema["$ref"].removesuffix("OrNull"), resolved(self.document, schema)
        if address in self._open:  # a schema within itself: one turn is enough
            return None if "null" in kinds(target) else {}
        self._open.append(address)
        try:
            return self.of(target, name, at_most=at_most)
        finally:
            self._open.pop()

    def _chosen(self, choices: list[Json], name: str, at_most: int | None) -> Any:
        """The first choice; null where the first would turn round in itself."""
        possible = [c for c in choices if c.get("type") != "null" and c.get("$ref") not in self._open]
        return self.of(possible[0], name, at_most=at_most) if possible else None

    def _merged(self, schema: Json, name: str) -> Any:
        values = [self.of(part, name) for part in schema["allOf"]]
        if all(isinstance(value, dict) for value in values):
            return {key: value for part in values for key, value in part.items()}
        return values[0]

    def _object(self, schema: Json, _: str, at_most: int | None) -> Json:
        required = schema.get("required", ())
        properties = schema.get("properties", {})
        chosen = sorted(properties, key=lambda p: p not in required) if at_most else properties
        values = {
            key: self.of(properties[key], key)
            for key in islice(chosen, max(at_most, len(required)) if at_most else None)
            if not self._endless(properties[key], key, required)
        }
        more = schema.get("additionalProperties")
        if not properties and isinstance(more, dict):
            key = self.of(schema.get("propertyNames", {"type": "string"}), "code")
            values[key] = self.of(more)
        return values

    def _endless(self, schema: Json, key: str, required: Any) -> bool:
        return key not in required and schema.get("$ref") in self._open

    def _array(self, schema: Json, name: str, _: int | None) -> list[Any]:
        items = schema.get("items", {})
        if items.get("$ref") in self._open and not schema.get("minItems"):
            return []
        if "prefixItems" in schema:
            return [self.of(item, name) for item in schema["prefixItems"]]
        return [self.of(items, _singular(name)) for _ in range(max(1, schema.get("minItems", 1)))]

    def _text(self, schema: Json, name: str, _: int | None) -> str:
        if "contentSchema" in schema:
            return json.dumps(self.of(schema["contentSchema"]))
        value = FORMATS.get(schema.get("format", "")) or next(
            value for pattern, value in NAMES if re.fullmatch(pattern, name)
        )
        value = value[: schema.get("maxLength", len(value))].ljust(schema.get("minLength", 0), "x")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            raise NoExample(f"{' > '.join([*self._open, name])}: {schema['pattern']}")
        return value

    def _integer(self, schema: Json, _: str, __: int | None) -> int:
        return int(_within(schema, 1))

    def _number(self, schema: Json, _: str, __: int | None) -> float:
        return _within(schema, 0.5)

    def _boolean(self, _: Json, __: str, ___: int | None) -> bool:
        return True


_MAKERS: dict[str, Callable[[Sampler, Json, str, int | None], Any]] = {
    "object": Sampler._object,
    "array": Sampler._array,
    "string": Sampler._text,
    "integer": Sampler._integer,
    "number": Sampler._number,
    "boolean": Sampler._boolean,
}


def _told(schema: Json, name: str) -> Any:
    """What the schema itself offers as a value."""
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("default") is not None:
        return schema["default"]
    return None if name in _USUALLY_NULL and "null" in kinds(schema) else _NOTHING


def kinds(schema: Json) -> list[str]:
    kind = schema.get("type", [])
    return kind if isinstance(kind, list) else [kind]


def _within(schema: Json, wish: float) -> float:
    least: float = schema.get("minimum", schema.get("exclusiveMinimum", wish - 1) + 1)
    most: float = schema.get("maximum", schema.get("exclusiveMaximum", wish + 1) - 1)
    step: float = schema.get("multipleOf", 0)
    value = min(max(wish, least), max(most, least))
    return value if not step else -(-value // step) * step


def _singular(name: str) -> str:
    return name.removesuffix("s")
