"""Streams: at once, complete, and to nobody who could not have read it."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

import actors
from actors import Headers, actor, principal_of
from crm_api.core import event_stream, streams
from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.core.principal import system
from crm_api.core.sight import asks_itself, scopes_of
from crm_api.notifications.events import NotificationCreated
from crm_api.registry import OBJECTS
from crm_api.roles.catalogue import permissions
from events.listening import listening

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
LISTEN = "notifications:read"
BOSS = actor(OURS, LISTEN, "leads:read", "leads:write", "agencies:read")
LEAD = {"full_name": "Karim Benali", "phone": "0550123456", "source": "phone"}


async def a_lead(client: httpx.AsyncClient, by: Headers = BOSS, **more: Any) -> UUID:
    made = await client.post("/v1/leads", json=LEAD | more, headers=by)
    assert made.status_code == 201, made.text
    return UUID(made.json()["id"])


async def an_agency(client: httpx.AsyncClient, code: str) -> UUID:
    admin = actor(OURS, *permissions())
    region = await client.post("/v1/regions", json={"code": code, "name": "DR"}, headers=admin)
    body = {"code": code, "name": code, "type": "direct_agency", "wilaya_code": "16"}
    body["region_id"] = region.json()["id"]
    made = await client.post("/v1/agencies", json=body, headers=admin)
    assert made.status_code == 201, made.text
    return UUID(made.json()["id"])


async def test_a_fact_comes_at_once_with_ids_only(app: FastAPI, client: httpx.AsyncClient) -> None:
    async with listening(app, BOSS) as stream:
        assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert stream.headers["cache-control"] == "no-store"
        lead = await a_lead(client)
        (event, *_) = await stream.until("lead.created", seconds=2)
    assert set(event) == {"event", "cursor", "type", "resource", "id", "version", "occurred_at"}
    assert (event["type"], event["resource"], event["id"], event["version"]) == (
        "lead.created",
        "lead",
        str(lead),
        1,
    )
    assert "Benali" not in stream.text
    assert "0550" not in stream.text


async def test_nothing_of_another_organization_is_ever_told(app: FastAPI, client: httpx.AsyncClient) -> None:
    stranger = actor(THEIRS, *permissions())
    async with listening(app, stranger) as theirs, listening(app, BOSS) as ours:
        await a_lead(client)
        await a_lead(client, stranger)
        await ours.until("lead.created")
        (event,) = [one for one in await theirs.until("lead.created") if one["event"] == "lead.created"]
        seen = await client.get(f"/v1/leads/{event['id']}", headers=stranger)
        assert seen.status_code == 200
        assert not {one["id"] for one in theirs.events} & {one["id"] for one in ours.events}


async def test_what_another_agency_owns_is_told_to_who_sees_it(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    north, south = await an_agency(client, "16001"), await an_agency(client, "16002")
    scopes = LISTEN, "leads:read", "leads:write"
    agent = actor(OURS, *scopes, data_scope="agency", agency_id=north, agency_ids=(north,))
    loner, other = actor(OURS, *scopes, data_scope="own"), actor(OURS, *scopes, data_scope="own")
    far = actor(OURS, *scopes, data_scope="agency", agency_id=south, agency_ids=(south,))
    async with (
        listening(app, BOSS) as all_,
        listening(app, agent) as agent_,
        listening(app, loner) as loner_,
        listening(app, far) as far_,
        listening(app, other) as other_,
    ):
        of_loner = await a_lead(client, loner)
        of_agent = await a_lead(client, agent, full_name="Lina Haddad", phone="0550123457")
        await all_.about(of_loner)
        await all_.about(of_agent)
        await asyncio.sleep(0.3)
        assert {one["id"] for one in agent_.events} == {str(of_agent)}
        assert {one["id"] for one in loner_.events} == {str(of_loner)}
        assert far_.events == []
        assert other_.events == []


async def test_each_kind_of_object_asks_for_its_own_scope(app: FastAPI, client: httpx.AsyncClient) -> None:
    blind, auditor = actor(OURS, LISTEN), actor(OURS, LISTEN, "events:read")
    admin = actor(OURS, "custom_fields:manage", "settings:manage", *permissions())
    async with listening(app, blind) as nothing, listening(app, auditor) as log, listening(app, BOSS) as boss:
        await a_lead(client)
        region = await client.post("/v1/regions", json={"code": "CO", "name": "DR"}, headers=admin)
        assert region.status_code == 201
        assert (await log.until("region.created"))[-1]["resource"] == "region"
        await boss.until("lead.created")
        assert "lead.created" not in log.kinds()
        assert "region.created" not in boss.kinds()
        assert nothing.events == []


async def test_only_what_was_asked_for_is_told(app: FastAPI, client: httpx.AsyncClient) -> None:
    everybody = actor(OURS, *permissions())
    async with listening(app, everybody, "resource=region&resource=agency") as stream:
        await a_lead(client)
        await client.post("/v1/regions", json={"code": "CO", "name": "DR"}, headers=everybody)
        assert {one["resource"] for one in await stream.until("region.created")} == {"region"}


async def test_who_comes_back_misses_nothing_and_hears_nothing_twice(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async with listening(app, BOSS) as stream:
        first = await a_lead(client)
        await stream.until("lead.created")
        await asyncio.sleep(0.2)
        heard = [one["cursor"] for one in stream.events]
        mark = stream.last_id
    missed = await a_lead(client, full_name="Lina Haddad", phone="0550123457")
    async with listening(app, BOSS | {"Last-Event-ID": mark}) as again:
        await again.until("lead.created")
        last = await a_lead(client, full_name="Omar Saadi", phone="0550123458")
        await again.about(last)
        created = [one["id"] for one in again.events if one["event"] == "lead.created"]
    assert created == [str(missed), str(last)]
    assert str(first) not in created
    cursors = heard + [one["cursor"] for one in again.events]
    assert len(set(cursors)) == len(cursors)


async def test_a_mark_of_the_stream_is_one_of_the_log(app: FastAPI, client: httpx.AsyncClient) -> None:
    auditor = actor(OURS, *permissions())
    async with listening(app, auditor) as stream:
        mark = stream.last_id
    lead = await a_lead(client)
    await asyncio.sleep(0.05)
    log = await client.get("/v1/events/log", params={"cursor": mark}, headers=auditor)
    assert str(lead) in {fact["object_id"] for fact in log.json()["data"]}


@pytest.mark.parametrize("mark", ["nonsense", "AAAA", "kq3v0bGx8d2mYy0mWzEyMyw0NV0"])
async def test_a_mark_that_is_none_of_ours_begins_anew(app: FastAPI, mark: str) -> None:
    async with listening(app, BOSS | {"Last-Event-ID": mark}) as stream:
        assert [(one["event"], one["reason"]) for one in stream.events] == [("reset", "unknown")]


async def test_who_is_too_far_behind_begins_anew(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_REPLAYED", 2)
    async with listening(app, BOSS) as stream:
        mark = stream.last_id
    for number in range(3):
        await a_lead(client, phone=f"055012345{number}", full_name=f"Karim {'abc'[number]}")
    await asyncio.sleep(0.1)
    async with listening(app, BOSS | {"Last-Event-ID": mark}) as again:
        assert [(one["event"], one.get("reason")) for one in again.events] == [("reset", "too_old")]
        assert again.last_id != mark


async def test_a_fact_is_told_though_an_older_transaction_ends_later(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, owner_url: Any
) -> None:
    other = await asyncpg.connect(owner_url.set(drivername="postgresql").render_as_string(False))
    try:
        async with listening(app, BOSS) as stream:
            transaction = other.transaction()
            await transaction.start()
            await other.fetchval("SELECT pg_current_xact_id()")
            await a_lead(client)
            await asyncio.sleep(0.3)
            assert stream.events == []
            await transaction.rollback()
            await stream.until("lead.created", seconds=4)
    finally:
        await other.close()


async def test_a_lost_connection_comes_back_and_the_gap_is_read(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    async with listening(app, BOSS) as stream:
        await a_lead(client)
        await stream.until("lead.created")
        killed = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'crm-streams'"
        )
        assert await owner.fetch(killed)
        lead = await a_lead(client, full_name="Lina Haddad", phone="0550123457")
        await stream.about(lead, 3)


async def test_a_notification_is_told_to_its_recipient_alone(app: FastAPI) -> None:
    ilyes, sara = actor(OURS, *permissions()), actor(OURS, *permissions())
    async with listening(app, ilyes) as his, listening(app, sara) as hers:
        ctx = Context(system(OURS), app.state.database, app.state.tools)
        ctx.begin()
        await publish(ctx, NotificationCreated(uuid4(), principal_of(ilyes).id))
        await ctx.commit()
        await ctx.close()
        await his.until("notification.created")
        await asyncio.sleep(0.2)
        assert hers.events == []


# --- ends


async def test_a_client_too_slow_is_told_to_begin_anew_and_dropped(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "MOST_WAITING", 400)
    async with listening(app, BOSS) as slow, listening(app, BOSS) as other:
        slow.reading.clear()
        for number in range(5):
            await a_lead(client, phone=f"055012345{number}", full_name=f"Karim {'abcde'[number]}")
            await asyncio.sleep(0.1)
        slow.reading.set()
        await slow.over()
        assert slow.events[-1]["reason"] == "slow"
        assert not other.ended
        assert sum(one["event"] == "lead.created" for one in other.events) == 5


async def test_a_client_that_takes_nothing_at_all_is_left(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "MOST_WAITING", 200)
    monkeypatch.setattr(event_stream, "FAREWELL", 0.2)
    async with listening(app, BOSS) as dead:
        dead.reading.clear()
        await a_lead(client)
        await asyncio.sleep(0.1)
        await a_lead(client, full_name="Lina Haddad", phone="0550123457")
        await asyncio.sleep(0.5)
        assert app.state.streams._count == 0


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("user.suspended", "id"),
        ("user.role_changed", "id"),
        ("session.updated", "session_id"),
        ("role.updated", None),
    ],
)
async def test_who_may_no_more_what_they_might_comes_in_anew(
    app: FastAPI, owner: asyncpg.Connection, kind: str, about: str | None
) -> None:
    ilyes, sara = actor(OURS, LISTEN), actor(OURS, LISTEN)
    object_id = getattr(principal_of(ilyes), about) if about else uuid4()
    async with listening(app, ilyes) as his, listening(app, sara) as hers:
        await owner.execute(
            """INSERT INTO event_log (organization_id, kind, object_type, object_id, actor_type, actor_id,
                data)
            VALUES ($1, $2, split_part($2, '.', 1), $3, 'user', $3, '{"changed": ["revoked_at"]}')""",
            OURS,
            kind,
            object_id,
        )
        app.state.database.wrote(OURS)
        await his.over(3)
        await asyncio.sleep(0.1)
        assert hers.ended == (about is None)


async def test_a_stream_ends_when_its_time_is_over_and_is_pinged_until_then(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PING", 1)
    monkeypatch.setattr("crm_api.events.service.LONGEST", 2.0)
    async with listening(app, BOSS) as stream:
        await stream.over(5)
        assert ": ping" in stream.text
    assert app.state.streams._count == 0


async def test_streams_end_at_once_when_the_process_is_to_stop(app: FastAPI) -> None:
    async with listening(app, BOSS) as stream:
        app.state.draining = True
        try:
            await stream.over(2)
            async with listening(app, BOSS) as refused:
                assert refused.status == 503
        finally:
            app.state.draining = False


async def test_nobody_opens_streams_without_end(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_OF_ONE", 1)
    async with listening(app, BOSS), listening(app, BOSS) as second:
        assert second.status == 429
        assert '"code":"too_many_streams"' in second.text


async def test_a_stream_holds_no_connection_and_is_not_in_flight(app: FastAPI) -> None:
    async with listening(app, BOSS), listening(app, actor(OURS, LISTEN)):
        assert len(app.state.database.lanes._free) == app.state.tools.settings.db_connections
        assert app.state.database.engine.pool.checkedout() == 0


# --- doors


async def test_who_may_not_listen_is_refused(app: FastAPI) -> None:
    for headers, status in (
        (None, 401),
        (actor(OURS, "leads:read"), 403),
        ({"Authorization": "Bearer x"}, 401),
    ):
        async with listening(app, headers) as refused:
            assert refused.status == status
            assert refused.headers["content-type"] == "application/problem+json"
    async with listening(app, BOSS, "type=lead") as unknown:
        assert unknown.status == 422


async def test_a_head_tells_the_headers_and_ends(app: FastAPI) -> None:
    async with listening(app, BOSS, method="HEAD") as head:
        assert (head.status, head.ended, head.text) == (200, True, "")
    assert app.state.streams._count == 0


async def test_a_ticket_opens_one_stream_with_the_rights_of_who_asked(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    made = await client.post("/v1/events/ticket", headers=BOSS)
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
    ticket = made.json()["ticket"]
    token = BOSS["Authorization"].removeprefix("Bearer ")
    row = await owner.fetchrow("SELECT * FROM event_tickets")
    assert token.encode() not in row["sealed"]
    assert ticket not in str(dict(row))
    async with listening(app, query=f"ticket={ticket}") as stream:
        assert stream.status == 200
        await a_lead(client)
        await stream.until("lead.created")
        async with listening(app, query=f"ticket={ticket}") as second:
            assert second.status == 401
    assert await owner.fetchval("SELECT count(*) FROM event_tickets") == 0


async def test_a_ticket_is_good_for_a_minute_and_only_as_long_as_the_credential(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = (await client.post("/v1/events/ticket", headers=BOSS)).json()["ticket"]
    await owner.execute("UPDATE event_tickets SET expires_at = now() - interval '1 second'")
    gone = actor(OURS, LISTEN)
    revoked = (await client.post("/v1/events/ticket", headers=gone)).json()["ticket"]
    assert await owner.fetchval("SELECT count(*) FROM event_tickets") == 1  # the late one is thrown away
    monkeypatch.delitem(actors._known, gone["Authorization"].removeprefix("Bearer "))
    for ticket in late, revoked, "et_x", "", late[:-1] + "?":
        async with listening(app, query=f"ticket={ticket}") as refused:
            assert refused.status == 401, ticket


async def test_every_object_that_streams_know_has_scopes_that_can_be_granted(app: FastAPI) -> None:
    for label in OBJECTS:
        scopes = scopes_of(app.state.tools, label)
        assert scopes, label
        assert scopes <= set(permissions()), label


def test_owner_and_agency_decide_for_those_that_say_so() -> None:
    assert not asks_itself(OBJECTS["lead"])
    assert not asks_itself(OBJECTS["account"])
