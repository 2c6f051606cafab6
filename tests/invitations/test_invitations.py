import asyncio
import re
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from company import PASSWORD, Company, open_company
from crm_api.core.context import Context, Origin
from crm_api.core.db import now
from crm_api.core.opaque import make
from crm_api.core.passwords import verify
from crm_api.core.principal import system
from crm_api.invitations.jobs import expire_invitations, send_invitation
from crm_api.invitations.models import INVITATION, InvitationStatus
from crm_api.invitations.service import TOKEN
from crm_api.registry import JOBS, SCHEDULES
from crm_api.users.access import UserAccess

pytestmark = pytest.mark.anyio
WHO = {"first_name": "Samira", "last_name": "Kaci", "password": PASSWORD, "accept_terms": True}


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    company = await open_company(app, client)
    await company.agency()
    return company


async def invite(company: Company, email: str, by: Headers | None = None, **more: Any) -> httpx.Response:
    body = {"agency_code": "16012", "email": email} | more
    return await company.send("POST", "/v1/invitations", body, by=by)


async def mailed(company: Company, invitation_id: str, locale: str = "fr") -> tuple[str, str] | None:
    """Runs the job as the worker does; (token, text) of the mail it sent, if it sent one."""
    folder = company.app.state.tools.settings.data_dir / "mails"
    known = set(folder.glob("*.eml"))
    principal, state = system(company.organization_id), company.app.state
    ctx = Context(principal, state.database, state.tools, Origin(locale=locale))
    await send_invitation(ctx, {"invitation_id": invitation_id})
    await ctx.commit()
    await ctx.close()
    for path in set(folder.glob("*.eml")) - known:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        part = message.get_body(("plain",))
        assert part is not None
        text = f"{message['To']}\n{message['Subject']}\n{part.get_content()}"
        found = re.search(r"#token=(\S+)", text)
        assert found
        return found[1], text
    return None


async def token_of(company: Company, email: str = "samira@alliance.test", **more: Any) -> tuple[str, str]:
    """An open invitation: (its id, the token of its mail)."""
    made = await invite(company, email, **more)
    assert made.status_code == 202, made.text
    sent = await mailed(company, made.json()["id"])
    assert sent
    return made.json()["id"], sent[0]


async def accept(company: Company, token: str, **changed: Any) -> httpx.Response:
    body = WHO | {"token": token} | changed
    return await company.client.post("/v1/invitations/accept", json=body)


async def look(company: Company, token: str) -> httpx.Response:
    return await company.client.post("/v1/invitations/lookup", json={"token": token})


# --- inviting


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


# --- accepting


async def test_the_invited_person_sees_the_offer_and_accepts_it(
    company: Company, owner: asyncpg.Connection
) -> None:
    group = await company.group("agency_manager")
    id, token = await token_of(company, group_ids=[str(group)], data_scope="region", message="Bienvenue.")
    offer = await look(company, token)
    assert offer.status_code == 200, offer.text
    assert offer.json() == {
        "organization_name": "Alliance Assurances SPA",
        "email": "samira@alliance.test",
        "agency_code": "16012",
        "role_label": "Utilisateur",
        "message": "Bienvenue.",
        "expires_at": (await company.send("GET", f"/v1/invitations/{id}")).json()["expires_at"],
    }
    came = await accept(company, token, first_name_ar="سميرة", language="ar")
    assert came.status_code == 201, came.text
    user = (await company.send("GET", f"/v1/users/{came.json()['user_id']}")).json()
    assert (user["status"], user["email"], user["language"]) == ("active", "samira@alliance.test", "ar")
    assert (user["group_ids"], user["data_scope"]) == ([str(group)], "region")
    assert user["email_verified_at"]
    credentials = await UserAccess(company.context()).credentials(UUID(user["id"]))
    assert (await verify(PASSWORD, credentials.password_hash))[0]
    invitation = (await company.send("GET", f"/v1/invitations/{id}")).json()
    assert (invitation["status"], invitation["accepted_user_id"]) == ("accepted", user["id"])
    fact = await owner.fetchval("SELECT data FROM event_log WHERE kind = 'invitation.accepted'")
    assert str(company.admin.id) in fact
    again = await accept(company, token)
    assert (again.status_code, again.json()["code"], again.json()["state"]) == (
        410,
        "invitation_closed",
        "accepted",
    )


