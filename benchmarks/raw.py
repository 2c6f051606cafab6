"""The measure: the same reads and writes by hand, without identity, isolation, rules or documents.

Bare ASGI, an asyncpg pool whose connections are not reset between two uses, orjson. What it writes is
what the application writes for the same body (the derived columns are copied from one of its rows).
"""

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import asyncpg
import orjson
from starlette.types import Receive, Scope, Send

from benchmarks import customers
from benchmarks.data import ASKER
from crm_api.core.db import now
from crm_api.core.plain import table_of
from crm_api.kit.ids import new_id
from crm_api.leads.models import Lead
from crm_api.leads.schemas.lead import LeadRead

PREFIX = "/raw/"
_NAMES = {"quick_data": "masked"}
COLUMNS = ", ".join(f"{_NAMES[name]} AS {name}" if name in _NAMES else name for name in LeadRead.model_fields)
STORED = [column.name for column in table_of(Lead).c if column.computed is None]
JSONB = {column.name for column in table_of(Lead).c if str(column.type) == "JSONB"}
_PREFIXED = f"""SELECT {COLUMNS} FROM leads WHERE organization_id = $1 AND deleted_at IS NULL
AND name_folded BETWEEN lower($2) AND lower($2) || U&'\\+10FFFF' ORDER BY name_folded, id LIMIT $3"""  # noqa: S608
_BY_STATUS = f"""SELECT {COLUMNS} FROM leads WHERE organization_id = $1 AND deleted_at IS NULL
AND status = $2 ORDER BY created_at DESC, id DESC LIMIT $3"""  # noqa: S608
_SEARCHED = """WITH named AS (SELECT object_id FROM search_tokens
    WHERE organization_id = $1 AND token BETWEEN $2 AND $2 || U&'\\+10FFFF'
    ORDER BY token, object_id DESC LIMIT 6)
SELECT 'lead' AS type, id, full_name AS title, number, phone FROM leads
WHERE organization_id = $1 AND id IN (SELECT object_id FROM named) AND deleted_at IS NULL"""
_WAITING = """SELECT 'lead' AS type, id, full_name AS title, first_contact_due_at AS at, phone AS detail
FROM leads WHERE organization_id = $1 AND owner_user_id = $2 AND status IN ('new', 'assigned')
AND deleted_at IS NULL ORDER BY first_contact_due_at, id LIMIT 11"""
_AGAIN = """SELECT 'lead' AS type, id, full_name AS title, nurture_until AS at, phone AS detail
FROM leads WHERE organization_id = $1 AND owner_user_id = $2 AND status = 'nurturing'
AND nurture_until <= current_date AND deleted_at IS NULL ORDER BY nurture_until, id LIMIT 11"""
_COMING = """SELECT a.id, a.title, e.starts_at AS at, a.location AS detail
FROM appointment_engagements e JOIN appointments a ON a.organization_id = $1 AND a.id = e.appointment_id
WHERE e.organization_id = $1 AND e.party_id = $2 AND e.starts_at > now() ORDER BY e.starts_at LIMIT 11"""
_DUE = """SELECT id, name AS title, next_step_at AS at, next_step AS detail FROM opportunities
WHERE organization_id = $1 AND owner_user_id = $2 AND status = 'open' AND next_step_at <= now()
AND deleted_at IS NULL ORDER BY next_step_at, id LIMIT 11"""
_UNREAD = """SELECT count(*) FROM notifications
WHERE organization_id = $1 AND recipient_id = $2 AND read_at IS NULL AND in_app"""
_GET = f"SELECT {COLUMNS} FROM leads WHERE organization_id = $1 AND id = $2"  # noqa: S608
_AUDIT = """INSERT INTO audit_log
    (organization_id, actor_type, actor_id, ip, action, object_type, object_id, changes)
VALUES ($1, 'user', $2, '127.0.0.1', 'lead.created', 'lead', $3, $4)"""
_EVENT = """INSERT INTO event_log (organization_id, actor_type, actor_id, kind, object_type, object_id, data)
VALUES ($1, 'user', $2, 'lead.created', 'lead', $3, $4)"""
_LIKE = " UNION ALL ".join(
    f"""(SELECT id, full_name, phone, email, wilaya_code FROM leads
    WHERE organization_id = $1 AND {key} = ${at} AND deleted_at IS NULL LIMIT 20)"""  # noqa: S608
    for at, key in enumerate(("phone", "email_key"), 2)
)
_CONTACTS_LIKE = """SELECT id, display_name, phones, emails FROM contacts
WHERE organization_id = $1 AND deleted_at IS NULL AND id IN
    (SELECT contact_id FROM contact_keys WHERE organization_id = $1 AND value = ANY ($2)) LIMIT 300"""


class Unreset(asyncpg.Connection):  # type: ignore[misc]  # it ships no types
    def get_reset_query(self) -> str:
        return ""


