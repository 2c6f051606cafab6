"""From the bytes of a file to rows of text: CSV as offices send it, XLSX as Excel writes it.

It runs as a process of its own (`python -m crm_api.imports.sheets`) with bounded memory and time: whatever
a file is made to do, it does it there. It imports next to nothing of the house, so it starts quickly.
Cells stay what they are: a formula in a CSV is text, of a formula in a sheet the value that was stored.
"""

import csv
import io
import json
import re
import resource
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_api.kit.later import later

if TYPE_CHECKING:
    import charset_normalizer
    import python_calamine
else:
    charset_normalizer = later("charset_normalizer")
    python_calamine = later("python_calamine")


from crm_api.kit.formulas import MARK

MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_BYTES_UNPACKED = 600 * 1024 * 1024
LONGEST_CELL = 32_767
"""Characters: what one cell of Excel holds."""
PART = 1_000
"""Rows of one part: so many are imported in one transaction."""
MEMORY, SECONDS = 2 * 1024**3, 60
ENCODINGS = ["utf_8", "cp1252", "cp1256", "utf_16"]
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
HEADER_WITHIN = 10
"""Lines among which the header may stand: a title or two come before it."""
_FORMULA = re.compile(r"'(?=[=+\-@\t\r])")
"""What our exports put before a cell that a spreadsheet would compute."""
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d{1,9})\"|<(?:\w+:)?row\b")


class Refused(Exception):
    """`args`: the code of the problem, and what its sentence names."""

    def __init__(self, code: str, **about: Any) -> None:
        super().__init__(code, about)
        self.code, self.about = code, about


def read(path: Path, sheet: str | None) -> tuple[dict[str, Any], Iterator[list[str]]]:
    """What kind of file it is, and all its lines, the header among them. Raises Refused."""
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise Refused("empty_file")
    if start[:2] == b"PK":
        return _workbook(path, sheet)
    if start == b"\xd0\xcf\x11\xe0":
        raise Refused("old_spreadsheet")
    return _text(path.read_bytes())


# --- CSV


def _text(data: bytes) -> tuple[dict[str, Any], Iterator[list[str]]]:
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused("unreadable_encoding") from error
    if "\0" in text:
        raise Refused("nul_in_file")
    if not text.strip():
        raise Refused("empty_file")
    delimiter = delimiter_of(text)
    about = {"format": "csv", "encoding": encoding.replace("-sig", ""), "delimiter": delimiter, "sheets": []}
    return about, _records(text, delimiter)


def encoding_of(data: bytes) -> str:
    """A mark at the beginning, else strict UTF-8, else what French and Arabic offices use."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        sample = data[: 256 * 1024]
        best = charset_normalizer.from_bytes(sample[: len(sample) & ~1], cp_isolation=ENCODINGS).best()
        if best is None:
            raise Refused("unreadable_encoding") from None
        return best.encoding
    return "utf-8"


def delimiter_of(text: str) -> str:
    """The one that cuts the first lines into as many pieces as the very first; `;` when none cuts it."""
    csv.field_size_limit(10 * LONGEST_CELL)

    def evenness(delimiter: str) -> tuple[int, int]:
        widths: list[int] = []
        try:
            for record in csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter):
                widths += [len(record)] if record else []
                if len(widths) == 20:
                    break
        except csv.Error:
            return 0, 0
        width = widths[0] if widths else 0
        return (widths.count(width) if width > 1 else 0), width

    return max(";,\t", key=evenness)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(10 * LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield [_FORMULA.sub("", cell, count=1) if cell[:1] == "'" else cell for cell in cells]
    except csv.Error as error:
        raise Refused("unreadable_table", line=reader.line_num) from error


# --- XLSX


def _workbook(path: Path, sheet: str | None) -> tuple[dict[str, Any], Iterator[list[str]]]:
    _refuse_bomb(path)
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        name = sheet or workbook.sheet_names[0]
        found = workbook.get_sheet_by_name(name)
    except python_calamine.WorksheetNotFound as error:
        raise Refused("no_such_sheet", sheet=sheet) from error
    except (python_calamine.CalamineError, IndexError, ValueError) as error:
        raise Refused("unreadable_table", line=0) from error
    if found.total_height > MOST_ROWS + HEADER_WITHIN:
        raise Refused("too_many_rows", limit=MOST_ROWS)
    if found.total_width > MOST_COLUMNS:
        raise Refused("too_many_columns", limit=MOST_COLUMNS)
    about = {"format": "xlsx", "encoding": None, "delimiter": None, "sheets": workbook.sheet_names}
    return about | {"sheet": name}, ([as_text(cell) for cell in row] for row in found.iter_rows())


def _refuse_bomb(path: Path) -> None:
    """By what it unpacks to, and by the rows its sheets name: a sheet is kept whole in memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            files = archive.infolist()
            if sum(file.file_size for file in files) > MOST_BYTES_UNPACKED:
                raise Refused("file_unpacks_too_large", limit=MOST_BYTES_UNPACKED)
            for file in files:
                if file.filename.startswith("xl/worksheets/") and file.filename.endswith(".xml"):
                    with archive.open(file) as content:
                        _refuse_long_sheet(content)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, RuntimeError) as error:
        raise Refused("unreadable_table", line=0) from error


