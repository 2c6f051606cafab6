"""Another e-mail address: asked for with a proof of identity, used from the moment its link is."""

from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from auth.steps import Person, ask, colleague, grown_cold, mails_to, register, run_jobs, sign_in, token_in

pytestmark = pytest.mark.anyio


async def want(client: httpx.AsyncClient, person: Person, email: str) -> httpx.Response:
    return await client.post("/v1/auth/change-email", json={"email": email}, headers=person.headers)


async def confirm(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/v1/auth/verify-email", json={"token": token})


async def test_the_new_address_is_the_login_once_its_link_is_used(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    person = await register(client, app, owner)
    await sign_in(client, person)
    new = f"{uuid4().hex}@alliance.example"
    assert (await want(client, person, new)).status_code == 202
    assert await run_jobs(app, owner) == ["send_email_change"]
    assert "Une autre adresse" in mails_to(app, person.email)[-1]
    token = token_in(mails_to(app, new)[-1])
    before = await ask(client, grant_type="password", username=new, password=person.password)
    assert before.json()["code"] == "invalid_credentials"

    assert (await confirm(client, token)).status_code == 204
    after = await ask(client, grant_type="password", username=new, password=person.password)
    assert after.status_code == 200
    earlier = await ask(client, grant_type="password", username=person.email, password=person.password)
    assert earlier.json()["code"] == "invalid_credentials"
    again = await confirm(client, token)
    assert (again.status_code, again.json()["code"]) == (410, "link_spent")
    assert (await client.get("/v1/users/me", headers=person.headers)).json()["email"] == new


async def test_an_address_of_somebody_else_is_refused_only_to_who_reads_it(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    person = await register(client, app, owner)
    await sign_in(client, person)
    other = await colleague(owner, person)
    new = f"{uuid4().hex}@alliance.example"
    free, taken = await want(client, person, new), await want(client, person, other.email)
    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    await run_jobs(app, owner)
    assert mails_to(app, new) == []  # only the address asked for last is written to
    refused = await confirm(client, token_in(mails_to(app, other.email)[-1]))
    assert (refused.status_code, refused.json()["code"]) == (409, "login_taken")
    assert (await client.get("/v1/users/me", headers=person.headers)).json()["email"] == person.email


async def test_who_has_not_proved_lately_who_they_are_proves_it_first(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    person = await register(client, app, owner)
    await sign_in(client, person)
    await grown_cold(app, owner, person)
    answer = await want(client, person, "nouvelle@alliance.example")
    assert (answer.status_code, answer.json()["code"]) == (401, "step_up_required")
    assert await run_jobs(app, owner) == []
