"""Who sees a document, who may delete it, and what is written down of those who read it."""

from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from account_steps import agency
from actors import actor
from crm_api.kit.clock import today
from files.papers import PDF, RIGHTS, added, content, lead, match

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *RIGHTS, "documents:delete", "leads:assign")
EDITOR = actor(OURS, "documents:read", "documents:write", "leads:read")


def of_agency(agency_id: UUID, *more: str) -> dict[str, str]:
    about = {"agency_id": agency_id, "agency_ids": (agency_id,)}
    return actor(OURS, *RIGHTS, *more, data_scope="agency", **about)


async def test_who_sees_the_object_sees_its_documents(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    here, elsewhere = await agency(owner, OURS), await agency(owner, OURS, "16013")
    mine, theirs = of_agency(here), of_agency(elsewhere)
    person = await lead(client, mine)
    paper = await added(client, ADMIN, object_type="lead", object_id=person)
    loose = await added(client, ADMIN)
    assert (await content(client, mine, paper)).status_code == 200
    assert (await content(client, theirs, paper)).status_code == 404
    assert (await content(client, mine, loose)).status_code == 404
    for who, seen in ((mine, {paper["id"]}), (theirs, set()), (ADMIN, {paper["id"], loose["id"]})):
        listed = await client.get("/v1/files", headers=who)
        assert {one["id"] for one in listed.json()["data"]} == seen
        assert (await client.get("/v1/files/count", headers=who)).json()["count"] == len(seen)
    changed = await client.patch(f"/v1/files/{paper['id']}", headers=theirs | match(1), json={"title": "x"})
    assert changed.status_code == 404
    # The lead moves to the other agency, and its papers with it.
    moved = "UPDATE leads SET agency_id = $2, created_by_id = NULL, owner_user_id = NULL WHERE id = $1"
    await owner.execute(moved, person, elsewhere)
    assert (await content(client, mine, paper)).status_code == 404
    assert (await content(client, theirs, paper)).status_code == 200


async def test_a_document_hangs_only_on_what_one_sees(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    here, elsewhere = await agency(owner, OURS), await agency(owner, OURS, "16013")
    mine, theirs = of_agency(here), of_agency(elsewhere)
    person = await lead(client, mine)
    paper = await added(client, theirs)
    name = {"object_type": "lead", "object_id": str(person)}
    assert (await client.post(f"/v1/files/{paper['id']}/link", headers=theirs, json=name)).status_code == 404
    listed = await client.get("/v1/files", headers=theirs, params=name)
    assert (listed.status_code, listed.json()["code"]) == (404, "unknown_object")


async def test_health_papers_are_closed_without_the_right(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    paper = await added(client, EDITOR, kind="medical_certificate")
    assert paper["pii_class"] == "P4"
    own = await content(client, EDITOR, paper)
    assert (own.status_code, own.json()["code"]) == (403, "health_data_closed")
    link = await client.post(f"/v1/files/{paper['id']}/signed-link", headers=EDITOR)
    assert link.json()["code"] == "health_data_closed"
    assert (await content(client, ADMIN, paper)).status_code == 404
    doctor = actor(OURS, *RIGHTS, "health:read")
    assert (await content(client, doctor, paper)).content == PDF
    assert [row["actor_id"] for row in await downloads(owner, paper["id"])] != []


async def test_sensitive_downloads_are_written_down(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    plain = await added(client, ADMIN)
    card = await added(client, ADMIN, kind="id_card")
    for paper in (plain, card):
        assert (await content(client, EDITOR, paper, Range="bytes=0-3")).status_code == 206
    assert await downloads(owner, plain["id"]) == []
    (line,) = await downloads(owner, card["id"])
    assert line["changes"] == '{"bytes": [0, 4]}'
    given = await content(client, EDITOR, card)
    assert given.headers["cache-control"] == "private, no-store"


async def downloads(owner: asyncpg.Connection, file_id: str) -> list[asyncpg.Record]:
    return list(
        await owner.fetch(
            "SELECT * FROM audit_log WHERE action = 'document.downloaded' AND object_id = $1", UUID(file_id)
        )
    )


async def test_the_journal_holds_neither_key_nor_place_nor_name(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    await added(client, ADMIN, PDF, "Mohamed BENALI.pdf", title="Carte de Mohamed")
    facts = " ".join(str(row["data"]) for row in await owner.fetch("SELECT data FROM event_log"))
    lines = " ".join(str(row["changes"]) for row in await owner.fetch("SELECT changes FROM audit_log"))
    key = await owner.fetchval("SELECT storage_key FROM files")
    assert "BENALI" not in facts
    assert "Mohamed" not in facts
    assert key not in facts + lines
    kinds = [row["kind"] for row in await owner.fetch("SELECT kind FROM event_log ORDER BY id")]
    assert {"document.uploaded", "document.available"} <= set(kinds)


async def test_who_may_delete_what(client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    mine = await added(client, EDITOR)
    theirs = await added(client, ADMIN)
    old = await added(client, EDITOR)
    await owner.execute(
        "UPDATE files SET created_at = now() - interval '25 hours' WHERE id = $1", UUID(old["id"])
    )
    for paper, who, status in (
        (mine, EDITOR, 204),
        (theirs, EDITOR, 403),
        (old, EDITOR, 403),
        (old, ADMIN, 204),
        (theirs, ADMIN, 204),
    ):
        answer = await client.delete(f"/v1/files/{paper['id']}", headers=who | match(paper["version"]))
        assert answer.status_code == status, answer.text
    assert (await content(client, ADMIN, mine)).status_code == 404
    binned = await client.get("/v1/files", headers=ADMIN, params={"deleted": "only"})
    assert len(binned.json()["data"]) == 3
    back = await client.post(f"/v1/files/{mine['id']}/restore", headers=ADMIN)
    assert back.status_code == 200
    assert (await content(client, ADMIN, mine)).status_code == 200


async def test_what_is_held_for_a_legal_reason_stays(client: httpx.AsyncClient) -> None:
    paper = await added(client, ADMIN)
    path = f"/v1/files/{paper['id']}"
    held = await client.post(f"{path}/hold", headers=ADMIN | match(1), json={"reason": "Expertise 118/26"})
    assert (held.json()["legal_hold"], held.json()["legal_hold_reason"]) == (True, "Expertise 118/26")
    refused = await client.delete(path, headers=ADMIN | match(2))
    assert (refused.status_code, refused.json()["code"]) == (409, "file_under_legal_hold")
    released = await client.post(f"{path}/release", headers=ADMIN | match(2))
    assert released.json()["legal_hold"] is False
    assert (await client.delete(path, headers=ADMIN | match(3))).status_code == 204
    bare = await client.post(f"{path}/hold", headers=EDITOR | match(3), json={"reason": "Expertise"})
    assert bare.json()["code"] == "insufficient_scope"


async def test_documents_about_to_expire_are_found(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    for days in (-1, 0, 30, 31):
        paper = await added(client, ADMIN, title=f"J{days}")
        await owner.execute(
            "UPDATE files SET expires_on = $2 WHERE id = $1",
            UUID(paper["id"]),
            today() + timedelta(days=days),
        )
    found = await client.get("/v1/files", headers=ADMIN, params={"expiring_within": 30, "sort": "created_at"})
    assert [one["title"] for one in found.json()["data"]] == ["J0", "J30"]
