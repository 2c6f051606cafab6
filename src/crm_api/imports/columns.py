"""What a column of a file may mean, and how its cells are read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Literal

from crm_api.imports.sheets import fold
from crm_api.kit.clock import ALGIERS
from crm_api.kit.phones import to_e164
from crm_api.kit.text import without_invisible
from crm_api.reference import service as reference
from crm_api.reference.models import LabelLanguage

Kind = Literal[
    "text",
    "date",
    "whole",
    "yes_no",
    "words",
    "choice",
    "code",
    "phone",
    "email",
    "agency",
    "user",
    "account",
    "contact",
    "pipeline",
    "amount",
    "moment",
    "decimal",
    "option",
    "options",
]
_MOMENT = re.compile(r"(\S+)[T ]+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z?)")
_AMOUNT = re.compile(r"(\d{1,15})(?:[.,](\d{1,2}))?")
_UNIT = re.compile(r"(DA|DZD|د\.?ج)\.?$", re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YES = frozenset({"oui", "o", "vrai", "true", "1", "yes", "y", "x", "نعم"})
_NO = frozenset({"non", "n", "faux", "false", "0", "no", "لا"})


class Unreadable(ValueError):
    """`args`: the code and the English sentence of a fault."""


@dataclass(frozen=True, slots=True)
class Column:
    """One field that a file may fill. `path` is where its value goes in the body of a single creation."""

    name: str
    label: str
    path: tuple[str | int, ...]
    kind: Kind = "text"
    also: tuple[str, ...] = ()
    """Other headers that mean it, in any case and with or without accents."""
    digits: int = 0
    """Of a code: a sheet of numbers loses its leading zeros."""
    enum: str = ""
    """Of a choice: its labels in the reference data."""
    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Of a field of the organization's own: folded label -> value."""

    @property
    def headers(self) -> tuple[str, ...]:
        return (self.name, self.label, *self.also)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one entity."""

    columns: Sequence[Column]
    required: Sequence[frozenset[str]] = ()
    """Of each group one at least must be mapped."""
    about: Mapping[str, str] = field(default_factory=dict)
    """Code of a refusal -> the column that it is about, where the refusal itself does not say."""
    by_name: Mapping[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    def with_more(self, more: Sequence[Column]) -> "Columns":
        """Also these; a name that a usual column has already is that one's."""
        return Columns((*self.columns, *more), self.required, self.about)

    def vocabulary(self) -> dict[str, str]:
        """Folded header -> name of the column that it means."""
        return {fold(header): column.name for column in reversed(self.columns) for header in column.headers}

    def at(self, pointer: str) -> str:
        """The column that a fault in the body is about; the pointer itself where none is."""
        parts = pointer.strip("/").split("/")
        for column in self.columns:
            if [str(part) for part in column.path][: len(parts)] == parts[: len(column.path)]:
                return column.name
        return pointer.strip("/")


def read_cell(column: Column, text: str) -> Any:
    """The value of a trimmed cell that is not empty. Raises Unreadable."""
    if column.kind == "choice":
        return _labels(column.enum).get(fold(text), text)
    if column.kind == "code":
        digits = without_invisible(text)
        return digits.zfill(column.digits) if digits.isdigit() else digits
    if column.kind == "option":
        return column.options.get(fold(text), text)
    if column.kind == "options":
        return [column.options.get(fold(word), word) for word in _words(text)]
    read = _READ.get(column.kind)
    return text if read is None else read(text)


def _day(text: str) -> str:
    """dd/MM/yyyy as offices write it, or 2026-11-23 (of a cell with a time, its day)."""
    text = without_invisible(text)
    if found := _DAY.fullmatch(text):
        day, month, year = map(int, found.groups())
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            raise Unreadable("invalid_day", "There is no such day; write it as 31/12/2026.") from None
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T[\d:]+)?", text):
        raise Unreadable("invalid_day", "There is no such day; write it as 31/12/2026.")
    return text[:10]


def _moment(text: str) -> str:
    """A day with a time of the clock in Algiers, 23/11/2026 09:00; of a day alone, its first hour of work."""
    text = without_invisible(text)
    found = _MOMENT.fullmatch(text)
    day, zone, clock = date.fromisoformat(_day(found[1] if found else text)), ALGIERS, time(8)
    if found:
        try:
            clock = time(int(found[2]), int(found[3]), int(found[4] or 0))
        except ValueError:
            raise Unreadable("invalid_time", "There is no such time; write 31/12/2026 09:00.") from None
    moment = datetime.combine(day, clock, UTC if found and found[5] else zone)
    return moment.astimezone(UTC).isoformat()


def _amount(text: str) -> dict[str, str]:
    """120 000,00 or 120000.00, with or without DA."""
    digits = re.sub(r"[\s\u00a0\u202f]", "", _UNIT.sub("", without_invisible(text).strip()))
    found = _AMOUNT.fullmatch(digits)
    if not found:
        raise Unreadable("invalid_amount_cell", "This is not an amount; write 120 000,00.")
    return {"amount": f"{found[1]}.{(found[2] or '').ljust(2, '0')}", "currency": "DZD"}


def _whole(text: str) -> int:
    digits = re.sub(r"[\s\u00a0\u202f]", "", without_invisible(text))
    if not re.fullmatch(r"-?\d{1,15}", digits):
        raise Unreadable("invalid_whole_number", "This is not a whole number.")
    return int(digits)


def _decimal(text: str) -> float:
    digits = re.sub(r"[\s\u00a0\u202f]", "", without_invisible(text)).replace(",", ".")
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", digits):
        raise Unreadable("invalid_number", "This is not a number; write 12,5.")
    return float(digits)


def _yes_no(text: str) -> bool:
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable("invalid_yes_no", "Write oui or non.")


def _words(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"[,;|]", text) if word.strip()]


_READ: Mapping[str, Callable[[str], Any]] = {
    "date": _day,
    "whole": _whole,
    "decimal": _decimal,
    "amount": _amount,
    "moment": _moment,
    "yes_no": _yes_no,
    "words": _words,
    "phone": lambda text: to_e164(text) or text,
    "email": str.lower,
}


@cache
def _labels(enum: str) -> dict[str, str]:
    """Folded label, in any language, and value itself -> value."""
    known: dict[str, str] = {}
    for language in LabelLanguage:
        labels = reference.enums(language).get(enum, {})
        known |= {fold(label): value for value, label in labels.items()}
        known |= {fold(value): value for value in labels}
    return known


def placed(values: Mapping[tuple[str | int, ...], Any]) -> dict[str, Any]:
    """Nested as a body is: ("phones", 0, "value") makes a list of objects; gaps in lists close."""
    root: dict[Any, Any] = {path[0]: value for path, value in values.items() if len(path) == 1}
    nested = False
    for path, value in values.items():
        if len(path) == 1:
            continue
        nested, here = True, root
        for part in path[:-1]:
            here = here.setdefault(part, {})
        here[path[-1]] = value
    return {name: _closed(value) for name, value in root.items()} if nested else root


def _closed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(key, int) for key in value):
        return [_closed(value[key]) for key in sorted(value)]
    return {key: _closed(inner) for key, inner in value.items()}
