"""A row of a list on its way in, and what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ValidationError

from crm_api.core import i18n
from crm_api.core.problems import faults_in, faults_told, told
from crm_api.core.progress import Line, RunOutcome
from crm_api.imports.columns import Column, Columns, Unreadable, placed, read_cell
from crm_api.imports.models import ImportMode, OnDuplicate
from crm_api.kit.errors import DomainError, ValidationFailed

Fault = dict[str, str]


class Alike(NamedTuple):
    """Somebody whom a row may repeat: on record (`id`) or in an earlier row of the file (`number`)."""

    type: str
    id: UUID | None
    number: int | None
    score: int
    reasons: tuple[str, ...]
    in_sight: bool = True


@dataclass(slots=True)
class Row:
    """The values of one row, by the names of the columns; `number` counts from 1 below the header."""

    number: int
    values: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    content: BaseModel | None = None
    """What the schema of a creation made of it."""

    def key(self) -> str | None:
        """What the row calls its object, for who repairs it."""
        for name in ("external_id", "number", "code", "email", "phone", "name", "full_name", "last_name"):
            if name in self.values:
                return str(self.values[name])[:200]
        return None

    def refused(self) -> "Verdict":
        return Verdict(self.number, RunOutcome.FAILED, self.key(), faults=self.faults)

    def body(self, columns: Columns, external_system: str) -> dict[str, Any]:
        """As a single creation takes it."""
        values = {columns.by_name[name].path: value for name, value in self.values.items()}
        if "external_id" in self.values:
            values["external_ids", 0, "system"] = external_system
        return placed(values)


@dataclass(slots=True)
class Verdict:
    """What became, or would become, of one row."""

    number: int
    outcome: RunOutcome
    key: str | None = None
    object_id: UUID | None = None
    faults: list[Fault] = field(default_factory=list)
    duplicates: list[Alike] = field(default_factory=list)
    agency_id: UUID | None = None
    """Where it was created, to reconcile with the source."""

    @property
    def deserves_a_line(self) -> bool:
        """Rows that went in as they stand are only counted."""
        return bool(self.faults) or self.outcome is RunOutcome.FAILED

    def line(self) -> Line:
        return Line(self.number, self.outcome, self.key, self.object_id, tuple(self.faults))


@dataclass(frozen=True, slots=True)
class Options:
    """How the rows are to be taken."""

    mode: ImportMode = ImportMode.CREATE
    match_on: str | None = None
    external_system: str = "import"
    on_duplicate: OnDuplicate = OnDuplicate.CREATE
    locale: str = "fr"


@dataclass(frozen=True, slots=True)
class Made:
    """What a part wrote: enough to take it back."""

    created: Sequence[UUID] = ()
    companions: Sequence[UUID] = ()
    """Households that came with people."""
    updated: Sequence[Mapping[str, Any]] = ()
    """id, version and the row before."""


class Reader:
    """From the cells of a line to a row: what its columns mean was said by the mapping.

    A field of the organization that was retired since is left out.
    """

    def __init__(
        self, header: Sequence[str], mapping: Mapping[str, str], columns: Columns, locale: str
    ) -> None:
        self._columns: list[tuple[int, str, Column]] = [
            (header.index(name), name, columns.by_name[field])
            for name, field in mapping.items()
            if field in columns.by_name
        ]
        self._width, self._locale = len(header), locale

    def read(self, number: int, cells: Sequence[str]) -> Row:
        row = Row(number, {})
        if len(cells) > self._width:
            row.faults.append(fault("", "too_many_cells", "More cells than the header has.", self._locale))
        for at, _, column in self._columns:
            text = cells[at].strip() if at < len(cells) else ""
            if not text:
                continue
            try:
                row.values[column.name] = read_cell(column, text)
            except Unreadable as refusal:
                code, sentence = refusal.args
                row.faults.append(fault(column.name, code, sentence, self._locale))
        return row


def fault(column: str, code: str, english: str, locale: str) -> Fault:
    """One thing wrong with a row, in the words of whoever brought it."""
    return {
        "pointer": f"/{column}" if column else "",
        "code": code,
        "detail": i18n.fault(code, locale, english, {}),
    }


def refusals_of(error: DomainError, columns: Columns, locale: str, column: str = "") -> list[Fault]:
    """A refusal of the domain, said of the columns that it is about."""
    if isinstance(error, ValidationFailed):
        return [
            {**one, "pointer": f"/{columns.at(one['pointer'])}" if one["pointer"] else ""}
            for one in faults_told(error, locale)
        ]
    fault = told(error, locale)
    column = column or columns.about.get(fault["code"], "")
    return [{"pointer": f"/{column}" if column else "", **fault}]


def faults_of(error: ValidationError, columns: Columns, locale: str) -> list[Fault]:
    """What the schema of a single creation says of a row."""
    return [
        {**one, "pointer": f"/{columns.at(one['pointer'])}" if one["pointer"] else ""}
        for one in faults_in(error, locale)
    ]


def validated(
    schema: type[BaseModel], row: Row, body: Mapping[str, Any], columns: Columns, locale: str
) -> BaseModel | None:
    """None when the schema refuses the row, which then says why."""
    try:
        return schema.model_validate(body)
    except ValidationError as error:
        row.faults += faults_of(error, columns, locale)
        return None
