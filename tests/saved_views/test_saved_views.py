"""Views that people keep: nobody else's business until they are shared, and always ones the list can show."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from actors import Headers
from company import Company, open_company

pytestmark = pytest.mark.anyio
HOT: dict[str, Any] = {
    "entity": "lead",
    "name": "Mes pistes chaudes",
    "columns": ["full_name", "status", "score"],
    "filters": {"all": [{"field": "score", "op": "gte", "value": 70}]},
    "sort": ["-score"],
    "group_by": "status",
}


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def keep(company: Company, by: Headers, **more: Any) -> dict[str, Any]:
    made = await company.send("POST", "/v1/saved-views", HOT | more, by=by)
    assert made.status_code == 201, made.text
    return dict(made.json())


async def names(company: Company, by: Headers, **params: Any) -> list[str]:
    listed = await company.client.get("/v1/saved-views", headers=by, params=params)
    assert listed.status_code == 200, listed.text
    return [view["name"] for view in listed.json()["data"]]


async def test_a_view_is_kept_changed_and_its_filter_is_what_the_list_takes(company: Company) -> None:
    ilyes = (await company.hire()).headers
    view = await keep(company, ilyes)
    assert (view["visibility"], view["is_default"], view["version"]) == ("private", False, 1)
    body = {"filter": view["filters"], "sort": view["sort"]}
    assert (await company.send("POST", "/v1/leads/search", body, by=ilyes)).status_code == 200
    path = f"/v1/saved-views/{view['id']}"
    patch = {"name": "Chaudes", "group_by": None, "columns": ["full_name"]}
    changed = await company.send("PATCH", path, patch, by=ilyes, version=1)
    assert (changed.json()["name"], changed.json()["group_by"]) == ("Chaudes", None)
    assert changed.json()["filters"] == view["filters"]
    assert (await company.send("GET", path, by=ilyes)).json() == changed.json()
    assert (await company.send("PATCH", path, patch, by=ilyes, version=1)).status_code == 412
    assert await names(company, ilyes, entity="lead") == ["Chaudes"]
    assert await names(company, ilyes, entity="account") == []


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"entity": "ghost"}, "/entity", "unknown_entity"),
        ({"columns": ["full_name", "salary"]}, "/columns/1", "unknown_column"),
        ({"columns": ["full_name", "full_name"]}, "/columns/1", "unknown_column"),
        ({"columns": ["custom.nothing"]}, "/columns/0", "unknown_column"),
        ({"columns": []}, "/columns", "too_short"),
        ({"group_by": "salary"}, "/group_by", "unknown_column"),
        ({"sort": ["-shoe_size"]}, "/sort/0", "unknown_sort"),
        (
            {"filters": {"all": [{"field": "salary", "op": "eq", "value": 1}]}},
            "/filters/all/0/field",
            "unknown_field",
        ),
        (
            {"filters": {"all": [{"field": "status", "op": "prefix", "value": "n"}]}},
            "/filters/all/0/op",
            "operator_not_allowed",
        ),
        ({"filters": {"all": [{"any": []}]}}, None, None),
        ({"visibility": "role"}, "/role_id", "role_misplaced"),
        ({"role_id": str(uuid4())}, "/role_id", "role_misplaced"),
        ({"colour": "red"}, "/colour", "extra_forbidden"),
    ],
)
async def test_what_the_list_does_not_know_is_refused_and_named(
    company: Company, wrong: dict[str, Any], pointer: str | None, code: str | None
) -> None:
    refused = await company.send("POST", "/v1/saved-views", HOT | wrong)
    assert refused.status_code == 422, refused.text
    if pointer is not None:
        assert (refused.json()["errors"][0]["pointer"], refused.json()["errors"][0]["code"]) == (
            pointer,
            code,
        )


async def test_fields_of_the_organization_are_columns_and_filters_too(company: Company) -> None:
    field = {"entity": "lead", "key": "fleet_size", "label_fr": "Parc", "type": "integer"}
    made = await company.send("POST", "/v1/custom-fields", field)
    assert made.status_code == 201, made.text
    condition = {"field": "custom.fleet_size", "op": "gte", "value": 5}
    view = await keep(
        company,
        company.admin.headers,
        columns=["full_name", "custom.fleet_size"],
        filters={"all": [condition]},
        sort=["-custom.fleet_size"],
    )
    assert view["columns"] == ["full_name", "custom.fleet_size"]


async def test_a_list_that_one_may_not_read_has_no_views(company: Company) -> None:
    person = await company.hire("user")
    poor = await company.headers(person.id)
    users = HOT | {"entity": "user", "columns": ["email"], "filters": {}, "sort": [], "group_by": None}
    assert (await company.send("POST", "/v1/saved-views", users, by=poor)).status_code == 201
    denied = {"permissions": ["users:read"]}
    version = await company.version(person.id)
    withheld = await company.send("PUT", f"/v1/users/{person.id}/denials", denied, version=version)
    assert withheld.status_code == 200, withheld.text
    poorer = await company.headers(person.id)
    again = await company.send("POST", "/v1/saved-views", users | {"name": "x"}, by=poorer)
    assert again.json()["errors"][0]["code"] == "unknown_entity"


async def test_each_sees_what_is_theirs_or_shared_with_them(
    company: Company, app: FastAPI, client: httpx.AsyncClient
) -> None:
    north, south = await company.agency("16001"), await company.agency("16002")
    ilyes, sara = await company.hire(agency_id=north), await company.hire(agency_id=north)
    far, editor = await company.hire(agency_id=south), await company.hire("editor", agency_id=south)
    role = (await company.role("user"))["id"]
    admin = company.admin.headers
    await keep(company, ilyes.headers, name="mine")
    team = await keep(company, ilyes.headers, name="team", visibility="team")
    await keep(company, admin, name="role", visibility="role", role_id=role)
    await keep(company, admin, name="all", visibility="all")
    assert team["agency_id"] == str(north)
    assert await names(company, ilyes.headers) == ["all", "mine", "role", "team"]
    assert await names(company, sara.headers) == ["all", "role", "team"]
    assert await names(company, far.headers) == ["all", "role"]
    assert await names(company, editor.headers) == ["all"]
    assert await names(company, admin) == ["all", "role"]
    other = await open_company(app, client)
    assert await names(company, other.admin.headers) == []
    for stranger in far.headers, other.admin.headers:
        path = f"/v1/saved-views/{team['id']}"
        assert (await company.send("GET", path, by=stranger)).status_code == 404
        assert (await company.send("PATCH", path, {}, by=stranger, version=1)).status_code == 404
        assert (await company.send("DELETE", path, by=stranger, version=1)).status_code == 404
        assert (await company.send("POST", f"{path}/make-default", by=stranger)).status_code == 404


async def test_only_its_owner_changes_a_view_and_only_some_share_widely(company: Company) -> None:
    agency = await company.agency()
    ilyes, sara = await company.hire(agency_id=agency), await company.hire(agency_id=agency)
    role = (await company.role("user"))["id"]
    for wide in {"visibility": "all"}, {"visibility": "role", "role_id": role}:
        refused = await company.send("POST", "/v1/saved-views", HOT | wide, by=ilyes.headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "sharing_not_allowed")
    team = await keep(company, ilyes.headers, visibility="team")
    path = f"/v1/saved-views/{team['id']}"
    for method, body in ("PATCH", {"name": "x"}), ("DELETE", None):
        refused = await company.send(method, path, body, by=sara.headers, version=1)
        assert (refused.status_code, refused.json()["code"]) == (403, "view_of_somebody_else")
    alone = await company.send("POST", "/v1/saved-views", HOT | {"visibility": "team"})
    assert (alone.status_code, alone.json()["code"]) == (409, "no_team_to_share_with")
    role_unknown = HOT | {"visibility": "role", "role_id": str(uuid4())}
    assert (await company.send("POST", "/v1/saved-views", role_unknown)).json()["code"] == "unknown_role"


async def test_a_name_is_used_once_and_is_free_again_from_the_bin(company: Company) -> None:
    ilyes, sara = (await company.hire()).headers, (await company.hire()).headers
    view = await keep(company, ilyes)
    again = await company.send("POST", "/v1/saved-views", HOT, by=ilyes)
    assert (again.status_code, again.json()["code"]) == (409, "view_name_taken")
    await keep(company, sara)
    path = f"/v1/saved-views/{view['id']}"
    assert (await company.send("DELETE", path, by=ilyes, version=1)).status_code == 204
    assert await names(company, ilyes) == []
    assert (await company.send("PATCH", path, {}, by=ilyes, version=2)).status_code == 409
    await keep(company, ilyes)
    taken = await company.send("POST", f"{path}/restore", by=ilyes)
    assert (taken.status_code, taken.json()["code"]) == (409, "view_name_taken")


async def test_each_begins_a_list_with_one_view_of_their_own_choice(company: Company) -> None:
    ilyes, sara = (await company.hire()).headers, (await company.hire()).headers
    shared = await keep(company, company.admin.headers, name="all", visibility="all")
    mine = await keep(company, ilyes)

    async def defaults(by: Headers) -> list[str]:
        listed = (await company.send("GET", "/v1/saved-views", by=by)).json()["data"]
        return [view["name"] for view in listed if view["is_default"]]

    for view in shared, mine, shared:
        chosen = await company.send("POST", f"/v1/saved-views/{view['id']}/make-default", by=ilyes)
        assert chosen.json()["is_default"] is True
        assert await defaults(ilyes) == [view["name"]]
    assert await defaults(sara) == []
    for _ in range(2):
        cleared = await company.send("DELETE", f"/v1/saved-views/{shared['id']}/default", by=ilyes)
        assert cleared.status_code == 204
    assert await defaults(ilyes) == []
