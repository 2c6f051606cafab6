"""Files that people bring, and the steps of bringing them."""

import io
import json
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import xlsxwriter
from fastapi import FastAPI

from actors import Headers
from chores import done

Answer = dict[str, Any]


def csv(*lines: str, encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def xlsx(rows: list[list[Any]], name: str = "Feuil1") -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet(name)
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if hasattr(value, "year"):
                sheet.write_datetime(at, column, value, day)
            elif isinstance(value, str) and value.startswith("="):
                sheet.write_formula(at, column, value, None, "42")
            else:
                sheet.write(at, column, value)
    book.close()
    return out.getvalue()


async def bring(
    client: httpx.AsyncClient, who: Headers, content: bytes, entity: str = "lead", **form: Any
) -> httpx.Response:
    name = "liste.xlsx" if content[:2] == b"PK" else "liste.csv"
    return await client.post(
        "/v1/imports", files={"file": (name, content)}, data={"entity": entity, **form}, headers=who
    )


async def brought(
    client: httpx.AsyncClient, who: Headers, content: bytes, entity: str = "lead", **form: Any
) -> Answer:
    answer = await bring(client, who, content, entity, **form)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def preview(client: httpx.AsyncClient, who: Headers, of: Answer, **asked: Any) -> Answer:
    body = {"mapping": of["mapping"], **asked}
    answer = await client.post(f"/v1/imports/{of['id']}/preview", json=body, headers=who)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def commit(client: httpx.AsyncClient, who: Headers, of: Answer, **asked: Any) -> httpx.Response:
    key = {"Idempotency-Key": str(uuid4())}
    return await client.post(f"/v1/imports/{of['id']}/commit", json=asked, headers=who | key)


async def undo(client: httpx.AsyncClient, who: Headers, of: Answer) -> httpx.Response:
    key = {"Idempotency-Key": str(uuid4())}
    return await client.post(f"/v1/imports/{of['id']}/undo", headers=who | key)


async def taken_in(
    app: FastAPI,
    client: httpx.AsyncClient,
    owner: asyncpg.Connection,
    who: Headers,
    content: bytes,
    entity: str = "lead",
    **options: Any,
) -> Answer:
    """Brought, previewed, committed and done; the import as it is then."""
    of = await brought(client, who, content, entity)
    await preview(client, who, of, **options)
    answer = await commit(client, who, of)
    assert answer.status_code == 202, answer.text
    await done(app, owner)
    job = (await client.get(answer.headers["location"], headers=who)).json()
    assert job["status"] == "succeeded", json.dumps(job)
    return dict((await client.get(f"/v1/imports/{of['id']}", headers=who)).json())


async def lines_of(client: httpx.AsyncClient, who: Headers, of: Answer) -> dict[int, list[str]]:
    """Number -> codes, of the rows that deserved a line."""
    answer = await client.get(f"/v1/jobs/{of['job_id']}/results?limit=200", headers=who)
    return {line["number"]: [fault["code"] for fault in line["faults"]] for line in answer.json()["data"]}
