import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from company import Company, open_company
from crm_api.auth.sessions import OWN
from crm_api.core.authority import Authority
from crm_api.core.db import Base, now
from crm_api.core.principal import STEP_UP_LASTS
from crm_api.core.route import Route
from crm_api.registry import ROUTERS
from crm_api.roles.catalogue import BASE_ROLES, of_kind, permissions, seed_groups
from crm_api.roles.repository import GroupRepository, RoleRepository

pytestmark = pytest.mark.anyio
MANAGES = "users:read", "roles:manage", "groups:manage"


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


def test_every_scope_that_a_route_names_is_in_the_catalogue() -> None:
    named = {
        scope
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, Route)
        for dependency in route.dependant.dependencies
        if isinstance(dependency.call, Authority)
        for scope in dependency.call.scopes
    }
    assert "users:read" in named
    assert named - OWN <= permissions().keys()


def test_the_administrator_holds_all_but_what_is_kept_apart() -> None:
    administrator = next(role for role in BASE_ROLES if role.code == "administrator")
    apart = of_kind("segregated") | of_kind("machine")
    assert {*administrator.permissions} == permissions().keys() - apart


def test_the_four_roles_are_no_ladder() -> None:
    held = {role.code: {*role.permissions} for role in BASE_ROLES}
    assert "leads:write" in held["user"] - held["supervisor"]
    assert "leads:assign" in held["supervisor"] - held["user"]
    assert not any(code.endswith(":write") for code in held["editor"] if code.startswith(("leads", "acc")))
    # their own and new ones they may delete all the same: a rule of each domain
    assert not any(code.endswith(":delete") for code in held["user"])


def test_seed_groups_hold_only_scopes_that_exist() -> None:
    for group in seed_groups():
        assert {*group.permissions} <= permissions().keys() - of_kind("machine"), group.code


async def test_the_catalogue_is_read_with_french_words(company: Company) -> None:
    listed = (await company.send("GET", "/v1/permissions")).json()["data"]
    assert {"code": "leads:read", "label_fr": "Consulter les pistes", "kind": "staff"} in listed
    assert len(listed) == len(permissions())


async def test_a_role_is_copied_changed_and_deleted(company: Company) -> None:
    made = await company.send(
        "POST", "/v1/roles", {"code": "chef_de_zone", "label_fr": "Chef de zone", "based_on": "user"}
    )
    assert made.status_code == 201, made.text
    role, base = made.json(), await company.role("user")
    assert (role["permissions"], role["base_code"], role["is_system"]) == (base["permissions"], "user", False)
    assert role["based_on_id"] == base["id"]
    path = f"/v1/roles/{role['id']}"
    changed = await company.send(
        "PATCH",
        path,
        {"label_fr": "Chef", "permissions": ["leads:read", "leads:read"], "data_scope_default": "region"},
        version=1,
    )
    assert changed.json()["permissions"] == ["leads:read"]
    assert (changed.json()["label_fr"], changed.json()["data_scope_default"]) == ("Chef", "region")
    assert (await company.send("PATCH", path, {"label_fr": "Autre"}, version=1)).status_code == 412
    assert (await company.send("DELETE", path)).status_code == 428
    assert (await company.send("DELETE", path, version=2)).status_code == 204
    assert (await company.send("GET", path)).status_code == 404


async def test_a_code_is_used_once(company: Company) -> None:
    body = {"code": "user", "label_fr": "Encore", "based_on": "editor"}
    again = await company.send("POST", "/v1/roles", body)
    assert (again.status_code, again.json()["code"]) == (409, "role_code_taken")
    group = {"code": "mine", "name": "Chef d'Agence"}
    taken = await company.send("POST", "/v1/groups", group)
    assert (taken.status_code, taken.json()["code"]) == (409, "group_code_taken")


async def test_base_roles_cannot_be_changed(company: Company) -> None:
    for code in ("administrator", "supervisor", "editor", "user"):
        path = f"/v1/roles/{(await company.role(code))['id']}"
        for method, body in (("PATCH", {"label_fr": "Autre"}), ("DELETE", None)):
            refused = await company.send(method, path, body, version=1)
            assert (refused.status_code, refused.json()["code"]) == (403, "system_role_unchangeable")


