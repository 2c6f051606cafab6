"""Official and financial data leaves only with the right, for a reason, and it is written down."""

from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from account_steps import agency
from actors import Headers, actor, principal_of
from company import Company
from exports.shop import asked, company, exported, json_lines, sheet, table

pytestmark = pytest.mark.anyio
WHY = {"sealed": True, "reason": "Contrôle de l'ANPDP, dossier 41/26"}


@pytest.fixture
async def ours(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Company:
    """With an account whose bank account is known."""
    made = await company(app, client)
    place = await agency(owner, made.organization_id)
    body: dict[str, Any] = {
        "type": "household",
        "name": "Famille AÏSSANI",
        "agency_id": str(place),
        "phones": [{"value": "0550123456"}, {"value": "0660123456"}],
        "addresses": [{"kind": "home", "lines": ["1"], "wilaya_code": "16"}],
        "annual_revenue_amount": {"amount": "45000.00", "currency": "DZD"},
    }
    answer = await client.post("/v1/accounts", headers=made.admin.headers, json=body)
    assert answer.status_code == 201, answer.text
    return made


@pytest.mark.parametrize("format", ["csv", "xlsx", "jsonl"])
async def test_sealed_data_comes_in_a_column_of_its_own(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, ours: Company, format: str
) -> None:
    content = await exported(app, client, owner, ours.admin.headers, "accounts", format=format, **WHY)
    (row,) = {"csv": table, "xlsx": sheet, "jsonl": json_lines}[format](content)
    assert "45000.00" in str(row["sealed"])
    if format == "csv":
        assert row["phones"] == "+213550123456, +213660123456"
        assert row["name"] == "Famille AÏSSANI"
        assert row["created_at"][2] == row["created_at"][5] == "/"
    lines = await owner.fetch("SELECT reason FROM audit_log WHERE action ~ '^export' ORDER BY id")
    assert [line["reason"] for line in lines] == [WHY["reason"]] * 2


@pytest.mark.parametrize("format", ["csv", "xlsx", "jsonl"])
async def test_nobody_gets_it_unasked(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, ours: Company, format: str
) -> None:
    content = await exported(app, client, owner, ours.admin.headers, "accounts", format=format)
    (row,) = {"csv": table, "xlsx": sheet, "jsonl": json_lines}[format](content)
    assert "sealed" not in row
    assert "45000" not in str(row)


async def test_it_needs_the_right_a_reason_and_something_sealed(
    client: httpx.AsyncClient, owner: asyncpg.Connection, ours: Company
) -> None:
    known = principal_of(ours.admin.headers)

    def may(*scopes: str) -> Headers:
        return actor(ours.organization_id, "accounts:read", "users:read", "data:export", *scopes, id=known.id)

    without = await asked(client, may(), "accounts", **WHY)
    assert (without.status_code, without.json()["required_scopes"]) == (403, ["pii:export"])
    silent = await asked(client, may("pii:export"), "accounts", sealed=True)
    assert (silent.status_code, silent.json()["code"]) == (422, "export_reason_required")
    nothing = await asked(client, may("pii:export"), "users", **WHY)
    assert nothing.json()["errors"][0]["code"] == "nothing_sealed"
    assert await owner.fetchval("SELECT count(*) FROM job_runs") == 0
