"""One list of what happened around somebody: everything one may read, in order, and nothing twice."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors import Headers, actor
from company import Company, open_company
from crm_api.timeline.schemas import EntryKind, TimelineEntry
from crm_api.timeline.sources import SOURCES
from files.papers import PDF, added
from interactions.steps import call, get, lead, made, person, seller
from plans import recorded

pytestmark = pytest.mark.anyio


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def noted(
    company: Company, of: dict[str, Any], by: Headers | None = None, **more: Any
) -> dict[str, Any]:
    body = {"object_type": "lead", "object_id": of["id"], "body": "Rappeler jeudi", "visibility": "all"}
    return await made(company, "/v1/notes", body | more, by)


async def walked(
    company: Company, path: str, limit: int, between: Any = None, by: Headers | None = None
) -> list[dict[str, Any]]:
    """Every page, one after the other."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        answer = await get(company, path, by, **params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["data"]) <= limit
        assert page["has_more"] == (page["next_cursor"] is not None)
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found
        if between:
            await between()


def named(entry: dict[str, Any]) -> tuple[str, Any]:
    return entry["kind"], entry[entry["kind"]]["id"]


def test_every_source_has_its_field_and_its_word() -> None:
    kinds = [source.kind for source in SOURCES]
    assert kinds == list(EntryKind.__args__)  # type: ignore[attr-defined]
    assert set(TimelineEntry.model_fields) == {"kind", "at", "actor_id", *kinds}


async def test_all_that_happened_stands_in_one_list(company: Company) -> None:
    karim = await lead(company)
    first = await call(company, ("lead", karim), subject="Premier appel")
    note = await noted(company, karim)
    old = await call(company, ("lead", karim), channel="letter", occurred_at="2020-05-01T08:00:00Z")
    entries = (await get(company, f"/v1/leads/{karim['id']}/timeline")).json()["data"]
    assert [entry["at"] for entry in entries] == sorted((e["at"] for e in entries), reverse=True)
    assert named(entries[-1]) == ("interaction", old["id"])
    told = {named(entry) for entry in entries}
    assert {("interaction", first["id"]), ("note", note["id"])} < told
    kinds = {entry["change"]["kind"] for entry in entries if entry["kind"] == "change"}
    assert {"lead.created", "lead.contacted"} <= kinds
    shown = next(entry for entry in entries if named(entry) == ("interaction", first["id"]))
    assert shown["interaction"] == {k: v for k, v in first.items() if k in shown["interaction"]}
    assert (shown["note"], shown["change"]) == (None, None)
    assert next(e["note"] for e in entries if e["kind"] == "note") == note


@pytest.mark.parametrize("kind", ["contacts", "accounts"])
async def test_people_and_accounts_have_one_too(company: Company, kind: str) -> None:
    ilyes = await person(company)
    said = await call(company, ("contact", ilyes))
    ids = {"contacts": ilyes["id"], "accounts": ilyes["account_links"][0]["account_id"]}
    entries = (await get(company, f"/v1/{kind}/{ids[kind]}/timeline", kind="interaction")).json()["data"]
    assert [named(entry) for entry in entries] == [("interaction", said["id"])]


async def test_documents_are_listed_and_health_data_only_for_who_may_read_it(company: Company) -> None:
    lila = await seller(company, "16101")
    karim = await lead(company, by=lila.headers)
    on_lead = {"object_type": "lead", "object_id": karim["id"]}
    card = await added(company.client, lila.headers, **on_lead)
    await added(
        company.client, company.admin.headers, PDF, "certificat.pdf", kind="medical_certificate", **on_lead
    )
    path = f"/v1/leads/{karim['id']}/timeline"
    (entry,) = (await get(company, path, lila.headers, kind="document")).json()["data"]
    assert entry["document"] == {k: v for k, v in card.items() if k in entry["document"]}
    assert entry["actor_id"] == str(lila.id)
    healer = actor(company.organization_id, "leads:read", "documents:read", "health:read")
    assert len((await get(company, path, healer, kind="document")).json()["data"]) == 2


