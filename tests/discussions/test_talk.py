"""What is said: threads, mentions, marks, changes, tombstones, files, unread counts, streams, audits, age."""

import json
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI

from actors import Headers, actor, principal_of
from chores import done as work
from company import Company
from crm_api.core.db import now
from crm_api.discussions.jobs import purge_discussions
from discussions.rooms import Answer, done, got, messages, room, say, told
from events.listening import listening
from files.papers import PDF
from plans import recorded

pytestmark = pytest.mark.anyio


async def _upload(company: Company, where: Answer, by: Headers, name: str = "constat.pdf") -> Answer:
    files = {"file": (name, PDF, "application/pdf")}
    answer = await company.client.post(f"/v1/discussions/{where['id']}/files", headers=by, files=files)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_threads_numbers_and_catching_up(company: Company) -> None:
    lila, omar = await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    first = await say(company, private, "Qui prend le dossier ?", lila.headers)
    answer = await say(company, private, "Moi", omar.headers, reply_to_id=first["id"])
    deeper = await say(company, private, "Merci", lila.headers, reply_to_id=answer["id"])
    assert [one["number"] for one in (first, answer, deeper)] == [1, 2, 3]
    assert (answer["thread_id"], deeper["thread_id"]) == (first["id"], first["id"])
    assert (await got(company, f"/v1/discussion-messages/{first['id']}", lila.headers))["reply_count"] == 2
    thread = await messages(company, private, omar.headers, thread_id=first["id"])
    assert [one["id"] for one in thread] == [answer["id"], deeper["id"]]
    caught_up = await got(
        company, "/v1/discussion-messages", omar.headers, discussion_id=private["id"], after=1
    )
    assert [one["number"] for one in caught_up["data"]] == [2, 3]
    other = await room(company, lila.headers, omar, name="Ailleurs")
    body = {"discussion_id": other["id"], "body": "?", "reply_to_id": first["id"]}
    assert (await company.send("POST", "/v1/discussion-messages", body, by=omar.headers)).status_code == 404


async def test_whoever_is_named_is_told_once_and_must_be_able_to_read(company: Company) -> None:
    lila, omar, rania = await company.hire(), await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    said = await say(company, private, "@Omar tu appelles ?", lila.headers, mentions=[str(omar.id)])
    path = f"/v1/discussion-messages/{said['id']}"
    change = {"body": "@Omar tu appelles demain ?"}
    await done(company, path, change, lila.headers, method="PATCH", version=said["version"])
    told_of = (await got(company, "/v1/notifications", omar.headers))["data"]
    assert [(one["kind"], one["title"], one["object_id"]) for one in told_of] == [
        ("mention", "Ilyes Aïssani vous a mentionné dans « Sinistres »", said["id"])
    ]
    (new,) = (await got(company, "/v1/discussions/unread", omar.headers))["data"]
    assert (new["unread"], new["mentioned"]) == (1, True)
    body = {"discussion_id": private["id"], "body": "@Rania", "mentions": [str(rania.id)]}
    refused = await company.send("POST", "/v1/discussion-messages", body, by=lila.headers)
    assert refused.json()["errors"][0]["code"] == "cannot_read_discussion"
    public = await room(company, lila.headers, kind="public", name="Tous")
    await say(company, public, "@Rania bienvenue", lila.headers, mentions=[str(rania.id)])
    joined = (await got(company, "/v1/discussions", rania.headers))["data"]
    assert [(one["id"], one["unread"], one["mentioned"]) for one in joined] == [(public["id"], 1, True)]


