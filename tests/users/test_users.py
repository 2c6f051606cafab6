from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from company import Company, Person, open_company
from crm_api.core.db import now
from crm_api.core.principal import STEP_UP_LASTS
from crm_api.users.access import find_login

pytestmark = pytest.mark.anyio


async def patch(company: Company, user: UUID, body: dict[str, Any], **more: Any) -> httpx.Response:
    version = more.pop("version", None) or await company.version(user)
    return await company.send("PATCH", f"/v1/users/{user}", body, version=version, **more)


# --- reading


async def test_users_are_listed_filtered_and_counted(company: Company) -> None:
    agency, marketing = await company.agency(), await company.group("marketing")
    ilyes = await company.hire(agency_id=agency, group_ids=(marketing,))
    await company.hire("editor")
    role = (await company.role("user"))["id"]
    listed = (await company.send("GET", "/v1/users?include=total&sort=name")).json()
    assert (listed["total"], listed["data"][-1]["last_name"]) == (3, "Hamdi")
    for wanted in (
        f"role_id={role}",
        f"agency_id={agency}",
        f"group_id={marketing}",
        f"email={ilyes.email.upper()}",
        "agency_id_null=false",
    ):
        found = (await company.send("GET", f"/v1/users?{wanted}")).json()["data"]
        assert [user["id"] for user in found] == [str(ilyes.id)], wanted
    assert (await company.send("GET", "/v1/users?status=suspended")).json()["data"] == []
    assert len((await company.send("GET", "/v1/users?name_prefix=AISSANI il")).json()["data"]) == 2
    user = (await company.send("GET", f"/v1/users/{ilyes.id}")).json()
    assert (user["role"], user["group_ids"], user["status"]) == ("user", [str(marketing)], "active")


async def test_no_answer_and_no_log_holds_a_password(company: Company, owner: asyncpg.Connection) -> None:
    answer = await company.send("GET", f"/v1/users/{company.admin.id}")
    assert "argon2" not in answer.text
    assert "password" not in answer.text
    for table in ("audit_log", "event_log"):
        lines = await owner.fetchval(f"SELECT string_agg(t::text, ' ') FROM {table} t")
        assert "argon2" not in lines
        assert "password_hash" in lines  # that it changed is told


async def test_another_organization_sees_and_changes_nobody(
    company: Company, app: FastAPI, client: httpx.AsyncClient
) -> None:
    other = await open_company(app, client)
    path = f"/v1/users/{company.admin.id}"
    for method, tail, body in (
        ("GET", "", None),
        ("GET", "/permissions", None),
        ("PATCH", "", {"last_name": "Pris"}),
        ("PUT", "/denials", {"permissions": []}),
        ("POST", "/suspend", None),
        ("POST", "/resume", None),
        ("POST", "/unlock", None),
        ("POST", "/deactivate", {"reassign_to": str(other.admin.id)}),
    ):
        answer = await other.send(method, path + tail, body, version=1)
        assert answer.status_code == 404, path + tail
    group = await company.group("fraud")
    assert (await other.send("GET", f"/v1/groups/{group}/members")).status_code == 404
    members = {"user_ids": [str(other.admin.id)]}
    assert (await other.send("POST", f"/v1/groups/{group}/members", members)).status_code == 404
    foreign = await patch(other, other.admin.id, {"group_ids": [str(group)]})
    assert (foreign.status_code, foreign.json()["code"]) == (422, "unknown_group")
    assert (await company.send("GET", path)).json()["last_name"] == "Hamdi"


async def test_what_staff_may_not_do_is_refused_and_nothing_changes(company: Company) -> None:
    person, victim = await company.hire(), await company.hire()
    for method, tail, body in (
        ("PATCH", "", {"last_name": "Autre"}),
        ("PUT", "/denials", {"permissions": []}),
        ("POST", "/suspend", None),
        ("POST", "/resume", None),
        ("POST", "/unlock", None),
        ("POST", "/deactivate", {"reassign_to": str(person.id)}),
    ):
        path = f"/v1/users/{victim.id}{tail}"
        refused = await company.send(method, path, body, by=person.headers, version=1)
        assert refused.status_code == 403, path
    left = (await company.send("GET", f"/v1/users/{victim.id}")).json()
    assert (left["last_name"], left["status"]) == ("Aïssani", "active")
    assert (await company.send("GET", "/v1/users", by=person.headers)).status_code == 200


