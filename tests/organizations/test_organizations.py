from io import BytesIO
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import SHEET, Company, open_company
from crm_api.core.storage import Stored
from crm_api.kit.errors import InvalidTransition, NotFound
from crm_api.organizations.jobs import remove_logo
from crm_api.organizations.models import ORGANIZATION, OrganizationStatus
from crm_api.organizations.service import OrganizationService
from crm_api.roles.catalogue import BASE_ROLES, seed_groups

pytestmark = pytest.mark.anyio
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001"
    "e221bc330000000049454e44ae426082"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>'


async def put_logo(company: Company, data: bytes, version: int, name: str = "logo.png") -> httpx.Response:
    return await company.client.put(
        "/v1/organization/logo",
        files={"file": (name, BytesIO(data), "image/png")},
        headers=company.admin.headers | {"If-Match": f'"{version}"'},
    )


async def test_a_complete_sheet_opens_the_organization_with_all_its_furniture(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await Company(app, client).sign_up()
    await company.verify()
    before = (await client.get("/v1/organization", headers=company.admin.headers)).json()
    assert (before["status"], before["name"], before["activated_at"]) == ("draft", None, None)
    opened = await company.fill_in()
    assert opened.status_code == 200, opened.text
    assert opened.json()["status"] == "active"
    assert opened.json()["mobile"] == "+213550123456"
    assert opened.json()["share_capital_amount"] == {"amount": "2205714180.00", "currency": "DZD"}
    assert opened.headers["etag"] == f'"{opened.json()["version"]}"'
    roles = (await client.get("/v1/roles", headers=company.admin.headers)).json()["data"]
    assert {role["code"] for role in roles} == {role.code for role in BASE_ROLES}
    assert all(role["is_system"] for role in roles)
    groups = (await client.get("/v1/groups", params={"limit": 200}, headers=company.admin.headers)).json()
    assert {group["code"] for group in groups["data"]} == {group.code for group in seed_groups()}
    key = "SELECT count(*) FROM organization_keys WHERE organization_id = $1"
    assert await owner.fetchval(key, company.organization_id) == 1
    facts = await owner.fetch("SELECT kind FROM event_log WHERE kind = 'organization.activated'")
    assert len(facts) == 1
    assert [row[0] for row in await owner.fetch("SELECT crm_organizations()")] == [company.organization_id]


async def test_the_sheet_may_come_before_the_proof_of_the_address(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    company = await Company(app, client).sign_up()
    assert (await company.fill_in()).json()["status"] == "draft"
    await company.verify()
    sheet = (await client.get("/v1/organization", headers=company.admin.headers)).json()
    assert sheet["status"] == "active"


async def test_filling_in_again_changes_the_sheet_and_opens_nothing_twice(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    again = await company.fill_in(name="Alliance SPA", website="https://www.alliance.test")
    assert (again.json()["name"], again.json()["website"]) == ("Alliance SPA", "https://www.alliance.test")
    cleared = await company.fill_in()
    assert cleared.json()["website"] is None
    assert await owner.fetchval("SELECT count(*) FROM event_log WHERE kind = 'organization.activated'") == 1


async def test_unusual_legal_numbers_are_named_and_not_refused(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    company = await open_company(app, client)
    odd = await company.fill_in(trade_register_number="RC 99", tax_id="12345")
    assert odd.status_code == 200
    assert [w["pointer"] for w in odd.json()["warnings"]] == ["/trade_register_number", "/tax_id"]
    assert odd.json()["warnings"][0]["detail"] == "Ce numéro n'a pas la forme habituelle."
    assert (await company.fill_in(tax_id="001516100972762")).json()["warnings"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "A"),
        ("postal_code", "160"),
        ("mobile", "call me"),
        ("email", "nobody"),
        ("employee_count", 0),
        ("website", "http://plain.test"),
        ("trade_register_number", "?"),
        ("legal_form", "gmbh"),
        ("status", "active"),
    ],
)
async def test_a_wrong_field_is_refused_by_name(
    app: FastAPI, client: httpx.AsyncClient, field: str, value: Any
) -> None:
    company = await Company(app, client).sign_up()
    refused = await company.fill_in(**{field: value})
    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.json()["errors"]} == {f"/{field}"}


async def test_every_required_field_is_required(app: FastAPI, client: httpx.AsyncClient) -> None:
    company = await Company(app, client).sign_up()
    refused = await company.send("PUT", "/v1/organization", {}, version=1)
    missing = {error["pointer"] for error in refused.json()["errors"]}
    assert missing == {f"/{name}" for name in SHEET if name not in ("legal_form", "share_capital_amount")}


async def test_a_company_registers_once(app: FastAPI, client: httpx.AsyncClient) -> None:
    first, second = await open_company(app, client), await Company(app, client).sign_up()
    assert (await first.fill_in(trade_register_number="16/00-1009727 B 15")).status_code == 200
    refused = await second.fill_in(trade_register_number="16/00-1009727b15")
    assert (refused.status_code, refused.json()["code"]) == (409, "trade_register_taken")


async def test_the_sheet_asks_for_the_version_and_the_right(app: FastAPI, client: httpx.AsyncClient) -> None:
    company = await open_company(app, client)
    assert (await company.send("PUT", "/v1/organization", SHEET)).status_code == 428
    stale = await company.send("PUT", "/v1/organization", SHEET, version=1)
    assert (stale.status_code, stale.json()["code"]) == (412, "version_conflict")
    person = await company.hire("supervisor")
    for method, path, body in (
        ("PUT", "/v1/organization", SHEET),
        ("PATCH", "/v1/organization/settings", {}),
        ("PUT", "/v1/organization/logo", {}),
    ):
        refused = await company.send(method, path, body, by=person.headers, version=1)
        assert refused.status_code == 403, path
    assert (await company.send("GET", "/v1/organization", by=person.headers)).status_code == 200


async def test_settings_have_defaults_and_are_changed_one_by_one(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    company = await open_company(app, client)
    known = (await company.send("GET", "/v1/organization/settings")).json()
    assert (known["session_idle_minutes"], known["portfolio_strict"]) == (15, False)
    assert known["mfa_required_roles"] == ["administrator", "supervisor"]
    changed = await company.send(
        "PATCH",
        "/v1/organization/settings",
        {"session_idle_minutes": 30, "quiet_hours": {"start": "21:00:00"}},
        version=known["version"],
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["session_idle_minutes"] == 30
    assert changed.json()["quiet_hours"] == {"start": "21:00:00", "end": "08:00:00"}
    assert changed.json()["version"] == known["version"] + 1
    reset = await company.send(
        "PATCH",
        "/v1/organization/settings",
        {"sender_name": None, "theme": {"primary_colour": "#112233"}},
        version=changed.json()["version"],
    )
    assert reset.json()["theme"] == {
        "primary_colour": "#112233",
        "secondary_colour": "#F2A900",
        "display_mode": "system",
    }
    stale = await company.send("PATCH", "/v1/organization/settings", {}, version=1)
    assert stale.status_code == 412
    wrong = await company.send("PATCH", "/v1/organization/settings", {"session_idle_minutes": 0}, version=9)
    assert wrong.json()["errors"][0]["pointer"] == "/session_idle_minutes"


@pytest.mark.parametrize(
    ("data", "media_type"), [(PNG, "image/png"), (SVG, "image/svg+xml")], ids=["png", "svg"]
)
async def test_a_logo_is_what_its_bytes_say(
    app: FastAPI, client: httpx.AsyncClient, data: bytes, media_type: str
) -> None:
    company = await open_company(app, client)
    nothing = await company.send("GET", "/v1/organization/logo")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "no_logo")
    version = (await company.send("GET", "/v1/organization")).json()["version"]
    put = await put_logo(company, data, version)
    assert (put.status_code, put.headers["etag"]) == (204, f'"{version + 1}"')
    got = await company.send("GET", "/v1/organization/logo")
    assert (got.content, got.headers["content-type"]) == (data, media_type)
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert (await company.send("GET", "/v1/organization")).json()["logo_media_type"] == media_type
    assert (await put_logo(company, data, version)).status_code == 412


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"<html><script>alert(1)</script></html>", 415, "logo_unfit"),
        (SVG.replace(b"<rect", b"<script>1</script><rect"), 415, "logo_unfit"),
        (b"%PDF-1.7", 415, "logo_unfit"),
        (b"", 415, "logo_unfit"),
        (PNG + b"0" * 1024 * 1024, 413, "logo_too_large"),
    ],
    ids=["html", "script", "pdf", "nothing", "too large"],
)
async def test_what_is_no_logo_is_refused(
    app: FastAPI, client: httpx.AsyncClient, data: bytes, status: int, code: str
) -> None:
    company = await open_company(app, client)
    refused = await put_logo(company, data, 1)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await company.send("GET", "/v1/organization/logo")).status_code == 404


