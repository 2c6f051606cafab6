"""A user is suspended, leaves, comes back; the last administrator stays."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from company import Company
from crm_api.users.access import find_login
from crm_api.users.models import USER, UserStatus

pytestmark = pytest.mark.anyio


async def test_every_pair_of_states_is_a_step_or_a_refusal(
    company: Company, owner: asyncpg.Connection
) -> None:
    person, successor = await company.hire(), await company.hire()
    verbs = {
        "suspend": ("suspended", None),
        "resume": ("active", "suspended"),
        "unlock": ("active", "locked"),
        "deactivate": ("deactivated", None),
    }
    for start in UserStatus:
        for verb, (wanted, only_from) in verbs.items():
            await owner.execute("UPDATE users SET status = $1 WHERE id = $2", str(start), person.id)
            answer = await company.send(
                "POST",
                f"/v1/users/{person.id}/{verb}",
                {"reassign_to": str(successor.id)} if verb == "deactivate" else None,
                version=await company.version(person.id),
            )
            if wanted in USER.allowed(start) and only_from in (None, start):
                assert (answer.status_code, answer.json()["status"]) == (200, wanted), (start, verb)
            else:
                assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
                assert answer.json()["allowed"] == [*USER.allowed(start)]
                assert await owner.fetchval("SELECT status FROM users WHERE id = $1", person.id) == start


async def test_each_step_is_told(company: Company, owner: asyncpg.Connection) -> None:
    person = await company.hire()
    for verb in ("suspend", "resume"):
        path = f"/v1/users/{person.id}/{verb}"
        await company.send("POST", path, version=await company.version(person.id))
    path = f"/v1/users/{person.id}/deactivate"
    body = {"reassign_to": str(company.admin.id)}
    await company.send("POST", path, body, version=await company.version(person.id))
    rows = await owner.fetch("SELECT kind FROM event_log WHERE object_id = $1 ORDER BY id", person.id)
    told = [row[0] for row in rows if row[0] not in ("user.created", "user.updated")]
    assert told == ["user.activated", "user.suspended", "user.activated", "user.deactivated"]


async def test_steps_ask_for_the_version(company: Company) -> None:
    person = await company.hire()
    for verb in ("suspend", "resume", "unlock"):
        path = f"/v1/users/{person.id}/{verb}"
        assert (await company.send("POST", path)).status_code == 428
        assert (await company.send("POST", path, version=99)).status_code == 412


async def test_who_leaves_hands_over_to_another_active_user(company: Company) -> None:
    person, suspended = await company.hire(), await company.hire()
    version = await company.version(suspended.id)
    await company.send("POST", f"/v1/users/{suspended.id}/suspend", version=version)
    path = f"/v1/users/{person.id}/deactivate"
    for other, status, code in (
        (person.id, 409, "successor_unfit"),
        (suspended.id, 409, "successor_unfit"),
        (uuid4(), 422, "unknown_user"),
    ):
        body = {"reassign_to": str(other)}
        refused = await company.send("POST", path, body, version=await company.version(person.id))
        assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_who_has_left_is_closed_and_may_come_back_as_another(company: Company) -> None:
    person = await company.hire()
    body = {"reassign_to": str(company.admin.id)}
    version = await company.version(person.id)
    left = await company.send("POST", f"/v1/users/{person.id}/deactivate", body, version=version)
    assert left.json()["status"] == "deactivated"
    assert await find_login(company.context(), person.email) is None
    path, version = f"/v1/users/{person.id}", await company.version(person.id)
    refused = await company.send("PATCH", path, {"last_name": "Autre"}, version=version)
    assert (refused.status_code, refused.json()["code"]) == (409, "user_has_left")
    agency = await company.agency()
    again = {"agency_code": "16012", "email": person.email}
    assert agency
    assert (await company.send("POST", "/v1/invitations", again)).status_code == 202


# --- the last administrator


async def test_the_last_administrator_stays(company: Company) -> None:
    person = await company.hire()
    admin = f"/v1/users/{company.admin.id}"
    for method, tail, body in (
        ("PATCH", "", {"role": "user"}),
        ("POST", "/suspend", None),
        ("POST", "/deactivate", {"reassign_to": str(person.id)}),
        ("PUT", "/denials", {"permissions": ["leads:read"]}),
    ):
        version = await company.version(company.admin.id)
        refused = await company.send(method, admin + tail, body, version=version)
        assert (refused.status_code, refused.json()["code"]) == (409, "last_administrator"), tail
    second = await company.hire("administrator")
    version = await company.version(company.admin.id)
    assert (await company.send("POST", f"{admin}/suspend", version=version)).status_code == 200
    last = await company.send(
        "PATCH",
        f"/v1/users/{second.id}",
        {"role": "user"},
        by=second.headers,
        version=await company.version(second.id),
    )
    assert (last.status_code, last.json()["code"]) == (409, "last_administrator")


async def test_of_two_administrators_who_depose_each_other_one_remains(
    company: Company, owner: asyncpg.Connection
) -> None:
    second = await company.hire("administrator")
    for _ in range(5):
        answers = await asyncio.gather(
            company.send("POST", f"/v1/users/{second.id}/suspend", version=await company.version(second.id)),
            company.send(
                "POST",
                f"/v1/users/{company.admin.id}/suspend",
                by=second.headers,
                version=await company.version(company.admin.id),
            ),
        )
        assert sorted(answer.status_code for answer in answers)[0] == 200
        assert {answer.status_code for answer in answers} <= {200, 409, 503}
        assert await owner.fetchval("SELECT count(*) FROM users WHERE status = 'active'") == 1
        await owner.execute("UPDATE users SET status = 'active'")
