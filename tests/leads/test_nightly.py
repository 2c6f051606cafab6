"""What a night does to leads: the score follows the days, and who never became a customer is forgotten."""

from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company, open_company
from crm_api.registry import JOBS, SCHEDULES

pytestmark = pytest.mark.anyio
KARIM = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "phone", "need": "Tous risques"}
KARIM |= {"product_interest": ["AUTO_P"], "wilaya_code": "16", "email": "karim@example.com"}


async def lead(company: Company, **more: Any) -> dict[str, Any]:
    answer = await company.send("POST", "/v1/leads", KARIM | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def night(company: Company, job: str) -> None:
    ctx = company.context()
    await JOBS[job](ctx, {})
    await ctx.commit()
    await ctx.close()


async def aged(owner: asyncpg.Connection, lead_id: str, interval: str) -> None:
    """As if everything about it had happened so long ago."""
    await owner.execute(
        f"UPDATE leads SET created_at = created_at - interval '{interval}',"
        f" last_inbound_at = last_inbound_at - interval '{interval}' WHERE id = $1",
        UUID(lead_id),
    )


async def shown(company: Company, lead_id: str) -> dict[str, Any]:
    return dict((await company.send("GET", f"/v1/leads/{lead_id}")).json())


def test_both_happen_every_night() -> None:
    assert {"rescore_leads", "anonymise_leads"} <= {schedule.job for schedule in SCHEDULES}


async def test_a_lead_that_grows_old_is_worth_less(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    ageing, fresh = (await lead(company))["id"], (await lead(company, phone="0550 12 34 57"))["id"]
    before = (await shown(company, ageing))["score"]
    await aged(owner, ageing, "31 days")
    for _ in range(2):  # again the same night it changes nothing
        await night(company, "rescore_leads")
        now = await shown(company, ageing)
        assert (now["score"], now["version"]) == (before - 10, 2)
        assert "ageing" in [factor["code"] for factor in now["score_explanation"]]
    assert (await shown(company, fresh))["version"] == 1
    told = "SELECT data->>'score' FROM event_log WHERE kind = 'lead.score_changed'"
    assert [row[0] for row in await owner.fetch(told)] == [str(before - 10)]


async def test_a_contract_that_ends_soon_is_worth_a_call(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    made = await lead(company, current_expiry_date="2040-01-01")
    await owner.execute(
        "UPDATE leads SET current_expiry_date = (now() AT TIME ZONE 'Africa/Algiers')::date + 44"
    )
    await night(company, "rescore_leads")
    assert (await shown(company, made["id"]))["score"] == made["score"] + 15


async def test_who_never_became_a_customer_is_forgotten_after_two_years(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    known = {"consent": {"text_version": "2026-10"}, "quick_data": {"birth_date": "1990-05-14"}}
    old = await lead(company, **known, tags=["salon"], external_ids=[{"system": "web", "value": "77"}])
    young = await lead(company, full_name="Amel BENALI", phone="0660 00 00 01", email="amel@example.com")
    back = await lead(company, full_name="Lina HADDAD", phone="0660 00 00 02", email="lina@example.com")
    await aged(owner, old["id"], "25 months")
    await aged(owner, young["id"], "23 months")
    await aged(owner, back["id"], "25 months")
    await owner.execute("UPDATE leads SET last_inbound_at = now() WHERE id = $1", UUID(back["id"]))
    for _ in range(2):
        await night(company, "anonymise_leads")
    row = dict(await owner.fetchrow("SELECT * FROM leads WHERE id = $1", UUID(old["id"])))
    left = " ".join(str(value) for value in row.values()).lower()
    for trace in ("karim", "bouchareb", "550123456", "salon", "tous risques", "1990"):
        assert trace not in left
    assert (row["anonymised_at"] is not None, row["source"], row["wilaya_code"]) == (True, "phone", "16")
    assert (row["sealed"], row["birth_index"]) == (None, None)
    assert (await company.send("GET", "/v1/leads?q=bouchareb")).json()["data"] == []
    assert await owner.fetchval("SELECT count(*) FROM external_ids") == 0
    for kept in (young, back):
        assert (await shown(company, kept["id"]))["full_name"] == kept["full_name"]
    lines = await owner.fetch("SELECT object_id, changes FROM audit_log WHERE action = 'lead.anonymised'")
    assert [(str(line[0]), line[1]) for line in lines] == [(old["id"], "{}")]
    facts = await owner.fetch("SELECT object_id FROM event_log WHERE kind = 'lead.anonymised'")
    assert [str(fact[0]) for fact in facts] == [old["id"]]


async def test_a_company_says_how_long_it_keeps_them(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    version = (await company.send("GET", "/v1/organization/settings")).json()["version"]
    changed = await company.send(
        "PATCH", "/v1/organization/settings", {"lead_retention_months": 6}, version=version
    )
    assert changed.json()["lead_retention_months"] == 6
    made = await lead(company)
    await aged(owner, made["id"], "7 months")
    await night(company, "anonymise_leads")
    assert (await shown(company, made["id"]))["full_name"] == "(anonymisé)"