class Raw:
    """`/raw/<organization>/v1/leads...`, `/v1/search`, `/v1/home` and `/v1/contacts/<id>/profile`."""

    def __init__(self, dsn: str, connections: int) -> None:
        self._dsn, self._connections = dsn, connections
        self._derived: dict[str, Any] = {}

    async def open(self) -> None:
        self._pool = await asyncpg.create_pool(
            self._dsn,
            min_size=self._connections,
            max_size=self._connections,
            connection_class=Unreset,
            init=_codecs,
        )

    async def close(self) -> None:
        await self._pool.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, _, organization, _, _, *rest = scope["path"].split("/")
        organization_id, method, status = UUID(organization), scope["method"], 200
        if method == "POST":
            given = orjson.loads(await _body(receive))
            if scope["query_string"]:
                await self._look_for_duplicates(organization_id, given)
            status, answer = 201, await self._create(organization_id, given)
        elif method == "PATCH":
            version = int(dict(scope["headers"])[b"if-match"].strip(b'"'))
            changes = orjson.loads(await _body(receive))
            answer = await self._patch(organization_id, UUID(rest[0]), version, changes)
        elif scope["path"].endswith("/v1/search"):
            answer = await self._search(organization_id, dict(parse_qsl(scope["query_string"].decode()))["q"])
        elif scope["path"].endswith("/profile"):
            answer = await customers.page(self._pool, organization_id, UUID(rest[0]))
        elif scope["path"].endswith("/v1/home"):
            answer = await self._home(organization_id)
        elif rest:
            async with self._pool.acquire() as connection:
                answer = dict(await connection.fetchrow(_GET, organization_id, UUID(rest[0])))
        else:
            answer = await self._list(organization_id, dict(parse_qsl(scope["query_string"].decode())))
        body = orjson.dumps(answer, default=str)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _list(self, organization_id: UUID, query: dict[str, str]) -> dict[str, Any]:
        limit = int(query.get("limit", 50))
        statement, wanted = (
            (_BY_STATUS, query["status"]) if "status" in query else (_PREFIXED, query["name_prefix"])
        )
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(statement, organization_id, wanted, limit + 1)
        more = len(rows) > limit
        return {
            "data": [dict(row) for row in rows[:limit]],
            "next_cursor": str(rows[limit - 1]["id"]) if more else None,
            "has_more": more,
            "total": None,
        }

    async def _search(self, organization_id: UUID, q: str) -> dict[str, Any]:
        """One look at the same index: the words folded, one beginning, no spelling but the one given."""
        words = q.lower().split()
        digits = q.removeprefix("P-").replace("-", "")
        start = f"lead<{digits[::-1]}" if digits.isdigit() and q[0] != "0" else f"lead={' '.join(words)}"
        start = f"lead/{q.lower()}" if "@" in q or q[0] in "P0" else start
        async with self._pool.acquire() as connection:
            return {"data": [dict(row) for row in await connection.fetch(_SEARCHED, organization_id, start)]}

    async def _home(self, organization_id: UUID) -> dict[str, Any]:
        """A question a section, as they are first written."""
        async with self._pool.acquire() as connection:
            questions = (_WAITING, _AGAIN, _COMING, _DUE)
            parts = [await connection.fetch(question, organization_id, ASKER) for question in questions]
            unread = await connection.fetchval(_UNREAD, organization_id, ASKER)
        return {"data": [[dict(row) for row in part] for part in parts], "unread": unread}

    async def _look_for_duplicates(self, organization_id: UUID, given: dict[str, Any]) -> None:
        """The two probes that the application makes before it records a lead."""
        values = [given["phone"], given["email"]]
        async with self._pool.acquire() as connection:
            await connection.fetch(_LIKE, organization_id, *values)
            await connection.fetch(_CONTACTS_LIKE, organization_id, values)

    async def _create(self, organization_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
        if not self._derived:
            async with self._pool.acquire() as connection:
                newest = "SELECT * FROM leads WHERE organization_id = $1 ORDER BY created_at DESC LIMIT 1"
                row = await connection.fetchrow(newest, organization_id)
            # Derived from a body: score, consent, keys, whose it is.
            self._derived = {name: row[name] for name in STORED}
        lead_id, moment = new_id(), now()
        whole = {**self._derived, **given, "id": lead_id, "number": f"R-{lead_id.hex[-12:]}"}
        whole |= {"email_key": given["email"], "created_at": moment, "updated_at": moment}
        asker, told = whole["created_by_id"], {name: [None, value] for name, value in given.items()}
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_INSERT, *(whole[name] for name in STORED))
            await connection.execute(_AUDIT, organization_id, asker, lead_id, told)
            await connection.execute(_EVENT, organization_id, asker, lead_id, {"changed": sorted(given)})
        return {**dict(row), "duplicates": []}

    async def _patch(
        self, organization_id: UUID, lead_id: UUID, version: int, changes: dict[str, Any]
    ) -> dict[str, Any]:
        places = ", ".join(f"{name} = ${at}" for at, name in enumerate(changes, 4))
        statement = f"""UPDATE leads SET {places}, version = version + 1, updated_at = clock_timestamp()
        WHERE organization_id = $1 AND id = $2 AND version = $3 RETURNING {COLUMNS}"""  # noqa: S608
        async with self._pool.acquire() as connection:
            return dict(
                await connection.fetchrow(statement, organization_id, lead_id, version, *changes.values())
            )


_INSERT = f"""INSERT INTO leads ({", ".join(STORED)})
VALUES ({", ".join(f"${at}" for at in range(1, len(STORED) + 1))}) RETURNING {COLUMNS}"""  # noqa: S608


async def _codecs(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda v: orjson.dumps(v).decode(), decoder=orjson.loads
    )


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body
