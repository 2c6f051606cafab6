"""Schemas as pydantic writes them, made smaller and closed: no title, no needless anyOf, no missing bound."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crm_api.core.openapi.walk import SCHEMAS, Json, inside, operations, resolved, schemas, webhooks
from crm_api.core.openapi.words import meaning

_NULL = {"type": "null"}
_LENGTHS = {"uuid": 36, "date-time": 35, "date": 10, "time": 21, "duration": 64, "email": 254, "uri": 2048}
_TEXT, _ITEMS, _KEYS = 10_000, 1_000, 200
_NO_NUL = r"^[^\x00]*$"
"""PostgreSQL keeps no NUL, so we take none and send none."""
_INTEGERS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**53) + 1, 2**53 - 1)}
"""int64 stops where JavaScript's numbers do."""


_FOREIGN = {"JsonValue": "Whatever JSON can say: a text, a number, true or false, null, a list or an object."}
"""What pydantic publishes without a word."""


def tidy(document: Json) -> None:
    for name, said in _FOREIGN.items():
        if name in document["components"]["schemas"]:
            document["components"]["schemas"][name].setdefault("description", said)
    _name_generics(document)
    _name_once(document)
    _name_forms(document)
    _name_nullables(document)
    for repair in (_drop_titles, _fold_null, _describe, _bound):
        for name, schema in list(schemas(document)):
            repair(name, schema)
    for _, _, operation in [*operations(document), *webhooks(document)]:
        for parameter in operation.get("parameters", ()):
            if "schema" in parameter:  # not a reference to one of ours
                _never_null(parameter["schema"])
        for form in _forms(document, operation):
            _fill_plainly(form)


def _fill_plainly(form: Json) -> None:
    for part in form.get("properties", {}).values():
        _never_null(part)
        if part.get("default", ...) is None:
            del part["default"]


def _forms(document: Json, operation: Json) -> Iterator[Json]:
    for media_type, media in operation.get("requestBody", {}).get("content", {}).items():
        if media_type.startswith("multipart/"):
            yield resolved(document, media["schema"])


def _name_generics(document: Json) -> None:
    """`Batch_LeadCreate_LeadPatch_`, as pydantic puts it, is `LeadBatch`: see `kit.schemas.Schema`."""
    named = document["components"]["schemas"]
    moved = {
        SCHEMAS + name: SCHEMAS + schema["title"] for name, schema in named.items() if name.endswith("_")
    }
    for old, new in moved.items():
        named[new.removeprefix(SCHEMAS)] = named.pop(old.removeprefix(SCHEMAS))
    _redirect(document, moved)


def _name_once(document: Json) -> None:
    """What refers to itself comes twice, as `Rule-Input` and `Rule-Output`, though both are alike."""
    named = document["components"]["schemas"]
    twice = {name.removesuffix("-Input") for name in named if name.endswith("-Input")}
    moved = {f"{SCHEMAS}{name}-{way}": SCHEMAS + name for name in twice for way in ("Input", "Output")}
    alike = copy.deepcopy({name: named[name] for name in named if SCHEMAS + name in moved})
    _redirect(alike, moved)
    if any(alike[f"{name}-Input"] != alike.get(f"{name}-Output") for name in twice):
        return  # what comes in differs from what goes out: a test asks for two names then
    for name in twice:
        named[name] = alike[f"{name}-Input"]
        del named[f"{name}-Input"], named[f"{name}-Output"]
    _redirect(document, moved)


def _redirect(node: Any, moved: Mapping[str, str]) -> None:
    """Every reference to what has moved, also those of discriminators."""
    places = node.items() if isinstance(node, dict) else enumerate(node)
    for key, part in list(places):
        if isinstance(part, dict | list):
            _redirect(part, moved)
        elif isinstance(part, str) and part in moved:
            node[key] = moved[part]


def _name_forms(document: Json) -> None:
    """FastAPI names a form after the path; we after the operation."""
    named = document["components"]["schemas"]
    for _, _, operation in operations(document):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            name = media.get("schema", {}).get("$ref", "").removeprefix(SCHEMAS)
            if name.startswith("Body_"):
                operation_id = operation["operationId"]
                ours = f"{operation_id[0].upper()}{operation_id[1:]}Form"
                named[ours] = {**named.pop(name), "description": f"The form of {operation_id}."}
                media["schema"] = {"$ref": SCHEMAS + ours}


