"""POST /v1/auth/token by password, and the second factor."""

from typing import Any

import asyncpg
import httpx
import pyotp
import pytest
from fastapi import FastAPI

from auth.steps import Person, ask, code_of, colleague, enrol, mails_to, register, run_jobs, sign_in
from crm_api.auth.sessions import OWN
from crm_api.core import passwords
from crm_api.core.authority import Authority
from survey.operations import doors

pytestmark = pytest.mark.anyio


async def test_an_administrator_registers_proves_the_address_signs_in_and_enrols(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    person = await register(client, app, owner)
    answer = await sign_in(client, person)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["mfa_enrolment_required"]) == ("Bearer", 600, True)
    assert body["scope"] == "mfa:enrol session:self"
    refused = await client.get("/v1/agencies", headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "mfa_enrolment_required")
    await enrol(client, person)
    allowed = await client.get("/v1/agencies", headers=person.headers)
    assert allowed.status_code == 200, allowed.text


@pytest.mark.parametrize("role", ["supervisor", "user"])
async def test_a_supervisor_must_enrol_and_a_user_need_not(
    client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Person, role: str
) -> None:
    person = await colleague(owner, admin, role)
    answer = (await sign_in(client, person)).json()
    assert answer["mfa_enrolment_required"] is (role == "supervisor")
    read = await client.get("/v1/agencies", headers=person.headers)
    assert read.status_code == (403 if role == "supervisor" else 200)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("fr", "Votre rôle exige un second facteur : activez-le d'abord (POST /v1/auth/mfa/totp)."),
        ("en", "Your role asks for a second factor: enrol it first (POST /v1/auth/mfa/totp)."),
        ("ar", "يتطلب دورك عاملا ثانيا: فعّله أولا (POST /v1/auth/mfa/totp)."),
    ],
)
async def test_who_must_enrol_first_is_told_so_on_every_route(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, language: str, says: str
) -> None:
    person = await register(client, app, owner)
    await sign_in(client, person)
    headers = person.headers | {"Accept-Language": language, "Idempotency-Key": "one", "If-Match": '"1"'}
    refused, let_in = 0, set()
    for path, method, door in doors(app):
        if not isinstance(door, Authority):
            continue
        if door.scopes <= OWN:
            let_in.add(path)
            continue
        answer = await client.request(method, path.replace("{", "").replace("}", ""), headers=headers)
        said = answer.json()
        assert (answer.status_code, said["code"]) == (403, "mfa_enrolment_required"), f"{method} {path}"
        assert (said["detail"], said["required_scopes"]) == (says, sorted(door.scopes)), f"{method} {path}"
        refused += 1
    assert refused > 100
    assert {"/v1/auth/mfa/totp", "/v1/auth/mfa/confirm", "/v1/users/me"} <= let_in


async def test_a_role_that_lacks_the_scope_is_no_matter_of_the_second_factor(
    client: httpx.AsyncClient, user: Person
) -> None:
    refused = await client.get("/v1/api-clients", headers=user.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")


async def test_who_has_a_second_factor_is_asked_for_it(
    client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Person
) -> None:
    missing = await sign_in(client, admin)
    assert (missing.status_code, missing.json()["code"]) == (401, "mfa_required")
    assert missing.json()["error"] == "invalid_grant"
    wrong = await sign_in(client, admin, otp="000000")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "mfa_code_refused")
    right = await sign_in(client, admin, otp=await code_of(admin, owner))
    assert (right.status_code, right.json()["mfa_enrolment_required"]) == (200, False)
    assert "api_clients:manage" in right.json()["scope"].split()


async def test_a_code_is_good_once(
    client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Person
) -> None:
    code = await code_of(admin, owner)
    assert (await sign_in(client, admin, otp=code)).status_code == 200
    again = await sign_in(client, admin, otp=code)
    assert (again.status_code, again.json()["code"]) == (401, "mfa_code_refused")


