"""Whoever gets a lead is asked to call it, within 30 working minutes (domain.md E-2, step 1)."""

import json
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company, Person, open_company
from crm_api.registry import JOBS

pytestmark = pytest.mark.anyio
LEAD = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "web_form"}


async def calls(company: Company, owner: asyncpg.Connection) -> list[dict[str, Any]]:
    """After the jobs that wait; twice each, as a worker that dies may do."""
    for row in await owner.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'ask_for_first_call'") * 2:
        ctx = company.context()
        await JOBS["ask_for_first_call"](ctx, json.loads(row["payload"]))
        await ctx.commit()
        await ctx.close()
    answer = await company.send("GET", "/v1/tasks?type=call")
    return list(answer.json()["data"])


async def routed(company: Company, people: list[Person]) -> dict[str, Any]:
    """A lead that the rules give to one of these."""
    agency = str(await company.agency("16012"))
    rule = {"name": "Web", "sources": ["web_form"], "strategy": "round_robin", "target_agency_id": agency}
    made = await company.send(
        "POST", "/v1/lead-routing-rules", rule | {"user_ids": [str(person.id) for person in people]}
    )
    assert made.status_code == 201, made.text
    lead = await company.send("POST", "/v1/leads", LEAD)
    assert lead.status_code == 201, lead.text
    return dict(lead.json())


async def test_a_lead_that_came_in_makes_a_call_within_thirty_working_minutes(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    lina = await company.hire()
    lead = await routed(company, [lina])
    (call,) = await calls(company, owner)
    assert (call["title"], call["source"], call["due_in_minutes"]) == (
        "Appeler Karim BOUCHAREB",
        "system",
        30,
    )
    assert (call["assignee_user_id"], call["object_type"], call["object_id"]) == (
        str(lina.id),
        "lead",
        lead["id"],
    )
    told = await client.get("/v1/notifications", headers=lina.headers)
    assert [each["object_type"] for each in told.json()["data"]] == ["lead"]  # told once, not of the task too


async def test_the_call_follows_the_lead_and_is_done_when_somebody_reached_it(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    lina, karim = await company.hire(), await company.hire()
    lead = await routed(company, [lina])
    path = f"/v1/leads/{lead['id']}"
    await company.send("POST", f"{path}/assign", {"owner_user_id": str(karim.id)}, version=lead["version"])
    (call,) = await calls(company, owner)
    assert (call["assignee_user_id"], call["status"]) == (str(karim.id), "open")
    version = (await company.send("GET", path)).json()["version"]
    reached = {"channel": "phone", "outcome": "reached"}
    answer = await company.send("POST", f"{path}/contact", reached, version=version)
    assert answer.status_code == 200, answer.text
    (call,) = await calls(company, owner)
    assert call["status"] == "done"


async def test_a_lead_that_nobody_has_got_asks_for_no_call(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    company = await open_company(app, client)
    await company.send("POST", "/v1/leads", LEAD)
    assert await calls(company, owner) == []
