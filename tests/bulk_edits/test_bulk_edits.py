"""One change of many records: rehearsed, done, and what was refused is told."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from chores import done
from company import Company, open_company

pytestmark = pytest.mark.anyio
Answer = dict[str, Any]
SALON = {"all": [{"field": "source_detail", "op": "eq", "value": "Salon"}]}
WARM = {"all": [{"field": "source", "op": "eq", "value": "event"}]}


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def lead(company: Company, at: int, **fields: Any) -> Answer:
    body = {"full_name": f"Piste Numero{at}", "phone": f"05501234{at:02d}", "source": "event"} | fields
    answer = await company.send("POST", "/v1/leads", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def edit(
    company: Company, what: str, body: Answer, by: Headers | None = None, key: str | None = None
) -> httpx.Response:
    headers = (by or company.admin.headers) | {"Idempotency-Key": key or str(uuid4())}
    return await company.client.post(f"/v1/{what}/bulk-edits", json=body, headers=headers)


async def finished(
    app: FastAPI, owner: asyncpg.Connection, company: Company, answer: httpx.Response
) -> Answer:
    assert answer.status_code == 202, answer.text
    await done(app, owner)
    job = (await company.send("GET", answer.headers["location"])).json()
    assert job["status"] == "succeeded", job
    return dict((await company.send("GET", job["result"]["href"])).json())


async def test_many_leads_are_changed_after_a_rehearsal(
    app: FastAPI, owner: asyncpg.Connection, company: Company
) -> None:
    for at in range(3):
        await lead(company, at)
    other = await lead(company, 9, source="phone")
    body: Answer = {"filter": WARM, "changes": {"best_time": "soir"}, "dry_run": True}
    rehearsed = await finished(app, owner, company, await edit(company, "leads", body))
    assert rehearsed["counts"] == {"matched": 3, "updated": 3, "failed": 0}
    assert rehearsed["sample"][0]["before"] == {"best_time": None}
    assert rehearsed["sample"][0]["after"] == {"best_time": "soir"}
    assert await owner.fetchval("SELECT count(*) FROM leads WHERE best_time IS NOT NULL") == 0
    real = await finished(app, owner, company, await edit(company, "leads", body | {"dry_run": False}))
    assert real["counts"] == {"matched": 3, "updated": 3, "failed": 0}
    assert await owner.fetchval("SELECT count(*) FROM leads WHERE best_time = 'soir'") == 3
    assert await owner.fetchval("SELECT best_time FROM leads WHERE id = $1", other["id"]) is None
    written = await owner.fetchval(
        "SELECT count(*) FROM audit_log WHERE action = 'lead.updated' AND actor_id = $1", company.admin.id
    )
    assert written == 3


async def test_what_somebody_changes_meanwhile_is_reported_and_not_overwritten(
    app: FastAPI, owner: asyncpg.Connection, company: Company
) -> None:
    first, second = [await lead(company, at) for at in range(2)]
    answer = await edit(company, "leads", {"filter": WARM, "changes": {"best_time": "soir"}})
    changed = await company.send("PATCH", f"/v1/leads/{first['id']}", {"best_time": "matin"}, version=1)
    assert changed.status_code == 200
    told = await finished(app, owner, company, answer)
    assert told["counts"] == {"matched": 2, "updated": 1, "failed": 1}
    assert await owner.fetchval("SELECT best_time FROM leads WHERE id = $1", first["id"]) == "matin"
    assert await owner.fetchval("SELECT best_time FROM leads WHERE id = $1", second["id"]) == "soir"
    lines = (await company.send("GET", f"/v1/jobs/{told['job_id']}/results")).json()["data"]
    assert [(line["object_id"], line["faults"][0]["code"]) for line in lines] == [
        (first["id"], "version_conflict")
    ]


async def test_leads_are_given_to_a_colleague_by_those_who_may(
    app: FastAPI, owner: asyncpg.Connection, company: Company
) -> None:
    await lead(company, 1)
    agency = await company.agency()
    colleague = await company.hire(agency_id=agency)
    body = {"filter": WARM, "changes": {"owner_user_id": str(colleague.id), "need": "Auto"}}
    told = await finished(app, owner, company, await edit(company, "leads", body))
    assert told["counts"]["updated"] == 1
    row = await owner.fetchrow("SELECT owner_user_id, need, status FROM leads")
    assert tuple(row) == (colleague.id, "Auto", "assigned")
    clerk = actor(company.organization_id, "leads:write", "jobs:write", "jobs:read")
    assert (await edit(company, "leads", body, by=clerk)).status_code == 202
    await done(app, owner)
    refused = await owner.fetchval(
        "SELECT counts->>'failed' FROM bulk_edits ORDER BY created_at DESC LIMIT 1"
    )
    assert refused == "1"


async def test_accounts_and_people_are_changed_the_same_way(
    app: FastAPI, owner: asyncpg.Connection, company: Company
) -> None:
    agency = await company.agency()
    person = {
        "last_name": "Aïssani",
        "first_name": "Ilyès",
        "phones": [{"value": "0550123456"}],
        "create_household": True,
        "agency_id": str(agency),
    }
    assert (await company.send("POST", "/v1/contacts", person)).status_code == 201
    here = {"all": [{"field": "agency_id", "op": "eq", "value": str(agency)}]}
    for what, changes in ("contacts", {"contact_hours": "soir"}), ("accounts", {"activity": "Commerce"}):
        told = await finished(
            app, owner, company, await edit(company, what, {"filter": here, "changes": changes})
        )
        assert told["counts"] == {"matched": 1, "updated": 1, "failed": 0}, what


async def test_a_change_of_everything_or_of_nothing_is_refused(company: Company) -> None:
    await lead(company, 1)
    empty = await edit(company, "leads", {"filter": {"all": []}, "changes": {"best_time": "soir"}})
    assert (empty.status_code, empty.json()["errors"][0]["code"]) == (422, "filter_required")
    nothing = await edit(company, "leads", {"filter": WARM, "changes": {}})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "nothing_to_change")
    unknown = await edit(company, "leads", {"filter": SALON, "changes": {"best_time": "soir"}})
    assert unknown.status_code == 422
    clerk = actor(company.organization_id, "leads:read", "jobs:write")
    refused = await edit(company, "leads", {"filter": WARM, "changes": {"best_time": "x"}}, by=clerk)
    assert refused.status_code == 403


async def test_the_same_request_twice_is_one_change_and_strangers_see_none(
    owner: asyncpg.Connection, company: Company
) -> None:
    await lead(company, 1)
    body = {"filter": WARM, "changes": {"best_time": "soir"}}
    first, second = [await edit(company, "leads", body, key="one") for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    edit_id = await owner.fetchval("SELECT id FROM bulk_edits")
    assert await owner.fetchval("SELECT count(*) FROM bulk_edits") == 1
    stranger = actor(uuid4(), "jobs:read")
    assert (await company.send("GET", f"/v1/bulk-edits/{edit_id}", by=stranger)).status_code == 404