async def test_what_is_new_is_counted_in_one_statement(company: Company, app: FastAPI) -> None:
    lila, omar = await company.hire(), await company.hire()
    rooms = [await room(company, lila.headers, omar, name=f"Salle {n}") for n in range(3)]
    for where in rooms:
        for _ in range(2):
            await say(company, where, "Du nouveau", lila.headers)
    await say(company, rooms[0], "Vu", omar.headers)
    await done(company, f"/v1/discussions/{rooms[1]['id']}/read", {"number": 1}, omar.headers, method="PUT")
    back = await done(
        company, f"/v1/discussions/{rooms[1]['id']}/read", {"number": 0}, omar.headers, method="PUT"
    )
    assert (back["last_read_number"], back["unread"]) == (1, 1), "a marker never goes back"
    with recorded(app) as sent:
        new = await got(company, "/v1/discussions/unread", omar.headers)
    assert len(sent) == 1
    assert {one["discussion_id"]: one["unread"] for one in new["data"]} == {
        rooms[1]["id"]: 1,
        rooms[2]["id"]: 2,
    }
    with recorded(app) as sent:
        listed = await got(company, "/v1/discussions", omar.headers)
    assert len(sent) == 1
    assert {one["id"]: one["unread"] for one in listed["data"]}[rooms[2]["id"]] == 2
    muted = {"muted": True}
    path = f"/v1/discussions/{rooms[2]['id']}/preference"
    await done(company, path, muted, omar.headers, method="PUT")
    assert len((await got(company, "/v1/discussions/unread", omar.headers))["data"]) == 1
    mine = (await got(company, "/v1/discussions/unread", lila.headers))["data"]
    assert [one["unread"] for one in mine] == [1], "one's own messages are not news"
    stranger = await company.hire()
    public = await room(company, lila.headers, kind="public", name="Tous")
    path = f"/v1/discussions/{public['id']}/read"
    answer = await company.send("PUT", path, {"number": 1}, by=stranger.headers)
    assert answer.json()["code"] == "discussion_not_joined"


async def test_a_message_is_changed_by_its_author_for_a_day_and_keeps_what_it_said(
    company: Company, owner: asyncpg.Connection
) -> None:
    lila, omar = await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    said = await say(company, private, "Expertise mercredi", lila.headers)
    path = f"/v1/discussion-messages/{said['id']}"
    stranger = await company.send("PATCH", path, {"body": "?"}, by=omar.headers, version=1)
    assert stranger.json()["code"] == "not_your_discussion_message"
    changed = await done(company, path, {"body": "Expertise jeudi"}, lila.headers, method="PATCH", version=1)
    assert changed["edited_at"] is not None
    before = (await got(company, f"{path}/history", omar.headers))["data"]
    assert [(one["version"], one["body"]) for one in before] == [(1, "Expertise mercredi")]
    stale = await company.send("PATCH", path, {"body": "?"}, by=lila.headers, version=1)
    assert stale.status_code == 412
    await owner.execute(
        "UPDATE discussion_messages SET created_at = $2 WHERE id = $1",
        *(UUID(said["id"]), now() - timedelta(hours=25)),
    )
    late = await company.send("PATCH", path, {"body": "?"}, by=lila.headers, version=changed["version"])
    assert late.json()["code"] == "discussion_message_edit_closed"


async def test_what_is_removed_leaves_a_tombstone_and_nothing_else(company: Company) -> None:
    lila, omar = await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    said = await say(company, private, "Je n'aurais pas dû", omar.headers)
    path = f"/v1/discussion-messages/{said['id']}"
    await done(company, f"{path}/react", {"reaction": "laugh"}, lila.headers)
    other = await say(company, private, "Tiens", lila.headers)
    refused = await company.send(
        "DELETE", f"/v1/discussion-messages/{other['id']}", by=omar.headers, version=1
    )
    assert refused.json()["code"] == "not_your_discussion_message"
    assert (await company.send("DELETE", path, by=lila.headers, version=1)).status_code == 204
    stone = await got(company, path, omar.headers)
    assert (stone["body"], stone["reactions"], stone["removed_by_id"]) == (None, [], str(lila.id))
    assert (await got(company, f"{path}/history", omar.headers))["data"] == []
    assert (await got(company, "/v1/discussion-messages", omar.headers, q="aurais"))["data"] == []
    for step, body in (("pin", None), ("react", {"reaction": "sad"}), ("mark", {"mark": "decision"})):
        answer = await company.send("POST", f"{path}/{step}", body, by=omar.headers, version=stone["version"])
        assert answer.json()["code"] == "discussion_message_removed", step


