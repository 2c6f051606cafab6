"""Rooms: for whom they exist, who follows them, and how little an administrator sees of them."""

from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor, principal_of
from company import Company, Person
from discussions.rooms import done, got, messages, room, say, told

pytestmark = pytest.mark.anyio
RIGHTS = ("discussions:read", "discussions:write")


async def _agent(company: Company, code: str) -> Person:
    return await company.hire(agency_id=await company.agency(code))


async def test_a_private_room_does_not_exist_for_who_is_not_in_it(company: Company) -> None:
    lila, omar = await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    said = await say(company, private, "Le client est mécontent", lila.headers)
    assert (private["my_role"], private["member_count"]) == ("owner", 2)
    assert (await got(company, f"/v1/discussions/{private['id']}", omar.headers))["unread"] == 1
    for path in (
        f"/v1/discussions/{private['id']}",
        f"/v1/discussions/{private['id']}/members",
        f"/v1/discussion-messages/{said['id']}",
        f"/v1/discussion-messages/{said['id']}/history",
    ):
        assert (await told(company, path)).status_code == 404, f"an administrator is no member: {path}"
    listed = await told(company, "/v1/discussion-messages", discussion_id=private["id"])
    assert listed.status_code == 404
    assert (await got(company, "/v1/discussions", which="all"))["data"] == []
    assert (await got(company, "/v1/discussion-messages", q="mécontent"))["data"] == []
    body = {"discussion_id": private["id"], "body": "Bonjour"}
    assert (await company.send("POST", "/v1/discussion-messages", body)).status_code == 404
    for step in ("join", "leave", "archive"):
        answer = await company.send("POST", f"/v1/discussions/{private['id']}/{step}", version=1)
        assert answer.status_code == 404, step


async def test_neither_a_program_nor_the_house_sees_any_room(company: Company) -> None:
    public = await room(company, kind="public")
    program = actor(company.organization_id, *RIGHTS, kind="client", session_id=None)
    assert (await told(company, f"/v1/discussions/{public['id']}", program)).status_code == 404
    assert (await got(company, "/v1/discussions", program, which="all"))["data"] == []
    answer = await company.send("POST", "/v1/discussions", {"kind": "public", "name": "X"}, by=program)
    assert (answer.status_code, answer.json()["code"]) == (403, "only_people_talk")


async def test_a_room_of_a_team_is_for_the_team_and_who_is_invited(company: Company) -> None:
    here, there = await _agent(company, "16101"), await _agent(company, "16102")
    agency_id = str(principal_of(here.headers).agency_id)
    team = await room(company, here.headers, kind="public", name="Équipe", agency_id=agency_id)
    other = await _agent(company, "16103")
    path = f"/v1/discussions/{team['id']}"
    assert (await told(company, path, there.headers)).status_code == 404
    await done(company, f"{path}/members", {"user_ids": [str(there.id)]}, here.headers)
    assert (await got(company, path, there.headers))["my_role"] == "member"
    assert (await told(company, path, other.headers)).status_code == 404


async def test_a_room_of_a_group_is_for_its_members(company: Company) -> None:
    group_id = await company.group("fraud")
    lila, omar = await company.hire(group_ids=(group_id,)), await company.hire()
    team = await room(company, lila.headers, kind="public", name="Fraude", group_id=str(group_id))
    listed = await got(company, "/v1/discussions", lila.headers, which="open")
    assert [one["id"] for one in listed["data"]] == [team["id"]]
    assert (await told(company, f"/v1/discussions/{team['id']}", omar.headers)).status_code == 404


async def test_the_same_people_talk_in_one_room(company: Company) -> None:
    lila, omar = await company.hire(), await company.hire()
    body = {"kind": "direct", "member_ids": [str(omar.id)]}
    first = await company.send("POST", "/v1/discussions", body, by=lila.headers)
    again = await company.send(
        "POST", "/v1/discussions", {"kind": "direct", "member_ids": [str(lila.id)]}, by=omar.headers
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert set(again.json()["member_ids"]) == {str(lila.id), str(omar.id)}
    for step, more in ("leave", {}), ("members", {"user_ids": [str(company.admin.id)]}):
        path = f"/v1/discussions/{first.json()['id']}/{step}"
        answer = await company.send("POST", path, more or None, by=lila.headers)
        assert answer.json()["code"] == "discussion_members_fixed"


async def test_a_room_of_an_object_is_for_who_sees_the_object(company: Company) -> None:
    here, there = await _agent(company, "16101"), await _agent(company, "16102")
    lead = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "phone"}
    karim = await done(company, "/v1/leads", lead, here.headers)
    about = {"kind": "object", "name": None, "object_type": "lead", "object_id": karim["id"]}
    talk = await room(company, here.headers, **about)
    await say(company, talk, "Il hésite encore", here.headers)
    found = await got(company, "/v1/discussions", object_type="lead", object_id=karim["id"])
    assert [one["id"] for one in found["data"]] == [talk["id"]], "the administrator sees the lead"
    assert [one["body"] for one in await messages(company, talk)] == ["Il hésite encore"]
    assert (await told(company, f"/v1/discussions/{talk['id']}", there.headers)).status_code == 404
    stranger = {"kind": "object", "object_type": "lead", "object_id": karim["id"]}
    assert (await company.send("POST", "/v1/discussions", stranger, by=there.headers)).status_code == 404
    blind = await company.send(
        *("POST", f"/v1/discussions/{talk['id']}/members", {"user_ids": [str(there.id)]}), by=here.headers
    )
    assert blind.json()["errors"][0]["code"] == "cannot_read_discussion"


