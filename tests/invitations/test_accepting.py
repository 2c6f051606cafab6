"""The invited person looks at the offer and accepts it."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import PASSWORD, Company
from crm_api.core.opaque import make
from crm_api.core.passwords import verify
from crm_api.invitations.service import TOKEN
from crm_api.users.access import UserAccess
from invitations.steps import accept, look, token_of

pytestmark = pytest.mark.anyio


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
