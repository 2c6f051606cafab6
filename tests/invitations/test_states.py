"""Revoked, sent again, expired: every state answers every verb."""

from uuid import UUID

import asyncpg
import pytest

from company import Company
from crm_api.invitations.jobs import expire_invitations
from crm_api.invitations.models import INVITATION, InvitationStatus
from crm_api.registry import JOBS, SCHEDULES
from invitations.steps import accept, invite, look, mailed, token_of

pytestmark = pytest.mark.anyio


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
