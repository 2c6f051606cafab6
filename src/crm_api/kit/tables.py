"""CSV as offices send it: comma or semicolon, UTF-8 with or without a mark, columns in any order."""

import csv
import io
from collections.abc import Collection, Iterator

from crm_api.kit.errors import DomainError


class UnreadableTable(DomainError):
    """This is not a table in UTF-8 with a header line."""

    status = 422


class UnknownColumns(DomainError):
    """Unknown columns: {columns}."""

    status = 422


class MissingColumns(DomainError):
    """Missing columns: {columns}."""

    status = 422


class TooManyLines(DomainError):
    """The table has more than {limit} lines."""

    status = 422


Row = dict[str, str]


def read_table(data: bytes, columns: Collection[str], required: Collection[str], limit: int) -> list[Row]:
    """The lines as column -> trimmed text, empty cells left out. Raises the four errors above."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableTable from error
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    if "\0" in text or not header.strip():
        raise UnreadableTable
    try:
        return list(
            _rows(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), columns, required, limit)
        )
    except csv.Error as error:
        raise UnreadableTable from error


def _rows(
    lines: Iterator[list[str]], columns: Collection[str], required: Collection[str], limit: int
) -> Iterator[Row]:
    names = [name.strip().lower() for name in next(lines)]
    if unknown := [name for name in names if name not in columns]:
        raise UnknownColumns(columns=", ".join(unknown)[:300])
    if missing := [name for name in required if name not in names]:
        raise MissingColumns(columns=", ".join(missing))
    if len(set(names)) < len(names):
        raise UnreadableTable
    count = 0
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(names):
            raise UnreadableTable
        count += 1
        if count > limit:
            raise TooManyLines(limit=limit)
        yield {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