async def test_pins_decisions_promises_and_reactions(company: Company) -> None:
    lila, omar = await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    said = await say(company, private, "On indemnise", lila.headers)
    path = f"/v1/discussion-messages/{said['id']}"
    kept = await done(company, f"{path}/pin", None, omar.headers, version=1)
    decided = await done(company, f"{path}/mark", {"mark": "decision"}, omar.headers, version=kept["version"])
    assert (decided["mark"], decided["marked_by_id"]) == ("decision", str(omar.id))
    promise = {"mark": "promise", "promised_by_id": str(omar.id), "promise_due_on": "2026-12-10"}
    promised = await done(company, f"{path}/mark", promise, lila.headers, version=decided["version"])
    assert (promised["promised_by_id"], promised["promise_due_on"]) == (str(omar.id), "2026-12-10")
    assert len(await messages(company, private, omar.headers, mark="promise")) == 1
    assert len(await messages(company, private, omar.headers, pinned=True)) == 1
    nobody = {"mark": "decision", "promise_due_on": "2026-12-10"}
    answer = await company.send("POST", f"{path}/mark", nobody, by=lila.headers, version=promised["version"])
    assert answer.json()["errors"][0]["code"] == "not_a_promise"
    plain = await done(company, f"{path}/unmark", None, lila.headers, version=promised["version"])
    loose = await done(company, f"{path}/unpin", None, lila.headers, version=plain["version"])
    assert (loose["mark"], loose["pinned_at"], loose["promise_due_on"]) == (None, None, None)
    for by in (lila, lila, omar):
        seen = await done(company, f"{path}/react", {"reaction": "done"}, by.headers)
    assert seen["reactions"] == [{"reaction": "done", "count": 2, "mine": True}]
    seen = await done(company, f"{path}/unreact", {"reaction": "done"}, omar.headers)
    assert seen["reactions"] == [{"reaction": "done", "count": 1, "mine": False}]


async def test_words_are_found_in_ones_own_rooms_only(company: Company) -> None:
    lila, omar = await company.hire(), await company.hire()
    private = await room(company, lila.headers)
    shared = await room(company, lila.headers, omar, name="À deux")
    await say(company, private, "Réunion confidentielle jeudi", lila.headers)
    await say(company, shared, "Réunion d'équipe jeudi", lila.headers)
    found = await got(company, "/v1/discussion-messages", omar.headers, q="jeudi reunion")
    assert [one["body"] for one in found["data"]] == ["Réunion d'équipe jeudi"]
    nothing = await told(company, "/v1/discussion-messages", omar.headers)
    assert nothing.json()["errors"][0]["code"] == "discussion_or_words"


async def test_a_file_is_reached_through_its_message_only(
    company: Company, owner: asyncpg.Connection
) -> None:
    lila, omar = await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    file = await _upload(company, private, lila.headers)
    said = await say(company, private, "Le constat", lila.headers, file_ids=[file["id"]])
    assert [(one["name"], one["media_type"]) for one in said["files"]] == [("constat.pdf", "application/pdf")]
    for by in (company.admin, omar):
        listed = await got(company, "/v1/files", by.headers)
        assert listed["data"] == [], "documents show it to nobody but who uploaded it"
        assert (await told(company, f"/v1/files/{file['id']}", by.headers)).status_code == 404
    path = f"/v1/discussion-messages/{said['id']}/files/{file['id']}/link"
    assert (await company.send("POST", path)).status_code == 404
    link = await done(company, path, None, omar.headers)
    assert (await company.client.get(link["href"])).content == PDF
    body = {"discussion_id": private["id"], "body": "Encore", "file_ids": [file["id"]]}
    twice = await company.send("POST", "/v1/discussion-messages", body, by=lila.headers)
    assert twice.json()["code"] == "discussion_file_taken"
    stolen = await company.send("POST", "/v1/discussion-messages", body, by=omar.headers)
    assert stolen.status_code == 404
    answer = await company.send("DELETE", f"/v1/discussion-messages/{said['id']}", by=lila.headers, version=1)
    assert answer.status_code == 204
    kept = await owner.fetchval("SELECT kept_until <= now() FROM files WHERE id = $1", UUID(file["id"]))
    assert kept, "the next sweep throws it away"


