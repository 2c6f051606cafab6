"""Notes, tasks, reminders, appointments and documents follow the sheet that they hang on, and return."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from company import Company, open_company
from crm_api.duplicates.finding import find_new_pairs
from files.papers import PDF, added

pytestmark = pytest.mark.anyio
Answer = dict[str, Any]
HANGING = ("notes", "tasks", "reminders", "appointments", "files")


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def made(company: Company, path: str, **body: Any) -> Answer:
    answer = await company.send("POST", f"/v1/{path}", body)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


async def hang(company: Company, kind: str, of: Answer) -> dict[str, str]:
    """One of each on the object: kind of list -> id."""
    about = {"object_type": kind, "object_id": of["id"]}
    me = str(company.admin.id)
    paper = await added(company.client, company.admin.headers, PDF, "contrat.pdf", **about)
    moments = {"starts_at": "2030-12-04T09:00:00Z", "ends_at": "2030-12-04T09:30:00Z"}
    meeting = {"title": "Visite", "type": "phone", "force": True, **moments}
    later = "2030-12-01T08:00:00Z"
    return {
        "notes": (await made(company, "notes", body="Préfère le soir", **about))["id"],
        "tasks": (
            await made(company, "tasks", title="A", type="call", assignee_user_id=me, due_at=later, **about)
        )["id"],
        "reminders": (await made(company, "reminders", remind_at=later, text="Carte grise", **about))["id"],
        "appointments": (await made(company, "appointments", **meeting, **about))["id"],
        "files": paper["id"],
    }


async def hanging(company: Company, kind: str, of: Answer) -> dict[str, list[str]]:
    found = {}
    for name in HANGING:
        query = {"object_type": kind, "object_id": of["id"]}
        answer = await company.client.get(f"/v1/{name}", params=query, headers=company.admin.headers)
        if answer.status_code == 404:  # it is in the bin
            found[name] = []
            continue
        assert answer.status_code == 200, answer.text
        found[name] = [one["id"] for one in answer.json()["data"]]
    return found


async def two(company: Company, kind: str) -> list[Answer]:
    agency = str(await company.agency())
    address = {"kind": "head_office", "lines": ["Alger"], "wilaya_code": "16"}
    bodies: dict[str, tuple[str, Answer]] = {
        "lead": ("leads", {"full_name": "Ilyès AISSANI", "phone": "0550123456", "source": "phone"}),
        "contact": (
            "contacts",
            {"first_name": "Ilyès", "last_name": "Aissani", "phones": [{"value": "0550123456"}]}
            | {"create_household": True, "agency_id": agency},
        ),
        "account": (
            "accounts",
            {"type": "company", "name": "SARL El Amel", "phones": [{"value": "021344646"}]}
            | {"agency_id": agency, "addresses": [address]},
        ),
    }
    path, body = bodies[kind]
    return [await made(company, path, **body) for _ in range(2)]


@pytest.mark.parametrize("kind", ["lead", "contact", "account"])
async def test_what_hangs_on_a_sheet_follows_a_merge_and_returns(company: Company, kind: str) -> None:
    survivor, other = await two(company, kind)
    hung = await hang(company, kind, other)
    own = await hang(company, kind, survivor) if kind == "lead" else {}
    pair = await the_pair(company, kind)
    path = f"/v1/duplicates/{pair['id']}"
    answer = await company.send(
        "POST", f"{path}/merge", {"survivor_id": survivor["id"]}, version=pair["version"]
    )
    assert answer.status_code == 200, answer.text
    now = await hanging(company, kind, survivor)
    for name in HANGING:
        assert {*now[name]} == {hung[name], *([own[name]] if own else [])}, name
    back = await company.send("POST", f"{path}/unmerge", version=answer.json()["version"])
    assert back.status_code == 200, back.text
    assert await hanging(company, kind, other) == {name: [hung[name]] for name in HANGING}
    assert await hanging(company, kind, survivor) == {name: [own[name]] if own else [] for name in HANGING}


async def the_pair(company: Company, kind: str) -> Answer:
    ctx = company.context()
    await find_new_pairs(ctx)
    await ctx.commit()
    await ctx.close()
    query = {"entity": kind, "status": "open"}
    found = await company.client.get("/v1/duplicates", params=query, headers=company.admin.headers)
    return dict(found.json()["data"][0])


async def test_what_hangs_on_a_lead_is_the_customers_once_it_is_converted(company: Company) -> None:
    agency = str(await company.agency())
    lead = await made(
        company,
        "leads",
        full_name="Ilyès AISSANI",
        phone="0550123456",
        source="phone",
        wilaya_code="16",
        agency_id=agency,
    )
    hung = await hang(company, "lead", lead)
    path = f"/v1/leads/{lead['id']}"
    for step, body in (("contact", {"channel": "phone"}), ("qualify", {"need": "Auto"}), ("convert", {})):
        version = (await company.send("GET", path)).json()["version"]
        done = await company.send("POST", f"{path}/{step}", body, version=version)
        assert done.status_code == 200, done.text
    person = {"id": done.json()["contact_id"]}
    assert await hanging(company, "contact", person) == {name: [hung[name]] for name in HANGING}
    undone = await company.send("POST", f"{path}/undo-conversion", version=done.json()["version"])
    assert undone.status_code == 200, undone.text
    assert await hanging(company, "lead", lead) == {name: [hung[name]] for name in HANGING}
