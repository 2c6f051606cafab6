"""`POST /v1/<resource>/search`: the filters of a list as JSON, two levels deep (all of, any of), never more.

The fields and operators are those that the entity's ListQuery declares; nothing else can be asked.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from crm_api.kit.errors import ValidationFailed
from crm_api.kit.listing import OPERATORS, Bin, Chosen, Filter, ListQuery, Selection, SortColumn
from crm_api.kit.schemas import Input

Operator = Literal["eq", "ne", "in", "gte", "gt", "lte", "lt", "null", "prefix", "match"]
SortKey = Annotated[str, Field(max_length=80, pattern=r"^-?[a-z][a-z0-9_.]*$", examples=["-created_at"])]
SUFFIXES = ("_gte", "_gt", "_lte", "_lt", "_null", "_prefix")
ORDERED = ("eq", "ne", "in", "gte", "gt", "lte", "lt")
IMPLIED: Mapping[str, tuple[str, ...]] = {
    "eq": ("eq", "ne", "in"),
    "in": ("eq", "ne", "in"),
    "gte": ORDERED,
    "gt": ORDERED,
    "lte": ORDERED,
    "lt": ORDERED,
}
"""Who may filter by equality may ask for a difference too; who may compare may compare any way."""


class SearchCondition(Input):
    """One comparison."""

    field: str = Field(max_length=80, pattern=r"^[a-z][a-z0-9_.]*$", examples=["status"])
    """A filterable field of the list, without the operator's suffix (`created_at`, not `created_at_gte`)."""
    op: Operator = "eq"
    """How to compare: `in` takes an array, `null` a boolean, `prefix` and `match` a text."""
    value: JsonValue = Field(examples=["new"])
    """What to compare with, written as in the resource."""


class SearchAny(Input):
    """At least one of these must hold."""

    any: list[SearchCondition] = Field(min_length=1, max_length=20)
    """Alternatives."""


class SearchFilter(Input):
    """All of these must hold."""

    all: list[SearchCondition | SearchAny] = Field(default=[], max_length=20)
    """Comparisons, or groups of alternatives."""


class Search(Input):
    """A list asked for by a body."""

    filter: SearchFilter = Field(default=SearchFilter())
    """Which rows."""
    sort: list[SortKey] = Field(default=[], max_length=1, examples=[["-created_at"]])
    """One sort key of the list, `-` for descending; the list's own default when empty."""
    limit: int = Field(default=50, ge=1, le=200)
    """Rows per page."""
    cursor: str | None = Field(default=None, max_length=1024)
    """`next_cursor` of the previous page of the same search."""
    deleted: Bin = "without"
    """Rows in the bin: left out, mixed in, or alone."""
    include: list[Literal["total"]] = Field(default=[], max_length=5)
    """`total` adds the exact number of matching rows."""

    def selection(self, query: type[ListQuery], extra: "Mapping[str, Searchable] | None" = None) -> Selection:
        """What this asks of the list of `query`; `extra` are fields that only this organization has."""
        extra = extra or {}
        fields = {**searchable(query), **extra}
        groups: list[tuple[Chosen, ...]] = []
        for at, part in enumerate(self.filter.all):
            conditions = part.any if isinstance(part, SearchAny) else [part]
            pointers = (
                [f"/filter/all/{at}/any/{n}" for n in range(len(conditions))]
                if isinstance(part, SearchAny)
                else [f"/filter/all/{at}"]
            )
            groups.append(
                tuple(
                    chosen(condition, fields, pointer, f"s{at}_{n}")
                    for n, (condition, pointer) in enumerate(zip(conditions, pointers, strict=True))
                )
            )
        sort = self.sort[0] if self.sort else str(query.model_fields["sort"].default)
        return Selection(
            groups=tuple(groups),
            sort=sort,
            column=_sort_column(query, extra, sort),
            limit=self.limit,
            cursor=self.cursor,
            deleted=self.deleted,
            include=frozenset(self.include),
        )


class Searchable:
    """One field that a search may name: which operators it takes, and how each becomes a condition."""

    def __init__(self, *rules: Filter, sort: SortColumn | None = None) -> None:
        """`sort`: what a list is sorted by under the field's name; never null."""
        self.rules: dict[str, Filter] = {rule.operator: rule for rule in rules}
        self.sort = sort

    def add(self, rule: Filter) -> None:
        self.rules[rule.operator] = rule
        if rule.column is not None:
            for operator in IMPLIED.get(rule.operator, ()):
                self.rules.setdefault(operator, OPERATORS[operator](rule.column))


@lru_cache
def searchable(query: type[ListQuery]) -> dict[str, Searchable]:
    """Field name -> what may be asked of it, read off the declarations of the list."""
    fields: dict[str, Searchable] = {}
    for parameter, rule in query.filters.items():
        name = next((parameter.removesuffix(s) for s in SUFFIXES if parameter.endswith(s)), parameter)
        fields.setdefault(name, Searchable()).add(rule)
    return fields


def _sort_column(query: type[ListQuery], extra: Mapping[str, Searchable], sort: str) -> SortColumn:
    key = sort.removeprefix("-")
    column = extra[key].sort if key in extra else query.sortable.get(key)
    if column is None:
        raise ValidationFailed.at("/sort/0", "unknown_sort", "This list cannot be sorted so.")
    return column


def chosen(condition: SearchCondition, fields: Mapping[str, Searchable], pointer: str, name: str) -> Chosen:
    """One comparison of a search or of a segment's rule; `name` is the parameter it binds."""
    field = fields.get(condition.field)
    if field is None:
        raise ValidationFailed.at(f"{pointer}/field", "unknown_field", "No such field to search by.")
    rule = field.rules.get(condition.op)
    if rule is None:
        raise ValidationFailed.at(
            f"{pointer}/op", "operator_not_allowed", "This field cannot be compared so."
        )
    return Chosen(rule, name, _value(rule, condition.value, f"{pointer}/value"))


def _value(rule: Filter, value: JsonValue, pointer: str) -> Any:
    try:
        return _reader(rule).validate_python(value)
    except ValidationError as error:
        fault = error.errors()[0]
        raise ValidationFailed.at(pointer, fault["type"], fault["msg"]) from error


@lru_cache(maxsize=1000)
def _reader(rule: Filter) -> TypeAdapter[Any]:
    if rule.operator == "null":
        return TypeAdapter(bool)
    if rule.reads is not None:
        return TypeAdapter(rule.reads)
    if rule.column is None or rule.operator == "prefix":
        return TypeAdapter(str)
    kind: Any = rule.column.type.python_type
    if kind in (datetime, date, int, bool):
        kind = {int: int, bool: bool}.get(kind, kind)
    return TypeAdapter(list[kind] if rule.operator == "in" else kind)