async def test_looking_changes_nothing_and_needs_no_get(company: Company, owner: asyncpg.Connection) -> None:
    _, token = await token_of(company)
    before = await owner.fetchrow("SELECT * FROM invitations")
    for _ in range(3):
        assert (await look(company, token)).status_code == 200
    assert await owner.fetchrow("SELECT * FROM invitations") == before
    assert (await company.client.get(f"/v1/invitations/{token}")).status_code == 401
    assert (await company.client.get("/v1/invitations/lookup")).status_code == 405


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"password": "court"}, "/password"),
        ({"password": "samira@alliance.test"}, "/password"),
        ({"password": "motdepasse123456"}, "/password"),
        ({"accept_terms": False}, "/accept_terms"),
        ({"first_name": ""}, "/first_name"),
        ({"role": "administrator"}, "/role"),
        ({"email": "other@alliance.test"}, "/email"),
    ],
)
async def test_a_wrong_acceptance_leaves_the_invitation_open(
    company: Company, owner: asyncpg.Connection, changed: dict[str, Any], pointer: str
) -> None:
    _, token = await token_of(company)
    refused = await accept(company, token, **changed)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert await owner.fetchval("SELECT status FROM invitations") == "pending"
    assert await owner.fetchval("SELECT count(*) FROM users WHERE email = 'samira@alliance.test'") == 0


async def test_a_forged_token_opens_nothing(company: Company) -> None:
    await token_of(company)
    forged = make(TOKEN, company.organization_id)[0]
    elsewhere = make(TOKEN, uuid4())[0]
    for token in (forged, elsewhere, "invite", "x" * 200, make("rt", company.organization_id)[0]):
        for answer in (await look(company, token), await accept(company, token)):
            assert (answer.status_code, answer.json()["code"]) == (404, "invitation_unknown"), token