async def test_tasks_are_listed_for_who_sees_them(company: Company) -> None:
    lila = await seller(company, "16101")
    karim = await lead(company, by=lila.headers)
    asked = {"title": "Rappeler", "type": "call", "due_at": "2027-04-13T08:00:00Z"}
    asked |= {"object_type": "lead", "object_id": karim["id"]}
    made = []
    for assignee in (lila, company.admin):
        body = asked | {"assignee_user_id": str(assignee.id)}
        answer = await company.client.post("/v1/tasks", json=body, headers=company.admin.headers)
        assert answer.status_code == 201, answer.text
        made.append(answer.json())
    path = f"/v1/leads/{karim['id']}/timeline"
    entries = (await get(company, path, kind="task")).json()["data"]
    assert {entry["task"]["id"] for entry in entries} == {task["id"] for task in made}
    assert all(
        entry["task"].items() <= next(t for t in made if t["id"] == entry["task"]["id"]).items()
        for entry in entries
    )
    (hers,) = (await get(company, path, lila.headers, kind="task")).json()["data"]
    assert hers["task"]["id"] == made[0]["id"]


async def test_notes_hang_on_documents_and_documents_on_notes(company: Company) -> None:
    """Each asks the other who sees it: the question ends."""
    lila = await seller(company, "16101")
    karim = await lead(company, by=lila.headers)
    card = await added(company.client, lila.headers, object_type="lead", object_id=karim["id"])
    on_card = {"object_type": "document", "object_id": card["id"], "visibility": "all", "body": "Illisible"}
    note = await made(company, "/v1/notes", on_card, lila.headers)
    paper = await added(company.client, company.admin.headers, object_type="note", object_id=note["id"])
    assert (await get(company, f"/v1/files/{paper['id']}", lila.headers)).status_code == 200
    there = (await seller(company, "16102")).headers
    for hidden in f"/v1/files/{paper['id']}", f"/v1/notes/{note['id']}":
        assert (await get(company, hidden, there)).status_code == 404


async def test_one_statement_answers_a_page(company: Company, app: FastAPI) -> None:
    karim = await lead(company)
    await noted(company, karim)
    for by in (company.admin.headers, (await seller(company, "16101")).headers):
        with recorded(app) as sent:
            await get(company, f"/v1/leads/{karim['id']}/timeline", by)
        assert len(sent) == 1


async def test_private_notes_are_their_authors_and_a_teams_its_own(company: Company) -> None:
    lila, agency = await seller(company, "16101"), await company.agency("16102")
    karim = await lead(company)
    await company.send("POST", f"/v1/leads/{karim['id']}/assign", {"owner_user_id": str(lila.id)}, version=1)
    private, team, everyone = [
        await noted(company, karim, lila.headers, visibility=visibility)
        for visibility in ("private", "team", "all")
    ]

    async def read(by: Headers) -> set[str]:
        entries = (await get(company, f"/v1/leads/{karim['id']}/timeline", by, kind="note")).json()["data"]
        return {entry["note"]["id"] for entry in entries}

    assert await read(lila.headers) == {private["id"], team["id"], everyone["id"]}
    assert await read(company.admin.headers) == {team["id"], everyone["id"]}, "the head office reads teams"
    about = {"data_scope": "agency", "agency_id": agency, "agency_ids": (agency,)}
    elsewhere = await company.headers(company.admin.id, **about)
    assert await read(elsewhere) == {everyone["id"]}, "who made the lead sees it, from another agency"


async def test_who_may_not_read_interactions_reads_the_rest(company: Company) -> None:
    karim = await lead(company)
    await call(company, ("lead", karim))
    await noted(company, karim)
    path = f"/v1/leads/{karim['id']}/timeline"
    only_leads = actor(company.organization_id, "leads:read")
    entries = (await get(company, path, only_leads)).json()["data"]
    assert {entry["kind"] for entry in entries} == {"change"}
    refused = await get(company, path, only_leads, kind="note")
    assert (refused.status_code, refused.json()["required_scopes"]) == (403, ["notes:read"])


