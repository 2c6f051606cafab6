"""A list taken in, exported, taken in elsewhere and exported again is the same file (domain.md H-13)."""

import csv
import io
from random import Random

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company, open_company
from crm_api.kit.formulas import guarded
from exports.shop import exported, table
from imports.files import taken_in

pytestmark = pytest.mark.anyio
FIELDS = [
    "full_name",
    "phone",
    "email",
    "source",
    "source_detail",
    "company_name",
    "wilaya_code",
    "postal_code",
    "need",
    "current_insurer",
    "current_expiry_date",
    "best_time",
    "preferred_language",
    "tags",
]
HARD = [
    "007",
    "=1+1",
    "+213",
    "-5",
    "@x",
    "'=a",
    "''-b",
    "'l'été",
    'dit "oui"',
    "a;b",
    "a,b",
    "l1\nl2",
    "بن علي",
    "é è ç œ",
    "# Exporté le 1er",
    "1,5",
    "31/12/2026",
    "oui",
    "NULL",
    "🚗 auto",
]
"""What spreadsheets, separators and formulas make hard."""


def people(count: int) -> list[list[str]]:
    """Each hard text in each free field at least once."""
    random = Random(13)  # noqa: S311 - the same list every time
    rows = [[*FIELDS]]
    for at in range(count):
        text = [HARD[(at + shift) % len(HARD)] for shift in range(5)]
        rows.append(
            [
                f"Karim{at:03d} {random.choice(['BENALI', 'بوشارب', 'Aït-Saïd'])}",
                f"+21355{at:07d}",
                f"karim.{at}@example.com" if at % 3 else "",
                random.choice(["event", "walk_in", "import"]),
                text[0],
                text[1],
                f"{random.randint(1, 58):02d}",
                f"0{random.randint(1000, 9999)}",
                text[2],
                text[3],
                "31/12/2026" if at % 2 else "",
                text[4],
                random.choice(["fr", "ar"]),
                "vip, flotte" if at % 4 else "",
            ]
        )
    return rows


def written(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([map(guarded, row) for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


@pytest.mark.parametrize("format", ["csv", "xlsx"])
async def test_what_went_through_two_houses_is_what_it_was(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company, format: str
) -> None:
    rows = people(40)
    other = await open_company(app, client)
    how = {"fields": FIELDS, "sort": ["full_name"]}

    async def take(into: Company, content: bytes) -> None:
        of = await taken_in(app, client, owner, into.admin.headers, content)
        assert (of["counts"]["created"], of["counts"]["failed"]) == (len(rows) - 1, 0), of

    async def given(by: Company, format: str = "csv") -> bytes:
        return await exported(app, client, owner, by.admin.headers, format=format, **how)

    await take(company, written(rows))
    first = await given(company)
    assert table(first) == [dict(zip(FIELDS, row, strict=True)) for row in rows[1:]]
    await take(other, first if format == "csv" else await given(company, format))
    again = await given(other)
    assert table(again) == table(first)
    assert again.splitlines()[:-1] == first.splitlines()[:-1], "the same but for who exported it, and when"
