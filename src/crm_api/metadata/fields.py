"""From a schema to what a screen needs to know of each field."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from crm_api.core.db import Entity
from crm_api.core.entities import Shape
from crm_api.core.plain import table_of
from crm_api.custom_fields.models import CustomFieldStatus, CustomFieldType
from crm_api.custom_fields.schemas import CustomFieldRead
from crm_api.kit.searching import searchable
from crm_api.metadata.schemas import ChoiceShown, FieldShown, Kind
from crm_api.reference.models import LabelLanguage
from crm_api.reference.service import enums

Schema = Mapping[str, Any]
NO_FIELDS = frozenset({"custom_fields"})
"""Shown field by field instead."""
KINDS: Mapping[str, Kind] = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "object": "object",
}
FORMATS: Mapping[str, Kind] = {"date": "date", "date-time": "moment"}
OWN_KINDS: Mapping[CustomFieldType, Kind] = {
    CustomFieldType.TEXT: "text",
    CustomFieldType.NUMBER: "number",
    CustomFieldType.INTEGER: "integer",
    CustomFieldType.BOOLEAN: "boolean",
    CustomFieldType.DATE: "date",
    CustomFieldType.ENUM: "choice",
    CustomFieldType.MULTI_ENUM: "choice",
    CustomFieldType.MONEY: "money",
}
ORDERED = ["eq", "ne", "gte", "gt", "lte", "lt", "null"]


@lru_cache(maxsize=200)
def fields_of(shape: Shape, lang: LabelLanguage) -> tuple[FieldShown, ...]:
    """Those of the house; what one principal may is laid over afterwards."""
    shown, asked, changed = (
        _properties(model) for model in (shape.read, _body(shape.created), _body(shape.changed))
    )
    needed = frozenset(_schema(body).get("required", ())) if (body := _body(shape.created)) else frozenset()
    filters, references = searchable(shape.query), _references(shape.model)
    labels = enums(lang)
    found = []
    for name in dict.fromkeys([*shown, *asked, *changed]):
        if name in NO_FIELDS:
            continue
        written = asked.get(name) or changed.get(name)
        whole = written or shown[name]
        plain, nullable = _without_null(whole)
        kind, many, values = _kind(plain)
        texts = labels.get(f"{shape.label}.{name}", {})
        one = _without_null(plain.get("items", {}))[0] if many else plain
        found.append(
            FieldShown(
                name=name,
                label=None,
                description=whole.get("description"),
                kind="reference" if name in references else kind,
                many=many,
                choices=[ChoiceShown(value=value, label=texts.get(value, value)) for value in values],
                reference=references.get(name),
                min_length=plain.get("minItems") if many else one.get("minLength"),
                max_length=plain.get("maxItems") if many else one.get("maxLength"),
                minimum=one.get("minimum", one.get("exclusiveMinimum")),
                maximum=one.get("maximum", one.get("exclusiveMaximum")),
                pattern=one.get("pattern"),
                required=name in needed,
                nullable=nullable,
                readable=name in shown,
                creatable=name in asked,
                writable=name in changed,
                operators=sorted(filters[name].rules) if name in filters else [],
                sortable=name in shape.query.sortable,
            )
        )
    return tuple(found)


def own_fields(definitions: Iterable[CustomFieldRead], lang: LabelLanguage) -> list[FieldShown]:
    """Those of the organization; a retired one is only shown."""
    return [_own(field, lang) for field in definitions]


def _own(field: CustomFieldRead, lang: LabelLanguage) -> FieldShown:
    kind, open_ = OWN_KINDS[field.type], field.status is CustomFieldStatus.ACTIVE
    is_text = kind == "text"
    return FieldShown(
        name=f"custom.{field.key}",
        label=getattr(field, f"label_{lang}") or field.label_fr,
        description=None,
        kind=kind,
        many=field.type is CustomFieldType.MULTI_ENUM,
        choices=[
            ChoiceShown(value=option.value, label=getattr(option, f"label_{lang}") or option.label_fr)
            for option in field.options
        ],
        reference=None,
        min_length=None,
        max_length=(field.limits.max_length or 500) if is_text else None,
        minimum=field.limits.min,
        maximum=field.limits.max,
        pattern=None,
        required=field.required and open_,
        nullable=not field.required,
        readable=True,
        creatable=open_,
        writable=open_,
        operators=["eq", "ne", "null"] if kind in ("text", "choice", "boolean") else ORDERED,
        sortable=field.type is not CustomFieldType.MULTI_ENUM,
    )


def _body(way: Any) -> type[BaseModel] | None:
    return way.body if way is not None else None


@lru_cache(maxsize=500)
def _schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(mode="validation")


def _properties(model: type[BaseModel] | None) -> dict[str, Schema]:
    """Each with its references resolved one step."""
    if model is None:
        return {}
    whole = _schema(model)
    return {name: _resolved(whole, field) for name, field in whole["properties"].items()}


def _resolved(whole: Schema, field: Any) -> Any:
    """Everything but what is inside of objects: a screen asks for those by themselves."""
    if "$ref" in field:
        target = whole["$defs"][field["$ref"].rpartition("/")[2]]
        return {**target, "title": target.get("title", ""), **{k: v for k, v in field.items() if k != "$ref"}}
    resolved = dict(field)
    for key in ("anyOf", "oneOf"):
        if key in field:
            resolved[key] = [_resolved(whole, part) for part in field[key]]
    if isinstance(field.get("items"), dict):
        resolved["items"] = _resolved(whole, field["items"])
    return resolved


def _without_null(schema: Any) -> tuple[Any, bool]:
    """What it is when it is not empty, and whether it can be."""
    parts = schema.get("anyOf") or schema.get("oneOf") or [schema]
    real = [part for part in parts if part.get("type") != "null"]
    about = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
    plain = {**real[0], **{k: v for k, v in about.items() if k == "description"}} if real else about
    return plain, len(real) < len(parts)


def _kind(plain: Any) -> tuple[Kind, bool, list[str]]:
    """What to draw, whether there are several, and what to choose from."""
    if plain.get("type") == "array":
        kind, _, values = _kind(_without_null(plain.get("items", {}))[0])
        return kind, True, values
    if "enum" in plain or "const" in plain:
        return "choice", False, [str(value) for value in plain.get("enum", [plain.get("const")])]
    if plain.get("type") == "object":
        return (
            ("money" if {"amount", "currency"} <= set(plain.get("properties", ())) else "object"),
            False,
            [],
        )
    if plain.get("format") in FORMATS:
        return FORMATS[plain["format"]], False, []
    return KINDS.get(str(plain.get("type")), "text"), False, []


def _references(model: type[Entity]) -> dict[str, str]:
    """Field -> the kind of object it names, as the database holds it to."""
    found = {
        "created_by_id": "user",
        "updated_by_id": "user",
        "deleted_by_id": "user",
        "owner_user_id": "user",
    }
    labels = {table_of(kind).name: kind.label for kind in _kinds(Entity)}
    for key in table_of(model).foreign_key_constraints:
        columns = [column for column in key.column_keys if column != "organization_id"]
        if len(columns) == 1:
            found[columns[0]] = labels.get(key.referred_table.name, key.referred_table.name)
    return found


def _kinds(parent: type[Entity]) -> Iterable[type[Entity]]:
    for kind in parent.__subclasses__():
        if "__table__" in kind.__dict__:
            yield kind
        yield from _kinds(kind)
