"""Conditions and sort keys on the values of custom fields: read with their type, and safe on any JSON.

A value of another type than its definition says counts as none: nothing here can fail on bad data.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Double, Text, bindparam, case, cast, func, literal_column
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import InstrumentedAttribute

from crm_api.kit.listing import END, Filter
from crm_api.kit.money import Money
from crm_api.kit.searching import Searchable

Value = ColumnElement[Any]
_AMOUNT = literal_column(r"'^-?[0-9]{1,15}\.[0-9]{2}$'", Text())
_COMPARISONS: dict[str, Callable[[Value, Value], ColumnElement[bool]]] = {
    "eq": lambda value, asked: value == asked,
    "ne": lambda value, asked: value.is_distinct_from(asked),
    "gte": lambda value, asked: value >= asked,
    "gt": lambda value, asked: value > asked,
    "lte": lambda value, asked: value <= asked,
    "lt": lambda value, asked: value < asked,
}
_ALIKE, _ORDERED = ("eq", "ne"), ("eq", "ne", "gte", "gt", "lte", "lt")


@lru_cache(maxsize=5000)
def custom_field(column: InstrumentedAttribute[Any], key: str, kind: str) -> Searchable:
    """How a search may use the field `key` of type `kind`. `column` holds the JSON of all custom fields."""
    name = literal_column(f"'{key}'", Text())
    json = func.jsonb_extract_path(column, name, type_=JSONB())
    text = func.jsonb_extract_path_text(column, name, type_=Text())
    rules, sort = _KINDS[kind](json, text)
    return Searchable(*rules, _filter("null", lambda _, yes: _absent(json, yes), bool), sort=sort)


def _absent(json: Value, yes: Any) -> ColumnElement[bool]:
    return json.is_(None) if yes else json.is_not(None)


def _number(json: Value, text: Value) -> tuple[list[Filter], Value]:
    is_number = func.jsonb_typeof(json) == literal_column("'number'", Text())
    value = case((is_number, cast(text, Double())))
    return _rules(value, float, _ORDERED), func.coalesce(value, literal_column("-1e300", Double()))


def _money(json: Value, _: Value) -> tuple[list[Filter], Value]:
    amount = func.jsonb_extract_path_text(json, literal_column("'amount'", Text()), type_=Text())
    is_amount = amount.regexp_match(_AMOUNT)
    value = case(
        (is_amount, cast(func.replace(amount, literal_column("'.'"), literal_column("''")), BigInteger()))
    )
    rules = _rules(value, Money, _ORDERED, lambda money: money.centimes)
    return rules, func.coalesce(value, literal_column("-10000000000000000", BigInteger()))


def _date(_: Value, text: Value) -> tuple[list[Filter], Value]:
    return _rules(text.collate("C"), date, _ORDERED, date.isoformat), _sorted_text(text)


def _enum(_: Value, text: Value) -> tuple[list[Filter], Value]:
    return _rules(text, str, _ALIKE), _sorted_text(text)


def _text(_: Value, text: Value) -> tuple[list[Filter], Value]:
    folded = func.crm_fold(text, type_=Text(collation="C"))

    def begins(name: str, _: Any) -> ColumnElement[bool]:
        start = func.crm_fold(bindparam(name, type_=Text()), type_=Text())
        return folded.between(start, start.concat(END))

    return [*_rules(text, str, _ALIKE), _filter("prefix", begins, str)], _sorted_text(folded)


def _boolean(_: Value, text: Value) -> tuple[list[Filter], None]:
    return _rules(text, bool, ("eq",), lambda yes: "true" if yes else "false")[:1], None


def _several(json: Value, _: Value) -> tuple[list[Filter], None]:
    """`eq`: the option is among the chosen ones; `in`: at least one of these is."""
    one = _filter("eq", lambda at, _: func.jsonb_exists(json, bindparam(at, type_=Text())), str)
    any_of = _filter(
        "in", lambda at, _: func.jsonb_exists_any(json, bindparam(at, type_=ARRAY(Text()))), list[str]
    )
    return [one, any_of], None


_KINDS: dict[str, Callable[[Value, Value], tuple[list[Filter], Value | None]]] = {
    "text": _text,
    "number": _number,
    "integer": _number,
    "boolean": _boolean,
    "date": _date,
    "enum": _enum,
    "multi_enum": _several,
    "money": _money,
}


def _rules(
    value: Value, reads: Any, operators: tuple[str, ...], bound: Callable[[Any], Any] = lambda given: given
) -> list[Filter]:
    def compared(operator: str) -> Filter:
        compare = _COMPARISONS[operator]
        return _filter(operator, lambda at, _: compare(value, bindparam(at, type_=value.type)), reads, bound)

    def among(name: str, _: Any) -> ColumnElement[bool]:
        return value == func.any(bindparam(name, type_=ARRAY(value.type)))

    several = _filter("in", among, list[reads], lambda given: [bound(one) for one in given])
    return [*map(compared, operators), several]


def _filter(
    operator: str,
    build: Callable[[str, Any], Any],
    reads: Any,
    bound: Callable[[Any], Any] = lambda given: given,
) -> Filter:
    shape = bool if operator == "null" else (lambda _: None)
    return Filter(operator, None, build, shape, bound, reads)


def _sorted_text(text: Value) -> Value:
    return func.coalesce(text, literal_column("''", Text())).collate("C")