def _refuse_long_sheet(content: Any) -> None:
    count, seen, rest = 0, 0, b""
    while block := content.read(1 << 20):
        seen += len(block)
        if seen > MOST_BYTES_UNPACKED:  # whatever its directory says
            raise Refused("file_unpacks_too_large", limit=MOST_BYTES_UNPACKED)
        text = rest + block
        end = text.rfind(b"<")
        for found in _ROW.finditer(text, 0, end):
            count += 1
            if count > MOST_ROWS + HEADER_WITHIN or int(found[1] or 0) > MOST_ROWS + HEADER_WITHIN:
                raise Refused("too_many_rows", limit=MOST_ROWS)
        rest = text[end:] if end >= 0 else b""


def as_text(cell: Any) -> str:
    """As somebody would type it: numbers are floats in a sheet, and most of them are not meant so."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else cell.isoformat(timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | timedelta) else ""


# --- header and parts


def fold(text: str) -> str:
    """Headers are compared without accents, case, and whatever is no letter or digit."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def header_of(lines: Sequence[list[str]], vocabulary: frozenset[str]) -> int:
    """Which of the first lines is the header: the one with most known names, else the first full one."""
    known = [sum(fold(cell) in vocabulary for cell in line) for line in lines]
    if any(known):
        return known.index(max(known))
    filled = [sum(bool(cell.strip()) for cell in line) for line in lines]
    return filled.index(max(filled))


def header_checked(cells: list[str]) -> list[str]:
    header = [" ".join(cell.split()) for cell in cells]
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS:
        raise Refused("too_many_columns", limit=MOST_COLUMNS)
    names = [name for name in header if name]
    if not names:
        raise Refused("empty_file")
    folded = [fold(name) or name for name in names]
    if twice := sorted({name for name in names if folded.count(fold(name) or name) > 1}):
        raise Refused("duplicate_headers", columns=", ".join(twice)[:300])
    return header


def split(lines: Iterable[list[str]], header_width: int, folder: Path) -> int:
    """Writes the rows as parts; how many there are. Lines without anything in them are left out."""
    count, part = 0, list[list[str]]()
    for line in lines:
        if not any(cell and not cell.isspace() for cell in line):
            continue
        count += 1
        if count > MOST_ROWS:
            raise Refused("too_many_rows", limit=MOST_ROWS)
        width = len(line)
        while width > header_width and not line[width - 1].strip():
            width -= 1
        part.append(line[:width])
        if len(part) == PART:
            _write(folder, (count - 1) // PART, part)
            part = []
    if part:
        _write(folder, (count - 1) // PART, part)
    if not count:
        raise Refused("empty_file")
    return count


def without_mark(lines: Iterable[list[str]]) -> Iterator[list[str]]:
    """Without the last line of an export of ours, which says who exported it and when."""
    held: list[str] | None = None
    for line in lines:
        if not any(line):
            continue
        if held is not None:
            yield held
            held = None
        if line[0].startswith(f"# {MARK}") and not any(line[1:]):
            held = line
        else:
            yield line


def _write(folder: Path, number: int, rows: list[list[str]]) -> None:
    (folder / f"{number:06d}").write_bytes(zlib.compress(json.dumps(rows, ensure_ascii=False).encode(), 1))


def part_of(data: bytes) -> list[list[str]]:
    """The rows of one part."""
    rows: list[list[str]] = json.loads(zlib.decompress(data))
    return rows


def convert(order: dict[str, Any]) -> dict[str, Any]:
    about, lines = read(Path(order["path"]), order["sheet"])
    first: list[list[str]] = []
    for line in lines:
        if any(cell.strip() for cell in line):
            first.append(line)
        if len(first) == HEADER_WITHIN:
            break
    if not first:
        raise Refused("empty_file")
    at = header_of(first, frozenset(order["vocabulary"]))
    header = header_checked(first[at])

    def rest() -> Iterator[list[str]]:
        yield from first[at + 1 :]
        yield from lines

    count = split(without_mark(rest()), len(header), Path(order["folder"]))
    return about | {"header": header, "rows": count}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    order = json.loads(sys.stdin.buffer.read())
    try:
        answer = convert(order)
    except Refused as refusal:
        answer = {"code": refusal.code, "about": refusal.about}
    except MemoryError:
        answer = {"code": "file_unpacks_too_large", "about": {"limit": MOST_BYTES_UNPACKED}}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
