"""Who looks at the sheet of a person or of an account is in the audit log before the sheet is out."""

from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from actors import actor
from contacts.people import OURS, SCOPES, THEIRS, agency, contact

pytestmark = pytest.mark.anyio
LINA, KARIM = actor(OURS, *SCOPES, id=UUID(int=7)), actor(OURS, *SCOPES, id=UUID(int=8))


async def readings(owner: asyncpg.Connection, of: dict[str, Any]) -> list[int]:
    """Who read it, in order."""
    sql = """SELECT actor_id FROM audit_log WHERE action LIKE '%.read' AND object_id = $1 ORDER BY id"""
    return [row[0].int for row in await owner.fetch(sql, UUID(of["id"]))]


async def test_a_reader_leaves_one_line_for_one_reading(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    person = await contact(client, await agency(client))
    path = f"/v1/contacts/{person['id']}"
    for who in (LINA, LINA, KARIM, LINA):
        answer = await client.get(path, headers=who)
        assert (answer.status_code, answer.json()["id"]) == (200, person["id"])
    assert await readings(owner, person) == [7, 8]
    line = await owner.fetchrow(
        "SELECT * FROM audit_log WHERE action = 'contact.read' AND actor_id = $1", UUID(int=7)
    )
    assert (line["object_type"], line["changes"], line["ip"]) == ("contact", "{}", "127.0.0.1")
    assert line["request_id"]


async def test_who_is_shown_nothing_leaves_no_line(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    person = await contact(client, await agency(client))
    assert (await client.get(f"/v1/contacts/{person['id']}", headers=THEIRS)).status_code == 404
    await client.get("/v1/contacts", headers=LINA)
    await client.post("/v1/contacts/batch-get", json={"ids": [person["id"]]}, headers=LINA)
    assert await readings(owner, person) == []


async def test_the_sheet_of_an_account_is_one_too(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    await contact(client, await agency(client))
    accounts = (await client.get("/v1/accounts", headers=LINA)).json()["data"]
    for account in accounts[:1]:
        await client.get(f"/v1/accounts/{account['id']}", headers=LINA)
        assert await readings(owner, account) == [7]
    assert accounts
