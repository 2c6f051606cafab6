"""What rules compare with: days that may be counted from today, money, choices; and how each is compared."""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, Interval, bindparam, literal_column
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.kit.clock import ALGIERS
from crm_api.kit.listing import OPERATORS, Filter, contains
from crm_api.kit.money import Money
from crm_api.kit.schemas import Day


class FieldKind(StrEnum):
    """How a field is compared and shown: choice, text, day, number, money, yes or no, id, tag."""

    CHOICE = "choice"
    TEXT = "text"
    DAY = "day"
    NUMBER = "number"
    MONEY = "money"
    YES_NO = "yes_no"
    ID = "id"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Relative:
    """A day counted from the one on which the rule is looked at: `today-30`."""

    days: int

    def on(self, day: date) -> date:
        return day + timedelta(days=self.days)


_RELATIVE = re.compile(r"today(?:([+-])([0-9]{1,5}))?", re.ASCII)
_DAY: TypeAdapter[date] = TypeAdapter(Day)
MOST = 100
"""Values of one `in`."""
TEXT = Annotated[str, Field(min_length=1, max_length=120)]
_NUMBER = Annotated[int, Field(ge=-(2**31), lt=2**31)]


def _day(value: object) -> date | Relative:
    if isinstance(value, Relative):
        return value
    if isinstance(value, str) and (found := _RELATIVE.fullmatch(value)):
        days = int(found[2] or 0)
        return Relative(-days if found[1] == "-" else days)
    try:
        day = _DAY.validate_python(value)
    except ValidationError:
        day = None
    if day is None or not 1900 <= day.year <= 2200:
        raise PydanticCustomError("segment_day", "Write a day as 2026-11-23, today, today+45 or today-30.")
    return day


DAY = Annotated[Any, BeforeValidator(_day)]
EQUAL, COMPARED = ("eq", "ne", "in"), ("eq", "ne", "gte", "gt", "lte", "lt")


def rules(column: Any, reads: Any, operators: Sequence[str], *, null: bool = False) -> tuple[Filter, ...]:
    """As lists compare that column; the values are read as `reads`."""
    many = Annotated[list[reads], Field(min_length=1, max_length=MOST)]
    found = [
        replace(OPERATORS[operator](column), reads=many if operator == "in" else reads)
        for operator in operators
    ]
    return (*found, *presence(column)) if null else tuple(found)


def choice(column: Any, values: Sequence[str], *, null: bool = False) -> tuple[Filter, ...]:
    return rules(column, Literal[tuple(values)], EQUAL, null=null)


def code(column: Any, *, null: bool = False) -> tuple[Filter, ...]:
    return rules(column, TEXT, EQUAL, null=null)


def identity(column: Any, *, null: bool = False) -> tuple[Filter, ...]:
    return rules(column, UUID, EQUAL, null=null)


def number(column: Any, *, null: bool = False) -> tuple[Filter, ...]:
    return rules(column, _NUMBER, (*COMPARED, "in"), null=null)


def money(column: Any, *, null: bool = False) -> tuple[Filter, ...]:
    return rules(column, Money, COMPARED, null=null)


def day(column: Any, *, null: bool = False) -> tuple[Filter, ...]:
    return rules(column, DAY, COMPARED, null=null)


def yes_no(column: Any) -> tuple[Filter, ...]:
    return rules(column, bool, ("eq",))


def presence(column: Any) -> tuple[Filter, ...]:
    """Only whether it is there: what it says is nobody's rule."""
    return (replace(OPERATORS["null"](column), reads=bool),)


def tag(column: Any) -> tuple[Filter, ...]:
    return (replace(contains(column), reads=TEXT),)


def midnight(on: date) -> datetime:
    """With which that day begins in Algiers."""
    return datetime.combine(on, time(), ALGIERS).astimezone(UTC)


_MOMENT = TIMESTAMP(timezone=True)
_A_DAY = literal_column("interval '1 day'", Interval())


def moment(column: Any, *, null: bool = False) -> tuple[Filter, ...]:
    """A moment, compared as the day of Algiers on which it lies; by its own index."""

    def rule(operator: str, build: Callable[[Any], ColumnElement[bool]], shift: int = 0) -> Filter:
        return Filter(
            operator,
            None,
            lambda name, _: build(bindparam(name, type_=_MOMENT)),
            bound=lambda value: midnight(value + timedelta(days=shift)),
            reads=DAY,
        )

    found = (
        rule("eq", lambda start: (column >= start) & (column < start + _A_DAY)),
        rule("gte", lambda start: column >= start),
        rule("gt", lambda start: column >= start, 1),
        rule("lte", lambda start: column < start, 1),
        rule("lt", lambda start: column < start),
    )
    return (*found, *presence(column)) if null else found


def among(
    operators: Mapping[str, Any], some: Callable[[Callable[[Any], ColumnElement[bool]]], ColumnElement[bool]]
) -> tuple[Filter, ...]:
    """Of what hangs on a row: that `some` of it meets the comparison.

    `operators`: name -> (how one of them is compared with the parameter's name, type, how it is bound).
    """

    def rule(operator: str, compare: Any, reads: Any, bound: Callable[[Any], Any]) -> Filter:
        def build(name: str, shape: Hashable) -> ColumnElement[bool]:
            return some(lambda column: compare(column, name))

        return Filter(operator, None, build, bound=bound, reads=reads)

    return tuple(rule(operator, *how) for operator, how in operators.items())
