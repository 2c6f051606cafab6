"""How a column of an entity is written into a cell, by PostgreSQL itself."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Enum,
    Float,
    Integer,
    Interval,
    Numeric,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from crm_api.core.money import Centimes
from crm_api.kit.formulas import APOSTROPHE, MARKED, STARTS

Kind = Literal["text", "word", "list", "values", "json", "day", "moment", "yes_no", "whole", "decimal"]
LISTS_OF_VALUES = frozenset({"phones", "emails"})
"""JSON lists of which people want the values only."""
_JSON_ONLY = ("json",)
FRENCH_SETTINGS = {"datestyle": "SQL, DMY", "timezone": "Africa/Algiers"}
"""Under which `french` columns are written: PostgreSQL's own dates are then those of France."""
Cell = ColumnElement[Any]


class Column(NamedTuple):
    name: str
    kind: Kind
    source: Cell

    @property
    def is_usual(self) -> bool:
        """Exported when nobody says what to export."""
        return self.kind not in _JSON_ONLY


def column_of(name: str, source: Cell) -> Column:
    kind: Kind = "values" if name in LISTS_OF_VALUES else _kind_of(source.type)
    return Column(name, kind, source)


def _kind_of(type_: Any) -> Kind:
    if isinstance(type_, Centimes | Numeric | Float):
        return "decimal"
    found: Mapping[type, Kind] = {
        Enum: "word",
        Uuid: "word",
        Boolean: "yes_no",
        TIMESTAMP: "moment",
        Date: "day",
        ARRAY: "list",
        JSONB: "json",
        Integer: "whole",
        BigInteger: "whole",
    }
    return next((kind for known, kind in found.items() if isinstance(type_, known)), "text")


def french(column: Column) -> Cell:
    """For people who open it in Excel: 23/11/2026, 45000,00, oui; nothing runs as a formula."""
    return _FRENCH[column.kind](column.source)


def plain(column: Column) -> Cell:
    """For programs that read it: ISO 8601, points, t or f; not guarded."""
    return _PLAIN[column.kind](column.source)


def _guarded(text: Cell, first: Cell | None = None) -> Cell:
    """`kit.formulas.guarded`, in SQL. Most cells begin with a letter: one comparison, and they are done.

    `first`: where the code point of the first character is cheaper to have.
    """
    first = func.ascii(text) if first is None else first
    suspects = literal_column(f"'{{{','.join(map(str, (*STARTS, APOSTROPHE)))}}}'::int[]", ARRAY(Integer()))
    suspicious = and_(first < literal_column("65"), first == any_(suspects))
    harmless = and_(
        first == literal_column(str(APOSTROPHE)),
        text.op("!~")(literal_column(f"E'{_escaped(MARKED)}'", Text())),
    )
    return case((suspicious, case((harmless, text), else_=_word("'").concat(text))), else_=text)


def _guarded_list(array: Cell) -> Cell:
    if isinstance(array.type, ARRAY) and isinstance(array.type.item_type, Uuid):
        return _joined(array)
    return _guarded(_joined(array), func.ascii(array[literal_column("1", Integer())]))


def _joined(array: Cell) -> Cell:
    return func.array_to_string(array, _word(", "), type_=Text())


def _values(json: Cell) -> Cell:
    """The `value` of each object of a JSON list."""
    item = func.jsonb_array_elements(json).column_valued("item")
    value = func.jsonb_extract_path_text(item, _word("value"), type_=Text())
    found = select(func.string_agg(value, _word(", "), type_=Text()))
    empty = json == cast(_word("[]"), JSONB)
    return case((empty, _word("")), else_=found.scalar_subquery())


def _decimal(source: Cell) -> Cell:
    if isinstance(source.type, Centimes):
        return cast(cast(source, BigInteger) * literal_column("0.01", Numeric()), Text)
    return cast(func.trim_scale(cast(source, Numeric)), Text)


def _second(moment: Cell) -> Cell:
    """The local second that has begun. (`to_char` would cost more than all the rest of the row.)"""
    half = literal_column("interval '0.4995 seconds'", Interval())
    return cast(moment - half, TIMESTAMP(timezone=False, precision=0))


def _in_algiers(moment: Cell) -> Cell:
    return func.timezone(_word("Africa/Algiers"), moment)


def _text(source: Cell) -> Cell:
    return source


def _as_text(source: Cell) -> Cell:
    return cast(source, Text)


def _word(text: str) -> Cell:
    return literal_column("'" + text.replace("'", "''") + "'", Text())


def _escaped(pattern: str) -> str:
    return pattern.replace("\\", "\\\\").replace("'", "''")


_FRENCH: Mapping[Kind, Callable[[Cell], Cell]] = {
    "text": _guarded,
    "word": _text,
    "list": _guarded_list,
    "values": lambda source: _guarded(_values(source)),
    "json": _as_text,
    "day": _text,
    "moment": _second,
    "yes_no": lambda source: case((source, _word("oui")), (source.is_(None), None), else_=_word("non")),
    "whole": _text,
    "decimal": lambda source: func.replace(_decimal(source), _word("."), _word(",")),
}
_PLAIN: Mapping[Kind, Callable[[Cell], Cell]] = {
    "text": _text,
    "word": _text,
    "list": _joined,
    "values": _values,
    "json": _as_text,
    "day": _text,
    "moment": lambda source: func.to_char(_in_algiers(source), _word("YYYY-MM-DD HH24:MI:SS")),
    "yes_no": _text,
    "whole": _text,
    "decimal": _decimal,
}
