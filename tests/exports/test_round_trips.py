"""What is exported is read back exactly, whatever people have typed, and nothing of it is a formula."""

import csv
from io import BytesIO, StringIO
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import ARRAY, Text, bindparam, column, func, literal_column, select

from crm_api.core.copying import Copying
from crm_api.core.statements import Statement, as_json
from crm_api.exports.columns import Column, french, plain
from crm_api.exports.sheets import (
    CSV_OPTIONS,
    JSON_OPTIONS,
    RAW_OPTIONS,
    csv_of,
    jsonl_of,
    rewritten_csv,
    write_xlsx,
)
from crm_api.kit.formulas import guarded, unguarded
from exports.shop import json_lines, table

pytestmark = pytest.mark.anyio
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    st.text("=+-@\t\r\n';\",#\\. 0a", max_size=12),
    st.from_regex(r"0[0-9]{1,9}", fullmatch=True),
    st.sampled_from(
        ["=1+1", "'=1", "''=1", "'", "00213", "#", "\\.", "كريم", "+213550", "a;b", 'a"b', "\ufeffx"]
    ),
)
TABLES = st.lists(CELLS.filter(bool), min_size=1, max_size=30)
PATIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(cell=CELLS)
@settings(deadline=None)
def test_a_cell_never_begins_like_a_formula_and_comes_back(cell: str) -> None:
    safe = guarded(cell)
    assert not safe.startswith(FORMULAS)
    assert unguarded(safe) == cell


def rows_of(app: FastAPI, cells: list[str], form: Any, **options: Any) -> Copying:
    """These cells, numbered, as COPY writes them."""
    given = (
        func.unnest(bindparam("cells", type_=ARRAY(Text())))
        .table_valued(column("cell", Text()), with_ordinality="at")
        .render_derived()
    )
    shown = form(given.c.cell)
    statement = Statement(select(shown, given.c["at"]).order_by(given.c["at"]))
    return Copying(
        app.state.database, uuid4(), statement.sql, statement.arguments({"cells": cells}), **options
    )


def text_column(source: object) -> Column:
    return Column("cell", "text", source)  # type: ignore[arg-type]


async def whole(chunks: object) -> bytes:
    return b"".join([chunk async for chunk in chunks])  # type: ignore[attr-defined]


@PATIENT
@given(cells=TABLES)
@example(["'=x", "=x", "''=x", "x"])
async def test_csv_comes_back_exactly(house: FastAPI, cells: list[str]) -> None:
    copying = rows_of(house, cells, lambda cell: french(text_column(cell)), **CSV_OPTIONS)
    content = await whole(csv_of(["cell", "at"], copying.chunks(), "Exporté le 1"))
    assert [row["cell"] for row in table(content)] == cells
    assert copying.rows == len(cells)
    written = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert not [row[0] for row in written if row[0].startswith(FORMULAS)]


@PATIENT
@given(cells=TABLES)
async def test_postgresql_and_python_guard_alike(house: FastAPI, cells: list[str]) -> None:
    copying = rows_of(house, cells, lambda cell: french(text_column(cell)), **RAW_OPTIONS)
    written = csv.reader(StringIO((await whole(copying.chunks())).decode(), newline=""))
    assert [row[0] for row in written] == [guarded(cell) for cell in cells]


@PATIENT
@given(cells=TABLES)
async def test_csv_by_way_of_python_comes_back_exactly(house: FastAPI, cells: list[str]) -> None:
    source, target = BytesIO(), BytesIO()
    copying = rows_of(house, cells, lambda cell: plain(text_column(cell)), **RAW_OPTIONS)
    source.write(await whole(copying.chunks()))
    columns = [text_column(None), Column("at", "whole", literal_column("1"))]
    rewritten_csv(source, target, columns, lambda row: row, "Exporté le 1")
    assert [row["cell"] for row in table(target.getvalue())] == cells


@PATIENT
@given(cells=TABLES)
async def test_json_lines_come_back_exactly(house: FastAPI, cells: list[str]) -> None:
    copying = rows_of(house, cells, lambda cell: as_json({"cell": cell}, ["cell"]), **JSON_OPTIONS)
    raw = await whole(jsonl_of(copying.chunks(), "Exporté le 1"))
    lines = raw.decode().split("\n")
    cut = "\n".join(line.rpartition("\x02")[0] or line for line in lines).encode()
    assert [row["cell"] for row in json_lines(cut)] == cells


PRINTABLE = st.lists(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\ufeff_\u2028\u2029"),
        min_size=1,
        max_size=30,
    ).filter(lambda cell: cell.strip() == cell),
    min_size=1,
    max_size=20,
)


@PATIENT
@given(cells=PRINTABLE)
async def test_a_workbook_comes_back_exactly(cells: list[str]) -> None:
    source, target = BytesIO(), BytesIO()
    text = StringIO(newline="")
    csv.writer(text).writerows([[cell] for cell in cells])
    source.write(text.getvalue().encode())
    write_xlsx(source, target, [text_column(None)], lambda row: row, "Exporté le 1")
    head, *rows = CalamineWorkbook.from_filelike(BytesIO(target.getvalue())).get_sheet_by_index(0).to_python()
    assert head == ["cell"]
    assert [row[0] for row in rows] == cells