async def test_the_logo_before_is_removed_by_a_job(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    version = (await company.send("GET", "/v1/organization")).json()["version"]
    await put_logo(company, PNG, version)
    key = await owner.fetchval("SELECT logo_key FROM organizations")
    await put_logo(company, SVG, version + 1)
    storage = app.state.tools.storage
    assert await storage.get(key) == Stored(PNG, "image/png")
    assert await owner.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'remove_logo'") == 1
    await remove_logo(company.context(), {"key": key})
    await remove_logo(company.context(), {"key": key})  # a job may run twice
    with pytest.raises(NotFound):
        await storage.get(key)


async def test_the_operator_moves_an_organization_only_as_the_machine_allows(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    for start in OrganizationStatus:
        for wanted in ("suspended", "active", "closed"):
            await owner.execute("UPDATE organizations SET status = $1", str(start))
            ctx = company.context()
            service = OrganizationService(ctx)
            verb = {"suspended": service.suspend, "active": service.resume, "closed": service.close}[wanted]
            # `resume` is no way to open a draft, though the machine knows that step
            if wanted in ORGANIZATION.allowed(start) and (start, wanted) != ("draft", "active"):
                await verb()
                await ctx.commit()
                assert await owner.fetchval("SELECT status FROM organizations") == wanted
            else:
                with pytest.raises(InvalidTransition) as refused:
                    await verb()
                assert refused.value.extra["allowed"] == [*ORGANIZATION.allowed(start)]
            await ctx.close()


async def test_nobody_reads_another_organization(app: FastAPI, client: httpx.AsyncClient) -> None:
    ours, theirs = await open_company(app, client), await open_company(app, client)
    mine = (await ours.send("GET", "/v1/organization")).json()
    yours = (await theirs.send("GET", "/v1/organization")).json()
    assert (mine["id"], yours["id"]) == (str(ours.organization_id), str(theirs.organization_id))


async def test_the_restricted_role_sees_no_organization_without_naming_it(
    app: FastAPI, client: httpx.AsyncClient, stranger: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    assert await stranger.fetch("SELECT id FROM organizations") == []
    assert [row[0] for row in await stranger.fetch("SELECT crm_organizations()")] == [company.organization_id]