# --- oneself


async def test_everybody_reads_and_changes_himself(company: Company) -> None:
    person, colleague = await company.hire(), await company.hire()
    me = (await company.send("GET", "/v1/users/me", by=person.headers)).json()
    assert (me["id"], me["role"], me["effective_data_scope"]) == (str(person.id), "user", "agency")
    assert "leads:write" in me["permissions"]
    assert me["mfa_required"] is False
    assert me["notification_preferences"]["digests"] == {"in_app": True, "email": False}
    changed = await company.send(
        "PATCH",
        "/v1/users/me",
        {
            "first_name_ar": "إلياس",
            "display_mode": "dark",
            "language": "ar",
            "availability": "away",
            "substitute_user_id": str(colleague.id),
            "out_of_office_until": "2026-12-01T08:00:00Z",
            "notification_preferences": {"digests": {"email": True}},
            "username": "ilyes.a",
        },
        by=person.headers,
        version=me["version"],
    )
    assert changed.status_code == 200, changed.text
    body = changed.json()
    assert (body["first_name_ar"], body["language"], body["availability"]) == ("إلياس", "ar", "away")
    assert body["out_of_office_until"] == "2026-12-01T08:00:00.000Z"
    assert body["notification_preferences"]["digests"] == {"in_app": True, "email": True}
    assert body["version"] > me["version"]
    assert (await find_login(company.context(), "ILYES.A")).user_id == person.id  # type: ignore[union-attr]
    stale = await company.send("PATCH", "/v1/users/me", {}, by=person.headers, version=me["version"])
    assert stale.status_code == 412
    rights = await company.send(
        "PATCH", "/v1/users/me", {"role": "administrator"}, by=person.headers, version=9
    )
    assert (rights.status_code, rights.json()["errors"][0]["code"]) == (422, "extra_forbidden")


async def test_who_stands_in_is_another_active_colleague(company: Company) -> None:
    person, gone = await company.hire(), await company.hire()
    await company.send("POST", f"/v1/users/{gone.id}/suspend", version=await company.version(gone.id))
    for other, status, code in (
        (person.id, 409, "successor_unfit"),
        (gone.id, 409, "successor_unfit"),
        (uuid4(), 422, "unknown_user"),
    ):
        refused = await company.send(
            "PATCH",
            "/v1/users/me",
            {"substitute_user_id": str(other)},
            by=person.headers,
            version=await company.version(person.id),
        )
        assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_a_machine_is_nobody(company: Company) -> None:
    machine = actor(company.organization_id, "session:self", kind="client")
    assert (await company.send("GET", "/v1/users/me", by=machine)).status_code == 404
    assert (await company.client.get("/v1/users/me")).status_code == 401


async def test_a_user_name_works_once_in_the_installation(
    company: Company, app: FastAPI, client: httpx.AsyncClient
) -> None:
    other = await open_company(app, client)
    assert (await patch(company, company.admin.id, {"username": "nadia"})).status_code == 200
    taken = await patch(other, other.admin.id, {"username": "nadia"})
    assert (taken.status_code, taken.json()["code"]) == (409, "login_taken")
    assert (await patch(company, company.admin.id, {"username": "nadia.h"})).status_code == 200
    assert (await patch(other, other.admin.id, {"username": "nadia"})).status_code == 200
    assert (await patch(other, other.admin.id, {"username": None})).status_code == 200
    assert await find_login(company.context(), "nadia") is None
    wrong = await patch(company, company.admin.id, {"username": "Nadia!"})
    assert wrong.json()["errors"][0]["pointer"] == "/username"


# --- rights


