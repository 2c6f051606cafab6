"""What is said in public: told under signature, assigned, answered, made a ticket."""

import json
import time
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company, open_company
from crm_api.channels.signing import SIGNATURE, TIMESTAMP, signature_of
from crm_api.core.db import now
from crm_api.mentions.jobs import forget_mentions
from crm_api.mentions.models import MENTION

pytestmark = pytest.mark.anyio
SAID = {"external_id": "fb-1", "text": "Un mois sans réponse.", "published_at": "2026-11-20T10:00:00Z"}


async def listening(company: Company) -> tuple[str, str, str]:
    """Account, address and secret."""
    body = {"network": "facebook", "handle": "elamana", "name": "Page"}
    account = (await company.send("POST", "/v1/social-accounts", body)).json()
    made = await company.send("POST", f"/v1/social-accounts/{account['id']}/secret", version=1)
    assert made.status_code == 200, made.text
    path = "/v1/public/mentions/" + made.json()["post_to"].rpartition("/")[2]
    return account["id"], path, made.json()["secret"]


async def told(
    company: Company, path: str, secret: str, at: float | None = None, **changed: Any
) -> httpx.Response:
    body, moment = json.dumps(SAID | changed).encode(), str(int(at or time.time()))
    headers = {TIMESTAMP: moment, SIGNATURE: signature_of(secret, moment, body)}
    return await company.client.post(
        path, content=body, headers=headers | {"Content-Type": "application/json"}
    )


async def test_a_mention_told_twice_is_one_with_the_last_words(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    company = await open_company(app, client)
    _, path, secret = await listening(company)
    first = (await told(company, path, secret, sentiment=-0.6)).json()
    again = (await told(company, path, secret, text="Toujours rien.", sentiment=-0.9)).json()
    assert (first["known"], again["known"], first["id"]) == (False, True, again["id"])
    (one,) = (await company.send("GET", "/v1/social-mentions")).json()["data"]
    assert (one["text"], one["sentiment"], one["status"], one["contact_id"]) == (
        "Toujours rien.",
        "-0.9",
        "new",
        None,
    )


async def test_what_is_not_signed_is_not_taken(app: FastAPI, client: httpx.AsyncClient) -> None:
    company = await open_company(app, client)
    account, path, secret = await listening(company)
    for answer in (
        await company.client.post(path, json=SAID),
        await told(company, path, "another secret"),
        await told(company, path, secret, at=time.time() - 3600),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "mention_unsigned")
    made = await company.send("POST", f"/v1/social-accounts/{account}/secret", version=2)
    assert (await told(company, path, secret)).status_code == 401  # the new secret ended the old one
    assert (await told(company, path, made.json()["secret"])).status_code == 200
    forged = path[:-3] + ("AAA" if not path.endswith("AAA") else "BBB")
    assert (await told(company, forged, secret)).status_code == 404


async def test_a_mention_is_assigned_answered_ignored_or_made_a_ticket(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    _, door, secret = await listening(company)
    id = (await told(company, door, secret, author_handle="karim.dz")).json()["id"]
    path = f"/v1/social-mentions/{id}"
    steps = {
        "assign": ("assigned", {"assignee_user_id": str(company.admin.id)}),
        "answer": ("answered", {"answer": "Bonjour, nous vous contactons."}),
        "ignore": ("ignored", None),
        "escalate": ("escalated", None),
    }
    ticket = None
    for current in MENTION.states:
        for step, (wanted, body) in steps.items():
            if current == "escalated" and ticket is None:
                continue
            await owner.execute(
                "UPDATE social_mentions SET status = $1, answer = coalesce(answer, '…')", current
            )
            version = (await company.send("GET", path)).json()["version"]
            answer = await company.send("POST", f"{path}/{step}", body, version=version)
            allowed = wanted in MENTION.allowed(current) or (step == "assign" and current == "assigned")
            assert (answer.status_code == 200) == allowed, (current, step, answer.text)
            if answer.status_code == 200 and step == "escalate":
                assert ticket in (None, answer.json()["ticket_id"])  # one ticket, however often
                ticket = answer.json()["ticket_id"]
    assert await owner.fetchval("SELECT count(*) FROM tickets") == 1
    shown = (await company.send("GET", f"/v1/tickets/{ticket}")).json()
    assert (shown["channel"], shown["subject"]) == ("social", "facebook : karim.dz")


async def test_only_a_person_says_who_it_is(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    _, door, secret = await listening(company)
    id = (await told(company, door, secret)).json()["id"]
    agency = str(await company.agency())
    person = {"last_name": "Saïdi", "first_name": "Amel", "create_household": True, "agency_id": agency}
    amel = (await company.send("POST", "/v1/contacts", person | {"phones": [{"value": "0550123456"}]})).json()
    path = f"/v1/social-mentions/{id}/contact"
    unknown = await company.send("PUT", path, {"contact_id": id}, version=1)
    assert unknown.status_code == 404
    matched = await company.send("PUT", path, {"contact_id": amel["id"]}, version=1)
    assert matched.json()["contact_id"] == amel["id"]


async def test_after_24_months_it_is_gone(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    _, door, secret = await listening(company)
    old = (now() - timedelta(days=732)).isoformat()
    await told(company, door, secret, external_id="old", published_at=old)
    await told(company, door, secret, published_at=(now() - timedelta(days=700)).isoformat())
    ctx = company.context()
    await forget_mentions(ctx, {})
    await ctx.commit()
    await ctx.close()
    assert await owner.fetchval("SELECT external_id FROM social_mentions") == "fb-1"
