"""Guessing gets slower and slower; nobody is locked out for good."""

import asyncio

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from auth.steps import Person, ask, register, sign_in
from crm_api.auth.throttle import _key, network_of
from crm_api.core import passwords

pytestmark = pytest.mark.anyio
WRONG = "not the password at all"


def from_address(app: FastAPI, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://test")


async def guess(client: httpx.AsyncClient, username: str) -> httpx.Response:
    return await ask(client, grant_type="password", username=username, password=WRONG)


async def waited(owner: asyncpg.Connection, seconds: int) -> None:
    """As if that time had passed."""
    await owner.execute(
        """UPDATE sign_in_throttles SET since = since - $1::int * interval '1 second',
           last_at = last_at - $1::int * interval '1 second',
           blocked_until = blocked_until - $1::int * interval '1 second'""",
        seconds,
    )


@pytest.mark.parametrize("known", [True, False])
async def test_from_the_fifth_failure_on_the_wait_doubles(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person, known: bool
) -> None:
    username = user.email if known else "nobody@x.example"
    assert [(await guess(client, username)).status_code for _ in range(5)] == [401] * 5
    blocked = await guess(client, username)
    assert (blocked.status_code, blocked.json()["code"], blocked.headers["retry-after"]) == (
        429,
        "rate_limited",
        "1",
    )
    waits = []
    for _ in range(12):
        await waited(owner, 900)
        assert (await guess(client, username)).status_code == 401
        waits.append(int((await guess(client, username)).headers["retry-after"]))
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


async def test_the_right_password_is_refused_while_one_must_wait_and_forgives_all_afterwards(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person
) -> None:
    for _ in range(5):
        await guess(client, user.email)
    assert (await sign_in(client, user)).status_code == 429
    await waited(owner, 2)
    assert (await sign_in(client, user)).status_code == 200
    assert [(await guess(client, user.email)).status_code for _ in range(5)] == [401] * 5


async def test_failures_elsewhere_do_not_keep_the_user_out(
    client: httpx.AsyncClient, app: FastAPI, user: Person
) -> None:
    for n in range(22):
        async with from_address(app, f"105.96.{n}.7") as thief:
            last = await guess(thief, user.email)
    assert last.status_code == 429  # the account as a whole, from networks never seen
    assert (await sign_in(client, user)).status_code == 200


async def test_a_thousand_guesses_at_once_are_not_all_the_first(
    client: httpx.AsyncClient, user: Person
) -> None:
    answers = await asyncio.gather(*(guess(client, user.email) for _ in range(30)))
    tried = [a for a in answers if a.status_code == 401]
    assert len(tried) == 5
    assert {a.status_code for a in answers} == {401, 429}


async def test_a_missing_second_factor_neither_counts_nor_forgives(
    client: httpx.AsyncClient, admin: Person
) -> None:
    for _ in range(8):
        assert (await sign_in(client, admin)).json()["code"] == "mfa_required"
    for _ in range(4):
        assert (await sign_in(client, admin, otp="000000")).json()["code"] == "mfa_code_refused"
        assert (await sign_in(client, admin)).json()["code"] == "mfa_required"
    assert (await sign_in(client, admin, otp="000000")).status_code == 401
    assert (await sign_in(client, admin, otp="000000")).status_code == 429


async def test_a_network_has_sixty_failures_a_minute(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person
) -> None:
    network = _key("network", network_of("127.0.0.1"))
    counted = "UPDATE sign_in_throttles SET failures = 58, since = now() WHERE key = $1"
    assert await owner.execute(counted, network) == "UPDATE 1"
    for n in range(2):
        assert (await guess(client, f"nobody{n}@x.example")).status_code == 401
    blocked = await guess(client, "another@x.example")
    assert blocked.status_code == 429
    assert 1 <= int(blocked.headers["retry-after"]) <= 60
    await waited(owner, 61)
    assert (await guess(client, "another@x.example")).status_code == 401


async def test_step_up_is_slowed_down_too(client: httpx.AsyncClient, user: Person) -> None:
    for _ in range(5):
        answer = await client.post("/v1/auth/step-up", json={"password": WRONG}, headers=user.headers)
        assert answer.status_code == 401
    answer = await client.post("/v1/auth/step-up", json={"password": user.password}, headers=user.headers)
    assert answer.status_code == 429


async def test_who_asks_for_mails_again_and_again_waits(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    person = await register(client, app, owner)
    for email in (person.email, "nobody@x.example"):
        answers = [
            (await client.post("/v1/auth/password-reset", json={"email": email})).status_code
            for _ in range(7)
        ]
        assert answers[:4] == [202] * 4
        assert answers[-1] == 429


async def test_the_api_role_cannot_read_the_counters(stranger: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await stranger.fetch("SELECT * FROM sign_in_throttles")


async def test_a_password_that_could_not_be_judged_is_not_held_against_the_user(
    client: httpx.AsyncClient, user: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "QUEUE", -passwords.AT_ONCE)
    for _ in range(7):
        busy = await sign_in(client, user)
        assert (busy.status_code, busy.json()["code"]) == (503, "unavailable")
    monkeypatch.undo()
    assert (await sign_in(client, user)).status_code == 200