async def test_members_are_told_at_once_and_nobody_else_is(company: Company, app: FastAPI) -> None:
    lila, omar, rania = await company.hire(), await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    admin = actor(company.organization_id, *principal_of(company.admin.headers).scopes, id=company.admin.id)
    query = "resource=discussion_message&resource=discussion"
    async with (
        listening(app, omar.headers, query) as member,
        listening(app, admin, query) as administrator,
        listening(app, rania.headers, query) as stranger,
    ):
        said = await say(company, private, "Secret", lila.headers)
        await done(company, f"/v1/discussion-messages/{said['id']}/react", {"reaction": "seen"}, lila.headers)
        public = await room(company, lila.headers, kind="public", name="Tous")
        await say(company, public, "Bonjour", lila.headers)
        events = await member.until("discussion_message.reacted", "discussion.created")
        assert {"discussion_message.created", "discussion_message.reacted"} <= {
            one["event"] for one in events
        }
        for other in (administrator, stranger):
            await other.until("discussion_message.created")
            assert said["id"] not in other.text
            assert private["id"] not in other.text


async def test_an_audit_reads_everything_and_leaves_its_mark(
    company: Company, app: FastAPI, owner: asyncpg.Connection
) -> None:
    lila, omar = await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    said = await say(company, private, "Première version", lila.headers)
    path = f"/v1/discussion-messages/{said['id']}"
    await done(company, path, {"body": "Seconde version"}, lila.headers, method="PATCH", version=1)
    await company.send("DELETE", path, by=lila.headers, version=2)
    period = {"said_gte": (now() - timedelta(days=1)).isoformat(), "said_lt": now().isoformat()}
    asked = {"reason": "Réquisition du tribunal 118/26", **period}
    assert (await company.send("POST", "/v1/discussion-exports", asked, by=lila.headers)).status_code == 403
    answer = await company.send("POST", "/v1/discussion-exports", asked)
    assert answer.status_code == 202, answer.text
    await work(app, owner)
    job = await got(company, f"/v1/jobs/{answer.json()['id']}")
    assert job["status"] == "succeeded", job
    exported = await told(company, job["result"]["href"])
    (line,) = [json.loads(each) for each in exported.text.splitlines()]
    assert [one["body"] for one in line["before"]] == ["Première version", "Seconde version"]
    assert (line["body"], line["author_id"], line["discussion"]["name"]) == ("", str(lila.id), "Sinistres")
    marks = await owner.fetch("SELECT action, reason FROM audit_log WHERE action LIKE 'discussion.export%'")
    assert {(row["action"], row["reason"]) for row in marks} == {
        ("discussion.export_asked", asked["reason"]),
        ("discussion.exported", asked["reason"]),
    }


async def test_what_was_said_two_years_ago_goes(company: Company, owner: asyncpg.Connection) -> None:
    lila = await company.hire()
    private = await room(company, lila.headers)
    file = await _upload(company, private, lila.headers)
    old = await say(company, private, "Ancien", lila.headers, file_ids=[file["id"]])
    young = await say(company, private, "Récent", lila.headers, reply_to_id=old["id"])
    await owner.execute(
        "UPDATE discussion_messages SET created_at = $2 WHERE id = $1",
        *(UUID(old["id"]), now() - timedelta(days=732)),
    )
    ctx = company.context()
    await purge_discussions(ctx, {})
    await ctx.commit()
    await ctx.close()
    left = await messages(company, private, lila.headers)
    assert [(one["id"], one["reply_to_id"]) for one in left] == [(young["id"], None)]
    assert await owner.fetchval("SELECT kept_until <= now() FROM files WHERE id = $1", UUID(file["id"]))
