"""The audit log over HTTP: who may read what, and the proof."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from audit_lines import note, seal_until

pytestmark = pytest.mark.anyio
OURS = uuid4()
ANNA, BOB = uuid4(), uuid4()
ADMIN = actor(OURS, "audit:read", "audit:verify")
USER = actor(OURS, "audit:read", data_scope="own", id=ANNA)
THEIRS = actor(uuid4(), "audit:read", "audit:verify")


async def listed(
    client: httpx.AsyncClient, who: dict[str, str] = ADMIN, **query: Any
) -> list[dict[str, Any]]:
    answer = await client.get("/v1/audit-events", params=query, headers=who)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def test_lines_are_filtered_by_actor_action_object_outcome_and_time(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    lead = uuid4()
    await note(app, OURS, ANNA, "lead.read", lead)
    await note(app, OURS, BOB, "lead.updated", lead, outcome="denied")
    await note(app, OURS, BOB, "contact.read", uuid4())
    assert [line["action"] for line in await listed(client)] == ["contact.read", "lead.updated", "lead.read"]
    assert [line["action"] for line in await listed(client, sort="at", limit=1)] == ["lead.read"]
    assert len(await listed(client, actor=str(BOB))) == 2
    assert len(await listed(client, action=["lead.read", "contact.read"])) == 2
    assert len(await listed(client, object_type="lead", object_id=str(lead))) == 2
    (denied,) = await listed(client, outcome="denied")
    assert (denied["actor"]["id"], denied["changes"]) == (str(BOB), {"status": ["new", "lost"]})
    assert len(await listed(client, at_lt=denied["at"])) <= 1
    assert len(await listed(client, at_gte="2030-01-01T00:00:00Z")) == 0


async def test_pages_follow_each_other(app: FastAPI, client: httpx.AsyncClient) -> None:
    for _ in range(5):
        await note(app, OURS, ANNA, "lead.read", uuid4())
    seen: list[int] = []
    cursor: str | None = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/audit-events", params=query, headers=ADMIN)).json()
        seen += [line["id"] for line in page["data"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 5


async def test_a_user_sees_own_actions_and_a_stranger_none(app: FastAPI, client: httpx.AsyncClient) -> None:
    await note(app, OURS, ANNA, "lead.read", uuid4())
    await note(app, OURS, BOB, "lead.read", uuid4())
    lines = {UUID(line["actor"]["id"]): line["id"] for line in await listed(client)}
    assert [line["id"] for line in await listed(client, USER)] == [lines[ANNA]]
    assert await listed(client, THEIRS) == []
    for who, id, status in (
        (ADMIN, lines[BOB], 200),
        (USER, lines[ANNA], 200),
        (USER, lines[BOB], 404),
        (THEIRS, lines[BOB], 404),
        (ADMIN, 2**62, 404),
        (ADMIN, "x", 422),
    ):
        assert (await client.get(f"/v1/audit-events/{id}", headers=who)).status_code == status
    assert (await client.get("/v1/audit-events", headers=actor(OURS, "leads:read"))).status_code == 403


async def test_the_proof_tells_what_was_tampered_with(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    for _ in range(3):
        await note(app, OURS, ANNA, "lead.read", uuid4())
    assert (await listed(client))[0]["hash"] is None
    await seal_until(app, owner, OURS, 3)
    proof = (await client.get("/v1/audit-events/verification", headers=ADMIN)).json()
    newest = (await listed(client))[0]
    assert (proof["intact"], proof["checked"], proof["last_hash"]) == (True, 3, newest["hash"])
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute("UPDATE audit_log SET action = 'lead.deleted' WHERE id = $1", newest["id"])
    proof = (await client.get("/v1/audit-events/verification", headers=ADMIN)).json()
    assert proof["findings"] == [{"kind": "line_changed", "seq": 3, "audit_event_id": newest["id"]}]
    assert not proof["intact"]
    assert (await client.get("/v1/audit-events/verification", headers=USER)).status_code == 403