def _name_nullables(document: Json) -> None:
    """`anyOf: [Money, null]` becomes `MoneyOrNull`: a choice without choice, for readers and generators."""
    named = document["components"]["schemas"]
    waiting = [schema for _, schema in schemas(document)]
    while waiting:
        schema = waiting.pop(0)
        only = _other_than_null(schema)
        if only is None or "$ref" not in only:
            continue
        name = only["$ref"].removeprefix(SCHEMAS)
        target = named[name]
        if target.get("type") != "object" and "enum" not in target:
            continue
        del schema["anyOf"]
        if "enum" in target:
            schema.update(
                {**target, **schema, "type": [target["type"], "null"], "enum": [*target["enum"], None]}
            )
            continue
        schema["$ref"] = f"{SCHEMAS}{name}OrNull"
        if f"{name}OrNull" not in named:
            twin = named[f"{name}OrNull"] = {**copy.deepcopy(target), "type": ["object", "null"]}
            waiting += [part for _, part in inside(twin)]


def _other_than_null(schema: Json) -> Json | None:
    """X, of `anyOf: [X, null]`."""
    choices: list[Json] = schema.get("anyOf", [])
    if len(choices) != 2 or _NULL not in choices:
        return None
    return next(choice for choice in choices if choice != _NULL)


def _drop_titles(_: str, schema: Json) -> None:
    if isinstance(schema.get("title"), str):
        del schema["title"]


def _fold_null(_: str, schema: Json) -> None:
    """`anyOf: [X, null]` is `type: [X, "null"]`: smaller, and plainer in every generated client."""
    only = _other_than_null(schema)
    if only is None or not isinstance(only.get("type"), str):
        return
    del schema["anyOf"]
    for key, value in only.items():
        schema.setdefault(key, value)
    schema["type"] = [only["type"], "null"]
    if "enum" in only:
        schema["enum"] = [*only["enum"], None]
    if "const" in only:
        schema["enum"] = [schema.pop("const"), None]


def _never_null(schema: Json) -> None:
    """A query string, a header and a part of a form have no null: left out is left out."""
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
        if "enum" in schema:
            schema["enum"] = [value for value in schema["enum"] if value is not None]
    elif _NULL in schema.get("anyOf", ()):
        choices = [choice for choice in schema.pop("anyOf") if choice != _NULL]
        schema.update(choices[0] if len(choices) == 1 else {"anyOf": choices})


def _describe(_: str, schema: Json) -> None:
    for name, part in schema.get("properties", {}).items():
        if isinstance(part, dict) and "description" not in part and (said := meaning(name)):
            part["description"] = said


def _bound(_: str, schema: Json) -> None:
    kinds = schema.get("type")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if limit := _LIMITS.get(kind or ""):
            limit(schema)


def _bound_text(schema: Json) -> None:
    if "enum" in schema or "const" in schema:
        return
    schema.setdefault("maxLength", _LENGTHS.get(schema.get("format", ""), _TEXT))
    if "format" not in schema:
        schema.setdefault("pattern", _NO_NUL)


def _bound_integer(schema: Json) -> None:
    if "enum" in schema or "const" in schema:
        return
    for key in {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} & schema.keys():
        schema[key] = int(schema[key])  # pydantic writes 1.0
    top: int = schema.get("maximum") or schema.get("exclusiveMaximum") or 0
    kind = schema.setdefault("format", "int64" if top > _INTEGERS["int32"][1] else "int32")
    least, most = _INTEGERS[kind]
    if "exclusiveMinimum" not in schema:
        schema.setdefault("minimum", least)
    if "exclusiveMaximum" not in schema:
        schema.setdefault("maximum", most)


def _bound_number(schema: Json) -> None:
    schema.setdefault("format", "double")


def _bound_array(schema: Json) -> None:
    schema.setdefault("maxItems", _ITEMS)


def _bound_object(schema: Json) -> None:
    if schema.get("additionalProperties"):
        schema.setdefault("maxProperties", _KEYS)


_LIMITS: dict[str, Callable[[Json], None]] = {
    "string": _bound_text,
    "integer": _bound_integer,
    "number": _bound_number,
    "array": _bound_array,
    "object": _bound_object,
}
