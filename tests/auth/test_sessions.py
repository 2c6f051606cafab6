"""Credentials of people at every other door: seen, refused, ended."""

from time import time
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from auth.steps import Person, code_of, enrol, grown_cold, register, sign_in
from crm_api.core import identity
from crm_api.core.context import Context, Origin
from crm_api.core.events import publish
from crm_api.core.principal import system
from crm_api.registry import JOBS
from crm_api.users.events import UserRoleChanged, UserSuspended

pytestmark = pytest.mark.anyio


async def status(client: httpx.AsyncClient, person: Person) -> int:
    return (await client.get("/v1/auth/sessions", headers=person.headers)).status_code


def minted(app: FastAPI, person: Person, **changes: Any) -> dict[str, str]:
    """The claims of the person's token, changed, and signed with our own key."""
    tokens = app.state.tools.tokens
    known = tokens.verify(person.token)
    claims = {
        "iss": "crm",
        "aud": "crm-api",
        "sub": str(known.subject),
        "org": str(known.organization_id),
        "sid": str(known.session_id),
        "scope": " ".join(known.scopes),
        "jti": str(uuid4()),
        "iat": int(time()),
        "exp": int(time()) + 600,
    }
    return {"Authorization": f"Bearer {tokens.sign(claims | changes)}"}


async def test_log_out_ends_the_session_at_once(client: httpx.AsyncClient, user: Person) -> None:
    assert await status(client, user) == 200
    assert (await client.post("/v1/auth/logout", headers=user.headers)).status_code == 204
    assert await status(client, user) == 401
    form = {"grant_type": "refresh_token", "refresh_token": user.refresh_token}
    assert (await client.post("/v1/auth/token", data=form)).status_code == 401


async def test_what_another_process_revokes_acts_within_five_seconds(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = identity.monotonic()
    monkeypatch.setattr(identity, "monotonic", lambda: moment)
    assert await status(client, user) == 200
    await owner.execute("UPDATE user_sessions SET revoked_at = now(), revoke_reason = 'revoked'")
    moment += 4.9
    assert await status(client, user) == 401


async def test_a_token_that_says_another_organization_user_or_session_is_refused(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, user: Person, admin: Person
) -> None:
    other = await register(client, app, owner)
    await sign_in(client, other)
    sid = app.state.tools.tokens.verify(other.token).session_id
    forged = (
        {"org": str(other.organization_id)},
        {"org": str(uuid4())},
        {"sub": str(admin.id)},
        {"sub": str(other.id)},
        {"sid": str(sid)},
        {"sid": str(uuid4())},
        {"sid": str(user.id)},
    )
    assert (await client.get("/v1/auth/sessions", headers=minted(app, user))).status_code == 200
    for changes in forged:
        answer = await client.get("/v1/auth/sessions", headers=minted(app, user, **changes))
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), changes


async def test_an_expired_token_says_so(client: httpx.AsyncClient, app: FastAPI, user: Person) -> None:
    past = minted(app, user, iat=int(time()) - 700, exp=int(time()) - 100)
    answer = await client.get("/v1/auth/sessions", headers=past)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


async def test_a_token_grants_no_more_than_the_user_holds(
    client: httpx.AsyncClient, app: FastAPI, user: Person
) -> None:
    headers = minted(app, user, scope="users:write api_clients:manage session:self")
    assert (await client.get("/v1/api-clients", headers=headers)).status_code == 403


async def test_a_person_sees_and_ends_their_own_sessions(client: httpx.AsyncClient, user: Person) -> None:
    first = user.token
    await sign_in(client, user)
    page = (await client.get("/v1/auth/sessions", headers=user.headers)).json()
    assert [line["current"] for line in page["data"]] == [True, False]
    older = page["data"][1]["id"]
    assert (await client.delete(f"/v1/auth/sessions/{older}", headers=user.headers)).status_code == 204
    user.token, second = first, user.token
    assert await status(client, user) == 401
    user.token = second
    assert await status(client, user) == 200


async def test_nobody_ends_a_session_of_somebody_else_that_way(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, admin: Person, user: Person
) -> None:
    stranger = await register(client, app, owner)
    await sign_in(client, stranger)
    rows = await owner.fetch("SELECT id FROM user_sessions WHERE user_id <> $1", user.id)
    assert len(rows) == 2
    for row in rows:
        answer = await client.delete(f"/v1/auth/sessions/{row['id']}", headers=user.headers)
        assert answer.status_code == 404
    assert await owner.fetchval("SELECT count(*) FROM user_sessions WHERE revoked_at IS NOT NULL") == 0


async def test_an_administrator_sees_and_ends_the_sessions_of_a_user(
    client: httpx.AsyncClient, admin: Person, user: Person
) -> None:
    assert (await client.get(f"/v1/users/{user.id}/sessions", headers=user.headers)).status_code == 403
    page = (await client.get(f"/v1/users/{user.id}/sessions", headers=admin.headers)).json()
    assert [(line["user_id"], line["current"]) for line in page["data"]] == [(str(user.id), False)]
    path = f"/v1/users/{user.id}/sessions/{page['data'][0]['id']}"
    assert (await client.delete(path, headers=admin.headers)).status_code == 204
    assert await status(client, user) == 401
    await sign_in(client, user)
    assert (await client.delete(f"/v1/users/{user.id}/sessions", headers=admin.headers)).status_code == 204
    assert await status(client, user) == 401
    assert (await client.get(f"/v1/users/{uuid4()}/sessions", headers=admin.headers)).status_code == 404


