"""The files themselves: CSV and JSON lines straight from COPY, XLSX written row by row in a thread."""

import csv
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO

from anyio import to_thread
from pydantic_core import to_json

from crm_api.exports.columns import FRENCH_SETTINGS, Column, Kind
from crm_api.kit.formulas import guarded
from crm_api.kit.later import later

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = later("xlsxwriter")

BOM = b"\xef\xbb\xbf"
LONGEST_CELL = 32_767
"""Characters that XLSX takes in a cell."""
CSV_OPTIONS = {"format": "csv", "delimiter": ";", "settings": FRENCH_SETTINGS}
RAW_OPTIONS = {"format": "csv"}
JSON_OPTIONS = {"format": "csv", "quote": "\x01", "delimiter": "\x02"}
"""JSON holds no control characters, so COPY writes it as it is."""
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
}
_TO_QUOTE = re.compile(r'[;"\r\n]')
csv.field_size_limit(2**31 - 1)


async def csv_of(names: Sequence[str], rows: AsyncIterable[bytes], mark: str) -> AsyncIterator[bytes]:
    """With a byte order mark, for Excel; the last line says whose export this is."""
    yield BOM + _line(names)
    async for chunk in rows:
        yield chunk
    yield _line([f"# {mark}"])


async def jsonl_of(rows: AsyncIterable[bytes], mark: str) -> AsyncIterator[bytes]:
    async for chunk in rows:
        yield chunk
    yield to_json({"$export": mark}) + b"\n"


@contextmanager
def scratch(folder: Path) -> Iterator[BinaryIO]:
    """A file without a name: whatever becomes of this process, nothing of it stays."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryFile(dir=folder) as file:
        yield file


async def spilled(rows: AsyncIterable[bytes], file: BinaryIO) -> None:
    async for chunk in rows:
        await to_thread.run_sync(file.write, chunk)


Opened = Callable[[list[str]], list[str]]
"""A raw row, its sealed cells opened: what comes out has one cell for each column."""


def rewritten_csv(
    source: BinaryIO, target: BinaryIO, columns: Sequence[Column], opened: Opened, mark: str
) -> None:
    """For what PostgreSQL cannot write itself."""
    target.write(BOM + _line([column.name for column in columns]))
    for row in _raw(source):
        cells = zip(columns, opened(row), strict=True)
        target.write(
            _line([_FRENCH.get(column.kind, guarded)(cell) if cell else "" for column, cell in cells])
        )
    target.write(_line([f"# {mark}"]))


def rewritten_jsonl(source: BinaryIO, target: BinaryIO, opened: Opened, mark: str) -> None:
    """The first cell is the row as JSON, the second what was sealed in it."""
    for row in _raw(source):
        shown, sealed = opened(row)
        target.write(shown[:-1].encode() + b',"sealed":' + (sealed or "null").encode() + b"}\n")
    target.write(to_json({"$export": mark}) + b"\n")


def write_xlsx(
    source: BinaryIO, target: BinaryIO, columns: Sequence[Column], opened: Opened, mark: str
) -> None:
    """One row in memory at a time; text is text, whatever it begins with."""
    book = xlsxwriter.Workbook(
        target, {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    )
    book.set_properties({"comments": mark})
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
    moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
    sheet = book.add_worksheet("Export")
    sheet.set_footer("&L" + mark.replace("&", "&&")[:250])
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column.name, bold)
    for number, row in enumerate(_raw(source), 1):
        for at, (column, cell) in enumerate(zip(columns, opened(row), strict=True)):
            if not cell:
                continue
            match column.kind:
                case "whole" | "decimal" if len(cell) < 16:
                    sheet.write_number(number, at, float(cell))
                case "day" if cell >= "1900-03-01":
                    sheet.write_datetime(number, at, date.fromisoformat(cell), day)
                case "moment":
                    sheet.write_datetime(number, at, datetime.fromisoformat(cell), moment)
                case "yes_no":
                    sheet.write_boolean(number, at, cell == "t")
                case _:
                    sheet.write_string(number, at, cell[:LONGEST_CELL])
    told = book.add_worksheet("À propos")
    told.write_string(0, 0, mark)
    book.close()


def _raw(source: BinaryIO) -> Iterator[list[str]]:
    source.seek(0)
    text = TextIOWrapper(source, encoding="utf-8", newline="")
    try:
        yield from csv.reader(text)
    finally:
        text.detach()


def _line(cells: Sequence[str]) -> bytes:
    """As COPY writes it. (Python's own writer leaves a lone carriage return unquoted.)"""
    return (";".join(map(_quoted, cells)) + "\n").encode()


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _TO_QUOTE.search(cell) else cell


def _same(cell: str) -> str:
    return cell


_FRENCH: Mapping[Kind, Callable[[str], str]] = {
    "word": _same,
    "json": _same,
    "whole": _same,
    "day": lambda cell: date.fromisoformat(cell).strftime("%d/%m/%Y"),
    "moment": lambda cell: datetime.fromisoformat(cell).strftime("%d/%m/%Y %H:%M:%S"),
    "yes_no": lambda cell: "oui" if cell == "t" else "non",
    "decimal": lambda cell: cell.replace(".", ","),
}


def json_of(value: Any) -> str:
    return bytes(to_json(value)).decode()