async def test_a_role_in_use_stays(company: Company) -> None:
    body = {"code": "chef", "label_fr": "Chef", "based_on": "user"}
    role = (await company.send("POST", "/v1/roles", body)).json()
    await company.hire("chef")
    refused = await company.send("DELETE", f"/v1/roles/{role['id']}", version=1)
    assert (refused.status_code, refused.json()["code"]) == (409, "role_in_use")


async def test_a_base_role_may_vanish_under_its_copy(company: Company) -> None:
    first = {"code": "first", "label_fr": "Premier", "based_on": "administrator"}
    role = (await company.send("POST", "/v1/roles", first)).json()
    second = {"code": "second", "label_fr": "Second", "based_on": "first"}
    copy = (await company.send("POST", "/v1/roles", second)).json()
    assert (await company.send("DELETE", f"/v1/roles/{role['id']}", version=1)).status_code == 204
    left = (await company.send("GET", f"/v1/roles/{copy['id']}")).json()
    assert (left["based_on_id"], left["base_code"]) == (None, "administrator")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("permissions", ["leads:fly"], "unknown_permission"),
        ("permissions", ["web_events:ingest"], "machine_permission"),
        ("permissions", ["LEADS"], "string_pattern_mismatch"),
        ("data_scope_default", "planet", "enum"),
        ("is_system", True, "extra_forbidden"),
    ],
)
async def test_a_wrong_role_is_refused_by_field(
    company: Company, field: str, value: object, code: str
) -> None:
    body = {"code": "odd", "label_fr": "Odd", "based_on": "user", field: value}
    refused = await company.send("POST", "/v1/roles", body)
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert (fault["code"], fault["pointer"].split("/")[1]) == (code, field)