async def test_announcements_are_heard_by_all_and_made_by_few(company: Company) -> None:
    lila = await company.hire()
    body = {"kind": "announcement", "name": "Direction"}
    refused = await company.send("POST", "/v1/discussions", body, by=lila.headers)
    assert refused.json()["code"] == "announcements_reserved"
    news = await room(company, kind="announcement", name="Direction")
    said = await say(company, news, "Fermeture le 5 juillet")
    assert (await messages(company, news, lila.headers))[0]["id"] == said["id"]
    answer = {"discussion_id": news["id"], "body": "Enfin !"}
    heard = await company.send("POST", "/v1/discussion-messages", answer, by=lila.headers)
    assert heard.json()["code"] == "discussion_owners_only"
    path = f"/v1/discussion-messages/{said['id']}/react"
    seen = await done(company, path, {"reaction": "thanks"}, lila.headers)
    assert seen["reactions"] == [{"reaction": "thanks", "count": 1, "mine": True}]


async def test_only_owners_rename_archive_and_send_away(company: Company) -> None:
    lila, omar = await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    path = f"/v1/discussions/{private['id']}"
    for method, at, body in (
        ("PATCH", path, {"name": "Autre"}),
        ("POST", f"{path}/archive", None),
        ("DELETE", f"{path}/members/{lila.id}", None),
    ):
        answer = await company.send(method, at, body, by=omar.headers, version=1)
        assert answer.json()["code"] == "discussion_owners_only", at
    renamed = await done(company, path, {"name": "Sinistres 2026"}, lila.headers, method="PATCH", version=1)
    shut = await done(company, f"{path}/archive", None, lila.headers, version=renamed["version"])
    said = {"discussion_id": private["id"], "body": "Encore là ?"}
    late = await company.send("POST", "/v1/discussion-messages", said, by=omar.headers)
    assert late.json()["code"] == "discussion_archived"
    again = await company.send("POST", f"{path}/archive", by=lila.headers, version=shut["version"])
    assert again.json()["code"] == "discussion_archived"
    assert (await got(company, "/v1/discussions", omar.headers))["data"] == []
    assert len((await got(company, "/v1/discussions", omar.headers, archived=True))["data"]) == 1
    opened = await done(company, f"{path}/reopen", None, lila.headers, version=shut["version"])
    twice = await company.send("POST", f"{path}/reopen", by=lila.headers, version=opened["version"])
    assert twice.json()["code"] == "discussion_not_archived"
    assert (await company.send("DELETE", f"{path}/members/{omar.id}", by=lila.headers)).status_code == 204
    assert (await told(company, path, omar.headers)).status_code == 404


async def test_the_last_owner_leaves_the_room_to_who_was_there_first(
    company: Company, owner: asyncpg.Connection
) -> None:
    lila, omar, rania = await company.hire(), await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar)
    path = f"/v1/discussions/{private['id']}"
    await done(company, f"{path}/members", {"user_ids": [str(rania.id)]}, omar.headers)
    assert (await company.send("POST", f"{path}/leave", by=lila.headers)).status_code == 204
    people = (await got(company, f"{path}/members", omar.headers))["data"]
    assert [(one["user_id"], one["role"]) for one in people] == [
        (str(omar.id), "owner"),
        (str(rania.id), "member"),
    ]
    version = await company.version(omar.id)
    body = {"reassign_to": str(company.admin.id)}
    gone = await company.send("POST", f"/v1/users/{omar.id}/deactivate", body, version=version)
    assert gone.is_success, gone.text
    assert (await got(company, path, rania.headers))["my_role"] == "owner"
    left = await owner.fetchval(
        "SELECT count(*) FROM discussion_members WHERE user_id = $1", UUID(str(omar.id))
    )
    assert left == 0


async def test_what_is_said_reaches_neither_log(company: Company, owner: asyncpg.Connection) -> None:
    lila, omar = await company.hire(), await company.hire()
    private = await room(company, lila.headers, omar, name="Projet Atlas", topic="Rachat")
    said = await say(company, private, "Offre à 12 millions", lila.headers)
    path = f"/v1/discussion-messages/{said['id']}"
    await done(company, path, {"body": "Offre à 13 millions"}, lila.headers, method="PATCH", version=1)
    for log in ("audit_log", "event_log"):
        lines = [str(dict(row)) for row in await owner.fetch(f"SELECT * FROM {log}")]
        assert any(said["id"] in line for line in lines), log
        assert not [line for line in lines if any(w in line for w in ("Atlas", "Rachat", "millions"))], log
    events = [
        dict(row) for row in await owner.fetch("SELECT * FROM event_log WHERE object_type LIKE 'discussion%'")
    ]
    assert not [row for row in events if str(omar.id) in str(row["data"])]


async def test_another_company_sees_nothing(
    company: Company, client: httpx.AsyncClient, app: FastAPI
) -> None:
    public = await room(company, kind="public")
    elsewhere = actor(UUID(int=7), *RIGHTS)
    assert (await told(company, f"/v1/discussions/{public['id']}", elsewhere)).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "public"}, "room_needs_name"),
        ({"kind": "object"}, "room_object"),
        ({"kind": "private", "name": "X", "agency_id": str(UUID(int=1))}, "room_team"),
        ({"kind": "direct"}, "room_direct"),
        ({"kind": "public", "name": "X", "object_type": "lead"}, "object_half_named"),
    ],
)
async def test_a_room_that_makes_no_sense_is_refused(
    company: Company, body: dict[str, str], code: str
) -> None:
    answer = await company.send("POST", "/v1/discussions", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code
