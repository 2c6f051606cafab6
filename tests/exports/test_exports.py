"""A list becomes a file: what the list shows, no row more, nothing that a spreadsheet would run."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor, principal_of
from chores import done
from company import Company
from exports.shop import asked, company, exported, json_lines, sheet, table
from opportunities.sales import amount, open_sales

pytestmark = pytest.mark.anyio


async def lead(client: httpx.AsyncClient, who: Headers, name: str, **more: Any) -> dict[str, Any]:
    body = {"full_name": name, "phone": "0550 12 34 56", "source": "phone"} | more
    answer = await client.post("/v1/leads", json=body, headers=who)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
async def ours(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await company(app, client)


@pytest.fixture
def admin(ours: Company) -> Headers:
    return ours.admin.headers


async def test_a_list_becomes_a_french_table(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Headers
) -> None:
    made = await lead(
        client, admin, "Aïcha BEN;SALAH", need='Elle dit "oui"\net revient', current_expiry_date="2026-12-31"
    )
    await lead(client, admin, "كريم بوشارب", source="walk_in", tags=["vip", "flotte"])
    fields = [
        "number",
        "full_name",
        "phone",
        "need",
        "current_expiry_date",
        "created_at",
        "tags",
        "contact_invalid",
    ]
    content = await exported(app, client, owner, admin, fields=fields, sort=["created_at"])
    first, second = table(content)
    assert list(first) == fields
    assert first["full_name"] == "Aïcha BEN;SALAH"
    assert first["need"] == 'Elle dit "oui"\net revient'
    assert first["phone"] == "+213550123456"
    assert b"'+213550123456" in content
    assert first["current_expiry_date"] == "31/12/2026"
    assert first["contact_invalid"] == "non"
    local = datetime.fromisoformat(made["created_at"]).astimezone(UTC) + timedelta(hours=1)
    assert first["created_at"] == local.strftime("%d/%m/%Y %H:%M:%S")
    assert second["full_name"] == "كريم بوشارب"
    assert second["tags"] == "vip, flotte"
    mark = content.decode().splitlines()[-1]
    assert "par Nadia Hamdi <" in mark


async def test_json_lines_are_what_the_list_shows(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Headers
) -> None:
    for name in ("Karim\t=1+1", 'Lina "x"', "سمير"):
        await lead(client, admin, name, need="a\nb\\c")
    rows = json_lines(await exported(app, client, owner, admin, format="jsonl", sort=["created_at"]))
    listed = await client.get("/v1/leads", headers=admin, params={"sort": "created_at"})
    assert rows == listed.json()["data"]
    some = await exported(app, client, owner, admin, format="jsonl", fields=["id", "full_name"])
    assert all(set(row) == {"id", "full_name"} for row in json_lines(some))


async def test_a_workbook_holds_texts_numbers_and_days(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Headers
) -> None:
    made = await lead(client, admin, "=1+1", need="00213", current_expiry_date="2026-12-31")
    (row,) = sheet(await exported(app, client, owner, admin, format="xlsx"))
    assert row["full_name"] == "=1+1"
    assert row["need"] == "00213"
    assert row["phone"] == "+213550123456"
    assert row["score"] == made["score"]
    assert row["current_expiry_date"] == datetime(2026, 12, 31).date()  # noqa: DTZ001
    assert row["contact_invalid"] is False
    assert row["number"] == made["number"]


async def test_the_filter_is_that_of_the_list(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Headers
) -> None:
    await lead(client, admin, "Karim BOUCHAREB")
    wanted = await lead(client, admin, "Lina HADDAD", source="walk_in")
    gone = await lead(client, admin, "Omar ZERROUK", source="walk_in")
    await client.delete(f"/v1/leads/{gone['id']}", headers=admin | {"If-Match": '"1"'})
    by_source = {"all": [{"field": "source", "op": "in", "value": ["walk_in"]}]}
    rows = table(await exported(app, client, owner, admin, filter=by_source, fields=["id"]))
    assert rows == [{"id": wanted["id"]}]
    words = {"all": [{"field": "q", "op": "match", "value": "hadd lin"}]}
    rows = table(await exported(app, client, owner, admin, filter=words, fields=["id"]))
    assert rows == [{"id": wanted["id"]}]
    binned = await exported(app, client, owner, admin, deleted="only", fields=["id"])
    assert table(binned) == [{"id": gone["id"]}]
    nobody = {"all": [{"field": "source", "op": "eq", "value": "event"}]}
    assert table(await exported(app, client, owner, admin, filter=nobody)) == []


@pytest.mark.parametrize(
    "resource",
    [
        *("leads", "accounts", "contacts", "opportunities", "quotes", "policies", "claims", "receivables"),
        *("agencies", "users"),
    ],
)
@pytest.mark.parametrize("format", ["csv", "xlsx", "jsonl"])
async def test_every_entity_is_exported_in_every_format(
    app: FastAPI,
    client: httpx.AsyncClient,
    owner: asyncpg.Connection,
    ours: Company,
    resource: str,
    format: str,
) -> None:
    admin = ours.admin.headers
    await lead(client, admin, "Karim BOUCHAREB")
    agency = (await client.get("/v1/agencies", headers=admin)).json()["data"]
    if agency:
        body: dict[str, Any] = {"type": "household", "name": "Famille X", "agency_id": agency[0]["id"]}
        body["phones"] = [{"value": "0550123456"}]
        body["addresses"] = [{"kind": "home", "lines": ["1"], "wilaya_code": "16"}]
        await client.post("/v1/accounts", headers=admin, json=body)
    content = await exported(app, client, owner, admin, resource, format=format)
    rows = {"csv": table, "xlsx": sheet, "jsonl": json_lines}[format](content)
    listed = (await client.get(f"/v1/{resource}", headers=admin)).json()["data"]
    assert {row["id"] for row in rows} == {row["id"] for row in listed}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"format": "pdf"}, 422),
        ({"fields": ["password_hash"]}, 422),
        ({"fields": ["sealed"]}, 422),
        ({"fields": ["storage'; DROP TABLE leads"]}, 422),
        ({"sort": ["need"]}, 422),
        ({"filter": {"all": [{"field": "nonsense", "value": 1}]}}, 422),
        ({"colour": "red"}, 422),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused_at_once(
    client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Headers, body: dict[str, Any], code: int
) -> None:
    assert (await asked(client, admin, "leads", **body)).status_code == code
    assert await owner.fetchval("SELECT count(*) FROM job_runs") == 0


async def test_who_sees_a_part_gets_that_part_and_a_thousand_rows(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, ours: Company
) -> None:
    admin = ours.admin.headers
    person = await ours.hire("user")
    mine = await lead(client, person.headers, "Karim BOUCHAREB")
    await lead(client, admin, "Lina HADDAD")
    await owner.execute("UPDATE leads SET agency_id = NULL")
    rows = table(await exported(app, client, owner, person.headers, fields=["id"]))
    assert rows == [{"id": mine["id"]}]
    copy = """INSERT INTO leads (organization_id, id, version, {columns}) SELECT organization_id,
        gen_random_uuid(), 1, {columns} FROM leads, generate_series(1, 1000) WHERE id = $1"""
    names = await owner.fetch(
        """SELECT column_name FROM information_schema.columns WHERE table_name = 'leads'
        AND is_generated = 'NEVER' AND column_name NOT IN ('organization_id', 'id', 'version', 'number')"""
    )
    columns = ", ".join(row["column_name"] for row in names)
    statement = copy.format(columns=columns).replace("id, version,", "id, version, number,")
    statement = statement.replace("gen_random_uuid(), 1,", "gen_random_uuid(), 1, gen_random_uuid()::text,")
    await owner.execute(statement, UUID(mine["id"]))
    answer = await asked(client, person.headers, "leads")
    assert (answer.status_code, answer.json()["code"]) == (422, "export_too_large")
    assert (answer.json()["rows"], answer.json()["limit"]) == (1001, 1000)
    assert (await asked(client, admin, "leads")).status_code == 202


async def test_somebody_dismissed_meanwhile_gets_nothing(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, ours: Company
) -> None:
    person = await ours.hire("user")
    answer = await asked(client, person.headers, "leads")
    await owner.execute("UPDATE users SET status = 'suspended' WHERE id = $1", person.id)
    await done(app, owner)
    job = (await client.get(answer.headers["location"], headers=person.headers)).json()
    assert (job["status"], job["error"]["code"]) == ("failed", "export_no_longer_allowed")
    assert await owner.fetchval("SELECT count(*) FROM files") == 0


async def test_a_right_that_was_taken_away_meanwhile_counts_no_more(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, ours: Company
) -> None:
    person = await ours.hire("user")
    answer = await asked(client, person.headers, "leads")
    await owner.execute(
        "UPDATE roles SET permissions = array_remove(permissions, 'data:export') WHERE code = 'user'"
    )
    await done(app, owner)
    job = (await client.get(answer.headers["location"], headers=person.headers)).json()
    assert (job["status"], job["error"]["code"]) == ("failed", "export_no_longer_allowed")


async def test_only_who_asked_can_fetch_the_file_and_only_for_a_week(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, ours: Company
) -> None:
    admin, other = ours.admin.headers, await ours.hire("administrator")
    await exported(app, client, owner, admin)
    file = await owner.fetchrow("SELECT * FROM files")
    assert (file["kind"], file["created_by_id"]) == ("export", ours.admin.id)
    assert timedelta(days=6, hours=23) < file["kept_until"] - file["created_at"] < timedelta(days=7, hours=1)
    path = f"/v1/files/{file['id']}/content"
    assert (await client.get(path, headers=other.headers)).status_code == 404
    assert (await client.get(path, headers=admin)).status_code == 200


async def test_every_export_is_written_down(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, ours: Company
) -> None:
    await exported(app, client, owner, ours.admin.headers, fields=["number", "phone"])
    lines = await owner.fetch("SELECT * FROM audit_log WHERE action ~ '^export|downloaded' ORDER BY id")
    assert [line["action"] for line in lines] == ["export.asked", "export.made", "document.downloaded"]
    assert lines[0]["actor_id"] == ours.admin.id
    assert '"phone"' in lines[0]["changes"]
    kinds = {row["kind"] for row in await owner.fetch("SELECT kind FROM event_log")}
    assert "export.ready" in kinds


async def test_exports_are_counted_by_the_hour(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Headers
) -> None:
    for _ in range(10):
        assert (await asked(client, admin, "users")).status_code == 202
    answer = await asked(client, admin, "users")
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
    await owner.execute("UPDATE job_runs SET created_at = created_at - interval '61 minutes'")
    assert (await asked(client, admin, "users")).status_code == 202


async def test_without_the_right_there_is_no_export(client: httpx.AsyncClient, ours: Company) -> None:
    known = principal_of(ours.admin.headers)
    for scopes in ({"leads:read"}, {"data:export"}):
        answer = await asked(client, actor(ours.organization_id, *scopes, id=known.id), "leads")
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    late = actor(ours.organization_id, "leads:read", "data:export", id=known.id, confirmed_at=None)
    assert (await asked(client, late, "leads")).json()["code"] == "step_up_required"


async def test_another_organization_exports_its_own_rows(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, ours: Company
) -> None:
    await lead(client, ours.admin.headers, "Karim BOUCHAREB")
    theirs = await company(app, client)
    assert table(await exported(app, client, owner, theirs.admin.headers)) == []


async def test_money_is_a_number_in_every_format(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    sales = await open_sales(app, client)
    made = await sales.sale(amount=amount("1234567.89"))
    wanted: dict[str, Any] = {"fields": ["number", "amount"], "filter": {"all": []}}
    for format, read, told in (
        ("csv", table, "1234567,89"),
        ("xlsx", sheet, 1234567.89),
        ("jsonl", json_lines, {"amount": "1234567.89", "currency": "DZD"}),
    ):
        content = await exported(app, client, owner, sales.admin, "opportunities", format=format, **wanted)
        assert read(content) == [{"number": made["number"], "amount": told}]


async def test_fields_of_the_organization_are_columns_too(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Headers
) -> None:
    field = {"entity": "lead", "key": "parking", "label_fr": "Stationnement", "type": "text"}
    defined = await client.post("/v1/custom-fields", headers=admin, json=field)
    assert defined.status_code == 201, defined.text
    await lead(client, admin, "Karim BOUCHAREB", custom_fields={"parking": "=garage"})
    own = {"all": [{"field": "custom.parking", "op": "eq", "value": "=garage"}]}
    content = await exported(app, client, owner, admin, fields=["custom.parking"], filter=own)
    assert table(content) == [{"custom.parking": "=garage"}]
    assert b"'=garage" in content


async def test_a_cancelled_export_leaves_nothing(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Headers
) -> None:
    job = (await asked(client, admin, "leads")).headers["location"]
    assert (await client.post(f"{job}/cancel", headers=admin)).json()["status"] == "cancelled"
    await done(app, owner)
    assert (await client.get(job, headers=admin)).json()["status"] == "cancelled"
    assert await owner.fetchval("SELECT count(*) FROM files") == 0
