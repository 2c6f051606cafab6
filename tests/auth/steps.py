"""The steps of people at the door, over HTTP; and the worker, run by hand."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pyotp
from fastapi import FastAPI
from pydantic_core import from_json

from crm_api.core.context import Context, Origin
from crm_api.core.principal import system
from crm_api.kit.ids import new_id
from crm_api.registry import JOBS

PASSWORD = "dromadaire violet sur la lune"


@dataclass
class Person:
    """Somebody who can sign in."""

    email: str
    id: UUID
    organization_id: UUID
    password: str = PASSWORD
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)
    token: str = ""
    refresh_token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def sign_up(email: str) -> dict[str, Any]:
    return {
        "email": email,
        "password": PASSWORD,
        "first_name": "Nadia",
        "last_name": "Hamdi",
        "phone": "0550 12 34 56",
        "job_title": "Responsable GRC",
        "address": "12, rue Didouche Mourad, Alger",
        "accept_terms": True,
    }


async def ask(client: httpx.AsyncClient, **form: Any) -> httpx.Response:
    return await client.post("/v1/auth/token", data=form)


async def sign_in(client: httpx.AsyncClient, person: Person, **form: Any) -> httpx.Response:
    answer = await ask(
        client, **({"grant_type": "password", "username": person.email, "password": person.password} | form)
    )
    if answer.status_code == 200:
        person.token = answer.json()["access_token"]
        person.refresh_token = answer.json()["refresh_token"] or ""
    return answer


async def run_jobs(app: FastAPI, owner: asyncpg.Connection) -> list[str]:
    """All that waits; the names."""
    rows = await owner.fetch("DELETE FROM pgqueuer RETURNING entrypoint, payload")
    for row in rows:
        payload = from_json(row["payload"])
        principal = system(UUID(payload["organization_id"]))
        ctx = Context(principal, app.state.database, app.state.tools, Origin())
        ctx.begin()
        await JOBS[row["entrypoint"]](ctx, payload)
        await ctx.commit()
        await ctx.close()
    return [row["entrypoint"] for row in rows]


def mails_to(app: FastAPI, email: str) -> list[str]:
    """Their subjects and texts, oldest first."""
    folder = app.state.tools.settings.data_dir / "mails"
    found = []
    for file in sorted(folder.glob("*.eml")):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        if mail["To"] == email and body is not None:
            found.append(f"{mail['Subject']}\n{body.get_content()}")
    return found


def token_in(mail: str) -> str:
    found = re.search(r"#token=(\S+)", mail)
    assert found, mail
    return found[1]


async def register(client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection) -> Person:
    """An administrator of a new organization whose address is proved."""
    email = f"{uuid4().hex}@alliance.example"
    answer = await client.post("/v1/auth/register", json=sign_up(email))
    assert answer.status_code == 202, answer.text
    await run_jobs(app, owner)
    token = token_in(mails_to(app, email)[-1])
    answer = await client.post("/v1/auth/verify-email", json={"token": token})
    assert answer.status_code == 204, answer.text
    row = await owner.fetchrow("SELECT organization_id, user_id FROM identities WHERE login = $1", email)
    return Person(email, row["user_id"], row["organization_id"])


async def enrol(client: httpx.AsyncClient, person: Person) -> None:
    """Needs a signed-in person; afterwards their token may do what the role grants."""
    started = await client.post("/v1/auth/mfa/totp", headers=person.headers)
    assert started.status_code == 200, started.text
    person.secret = started.json()["secret"]
    answer = await client.post(
        "/v1/auth/mfa/confirm", json={"otp": pyotp.TOTP(person.secret).now()}, headers=person.headers
    )
    assert answer.status_code == 200, answer.text
    person.recovery_codes = answer.json()["recovery_codes"]


async def code_of(person: Person, owner: asyncpg.Connection) -> str:
    """A code that was not used yet: time is turned back rather than waited for."""
    await owner.execute("UPDATE mfa_credentials SET last_step = 0 WHERE user_id = $1", person.id)
    return pyotp.TOTP(person.secret).now()


async def colleague(owner: asyncpg.Connection, of: Person, role: str = "user") -> Person:
    """Another active user of the same organization, with the same password."""
    person = Person(f"{uuid4().hex}@alliance.example", new_id(), of.organization_id)
    await owner.execute(
        """INSERT INTO users (organization_id, id, version, email, first_name, last_name, role_id,
               status, password_hash, email_verified_at, language, display_mode, notification_preferences,
               availability, max_open_tickets)
           SELECT u.organization_id, $1, 1, $2, 'Ilyes', 'Aïssani', r.id,
               'active', u.password_hash, now(), 'fr', 'system', '{}', 'available', 25
           FROM users u JOIN roles r ON r.organization_id = u.organization_id AND r.code = $3
           WHERE u.id = $4""",
        person.id,
        person.email,
        role,
        of.id,
    )
    await owner.execute(
        "INSERT INTO identities (login, organization_id, user_id) VALUES ($1, $2, $3)",
        person.email,
        of.organization_id,
        person.id,
    )
    return person


async def grown_cold(app: FastAPI, owner: asyncpg.Connection, person: Person) -> None:
    """Six minutes have passed since the last proof of identity."""
    await owner.execute(
        "UPDATE user_sessions SET confirmed_at = confirmed_at - interval '6 minutes' WHERE user_id = $1",
        person.id,
    )
    app.state.tools.identity.forget()
