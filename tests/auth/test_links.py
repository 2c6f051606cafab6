"""Letters with links: sign-up, proof of the address, a new password."""

from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from auth.steps import PASSWORD, Person, mails_to, register, run_jobs, sign_in, sign_up, token_in
from crm_api.core import passwords
from crm_api.core.identity import Identity
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import make_tools
from crm_api.main import create_app
from crm_api.registry import LISTENERS, OBJECTS

pytestmark = pytest.mark.anyio
NEW = "perroquet orange dans la gare"


async def reset_token(client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, email: str) -> str:
    assert (await client.post("/v1/auth/password-reset", json={"email": email})).status_code == 202
    await run_jobs(app, owner)
    return token_in(mails_to(app, email)[-1])


async def choose(client: httpx.AsyncClient, token: str, password: str = NEW) -> httpx.Response:
    return await client.post("/v1/auth/password-reset/confirm", json={"token": token, "password": password})


async def test_who_registers_twice_learns_it_by_mail_only(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    original = passwords._context.hash

    def counted(text: str, **more: Any) -> str:
        hashed.append(text)
        return str(original(text, **more))

    person = await register(client, app, owner)
    monkeypatch.setattr(passwords._context, "hash", counted)
    new = await client.post("/v1/auth/register", json=sign_up("new@alliance.example"))
    known = await client.post("/v1/auth/register", json=sign_up(person.email))
    assert (new.status_code, known.status_code) == (202, 202)
    assert new.content == known.content
    assert set(new.headers) == set(known.headers)
    assert hashed == [PASSWORD, PASSWORD]
    assert sorted(await run_jobs(app, owner)) == ["send_account_exists", "send_verification_mail"]
    assert "forgot-password" in mails_to(app, person.email)[-1]
    assert await owner.fetchval("SELECT count(*) FROM organizations") == 2


@pytest.mark.parametrize("known", [True, False])
async def test_a_weak_password_is_refused_whoever_registers(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, known: bool
) -> None:
    email = (await register(client, app, owner)).email if known else "nobody@x.example"
    answer = await client.post("/v1/auth/register", json=sign_up(email) | {"password": "azertyuiop12"})
    assert (answer.status_code, answer.json()["code"]) == (422, "weak_password")


async def test_registration_may_be_closed(settings: Settings, owner_url: URL) -> None:
    closed = settings.model_copy(update={"allow_signup": False})
    app = create_app(app_url(closed, owner_url), make_tools(closed, Identity(), LISTENERS, OBJECTS))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.post("/v1/auth/register", json=sign_up("new@alliance.example"))
            assert (answer.status_code, answer.json()["code"]) == (403, "signup_closed")
            assert (await client.get("/v1/public/onboarding")).json()["signup_open"] is False


async def test_a_link_that_proves_an_address_works_once(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    await client.post("/v1/auth/register", json=sign_up("new@alliance.example"))
    await run_jobs(app, owner)
    mail = mails_to(app, "new@alliance.example")[-1]
    token = token_in(mail)
    assert f"{app.state.tools.settings.base_url}/verify-email#token={token}" in mail
    assert (await client.post("/v1/auth/verify-email", json={"token": token})).status_code == 204
    again = await client.post("/v1/auth/verify-email", json={"token": token})
    assert (again.status_code, again.json()["code"]) == (410, "link_spent")
    assert token not in str(await owner.fetch("SELECT * FROM one_time_tokens"))


async def test_only_the_newest_link_works(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    email = "again@alliance.example"
    await client.post("/v1/auth/register", json=sign_up(email))
    await run_jobs(app, owner)
    assert (await client.post("/v1/auth/resend-verification", json={"email": email})).status_code == 202
    await run_jobs(app, owner)
    first, second = (token_in(mail) for mail in mails_to(app, email)[-2:])
    assert (await client.post("/v1/auth/verify-email", json={"token": first})).status_code == 410
    assert (await client.post("/v1/auth/verify-email", json={"token": second})).status_code == 204


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE one_time_tokens SET expires_at = now() - interval '1 second'", "link_spent"),
        ("UPDATE users SET email = 'moved@alliance.example'", "link_spent"),
        ("UPDATE one_time_tokens SET purpose = 'verify_email'", "link_unknown"),
        ("DELETE FROM one_time_tokens", "link_unknown"),
    ],
)
async def test_a_link_is_bound_to_time_address_and_purpose(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, change: str, code: str
) -> None:
    person = await register(client, app, owner)
    token = await reset_token(client, app, owner, person.email)
    await owner.execute(change)
    answer = await choose(client, token)
    assert answer.json()["code"] == code
    hashed = await owner.fetchval("SELECT password_hash FROM users WHERE id = $1", person.id)
    assert (await passwords.verify(PASSWORD, hashed))[0]


async def test_a_new_password_ends_all_sessions_and_the_old_password(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, user: Person
) -> None:
    token = await reset_token(client, app, owner, user.email)
    assert (await choose(client, token, "azertyuiop12")).json()["code"] == "weak_password"
    assert (await choose(client, token, PASSWORD)).json()["code"] == "password_used_before"
    assert (await choose(client, token)).status_code == 204
    assert (await choose(client, token)).status_code == 410
    assert (await client.get("/v1/auth/sessions", headers=user.headers)).status_code == 401
    assert (await sign_in(client, user)).status_code == 401
    assert (await sign_in(client, user, password=NEW)).status_code == 200
    assert "send_password_changed" in await run_jobs(app, owner)


async def test_who_asks_for_a_reset_learns_nothing(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    person = await register(client, app, owner)
    told = []
    for email in (person.email, "nobody@x.example"):
        answer = await client.post("/v1/auth/password-reset", json={"email": email})
        told.append((answer.status_code, answer.content, set(answer.headers)))
        jobs = await owner.fetch("SELECT entrypoint FROM pgqueuer")
        assert [job["entrypoint"] for job in jobs] == ["send_password_reset"]
        await run_jobs(app, owner)
    assert told[0] == told[1]
    assert mails_to(app, "nobody@x.example") == []


async def test_a_password_is_changed_with_the_present_one(
    client: httpx.AsyncClient, app: FastAPI, user: Person
) -> None:
    elsewhere = user.token
    await sign_in(client, user)
    body = {"current_password": "no no no no no", "password": NEW}
    wrong = await client.post("/v1/auth/change-password", json=body, headers=user.headers)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")
    body = {"current_password": PASSWORD, "password": NEW}
    assert (await client.post("/v1/auth/change-password", json=body, headers=user.headers)).status_code == 204
    assert (await client.get("/v1/auth/sessions", headers=user.headers)).status_code == 200
    user.token = elsewhere
    assert (await client.get("/v1/auth/sessions", headers=user.headers)).status_code == 401


async def test_without_the_present_password_a_fresh_proof_is_needed(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person
) -> None:
    await owner.execute("UPDATE user_sessions SET confirmed_at = confirmed_at - interval '6 minutes'")
    answer = await client.post("/v1/auth/change-password", json={"password": NEW}, headers=user.headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "step_up_required")


@pytest.mark.parametrize("token", ["verify_" + "A" * 66, "reset_" + "x" * 66, "é" * 70])
async def test_a_link_we_never_sent_is_unknown(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.post("/v1/auth/verify-email", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (404, "link_unknown")


async def test_a_visitor_reads_the_welcome_in_their_language(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/public/onboarding", headers={"Accept-Language": "ar"})
    body = answer.json()
    assert body["signup_open"] is True
    assert body["terms_version"]
    assert body["welcome"].startswith("مرحبًا")