async def test_an_administrator_reaches_no_session_of_another_organization(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, admin: Person
) -> None:
    stranger = await register(client, app, owner)
    await sign_in(client, stranger)
    for method in ("GET", "DELETE"):
        answer = await client.request(method, f"/v1/users/{stranger.id}/sessions", headers=admin.headers)
        assert answer.status_code == 404
    assert await status(client, stranger) == 200


async def told(app: FastAPI, person: Person, event: Any) -> None:
    ctx = Context(system(person.organization_id), app.state.database, app.state.tools, Origin())
    await publish(ctx, event)
    await ctx.commit()
    await ctx.close()


async def test_who_is_suspended_is_out_at_once(client: httpx.AsyncClient, app: FastAPI, user: Person) -> None:
    assert await status(client, user) == 200
    await told(app, user, UserSuspended(user.id))
    assert await status(client, user) == 401


async def test_a_change_of_role_acts_at_once_and_ends_refreshing(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, user: Person
) -> None:
    assert (await client.get("/v1/agencies", headers=user.headers)).status_code == 200
    await owner.execute(
        "UPDATE roles SET permissions = '{}' WHERE code = 'user' AND organization_id = $1",
        user.organization_id,
    )
    await told(app, user, UserRoleChanged(user.id))
    assert (await client.get("/v1/agencies", headers=user.headers)).status_code == 403
    form = {"grant_type": "refresh_token", "refresh_token": user.refresh_token}
    assert (await client.post("/v1/auth/token", data=form)).status_code == 401
    assert (await sign_in(client, user)).status_code == 200


@pytest.mark.parametrize("state", ["suspended", "closed"])
async def test_nobody_works_in_an_organization_that_does_not(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, user: Person, state: str
) -> None:
    await owner.execute("UPDATE organizations SET name = 'X', status = $1", state)
    app.state.tools.identity.forget()
    assert await status(client, user) == 401
    assert (await sign_in(client, user)).status_code == 401


async def test_enrolling_ends_the_sessions_that_were_not_proved_twice(
    client: httpx.AsyncClient, user: Person
) -> None:
    first = user.token
    await sign_in(client, user)
    await enrol(client, user)
    assert await status(client, user) == 200
    user.token = first
    assert await status(client, user) == 401


async def test_a_session_without_the_second_factor_loses_all_once_the_role_needs_it(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, user: Person
) -> None:
    await owner.execute(
        """UPDATE users SET role_id = (SELECT id FROM roles r WHERE r.code = 'supervisor'
           AND r.organization_id = users.organization_id) WHERE id = $1""",
        user.id,
    )
    app.state.tools.identity.forget()
    assert (await client.get("/v1/agencies", headers=user.headers)).status_code == 403
    await enrol(client, user)
    assert (await client.get("/v1/agencies", headers=user.headers)).status_code == 200


async def test_a_sensitive_action_needs_a_fresh_proof(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, admin: Person
) -> None:
    await grown_cold(app, owner, admin)
    body = {"name": "Site web", "kind": "capture"}
    cold = await client.post("/v1/api-clients", json=body, headers=admin.headers)
    assert (cold.status_code, cold.json()["code"]) == (401, "step_up_required")
    wrong = await client.post("/v1/auth/step-up", json={"password": "no no no no no"}, headers=admin.headers)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")
    assert (await client.post("/v1/auth/step-up", json={}, headers=admin.headers)).status_code == 400
    proof = {"otp": await code_of(admin, owner)}
    warm = await client.post("/v1/auth/step-up", json=proof, headers=admin.headers)
    assert warm.status_code == 200, warm.text
    assert (await client.post("/v1/api-clients", json=body, headers=admin.headers)).status_code == 201
    await grown_cold(app, owner, admin)
    by_password = await client.post(
        "/v1/auth/step-up", json={"password": admin.password}, headers=admin.headers
    )
    assert by_password.status_code == 200
    outcomes = await owner.fetch("SELECT outcome FROM audit_log WHERE action = 'session.step_up' ORDER BY id")
    assert [line["outcome"] for line in outcomes] == ["denied", "success", "success"]


async def test_old_sessions_are_forgotten_after_ninety_days(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, admin: Person, user: Person
) -> None:
    await owner.execute(
        "UPDATE user_sessions SET expires_at = now() - interval '91 days' WHERE user_id = $1", user.id
    )
    await owner.execute(
        "INSERT INTO sign_in_throttles VALUES ('old', 3, now(), now() - interval '2 days', now())"
    )
    kept = await owner.fetchval("SELECT count(*) - 1 FROM sign_in_throttles")
    ctx = Context(system(user.organization_id), app.state.database, app.state.tools, Origin())
    await JOBS["purge_sessions"](ctx, {})
    await ctx.commit()
    await ctx.close()
    assert await owner.fetchval("SELECT count(*) FROM user_sessions WHERE user_id = $1", user.id) == 0
    assert await owner.fetchval("SELECT count(*) FROM user_sessions WHERE user_id = $1", admin.id) == 1
    assert await owner.fetchval("SELECT count(*) FROM sign_in_throttles") == kept


async def test_the_keys_that_verify_are_published(client: httpx.AsyncClient, app: FastAPI) -> None:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.json() == app.state.tools.keys.jwks()
    assert "d" not in answer.json()["keys"][0]