async def test_an_administrator_changes_role_groups_scope_and_agency(
    company: Company, owner: asyncpg.Connection
) -> None:
    person, agency = await company.hire(), await company.agency()
    group = await company.group("agency_manager")
    body = {"role": "editor", "group_ids": [str(group)], "data_scope": "region", "agency_id": str(agency)}
    changed = await patch(company, person.id, body)
    assert changed.status_code == 200, changed.text
    assert {name: changed.json()[name] for name in body} == body
    known = (await company.send("GET", f"/v1/users/{person.id}/permissions")).json()
    assert "leads:assign" in known["permissions"]
    assert (known["data_scope"], known["agency_ids"]) == ("region", [str(agency)])
    assert known["version"] == changed.json()["version"]
    facts = await owner.fetch("SELECT object_id FROM event_log WHERE kind = 'user.role_changed'")
    assert [row[0] for row in facts] == [person.id]
    noted = await owner.fetchval("SELECT changes FROM audit_log WHERE action = 'user.groups_changed'")
    assert str(group) in noted


async def test_a_change_of_groups_alone_is_a_new_version(company: Company) -> None:
    person, group = await company.hire(), await company.group("fraud")
    before = await company.version(person.id)
    changed = await patch(company, person.id, {"group_ids": [str(group)]})
    assert changed.json()["version"] > before
    assert (await patch(company, person.id, {"group_ids": []}, version=before)).status_code == 412


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"role": "pope"}, 422, "unknown_role"),
        ({"group_ids": [str(uuid4())]}, 422, "unknown_group"),
        ({"agency_id": str(uuid4())}, 422, "unknown_agency"),
        ({"data_scope": "world"}, 422, "validation_failed"),
        ({"email": "new@alliance.test"}, 422, "validation_failed"),
        ({"status": "active"}, 422, "validation_failed"),
    ],
)
async def test_what_is_not_there_cannot_be_given(
    company: Company, body: dict[str, Any], status: int, code: str
) -> None:
    refused = await patch(company, company.admin.id, body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_rights_need_a_recent_proof_and_the_rest_does_not(company: Company) -> None:
    person = await company.hire()
    old = await company.headers(company.admin.id, confirmed_at=now() - STEP_UP_LASTS)
    for body in ({"role": "editor"}, {"group_ids": []}, {"data_scope": "own"}, {"agency_id": None}):
        late = await patch(company, person.id, body, by=old)
        assert (late.status_code, late.json()["code"]) == (401, "step_up_required")
    assert (await patch(company, person.id, {"last_name": "Benali"}, by=old)).status_code == 200
    version = await company.version(person.id)
    for method, path, more in (
        ("PUT", f"/v1/users/{person.id}/denials", {"permissions": []}),
        ("POST", f"/v1/users/{person.id}/deactivate", {"reassign_to": str(company.admin.id)}),
        ("POST", f"/v1/groups/{await company.group('fraud')}/members", {"user_ids": [str(person.id)]}),
    ):
        late = await company.send(method, path, more, by=old, version=version)
        assert (late.status_code, late.json()["code"]) == (401, "step_up_required")


async def helper(company: Company, *scopes: str, data_scope: str = "all") -> Person:
    """Somebody with a role of their own: these scopes and the management of users."""
    held = sorted({"users:read", "users:write", *scopes})
    body = {"code": "helper", "label_fr": "Aide", "based_on": "user", "permissions": held}
    made = await company.send("POST", "/v1/roles", body | {"data_scope_default": data_scope})
    assert made.status_code == 201, made.text
    return await company.hire("helper")


async def test_nobody_gives_what_he_does_not_hold(company: Company) -> None:
    helper_ = await helper(company, data_scope="all")
    target = await helper_peer(company)
    for body, lacking in (
        ({"role": "user"}, "permissions"),
        ({"group_ids": [str(await company.group("fraud"))]}, "permissions"),
    ):
        refused = await patch(company, target.id, body, by=helper_.headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "cannot_grant"), body
        assert refused.json()[lacking]
    himself = await patch(company, helper_.id, {"role": "administrator"}, by=helper_.headers)
    assert himself.status_code == 403
    left = (await company.send("GET", f"/v1/users/{target.id}")).json()
    assert (left["role"], left["group_ids"]) == ("helper", [])


async def helper_peer(company: Company) -> Person:
    return await company.hire("helper")


async def test_nobody_opens_more_rows_than_he_sees(company: Company) -> None:
    agency = await company.agency()
    narrow = await helper(company, data_scope="agency")
    await patch(company, narrow.id, {"agency_id": str(agency)})
    headers = await company.headers(narrow.id)
    target = await company.hire("helper", agency_id=agency)
    wide = await patch(company, target.id, {"data_scope": "all"}, by=headers)
    assert (wide.status_code, wide.json()["data_scope"]) == (403, "all")
    assert (await patch(company, target.id, {"data_scope": "own"}, by=headers)).status_code == 200
    away = await patch(company, target.id, {"agency_id": None}, by=headers)
    assert (away.status_code, away.json()["code"]) == (403, "outside_your_agencies")
    stranger = await company.hire("helper")
    refused = await patch(company, stranger.id, {"last_name": "Autre"}, by=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside_your_agencies")


async def test_nobody_manages_who_may_do_more(company: Company) -> None:
    small = await helper(company)
    for method, tail, body in (
        ("PATCH", "", {"last_name": "Autre"}),
        ("POST", "/suspend", None),
        ("POST", "/deactivate", {"reassign_to": str(small.id)}),
        ("PUT", "/denials", {"permissions": ["leads:read"]}),
    ):
        path = f"/v1/users/{company.admin.id}{tail}"
        refused = await company.send(
            method, path, body, by=small.headers, version=await company.version(company.admin.id)
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "beyond_your_authority"), path


async def test_what_is_kept_apart_is_given_to_others_never_to_oneself(company: Company) -> None:
    payment, person = await company.group("claims_payment"), await company.hire()
    given = await patch(company, person.id, {"group_ids": [str(payment)]})
    assert given.status_code == 200, given.text
    himself = await patch(company, company.admin.id, {"group_ids": [str(payment)]})
    assert (himself.status_code, himself.json()["permissions"]) == (403, ["claims:pay"])
    members = await company.send(
        "POST", f"/v1/groups/{payment}/members", {"user_ids": [str(company.admin.id)]}
    )
    assert members.status_code == 403


async def test_denials_take_away_and_giving_back_is_granting(company: Company) -> None:
    person = await company.hire()
    path = f"/v1/users/{person.id}/denials"
    denied = await company.send(
        "PUT", path, {"permissions": ["leads:convert"]}, version=await company.version(person.id)
    )
    assert denied.status_code == 200, denied.text
    assert denied.json()["denials"] == ["leads:convert"]
    assert "leads:convert" not in denied.json()["permissions"]
    assert "leads:read" in denied.json()["permissions"]
    poor = await company.headers(company.admin.id)
    poor = actor(company.organization_id, "users:read", "users:write", *(await rights(company, person)))
    back = await company.send("PUT", path, {"permissions": []}, by=poor, version=denied.json()["version"])
    assert (back.status_code, back.json()["permissions"]) == (403, ["leads:convert"])
    again = await company.send("PUT", path, {"permissions": []}, version=denied.json()["version"])
    assert "leads:convert" in again.json()["permissions"]
    unknown = await company.send("PUT", path, {"permissions": ["leads:fly"]}, version=1)
    assert unknown.status_code == 422


async def rights(company: Company, person: Person) -> list[str]:
    known = await company.send("GET", f"/v1/users/{person.id}/permissions")
    return list(known.json()["permissions"])


# --- groups


async def test_members_come_and_go(company: Company) -> None:
    group, people = await company.group("fraud"), [await company.hire() for _ in range(3)]
    path = f"/v1/groups/{group}/members"
    added = await company.send("POST", path, {"user_ids": [str(p.id) for p in people]})
    assert added.status_code == 204, added.text
    again = await company.send("POST", path, {"user_ids": [str(people[0].id)]})
    assert again.status_code == 204
    listed = (await company.send("GET", f"{path}?limit=2")).json()
    assert (len(listed["data"]), listed["has_more"]) == (2, True)
    assert (await company.send("DELETE", f"{path}/{people[0].id}")).status_code == 204
    assert (await company.send("DELETE", f"{path}/{people[0].id}")).status_code == 404
    left = (await company.send("GET", path)).json()["data"]
    assert {user["id"] for user in left} == {str(p.id) for p in people[1:]}
    none = await company.send("POST", path, {"user_ids": [str(people[0].id), str(uuid4())]})
    assert none.status_code == 404
    assert len((await company.send("GET", path)).json()["data"]) == 2