async def test_what_is_not_there_in_the_bin_or_foreign_is_not_found(
    company: Company, app: FastAPI, client: httpx.AsyncClient
) -> None:
    karim = await lead(company)
    path = f"/v1/leads/{karim['id']}/timeline"
    foreign = (await open_company(app, client)).admin.headers
    there = (await seller(company, "16103")).headers
    for headers in (foreign, there):
        assert (await get(company, path, headers)).status_code == 404
    assert (await get(company, f"/v1/leads/{uuid4()}/timeline")).status_code == 404
    assert (await company.send("DELETE", f"/v1/leads/{karim['id']}", version=1)).status_code == 204
    assert (await get(company, path)).status_code == 404


async def test_what_was_corrected_or_binned_is_left_out(company: Company) -> None:
    karim = await lead(company)
    wrong, note = await call(company, ("lead", karim)), await noted(company, karim)
    correction = {"reason": "Mauvaise issue", "outcome": "no_answer"}
    right = (await company.send("POST", f"/v1/interactions/{wrong['id']}/correct", correction)).json()
    await company.send("DELETE", f"/v1/notes/{note['id']}", version=1)
    path = f"/v1/leads/{karim['id']}/timeline"
    entries = (await get(company, path, kind=["interaction", "note"])).json()["data"]
    assert [named(entry) for entry in entries] == [("interaction", right["id"])]


async def test_a_cursor_opens_only_its_own_list(company: Company) -> None:
    karim, lina = await lead(company), await lead(company, full_name="Lina HADDAD", phone="0551 00 00 01")
    path = f"/v1/leads/{karim['id']}/timeline"
    await noted(company, karim)
    cursor = (await get(company, path, limit=1)).json()["next_cursor"]
    assert (await get(company, path, limit=2, cursor=cursor)).status_code == 200
    for other, params in (
        (path, {"kind": "note"}),
        (path, {"at_lt": "2026-01-01T00:00:00Z"}),
        (f"/v1/leads/{lina['id']}/timeline", {}),
    ):
        refused = await get(company, other, cursor=cursor, **params)
        assert (refused.status_code, refused.json()["code"]) == (400, "cursor_mismatch")
    assert (await get(company, path, cursor="x" * 40)).json()["code"] == "cursor_mismatch"


MOMENTS = [f"2026-10-01T08:00:0{n}Z" for n in range(3)]
"""Few, so that many entries share one."""


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.lists(st.sampled_from(MOMENTS), min_size=1, max_size=8),
    notes=st.integers(0, 3),
    limit=st.integers(1, 4),
    meanwhile=st.lists(st.sampled_from([*MOMENTS, "note"]), max_size=4),
)
async def test_pages_miss_nothing_and_repeat_nothing_while_others_write(
    company: Company, calls: list[str], notes: int, limit: int, meanwhile: list[str]
) -> None:
    karim = await lead(company, phone="0550 00 00 02", full_name=f"Karim {uuid4()}")
    path = f"/v1/leads/{karim['id']}/timeline"
    for moment in calls:
        await call(company, ("lead", karim), channel="letter", direction="inbound", occurred_at=moment)
    for _ in range(notes):
        await noted(company, karim)
    before = {named(entry) for entry in await walked(company, path, 200)}
    waiting = list(meanwhile)

    async def write() -> None:
        if waiting:
            what = waiting.pop()
            if what == "note":
                await noted(company, karim)
            else:
                await call(company, ("lead", karim), channel="letter", direction="inbound", occurred_at=what)

    entries = await walked(company, path, limit, write)
    told = [named(entry) for entry in entries]
    assert len(told) == len(set(told)), "nothing twice"
    assert before <= set(told), "nothing missed"
    assert [entry["at"] for entry in entries] == sorted((e["at"] for e in entries), reverse=True)