async def test_an_unknown_base_is_refused(company: Company) -> None:
    body = {"code": "odd", "label_fr": "Odd", "based_on": "nobody"}
    refused = await company.send("POST", "/v1/roles", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_role")


async def test_nobody_makes_a_role_or_group_beyond_himself(company: Company) -> None:
    small = actor(company.organization_id, *MANAGES, "leads:read", data_scope="agency")
    role = {"code": "big", "label_fr": "Grand", "based_on": "user", "permissions": ["leads:write"]}
    refused = await company.send("POST", "/v1/roles", role, by=small)
    assert (refused.status_code, refused.json()["code"]) == (403, "cannot_grant")
    assert refused.json()["permissions"] == ["leads:write"]
    wide = role | {"permissions": ["leads:read"], "data_scope_default": "all"}
    refused = await company.send("POST", "/v1/roles", wide, by=small)
    assert (refused.status_code, refused.json()["data_scope"]) == (403, "all")
    fitting = wide | {"data_scope_default": "agency"}
    made = await company.send("POST", "/v1/roles", fitting, by=small)
    assert made.status_code == 201
    more = await company.send(
        "PATCH", f"/v1/roles/{made.json()['id']}", {"permissions": ["leads:write"]}, by=small, version=1
    )
    assert more.status_code == 403
    wider = await company.send(
        "PATCH", f"/v1/roles/{made.json()['id']}", {"data_scope_default": "region"}, by=small, version=1
    )
    assert wider.status_code == 403
    group = {"code": "big", "name": "Grand", "permissions": ["accounts:read"]}
    assert (await company.send("POST", "/v1/groups", group, by=small)).status_code == 403
    group = {"code": "big", "name": "Grand", "data_scope_override": "all"}
    assert (await company.send("POST", "/v1/groups", group, by=small)).status_code == 403


async def test_what_is_kept_apart_lives_in_groups_only(company: Company) -> None:
    role = {"code": "doctor", "label_fr": "Médecin", "based_on": "user", "permissions": ["health:read"]}
    assert (await company.send("POST", "/v1/roles", role)).json()["code"] == "cannot_grant"
    group = {"code": "doctors", "name": "Médecins", "permissions": ["health:read"]}
    made = await company.send("POST", "/v1/groups", group)
    assert made.status_code == 201, made.text


async def test_a_group_is_made_changed_and_deleted(company: Company) -> None:
    body = {
        "code": "nuit",
        "name": "Équipe de nuit",
        "permissions": ["tickets:read"],
        "max_amounts": {"refund": 20000},
    }
    group = (await company.send("POST", "/v1/groups", body)).json()
    assert group["max_amounts"] == {"claims_decide": None, "discount_percent": None, "refund": 20000}
    path = f"/v1/groups/{group['id']}"
    changed = await company.send(
        "PATCH", path, {"name": "Nuit", "description": "La nuit.", "data_scope_override": "all"}, version=1
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["data_scope_override"]) == ("Nuit", "all")
    assert (await company.send("PATCH", path, {"name": "Jour"}, version=1)).status_code == 412
    found = await company.send("GET", "/v1/groups?name_prefix=NUI")
    assert [g["id"] for g in found.json()["data"]] == [group["id"]]
    person = await company.hire(group_ids=(group["id"],))
    assert (await company.send("GET", path)).json()["member_count"] == 1
    assert (await company.send("DELETE", path, version=2)).status_code == 204
    left = (await company.send("GET", f"/v1/users/{person.id}")).json()
    assert left["group_ids"] == []


async def test_no_member_adds_to_his_group_what_is_kept_from_him(company: Company) -> None:
    group = (await company.send("POST", "/v1/groups", {"code": "mine", "name": "Groupe"})).json()
    path = f"/v1/groups/{group['id']}"
    added = await company.send("POST", f"{path}/members", {"user_ids": [str(company.admin.id)]})
    assert added.status_code == 204, added.text
    refused = await company.send("PATCH", path, {"permissions": ["claims:pay"]}, version=1)
    assert (refused.status_code, refused.json()["permissions"]) == (403, ["claims:pay"])
    assert (await company.send("DELETE", f"{path}/members/{company.admin.id}")).status_code == 204
    allowed = await company.send("PATCH", path, {"permissions": ["claims:pay"]}, version=1)
    assert allowed.status_code == 200


async def test_changing_roles_and_groups_needs_the_right_and_a_recent_proof(company: Company) -> None:
    old = actor(company.organization_id, *MANAGES, confirmed_at=now() - STEP_UP_LASTS)
    reader = actor(company.organization_id, "users:read")
    role = (await company.role("user"))["id"]
    group = await company.group("fraud")
    for method, path, body in (
        ("POST", "/v1/roles", {"code": "x", "label_fr": "Xx", "based_on": "user"}),
        ("PATCH", f"/v1/roles/{role}", {}),
        ("DELETE", f"/v1/roles/{role}", None),
        ("POST", "/v1/groups", {"code": "xx", "name": "Xx"}),
        ("PATCH", f"/v1/groups/{group}", {}),
        ("DELETE", f"/v1/groups/{group}", None),
    ):
        late = await company.send(method, path, body, by=old, version=1)
        assert (late.status_code, late.json()["code"]) == (401, "step_up_required"), path
        assert (await company.send(method, path, body, by=reader, version=1)).status_code == 403, path
    for path in ("/v1/roles", "/v1/groups", "/v1/permissions", f"/v1/roles/{role}", f"/v1/groups/{group}"):
        assert (await company.send("GET", path, by=reader)).status_code == 200
        assert (await company.client.get(path)).status_code == 401


async def test_another_organization_has_its_own_roles(
    company: Company, app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    other = await open_company(app, client)
    mine = await company.send("POST", "/v1/roles", {"code": "z", "label_fr": "Zz", "based_on": "user"})
    assert mine.status_code == 422  # a code has two characters
    body = {"code": "zone", "label_fr": "Zone", "based_on": "user"}
    role = (await company.send("POST", "/v1/roles", body)).json()
    group = await company.group("fraud")
    for path in (f"/v1/roles/{role['id']}", f"/v1/groups/{group}"):
        for method, change in (("GET", None), ("PATCH", {}), ("DELETE", None)):
            assert (await other.send(method, path, change, version=1)).status_code == 404, path
    assert await owner.fetchval("SELECT count(*) FROM roles WHERE code = 'zone'") == 1


async def test_a_group_that_an_inbox_names_is_kept(company: Company) -> None:
    group = (await company.send("POST", "/v1/groups", {"code": "desk", "name": "Accueil"})).json()
    inbox = await company.send("POST", "/v1/inboxes", {"name": "Accueil", "group_id": group["id"]})
    assert inbox.status_code == 201, inbox.text
    refused = await company.send("DELETE", f"/v1/groups/{group['id']}", version=1)
    assert (refused.status_code, refused.json()["code"]) == (409, "group_in_use")


def test_every_reference_to_a_group_or_role_refuses_or_follows_its_end() -> None:
    known = {*GroupRepository.refusals, *RoleRepository.refusals}
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            if key.referred_table.name in ("groups", "roles") and key.ondelete is None:
                assert key.name in known, f"{table.name}: deleting what it names would be a 500"
