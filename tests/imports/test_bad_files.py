"""Files that cannot be read are refused at once and say why; what looks dangerous stays text."""

import io
import zipfile
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company
from imports.files import bring, brought, csv, preview, taken_in, xlsx

pytestmark = pytest.mark.anyio
HEADER = "Nom complet;Tél;Besoin"


def zipped(**files: bytes | Iterator[bytes]) -> bytes:
    """A workbook with these sheets in it."""
    book = io.BytesIO(xlsx([["Nom complet", "Tél"], ["Karim BOUCHAREB", "0550123456"]]))
    with (
        zipfile.ZipFile(book) as source,
        zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as to,
    ):
        for item in source.infolist():
            name = item.filename.rpartition("/")[2].partition(".")[0]
            with to.open(item.filename, "w", force_zip64=True) as entry:
                content = files.get(name, source.read(item))
                for block in [content] if isinstance(content, bytes) else content:
                    entry.write(block)
    return out.getvalue()


def sheet(rows: Iterator[bytes]) -> Iterator[bytes]:
    yield b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    yield b"<sheetData>"
    yield from rows
    yield b"</sheetData></worksheet>"


def two_million() -> Iterator[bytes]:
    for start in range(0, 2_000_000, 10_000):
        yield b"".join(b'<row r="%d"><c><v>1</v></c></row>' % n for n in range(start + 1, start + 10_001))


def far_away() -> Iterator[bytes]:
    yield b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'


def bomb() -> Iterator[bytes]:
    yield from (b" " * (1 << 20) for _ in range(700))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n \n;;\n", "empty_file"),
        (b"Nom;Tel\n", "empty_file"),
        (b"Nom;Tel\nA\0B;1\n", "nul_in_file"),
        (b'Nom;Tel\n"Karim;1\n', "unreadable_sheet"),
        (b"Nom;Tel;nom \nKarim;1;2\n", "duplicate_headers"),
        (b"PK\x03\x04 and no workbook", "unreadable_sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_spreadsheet"),
        (zipped(sheet1=sheet(two_million())), "too_many_rows"),
        (zipped(sheet1=sheet(far_away())), "too_many_rows"),
        (zipped(sheet1=sheet(bomb())), "file_unpacks_too_large"),
        (";".join(f"c{n}" for n in range(300)).encode() + b"\n1\n", "too_many_columns"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_file_that_is_no_table_is_refused_at_once(
    client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company, content: bytes, code: str
) -> None:
    answer = await bring(client, company.admin.headers, content)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert await owner.fetchval("SELECT count(*) FROM imports") == 0


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Benaïssa Éloïse"),
        ("utf-8-sig", "Benaïssa Éloïse"),
        ("cp1252", "Benaïssa Éloïse, née à Sétif, département réservé"),
        ("cp1256", "محمد بن علي من الجزائر العاصمة يطلب تأمين السيارة"),
        ("utf-16", "محمد بن علي"),
        ("utf-8", "محمد بن علي"),
    ],
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
async def test_french_and_arabic_files_are_read_in_their_encodings(
    client: httpx.AsyncClient, company: Company, encoding: str, text: str, delimiter: str
) -> None:
    lines = [["Nom complet", "Tél", "Besoin"]] + [
        ["Karim BOUCHAREB", f"055012345{n}", text] for n in range(5)
    ]
    quoted = [delimiter.join(f'"{cell}"' for cell in line) for line in lines]
    of = await brought(client, company.admin.headers, csv(*quoted, encoding=encoding))
    shown = await preview(client, company.admin.headers, of, rows=1)
    assert shown["rows"][0]["cells"][2] == text
    assert (of["delimiter"], of["row_count"]) == (delimiter, 5)


async def test_a_mapping_must_fit_the_file(client: httpx.AsyncClient, company: Company) -> None:
    who = company.admin.headers
    of = await brought(client, who, csv(HEADER, "Karim BOUCHAREB;0550123456;"))
    wrong = {"Absente": "email", "Tél": "salary", "Nom complet": "need", "Besoin": "need"}
    answer = await client.post(f"/v1/imports/{of['id']}/preview", json={"mapping": wrong}, headers=who)
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == {
        ("/mapping/Absente", "unknown_column"),
        ("/mapping/Tél", "unknown_import_field"),
        ("/mapping/Nom complet", "repeated_field"),
        ("/mapping/Besoin", "repeated_field"),
        ("/mapping", "required_field_not_mapped"),
    }
    matched = {"mapping": of["mapping"], "mode": "update", "match_on": "need"}
    answer = await client.post(f"/v1/imports/{of['id']}/preview", json=matched, headers=who)
    assert answer.json()["errors"][0]["code"] == "unknown_match_field"
    early = await client.post(
        f"/v1/imports/{of['id']}/commit", json={}, headers=who | {"Idempotency-Key": str(uuid4())}
    )
    assert (early.status_code, early.json()["code"]) == (409, "import_mapping_missing")
    keyless = await client.post(f"/v1/imports/{of['id']}/commit", json={}, headers=who)
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_required")


async def test_rows_with_too_many_cells_or_too_long_ones_leave_the_others_alone(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    content = csv(
        HEADER,
        "Karim BOUCHAREB;0550123456;x;de trop",
        f"Lina HADDAD;0660123456;{'x' * 5000}",
        "Samia BENALI;0770123456;\"=cmd|' /C calc'!A0\"",
    )
    of = await taken_in(app, client, owner, company.admin.headers, content)
    assert (of["counts"]["created"], of["counts"]["failed"]) == (1, 2)
    [samia] = (await client.get("/v1/leads", headers=company.admin.headers)).json()["data"]
    assert samia["need"] == "=cmd|' /C calc'!A0"