async def test_a_recovery_code_is_good_once_however_it_is_typed(
    client: httpx.AsyncClient, admin: Person
) -> None:
    code = admin.recovery_codes[3]
    assert (await sign_in(client, admin, recovery_code=code.upper().replace("-", " "))).status_code == 200
    assert (await sign_in(client, admin, recovery_code=code)).json()["code"] == "mfa_code_refused"


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every argon2 computation of a password."""
    seen: list[str] = []
    context = passwords._context
    for name in ("verify", "verify_and_update", "hash"):
        original = getattr(context, name)

        def counted(*given: Any, _original: Any = original, _name: str = name, **more: Any) -> Any:
            seen.append(_name)
            return _original(*given, **more)

        monkeypatch.setattr(context, name, counted)
    return seen


async def test_an_unknown_address_gets_the_same_answer_for_the_same_work(
    client: httpx.AsyncClient, user: Person, hashings: list[str]
) -> None:
    passwords._decoy()
    hashings.clear()
    wrong = await ask(client, grant_type="password", username=user.email, password="not the password at all")
    work_for_known = len(hashings)
    hashings.clear()
    unknown = await ask(
        client, grant_type="password", username="nobody@x.example", password="not the password at all"
    )
    assert (work_for_known, len(hashings)) == (1, 1)
    told = [{k: v for k, v in a.json().items() if k != "request_id"} for a in (wrong, unknown)]
    assert told[0] == told[1]
    assert (wrong.status_code, unknown.status_code, told[0]["code"]) == (401, 401, "invalid_credentials")
    assert set(wrong.headers) == set(unknown.headers)


async def test_before_the_address_is_proved_the_right_password_says_so(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection
) -> None:
    person = await register(client, app, owner)
    await owner.execute(
        "UPDATE users SET status = 'pending_verification', email_verified_at = NULL WHERE id = $1", person.id
    )
    early = await sign_in(client, person)
    assert (early.status_code, early.json()["code"]) == (403, "email_not_verified")
    guess = await sign_in(client, person, password="not the password at all")
    assert (guess.status_code, guess.json()["code"]) == (401, "invalid_credentials")


@pytest.mark.parametrize("status", ["suspended", "deactivated"])
async def test_who_may_not_come_in_is_told_no_more_than_a_stranger(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person, status: str
) -> None:
    await owner.execute("UPDATE users SET status = $1 WHERE id = $2", status, user.id)
    answer = await sign_in(client, user)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


async def test_a_token_may_be_narrowed_and_never_widened(client: httpx.AsyncClient, user: Person) -> None:
    await sign_in(client, user, scope="leads:read users:write")
    assert (await client.get("/v1/agencies", headers=user.headers)).status_code == 403
    wider = await ask(
        client, grant_type="refresh_token", refresh_token=user.refresh_token, scope="agencies:read"
    )
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")
    none = await sign_in(client, user, scope="users:write")
    assert (none.status_code, none.json()["code"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"grant_type": "password", "username": "a@b.example"}, 400, "incomplete_grant"),
        ({"grant_type": "refresh_token"}, 400, "incomplete_grant"),
        ({"grant_type": "client_credentials", "client_id": "client_x"}, 401, "client_refused"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, 401, "client_refused"),
        ({"grant_type": "implicit"}, 422, "validation_failed"),
        ({"grant_type": "password", "username": "a\0b", "password": "b"}, 422, "validation_failed"),
        ({"grant_type": "refresh_token", "refresh_token": "rt_x"}, 401, "refresh_token_refused"),
        ({}, 422, "validation_failed"),
    ],
)
async def test_a_form_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, form: dict[str, str], status: int, code: str
) -> None:
    answer = await ask(client, **form)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_what_a_form_says_besides_is_ignored(client: httpx.AsyncClient, user: Person) -> None:
    """RFC 6749, 3.2: libraries send parameters of their own."""
    assert (await sign_in(client, user, audience="crm", resource="https://crm.example.dz")).status_code == 200


async def test_a_sign_in_from_elsewhere_is_told_to_the_user(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, user: Person
) -> None:
    await sign_in(client, user)
    assert "send_new_session" not in await run_jobs(app, owner)
    elsewhere = httpx.ASGITransport(app, client=("105.96.12.7", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://test") as other:
        await sign_in(other, user)
    assert "send_new_session" in await run_jobs(app, owner)
    assert "105.96.12.7" in mails_to(app, user.email)[-1]


async def test_signing_in_and_failing_to_are_in_the_audit_log(
    client: httpx.AsyncClient, owner: asyncpg.Connection, user: Person
) -> None:
    await sign_in(client, user, password="not the password at all")
    lines = await owner.fetch(
        """SELECT actor_type, outcome, ip FROM audit_log WHERE action = 'user.sign_in' AND object_id = $1
           ORDER BY id""",
        user.id,
    )
    assert [tuple(line) for line in lines] == [
        ("user", "success", "127.0.0.1"),
        ("anonymous", "denied", "127.0.0.1"),
    ]


async def test_codes_may_be_renewed_and_the_old_ones_stop_working(
    client: httpx.AsyncClient, admin: Person
) -> None:
    answer = await client.post("/v1/auth/mfa/recovery-codes", headers=admin.headers)
    assert answer.headers["cache-control"] == "no-store"
    renewed = answer.json()["recovery_codes"]
    assert len(set(renewed)) == 10
    assert (await sign_in(client, admin, recovery_code=admin.recovery_codes[0])).status_code == 401
    assert (await sign_in(client, admin, recovery_code=renewed[0])).status_code == 200


async def test_the_second_factor_is_dropped_only_where_the_role_allows_it(
    client: httpx.AsyncClient, admin: Person, user: Person
) -> None:
    refused = await client.delete("/v1/auth/mfa/totp", headers=admin.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "mfa_obligatory")
    await enrol(client, user)
    assert (await sign_in(client, user)).json()["code"] == "mfa_required"
    assert (await client.delete("/v1/auth/mfa/totp", headers=user.headers)).status_code == 204
    assert (await sign_in(client, user)).status_code == 200


async def test_a_wrong_first_code_does_not_enrol(client: httpx.AsyncClient, user: Person) -> None:
    early = await client.post("/v1/auth/mfa/confirm", json={"otp": "123456"}, headers=user.headers)
    assert (early.status_code, early.json()["code"]) == (409, "mfa_not_started")
    secret = (await client.post("/v1/auth/mfa/totp", headers=user.headers)).json()["secret"]
    right = pyotp.TOTP(secret).now()
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    refused = await client.post("/v1/auth/mfa/confirm", json={"otp": wrong}, headers=user.headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "mfa_code_refused")
    assert (await sign_in(client, user)).status_code == 200


async def test_secrets_of_the_second_factor_lie_sealed(owner: asyncpg.Connection, admin: Person) -> None:
    row = await owner.fetchrow("SELECT sealed FROM mfa_credentials WHERE user_id = $1", admin.id)
    assert admin.secret.encode() not in row["sealed"]
    digests = await owner.fetch("SELECT digest FROM mfa_recovery_codes WHERE user_id = $1", admin.id)
    assert not {d["digest"] for d in digests} & set(admin.recovery_codes)
