"""What colleagues write on an object: who reads it, who changes it, what it said before."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, principal_of
from company import Company, open_company
from crm_api.core.db import now
from interactions.steps import call, get, lead, made, person, seller
from plans import recorded

pytestmark = pytest.mark.anyio


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def noted(
    company: Company, kind: str, of: dict[str, Any], by: Headers | None = None, **more: Any
) -> dict[str, Any]:
    body = {"object_type": kind, "object_id": of["id"], "body": "Rappeler **jeudi**"} | more
    return await made(company, "/v1/notes", body, by)


async def read(
    company: Company, kind: str, of: dict[str, Any], by: Headers | None = None, **more: Any
) -> list[Any]:
    answer = await get(company, "/v1/notes", by, object_type=kind, object_id=of["id"], **more)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def test_a_note_is_written_on_any_kind_of_object(company: Company) -> None:
    ilyes, karim = await person(company), await lead(company)
    said = await call(company, ("lead", karim))
    agency = {"id": ilyes["agency_id"]}
    for kind, of in ("contact", ilyes), ("lead", karim), ("interaction", said), ("agency", agency):
        note = await noted(company, kind, of)
        assert (note["visibility"], note["is_internal"], note["pinned"]) == ("team", True, False)
        assert (await read(company, kind, of)) == [note]
        assert (await get(company, f"/v1/notes/{note['id']}")).json() == note


async def test_a_page_of_notes_is_one_statement(company: Company, app: FastAPI) -> None:
    karim = await lead(company)
    await noted(company, "lead", karim)
    with recorded(app) as sent:
        await read(company, "lead", karim)
    assert len(sent) == 1


async def test_notes_are_filtered(company: Company) -> None:
    karim = await lead(company)
    plain = await noted(company, "lead", karim)
    pinned = await noted(company, "lead", karim, pinned=True, visibility="all")
    assert await read(company, "lead", karim) == [pinned, plain]
    assert await read(company, "lead", karim, pinned=True) == [pinned]
    assert await read(company, "lead", karim, visibility="team") == [plain]
    assert await read(company, "lead", karim, created_by_id=str(uuid4())) == []


async def test_private_notes_are_their_authors_and_mentions_open_a_teams(company: Company) -> None:
    lila, rania = await seller(company, "16101"), await seller(company, "16102")
    ilyes = await person(company, by=lila.headers, agency_id=str(principal_of(lila.headers).agency_id))
    about = ("contact", ilyes)
    private = await noted(company, *about, lila.headers, visibility="private")
    team = await noted(company, *about, lila.headers)
    assert await read(company, *about, lila.headers) == [team, private]
    assert await read(company, *about) == [team]
    assert (await get(company, f"/v1/notes/{private['id']}")).status_code == 404
    hidden = await get(company, "/v1/notes", rania.headers, object_type="contact", object_id=ilyes["id"])
    assert hidden.status_code == 404, "who does not see the person reads nothing about them"
    named = await noted(company, *about, lila.headers, mentions=[str(rania.id)])
    assert (await get(company, f"/v1/notes/{named['id']}", rania.headers)).status_code == 404


async def test_its_author_changes_it_for_a_day_and_its_history_is_kept(
    company: Company, owner: asyncpg.Connection
) -> None:
    karim = await lead(company)
    note = await noted(company, "lead", karim)
    path = f"/v1/notes/{note['id']}"
    changed = await company.send("PATCH", path, {"body": "Rappeler vendredi"}, version=1)
    assert (changed.json()["body"], changed.json()["version"]) == ("Rappeler vendredi", 2)
    assert changed.json()["edited_at"] is not None
    same = await company.send("PATCH", path, {"body": "Rappeler vendredi"}, version=2)
    assert same.json()["version"] == 2
    (before,) = (await get(company, f"{path}/history")).json()["data"]
    assert (before["version"], before["body"]) == (1, "Rappeler **jeudi**")
    assert before["written_at"] == note["created_at"]
    colleague = await company.hire("administrator")
    refused = await company.send("PATCH", path, {"body": "x"}, by=colleague.headers, version=2)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_note")
    await owner.execute("UPDATE notes SET created_at = $1", now() - timedelta(hours=24, seconds=1))
    late = await company.send("PATCH", path, {"body": "x"}, version=2)
    assert (late.status_code, late.json()["code"]) == (409, "note_edit_closed")


async def test_anybody_who_comments_pins(company: Company) -> None:
    karim = await lead(company)
    note = await noted(company, "lead", karim)
    colleague = await company.hire("editor")
    path = f"/v1/notes/{note['id']}"
    pinned = await company.send("POST", f"{path}/pin", by=colleague.headers, version=1)
    assert pinned.json()["pinned"] is True
    unpinned = await company.send("POST", f"{path}/unpin", version=2)
    assert unpinned.json()["pinned"] is False


async def test_a_note_goes_to_the_bin_and_comes_back(company: Company) -> None:
    lila = await seller(company, "16101")
    karim = await lead(company, by=lila.headers)
    note = await noted(company, "lead", karim, lila.headers, visibility="all")
    path = f"/v1/notes/{note['id']}"
    stranger = await company.hire("editor")
    refused = await company.send("DELETE", path, by=stranger.headers, version=1)
    assert refused.json()["code"] == "not_your_note"
    assert (await company.send("DELETE", path, by=lila.headers, version=1)).status_code == 204
    assert await read(company, "lead", karim) == []
    assert (await company.send("POST", f"{path}/restore")).status_code == 200
    assert len(await read(company, "lead", karim)) == 1


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"object_id": str(uuid4())}, 404, "unknown_object"),
        ({"object_type": "note"}, 422, "notes_on_notes"),
        ({"object_type": "moon"}, 422, "literal_error"),
        ({"body": "x" * 10_001}, 422, "string_too_long"),
        ({"mentions": [str(uuid4())]}, 422, "unknown_user"),
        ({"mentions": [str(uuid4())], "visibility": "private"}, 422, "private_mentions"),
        ({"colour": "red"}, 422, "extra_forbidden"),
    ],
)
async def test_what_cannot_be_is_refused(
    company: Company, wrong: dict[str, Any], status: int, code: str
) -> None:
    karim = await lead(company)
    body = {"object_type": "lead", "object_id": karim["id"], "body": "Rappeler"} | wrong
    answer = await company.send("POST", "/v1/notes", body)
    told = answer.json()
    assert (answer.status_code, told.get("errors", [told])[0]["code"]) == (status, code), answer.text


async def test_a_mention_is_told_once(company: Company, owner: asyncpg.Connection) -> None:
    karim, lila, rania = await lead(company), await company.hire(), await company.hire()
    note = await noted(company, "lead", karim, mentions=[str(lila.id), str(company.admin.id)])
    more = {"mentions": [str(lila.id), str(rania.id)]}
    assert (await company.send("PATCH", f"/v1/notes/{note['id']}", more, version=1)).status_code == 200
    rows = await owner.fetch(
        "SELECT data->'user_ids' FROM event_log WHERE kind = 'note.mentioned' ORDER BY id"
    )
    assert [httpx.Response(200, text=row[0]).json() for row in rows] == [[str(lila.id)], [str(rania.id)]]
    for colleague in (lila, rania):
        (told,) = (await get(company, "/v1/notifications", colleague.headers)).json()["data"]
        assert (told["kind"], told["object_id"]) == ("mention", karim["id"])
        assert (told["title"], told["body"]) == ("Nadia Hamdi vous a mentionné", "Rappeler **jeudi**")
    assert (await get(company, "/v1/notifications")).json()["data"] == [], "nobody is told of themselves"


async def test_another_organization_sees_nothing(
    company: Company, app: FastAPI, client: httpx.AsyncClient
) -> None:
    karim = await lead(company)
    note = await noted(company, "lead", karim, visibility="all")
    foreign = (await open_company(app, client)).admin.headers
    assert (await get(company, f"/v1/notes/{note['id']}", foreign)).status_code == 404
    assert (await get(company, f"/v1/notes/{note['id']}/history", foreign)).status_code == 404
    listed = await get(company, "/v1/notes", foreign, object_type="lead", object_id=karim["id"])
    assert listed.status_code == 404
