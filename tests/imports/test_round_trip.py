"""What an export writes, an import reads: leading zeros, Arabic, `;`, quotes, newlines, formulas (H-13)."""

import csv
import io
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from crm_api.imports.sheets import Refused, as_text
from crm_api.imports.sheets import _text as read_text

FORMULA = ("=", "+", "-", "@", "\t", "\r")
HARD = st.sampled_from(
    ["007", "=1+1", "+213", "-5", "@x", 'dit "oui"', "a;b", "l1\nl2", "l1\r\nl2", "بن علي", "é"]
)
ANY = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
CELL = st.one_of(HARD, ANY).filter(lambda text: not (text[:1] == "'" and text[1:2] in {*FORMULA}))
"""An apostrophe that the writer itself put before a formula is the one text that a CSV cannot tell."""


def written(rows: list[list[str]]) -> bytes:
    """As our exports do: a mark, `;`, and an apostrophe before what a spreadsheet would compute."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerows([[f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_was_exported_is_read_back_letter_by_letter(rows: list[list[str]]) -> None:
    header = ["Nom", "Téléphone", "Besoin"]
    about, lines = read_text(written([header, *rows]))
    assert (about["encoding"], about["delimiter"]) == ("utf-8", ";")
    assert [*lines] == [header, *rows]


@given(st.one_of(st.integers(-(10**15), 10**15), st.booleans(), st.text(max_size=20)))
def test_a_cell_of_a_sheet_is_what_somebody_would_type(value: int | bool | str) -> None:
    cell = float(value) if isinstance(value, int) and not isinstance(value, bool) else value
    expected = str(value).lower() if isinstance(value, bool) else str(value)
    assert as_text(cell) == expected


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_stumble(data: bytes) -> None:
    with suppress(Refused):
        about, lines = read_text(data)
        assert about["delimiter"] in {";", ",", "\t"}
        assert all(isinstance(cell, str) for line in lines for cell in line)
