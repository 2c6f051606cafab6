"""What the journeys do again and again: call, read, and look at what was told."""

from typing import Any
from uuid import UUID

import asyncpg
import httpx

from actors import Headers
from company import Company

Answer = dict[str, Any]


async def said(
    company: Company, path: str, body: Any = None, *, by: Headers | None = None, version: Any = None
) -> Answer:
    """The answer of a POST that goes well."""
    answer = await company.send("POST", path, body, by=by, version=version)
    assert answer.is_success, f"{path}: {answer.text}"
    return dict(answer.json())


async def read(company: Company, path: str, by: Headers | None = None, **query: Any) -> Answer:
    answer = await company.client.get(path, params=query, headers=by or company.admin.headers)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return dict(answer.json())


async def step(
    company: Company, path: str, name: str, by: Headers | None = None, **body: Any
) -> httpx.Response:
    """A step of the object at `path`, as it is now."""
    version = (await read(company, path, by))["version"]
    return await company.send("POST", f"{path}/{name}", body, by=by, version=version)


async def facts(owner: asyncpg.Connection, about: str | None = None) -> list[str]:
    """The kinds of the facts that were told, of one object or of all."""
    condition = "object_id = $1" if about else "$1::uuid IS NULL"
    rows = await owner.fetch(
        f"SELECT kind FROM event_log WHERE {condition} ORDER BY id",
        UUID(about) if about else None,
    )
    return [row["kind"] for row in rows]


async def notified(company: Company, who: Headers) -> list[str]:
    """What somebody was told, newest first: the kinds of object it is about."""
    listed = await read(company, "/v1/notifications", who)
    return [one["object_type"] for one in listed["data"]]
