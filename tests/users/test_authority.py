"""What a user may do: one statement, held to the rules said again in Python."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from company import Company, open_company
from crm_api.core.principal import DataScope
from crm_api.users.access import Authority, UserAccess

pytestmark = pytest.mark.anyio
SCOPES = st.sets(st.sampled_from(["leads:read", "leads:write", "accounts:read", "claims:pay", "kb:read"]))
REACH = [*DataScope]
CASE = st.fixed_dictionaries(
    {
        "role": SCOPES,
        "reach": st.sampled_from(REACH),
        "groups": st.lists(st.tuples(SCOPES, st.none() | st.sampled_from(REACH)), max_size=3),
        "denied": SCOPES,
        "own": st.none() | st.sampled_from(REACH),
        "strict": st.none() | st.booleans(),
    }
)


async def authority(company: Company, user_id: UUID) -> Authority:
    ctx = company.context()
    return await UserAccess(ctx).authority(user_id)


async def arrange(owner: asyncpg.Connection, company: Company, user_id: UUID, case: dict[str, Any]) -> None:
    """The rows that say so."""
    org = company.organization_id
    for table in ("group_members", "user_permission_denials"):
        await owner.execute(f"DELETE FROM {table} WHERE user_id = $1", user_id)
    await owner.execute(
        """UPDATE roles SET permissions = $1, data_scope_default = $2
           WHERE id = (SELECT role_id FROM users WHERE id = $3)""",
        sorted(case["role"]),
        str(case["reach"]),
        user_id,
    )
    await owner.execute("UPDATE users SET data_scope = $1 WHERE id = $2", case["own"], user_id)
    chosen = {} if case["strict"] is None else {"portfolio_strict": case["strict"]}
    await owner.execute("UPDATE organizations SET settings = $1 WHERE id = $2", json.dumps(chosen), org)
    groups = await owner.fetch(
        "SELECT id FROM groups WHERE organization_id = $1 ORDER BY id LIMIT $2", org, len(case["groups"])
    )
    for (group_id,), (scopes, reach) in zip(groups, case["groups"], strict=True):
        await owner.execute(
            "UPDATE groups SET permissions = $1, data_scope_override = $2 WHERE id = $3",
            sorted(scopes),
            reach,
            group_id,
        )
        await owner.execute("INSERT INTO group_members VALUES ($1, $2, $3)", org, group_id, user_id)
    for scope in case["denied"]:
        await owner.execute("INSERT INTO user_permission_denials VALUES ($1, $2, $3)", org, user_id, scope)


def expected(case: dict[str, Any]) -> tuple[set[str], DataScope]:
    """Role and groups together, without the denials; one's own data scope, else the widest."""
    scopes = set(case["role"]).union(*(scopes for scopes, _ in case["groups"])) - case["denied"]
    strict = case["strict"] and case["reach"] == DataScope.AGENCY
    reaches = [DataScope.OWN if strict else case["reach"], *(r for _, r in case["groups"] if r)]
    return scopes, case["own"] or max(reaches, key=REACH.index)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=CASE)
async def test_effective_rights_are_role_and_groups_without_denials(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, case: dict[str, Any]
) -> None:
    company = Company(app, client)
    user = await owner.fetchrow("SELECT organization_id, id FROM users WHERE email LIKE 'user%'")
    if user is None:
        user = (await open_company(app, client)).organization_id, (await hired(app, client, owner))
    company.organization_id = user[0]
    await arrange(owner, company, user[1], case)
    found = await authority(company, user[1])
    assert (found.scopes, found.data_scope) == expected(case)


async def hired(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> UUID:
    company = Company(app, client)
    company.organization_id = await owner.fetchval("SELECT id FROM organizations")
    return (await company.hire()).id


async def test_agency_opens_the_branches_below_and_region_the_whole_region(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    company = await open_company(app, client)
    region = {"code": "CO", "name": "Centre-Ouest"}
    region_id = (await company.send("POST", "/v1/regions", region)).json()["id"]
    top = await company.agency("16001", region_id=region_id)
    middle = await company.agency("16002", region_id=region_id, parent_agency_id=str(top))
    low = await company.agency("16003", region_id=region_id, parent_agency_id=str(middle))
    beside = await company.agency("16004", region_id=region_id)
    elsewhere = await company.agency("31001")
    for home, scope, agencies in (
        (top, "agency", {top, middle, low}),
        (middle, "agency", {middle, low}),
        (low, "agency", {low}),
        (low, "region", {top, middle, low, beside}),
        (elsewhere, "region", {elsewhere}),
        (None, "agency", set()),
        (None, "region", set()),
        (top, "own", set()),
        (top, "all", set()),
    ):
        person = await company.hire(agency_id=home, data_scope=DataScope(scope))
        found = await authority(company, person.id)
        assert (set(found.agency_ids), found.data_scope) == (agencies, scope), (home, scope)


async def test_a_second_factor_is_asked_of_the_roles_named_and_their_copies(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    company = await open_company(app, client)
    for code, base in (("chief", "administrator"), ("clerk", "user")):
        role = {"code": code, "label_fr": "Rôle", "based_on": base, "permissions": ["leads:read"]}
        assert (await company.send("POST", "/v1/roles", role)).status_code == 201
    people = {code: await company.hire(code) for code in ("chief", "clerk", "supervisor", "user")}

    async def asked() -> set[str]:
        found = {code: await authority(company, person.id) for code, person in people.items()}
        return {code for code, known in found.items() if known.mfa_required}

    assert await asked() == {"chief", "supervisor"}
    version = (await company.send("GET", "/v1/organization/settings")).json()["version"]
    await company.send(
        "PATCH", "/v1/organization/settings", {"mfa_required_roles": ["user"]}, version=version
    )
    assert await asked() == {"chief", "clerk", "user"}  # administrators always


async def test_the_logins_of_the_installation_cannot_be_listed_or_moved(
    app: FastAPI, client: httpx.AsyncClient, stranger: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    for statement in (
        "SELECT * FROM identities",
        "DELETE FROM identities",
        f"INSERT INTO identities VALUES ('x', '{uuid4()}', '{uuid4()}')",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await stranger.execute(statement)
    found = await stranger.fetch("SELECT * FROM crm_find_identity($1)", f" {company.admin.email.upper()} ")
    assert [tuple(row) for row in found] == [(company.organization_id, company.admin.id)]
    await stranger.execute("SELECT set_config('crm.organization', $1, false)", str(uuid4()))
    await stranger.execute("SELECT crm_release_identity($1)", company.admin.email)
    assert await stranger.fetchval("SELECT count(*) FROM crm_find_identity($1)", company.admin.email) == 1
    with pytest.raises(asyncpg.UniqueViolationError):
        await stranger.execute("SELECT crm_claim_identity($1, $2)", company.admin.email, uuid4())


async def test_two_who_claim_one_login_at_once_get_it_once(app: FastAPI, client: httpx.AsyncClient) -> None:
    companies = [await open_company(app, client) for _ in range(4)]
    versions = [await company.version(company.admin.id) for company in companies]
    answers = await asyncio.gather(
        *(
            company.send("PATCH", f"/v1/users/{company.admin.id}", {"username": "direction"}, version=version)
            for company, version in zip(companies, versions, strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
