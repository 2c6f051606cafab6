"""What the tests of exports have in common: a company, a request, the file read back."""

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI
from python_calamine import CalamineWorkbook

from actors import Headers
from chores import done
from company import Company, open_company
from crm_api.kit.formulas import unguarded

__all__ = ["asked", "company", "exported", "json_lines", "sheet", "table"]


async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def asked(client: httpx.AsyncClient, who: Headers, resource: str, **body: Any) -> httpx.Response:
    return await client.post(f"/v1/{resource}/exports", headers=who, json=body)


async def exported(
    app: FastAPI,
    client: httpx.AsyncClient,
    owner: asyncpg.Connection,
    who: Headers,
    resource: str = "leads",
    **body: Any,
) -> bytes:
    """The file of a whole export."""
    answer = await asked(client, who, resource, **body)
    assert answer.status_code == 202, answer.text
    await done(app, owner)
    job = (await client.get(answer.headers["location"], headers=who)).json()
    assert job["status"] == "succeeded", job
    given = await client.get(job["result"]["href"], headers=who)
    assert given.status_code == 200, given.text
    return given.content


def table(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV as an import reads them; the last line is not one of them."""
    assert content.startswith(b"\xef\xbb\xbf")
    head, *rows, mark = list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert mark[0].startswith("# Exporté le ")
    return [dict(zip(head, map(unguarded, row), strict=True)) for row in rows]


def sheet(content: bytes) -> list[dict[str, Any]]:
    head, *rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def json_lines(content: bytes) -> list[dict[str, Any]]:
    *rows, mark = [json.loads(line) for line in content.decode().split("\n")[:-1]]
    assert mark["$export"].startswith("Exporté le ")
    return rows
