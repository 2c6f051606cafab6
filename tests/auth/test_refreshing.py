"""Refresh tokens: each once, one winner, a stolen one ends the session."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from auth.steps import Person, ask, sign_in

pytestmark = pytest.mark.anyio
OTHER = {"User-Agent": "another program"}


async def refresh(client: httpx.AsyncClient, token: str, **headers: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return await client.post("/v1/auth/token", data=form, headers=headers)


async def reason(owner: asyncpg.Connection, person: Person) -> list[Any]:
    rows = await owner.fetch("SELECT revoke_reason FROM user_sessions WHERE user_id = $1", person.id)
    return [row["revoke_reason"] for row in rows]


async def test_a_refresh_token_continues_the_session(client: httpx.AsyncClient, user: Person) -> None:
    answer = await refresh(client, user.refresh_token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["refresh_token"] != user.refresh_token
    user.token = body["access_token"]
    assert (await client.get("/v1/agencies", headers=user.headers)).status_code == 200
    assert (await refresh(client, body["refresh_token"])).status_code == 200


async def test_of_many_requests_of_one_client_all_get_the_one_successor(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person
) -> None:
    answers = await asyncio.gather(*(refresh(client, user.refresh_token) for _ in range(12)))
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["refresh_token"] for a in answers}) == 1
    assert (
        await owner.fetchval("SELECT count(*) FROM refresh_tokens WHERE used_at IS NULL") == 2
    )  # one is the admin's


async def test_of_many_clients_with_one_token_one_wins_and_the_session_ends(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person
) -> None:
    thieves = [refresh(client, user.refresh_token, **{"User-Agent": f"program {n}"}) for n in range(12)]
    answers = await asyncio.gather(*thieves)
    won = [a for a in answers if a.status_code == 200]
    assert len(won) <= 1  # the winner itself may find the session ended by the others
    assert {a.json()["code"] for a in answers if a not in won} == {"refresh_token_refused"}
    assert await reason(owner, user) == ["token_reused"]
    rotations = await owner.fetchval("SELECT count(*) FROM refresh_tokens WHERE successor_digest IS NOT NULL")
    assert rotations == 1
    for answer in won:
        assert (await refresh(client, answer.json()["refresh_token"])).status_code == 401


async def test_a_token_used_by_another_client_within_the_grace_is_stolen(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person
) -> None:
    following = (await refresh(client, user.refresh_token)).json()
    stolen = await refresh(client, user.refresh_token, **OTHER)
    assert (stolen.status_code, stolen.json()["error"]) == (401, "invalid_grant")
    assert (await refresh(client, following["refresh_token"])).status_code == 401
    user.token = following["access_token"]
    assert (await client.get("/v1/agencies", headers=user.headers)).status_code == 401
    line = await owner.fetchrow("SELECT outcome FROM audit_log WHERE action = 'session.token_reused'")
    assert line["outcome"] == "denied"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("UPDATE refresh_tokens SET used_at = used_at - interval '9 seconds'", 200),
        ("UPDATE refresh_tokens SET used_at = used_at - interval '11 seconds'", 401),
    ],
)
async def test_the_grace_lasts_ten_seconds(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person, change: str, status: int
) -> None:
    first = (await refresh(client, user.refresh_token)).json()
    await owner.execute(change)
    again = await refresh(client, user.refresh_token)
    assert again.status_code == status
    if status == 200:
        assert again.json()["refresh_token"] == first["refresh_token"]


async def test_the_grace_ends_when_the_successor_is_used(client: httpx.AsyncClient, user: Person) -> None:
    following = (await refresh(client, user.refresh_token)).json()["refresh_token"]
    assert (await refresh(client, following)).status_code == 200
    assert (await refresh(client, user.refresh_token)).status_code == 401


@pytest.mark.parametrize("column", ["revoked_at", "refresh_revoked_at", "expires_at"])
async def test_an_ended_session_is_not_refreshed(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person, column: str
) -> None:
    await owner.execute(f"UPDATE user_sessions SET {column} = now() - interval '1 second'")
    assert (await refresh(client, user.refresh_token)).status_code == 401


async def test_a_session_lives_twelve_hours_after_a_refresh_and_seven_days_at_most(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person
) -> None:
    ask_for = """SELECT extract(epoch FROM expires_at - now())::int AS idle,
        extract(epoch FROM ends_at - now())::int AS rest FROM user_sessions WHERE user_id = $1"""
    row = await owner.fetchrow(ask_for, user.id)
    assert row["idle"] == pytest.approx(12 * 3600, abs=60)
    assert row["rest"] == pytest.approx(7 * 86400, abs=60)
    await owner.execute("UPDATE user_sessions SET ends_at = now() + interval '1 hour'")
    await refresh(client, user.refresh_token)
    assert (await owner.fetchrow(ask_for, user.id))["idle"] == pytest.approx(3600, abs=60)


async def test_a_token_of_another_organization_is_unknown_there(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person
) -> None:
    prefix, organization, secret = "rt", user.refresh_token[3:25], user.refresh_token[26:]
    foreign = f"{prefix}_{'B' + organization[1:]}_{secret}"
    assert (await refresh(client, foreign)).status_code == 401
    assert (await refresh(client, user.refresh_token)).status_code == 200


async def test_only_digests_are_stored(owner: asyncpg.Connection, user: Person) -> None:
    stored = str(await owner.fetch("SELECT * FROM refresh_tokens"))
    assert user.refresh_token not in stored
    assert user.refresh_token[26:] not in stored


async def test_a_browser_keeps_its_token_in_a_cookie_and_proves_that_it_is_no_other_site(
    app: FastAPI, user: Person
) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://test") as browser:
        answer = await sign_in(browser, user, refresh_cookie="true")
        assert answer.json()["refresh_token"] is None
        cookie = answer.headers["set-cookie"].lower()
        for part in ("crm_refresh=rt_", "httponly", "secure", "samesite=strict", "path=/v1/auth"):
            assert part in cookie
        bare = await ask(browser, grant_type="refresh_token")
        assert (bare.status_code, bare.json()["code"]) == (403, "csrf_token_missing")
        form = {"grant_type": "refresh_token"}
        renewed = await browser.post("/v1/auth/token", data=form, headers={"X-CSRF": "1"})
        assert (renewed.status_code, renewed.json()["refresh_token"]) == (200, None)
        user.token = renewed.json()["access_token"]
        left = await browser.post("/v1/auth/logout", headers=user.headers)
        assert left.status_code == 204
        assert not browser.cookies