async def test_five_who_accept_at_once_make_one_user(company: Company, owner: asyncpg.Connection) -> None:
    _, token = await token_of(company)
    answers = await asyncio.gather(*(accept(company, token) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 410, 410, 410, 410]
    assert await owner.fetchval("SELECT count(*) FROM users WHERE email = 'samira@alliance.test'") == 1


async def test_who_signed_up_elsewhere_meanwhile_cannot_come(
    company: Company, app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    _, token = await token_of(company)
    await owner.execute("INSERT INTO identities VALUES ('samira@alliance.test', $1, $2)", uuid4(), uuid4())
    refused = await accept(company, token)
    assert (refused.status_code, refused.json()["code"]) == (409, "login_taken")
    assert await owner.fetchval("SELECT status FROM invitations") == "pending"


async def test_groups_that_are_gone_are_left_out(company: Company) -> None:
    group = (await company.send("POST", "/v1/groups", {"code": "brief", "name": "Bref"})).json()
    _, token = await token_of(company, group_ids=[group["id"]])
    await company.send("DELETE", f"/v1/groups/{group['id']}", version=1)
    came = await accept(company, token)
    user = (await company.send("GET", f"/v1/users/{came.json()['user_id']}")).json()
    assert user["group_ids"] == []


# --- states


async def test_every_state_answers_every_verb_as_the_machine_says(
    company: Company, owner: asyncpg.Connection
) -> None:
    id, token = await token_of(company)
    for start in InvitationStatus:
        for verb, wanted in (("revoke", "revoked"), ("resend", None), ("accept", "accepted"), ("look", None)):
            # what an open one does with these is tested on its own
            if start is InvitationStatus.PENDING and verb != "revoke":
                continue
            await owner.execute("UPDATE invitations SET status = $1", str(start))
            version = (await company.send("GET", f"/v1/invitations/{id}")).json()["version"]
            if verb == "accept":
                answer = await accept(company, token)
            elif verb == "look":
                answer = await look(company, token)
            else:
                answer = await company.send("POST", f"/v1/invitations/{id}/{verb}", version=version)
            if wanted in INVITATION.allowed(start):
                assert (answer.status_code, answer.json()["status"]) == (200, wanted)
            elif verb == "revoke":
                assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
                assert answer.json()["allowed"] == []
            else:
                assert (answer.status_code, answer.json()["state"]) == (410, start), (start, verb)


async def test_a_revoked_invitation_is_worth_nothing_and_is_not_sent(company: Company) -> None:
    made = (await invite(company, "samira@alliance.test")).json()
    path = f"/v1/invitations/{made['id']}/revoke"
    assert (await company.send("POST", path)).status_code == 428
    assert (await company.send("POST", path, version=9)).status_code == 412
    revoked = await company.send("POST", path, version=made["version"])
    assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
    assert revoked.json()["revoked_at"]
    assert await mailed(company, made["id"]) is None
    assert (await invite(company, "samira@alliance.test")).status_code == 202


async def test_sending_again_replaces_the_token_and_the_expiry(
    company: Company, owner: asyncpg.Connection
) -> None:
    id, first = await token_of(company)
    await owner.execute("UPDATE invitations SET expires_at = now() + interval '1 hour'")
    again = await company.send("POST", f"/v1/invitations/{id}/resend", version=1)
    assert again.status_code == 202, again.text
    assert await owner.fetchval("SELECT expires_at > now() + interval '6 days' FROM invitations")
    assert (await look(company, first)).status_code == 404  # at once, before the new mail
    sent = await mailed(company, id)
    assert sent
    assert sent[0] != first
    assert (await look(company, first)).status_code == 404
    assert (await accept(company, sent[0])).status_code == 201


async def test_an_invitation_is_sent_again_five_times_a_day(
    company: Company, owner: asyncpg.Connection
) -> None:
    made = (await invite(company, "samira@alliance.test")).json()
    version, path = made["version"], f"/v1/invitations/{made['id']}/resend"
    for _ in range(5):
        answer = await company.send("POST", path, version=version)
        assert answer.status_code == 202
        version = answer.json()["version"]
    often = await company.send("POST", path, version=version)
    assert (often.status_code, often.json()["code"]) == (429, "invitation_sent_too_often")
    assert 0 < int(often.headers["retry-after"]) <= 86_401
    await owner.execute("UPDATE invitations SET resent_on = resent_on - 1")
    assert (await company.send("POST", path, version=version)).status_code == 202


async def test_time_closes_an_invitation_and_the_schedule_says_so(
    company: Company, owner: asyncpg.Connection
) -> None:
    id, token = await token_of(company)
    fresh = (await invite(company, "other@alliance.test")).json()
    await owner.execute("UPDATE invitations SET expires_at = now() WHERE id = $1", UUID(id))
    late = await accept(company, token)
    assert (late.status_code, late.json()["state"]) == (410, "expired")
    for _ in range(2):  # a job may run twice
        ctx = company.context()
        await expire_invitations(ctx, {})
        await ctx.commit()
        await ctx.close()
    assert (await company.send("GET", f"/v1/invitations/{id}")).json()["status"] == "expired"
    assert (await company.send("GET", f"/v1/invitations/{fresh['id']}")).json()["status"] == "pending"
    told = "SELECT count(*) FROM event_log WHERE object_id = $1 AND kind = 'invitation.updated'"
    assert await owner.fetchval(told, UUID(id)) == 1
    assert {schedule.job for schedule in SCHEDULES} <= JOBS.keys()
    assert "expire_invitations" in {schedule.job for schedule in SCHEDULES}


# --- isolation


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
