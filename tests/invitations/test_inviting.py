"""Inviting a colleague: one by one, many at once, and who may not."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from company import Company, open_company
from crm_api.core.db import now
from crm_api.invitations.service import TOKEN
from invitations.steps import invite, mailed, token_of

pytestmark = pytest.mark.anyio


async def test_a_colleague_is_invited_by_agency_number_and_address(
    company: Company, owner: asyncpg.Connection
) -> None:
    made = await invite(company, "Samira@Alliance.test", role="editor", message="Bienvenue.")
    assert made.status_code == 202, made.text
    body = made.json()
    assert (body["email"], body["role"], body["status"]) == ("samira@alliance.test", "editor", "pending")
    assert "token" not in made.text
    days = timedelta(days=7)
    expiry = await owner.fetchval("SELECT expires_at FROM invitations")
    assert now() + days - timedelta(minutes=5) < expiry <= now() + days
    queued = await owner.fetch("SELECT entrypoint, payload FROM pgqueuer")
    assert [row["entrypoint"] for row in queued] == ["send_invitation"]
    assert TOKEN not in queued[0]["payload"].decode()
    read = await company.send("GET", f"/v1/invitations/{body['id']}")
    assert read.json() == body
    for wanted in ("status=pending", "email=SAMIRA@alliance.test", f"agency_id={body['agency_id']}"):
        found = (await company.send("GET", f"/v1/invitations?{wanted}")).json()["data"]
        assert [row["id"] for row in found] == [body["id"]]
    assert (await company.send("GET", "/v1/invitations?status=revoked")).json()["data"] == []


async def test_the_mail_alone_carries_the_token(company: Company, owner: asyncpg.Connection) -> None:
    made = (await invite(company, "samira@alliance.test", message="Bienvenue à Chéraga.")).json()
    sent = await mailed(company, made["id"])
    assert sent
    token, text = sent
    assert "« Bienvenue à Chéraga. »" in text
    assert text.startswith("samira@alliance.test\nNadia Hamdi vous invite")
    assert "16012" in text
    assert "Utilisateur" in text
    everything = await owner.fetchval(
        "SELECT (SELECT string_agg(t::text, ' ') FROM audit_log t) || (SELECT string_agg(t::text, ' ') "
        "FROM event_log t) || (SELECT string_agg(t::text, ' ') FROM invitations t)"
    )
    assert token not in everything
    digest = await owner.fetchval("SELECT token_hash FROM invitations")
    assert len(digest) == 64
    assert digest not in await owner.fetchval("SELECT string_agg(t::text, ' ') FROM audit_log t")
    read = await company.send("GET", f"/v1/invitations/{made['id']}")
    assert read.json() == made  # sending is no new version


async def test_the_mail_speaks_the_language_of_the_inviter(company: Company) -> None:
    made = (await invite(company, "samira@alliance.test")).json()
    sent = await mailed(company, made["id"], locale="en")
    assert sent
    assert "invites you" in sent[1]


async def test_a_machine_invites_in_the_name_of_the_company(company: Company) -> None:
    known = await company.send("GET", f"/v1/users/{company.admin.id}/permissions")
    machine = actor(company.organization_id, *known.json()["permissions"], kind="client")
    made = await invite(company, "samira@alliance.test", by=machine)
    assert made.status_code == 202, made.text
    sent = await mailed(company, made.json()["id"])
    assert sent
    assert "Alliance Assurances SPA vous invite" in sent[1]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"agency_code": "99999"}, 422, "unknown_agency_code"),
        ({"role": "pope"}, 422, "unknown_role"),
        ({"group_ids": [str(uuid4())]}, 422, "unknown_group"),
        ({"email": "nobody"}, 422, "validation_failed"),
        ({"message": "x" * 501}, 422, "validation_failed"),
        ({"data_scope": "world"}, 422, "validation_failed"),
        ({"token": "mine"}, 422, "validation_failed"),
    ],
)
async def test_a_wrong_invitation_is_refused(
    company: Company, owner: asyncpg.Connection, body: dict[str, Any], status: int, code: str
) -> None:
    refused = await invite(company, **({"email": "samira@alliance.test"} | body))
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await owner.fetchval("SELECT count(*) FROM invitations") == 0
    assert await owner.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_a_closed_agency_takes_nobody(company: Company, owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE agencies SET status = 'suspended'")
    refused = await invite(company, "samira@alliance.test")
    assert (refused.status_code, refused.json()["code"]) == (409, "agency_not_active")


async def test_an_address_is_invited_once_at_a_time(company: Company, owner: asyncpg.Connection) -> None:
    assert (await invite(company, "samira@alliance.test")).status_code == 202
    again = await invite(company, "SAMIRA@alliance.test")
    assert (again.status_code, again.json()["code"]) == (409, "invitation_open")
    await owner.execute("UPDATE invitations SET expires_at = now() - interval '1 second'")
    assert (await invite(company, "samira@alliance.test")).status_code == 202
    states = await owner.fetch("SELECT status FROM invitations ORDER BY created_at")
    assert [row[0] for row in states] == ["expired", "pending"]


async def test_a_colleague_is_not_invited_again(company: Company) -> None:
    person = await company.hire()
    refused = await invite(company, person.email)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_colleague")


async def test_nobody_can_tell_that_an_address_works_elsewhere(
    company: Company, app: FastAPI, client: httpx.AsyncClient
) -> None:
    other = await open_company(app, client)
    known, unknown = await invite(company, other.admin.email), await invite(company, "new@alliance.test")
    assert known.status_code == unknown.status_code == 202
    differing = {"id", "email", "created_at", "updated_at", "expires_at"}
    neutral = [{k: v for k, v in a.json().items() if k not in differing} for a in (known, unknown)]
    assert neutral[0] == neutral[1]
    assert await mailed(company, known.json()["id"]) is None
    after = (await company.send("GET", f"/v1/invitations/{known.json()['id']}")).json()
    assert after == known.json()


async def test_nobody_invites_beyond_himself(company: Company) -> None:
    fraud = await company.group("fraud")
    agencies = (await company.send("GET", "/v1/agencies")).json()["data"]
    narrow = actor(
        company.organization_id,
        *("users:invite", "users:read", "leads:read"),
        data_scope="agency",
        agency_ids=(UUID(agencies[0]["id"]),),
    )
    for more in ({"role": "administrator"}, {"group_ids": [str(fraud)]}, {"data_scope": "all"}):
        refused = await invite(company, "samira@alliance.test", by=narrow, **more)
        assert (refused.status_code, refused.json()["code"]) == (403, "cannot_grant"), more
    away = actor(company.organization_id, "users:invite", data_scope="agency", agency_ids=(uuid4(),))
    refused = await invite(company, "samira@alliance.test", by=away)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside_your_agencies")
    reader = await company.hire()
    assert (await invite(company, "samira@alliance.test", by=reader.headers)).status_code == 403


async def test_a_batch_answers_row_by_row(company: Company, owner: asyncpg.Connection) -> None:
    person = await company.hire()
    rows = [{"agency_code": "16012", "email": f"new{i}@alliance.test"} for i in range(3)]
    rows.insert(1, {"agency_code": "99999", "email": "lost@alliance.test"})
    rows.insert(2, {"agency_code": "16012", "email": person.email})
    rows.append(rows[0])
    answer = await company.send("POST", "/v1/invitations/batch", {"invitations": rows})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [row["status"] for row in results] == [202, 422, 409, 202, 202, 409]
    assert [row["index"] for row in results] == list(range(6))
    assert results[1]["problem"]["code"] == "unknown_agency_code"
    assert results[1]["data"] is None
    assert results[5]["problem"]["code"] == "invitation_open"
    assert (answer.json()["succeeded"], answer.json()["failed"]) == (3, 3)
    assert await owner.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'send_invitation'") == 3
    assert await owner.fetchval("SELECT count(*) FROM invitations") == 3


async def test_a_batch_has_two_hundred_rows_at_most(company: Company) -> None:
    rows = [{"agency_code": "16012", "email": f"new{i}@alliance.test"} for i in range(201)]
    for invitations in (rows, []):
        refused = await company.send("POST", "/v1/invitations/batch", {"invitations": invitations})
        assert refused.status_code == 422
    full = await company.send("POST", "/v1/invitations/batch", {"invitations": rows[:200]})
    assert full.json()["succeeded"] == 200


async def test_another_organization_sees_no_invitation(
    company: Company, app: FastAPI, client: httpx.AsyncClient
) -> None:
    other = await open_company(app, client)
    id, _ = await token_of(company)
    for method, tail in (("GET", ""), ("POST", "/resend"), ("POST", "/revoke")):
        answer = await other.send(method, f"/v1/invitations/{id}{tail}", version=1)
        assert answer.status_code == 404
    assert (await other.send("GET", "/v1/invitations")).json()["data"] == []
    assert await mailed(other, id) is None
