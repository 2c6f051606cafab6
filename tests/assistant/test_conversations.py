"""Conversations over HTTP: quoted answers, refusals, hand-overs, rights; and how far it gets by itself."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from company import open_company
from crm_api.assistant.models import ASSISTANT_SESSION
from crm_api.demo.library import stock
from knowledge.shelf import Shelf
from moved_clock import MovedClock

pytestmark = pytest.mark.anyio
SESSIONS = "/v1/assistant/sessions"
ASKS = ("assistant:use", "kb:read")


class Desk:
    """The assistant, as the insurer's site asks it."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.client, self.admin = shelf, shelf.client, shelf.admin
        self.site = actor(shelf.company.organization_id, *ASKS, kind="client", session_id=None)

    async def begun(self, by: Headers | None = None, **about: Any) -> dict[str, Any]:
        answer = await self.client.post(SESSIONS, json=about, headers=by or self.site)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def asked(
        self, session: dict[str, Any], question: str, by: Headers | None = None
    ) -> dict[str, Any]:
        path = f"{SESSIONS}/{session['id']}/ask"
        answer = await self.client.post(path, json={"question": question}, headers=by or self.site)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def ticket(self, id: str) -> dict[str, Any]:
        reader = actor(self.shelf.company.organization_id, "tickets:read")
        return dict((await self.client.get(f"/v1/tickets/{id}", headers=reader)).json())


@pytest.fixture
async def desk(shelf: Shelf) -> Desk:
    ctx = shelf.company.context()
    await stock(ctx, shelf.company.admin.id)
    await ctx.commit()
    await ctx.close()
    return Desk(shelf)


async def test_it_says_that_it_is_a_machine_and_quotes_what_it_says(desk: Desk) -> None:
    session = await desk.begun(visitor="visitor-77")
    assert session["is_robot"] is True
    assert session["disclosure"].startswith("Je suis l'assistant virtuel de Alliance Assurances SPA.")
    assert "« conseiller »" in session["disclosure"]
    reply = await desk.asked(session, "J'ai égaré mon attestation d'assurance")
    assert (reply["kind"], reply["is_robot"], reply["is_rephrased"]) == ("answer", True, False)
    assert reply["sources"][0]["slug"] == "attestation-duplicata"
    assert reply["sources"][0]["edition"] == 1
    assert "demandez un duplicata" in reply["answer"]
    assert "[1]" in reply["answer"]
    hello = await desk.asked(session, "Bonjour !")
    assert (hello["kind"], hello["sources"]) == ("greeting", [])
    shown = (await desk.client.get(f"{SESSIONS}/{session['id']}", headers=desk.site)).json()
    assert [turn["kind"] for turn in shown["turns"]] == ["answer", "greeting"]
    assert (shown["turn_count"], shown["answered_count"]) == (2, 1)


@pytest.mark.parametrize(
    "question",
    ["Suis-je responsable de cet accident ?", "Allez-vous m'indemniser ?", "Combien vais-je toucher ?"],
)
async def test_it_decides_nothing(desk: Desk, question: str) -> None:
    reply = await desk.asked(await desk.begun(), question)
    assert (reply["kind"], reply["sources"], reply["status"]) == ("refusal", [], "open")
    assert "ni d'une indemnité" in reply["answer"]


@pytest.mark.parametrize(
    ("question", "reason", "type"),
    [
        ("Mon frère est décédé dans un accident", "injury_or_death", "claim_follow_up"),
        ("Il y a deux blessés dans ma voiture", "injury_or_death", "claim_follow_up"),
        ("C'est inadmissible, je suis très mécontent", "complaint", "complaint"),
        ("conseiller", "asked_for", "question"),
        ("أريد التحدث مع مستشار", "asked_for", "question"),
    ],
)
async def test_a_person_takes_over(desk: Desk, question: str, reason: str, type: str) -> None:
    session = await desk.begun()
    await desk.asked(session, "Comment obtenir la carte orange")
    reply = await desk.asked(session, question)
    assert (reply["kind"], reply["status"]) == ("hand_over", "handed_over")
    ticket = await desk.ticket(reply["ticket_id"])
    assert (ticket["type"], ticket["channel"]) == (type, "chatbot")
    assert ticket["number"] in reply["answer"]
    assert "1. Client : Comment obtenir la carte orange" in ticket["description"]
    assert f"2. Client : {question}" in ticket["description"]
    shown = (await desk.client.get(f"{SESSIONS}/{session['id']}", headers=desk.site)).json()
    assert (shown["hand_over_reason"], shown["ticket_id"]) == (reason, reply["ticket_id"])
    over = await desk.client.post(
        f"{SESSIONS}/{session['id']}/ask", json={"question": "Encore ?"}, headers=desk.site
    )
    assert (over.status_code, over.json()["code"]) == (409, "assistant_session_over")


async def test_two_questions_without_an_answer_bring_a_person_and_two_gaps(desk: Desk) -> None:
    session = await desk.begun()
    first = await desk.asked(session, "Assurez-vous les chevaux de course ?")
    assert (first["kind"], first["sources"], first["status"]) == ("no_answer", [], "open")
    second = await desk.asked(session, "Et les œuvres d'art, les tableaux ?")
    assert (second["kind"], second["status"]) == ("hand_over", "handed_over")
    gaps = (await desk.client.get("/v1/kb/gaps", headers=desk.admin)).json()["data"]
    assert {gap["source"] for gap in gaps} == {"assistant"}
    assert len(gaps) == 2
    other = await desk.begun()
    await desk.asked(other, "Assurez-vous les chevaux de course ?")
    await desk.asked(other, "Comment obtenir la carte orange")  # an answer between
    again = await desk.asked(other, "Assurez-vous les chevaux de course ?")
    assert again["status"] == "open"


async def test_it_knows_when_somebody_is_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    time = MovedClock(monkeypatch)
    time.go("2026-11-29 10:00")  # a Sunday
    session = await desk.begun()
    assert session["is_staffed"] is True
    assert "dès que possible" in (await desk.asked(session, "conseiller"))["answer"]
    time.go("2026-11-27 23:00")  # a Friday night
    session = await desk.begun()
    assert session["is_staffed"] is False
    assert "absents en ce moment" in (await desk.asked(session, "conseiller"))["answer"]


async def test_the_asker_is_answered_from_what_they_may_read(desk: Desk) -> None:
    question = "Comment accorder un geste commercial, une remise de fidélité ?"
    outside = await desk.asked(await desk.begun(), question)
    assert "geste-commercial-interne" not in str(outside)
    colleague = await desk.shelf.company.hire("user", agency_id=await desk.shelf.company.agency())
    inside = await desk.asked(await desk.begun(colleague.headers), question, colleague.headers)
    assert inside["sources"][0]["slug"] == "geste-commercial-interne"


async def test_a_conversation_is_its_askers_and_the_overseers(
    desk: Desk, app: FastAPI, client: httpx.AsyncClient
) -> None:
    session = await desk.begun()
    other = await desk.shelf.company.hire("user")
    path = f"{SESSIONS}/{session['id']}"
    assert (await client.get(path, headers=other.headers)).status_code == 404
    ask = await client.post(f"{path}/ask", json={"question": "Bonjour"}, headers=other.headers)
    assert ask.status_code == 404
    assert (await client.get(path, headers=desk.admin)).status_code == 200
    mine = (await client.get(SESSIONS, headers=other.headers)).json()["data"]
    every = (await client.get(SESSIONS, headers=desk.admin)).json()["data"]
    assert ([], [session["id"]]) == (mine, [one["id"] for one in every])
    abroad = await open_company(app, client)
    assert (await client.get(path, headers=abroad.admin.headers)).status_code == 404
    stranger = {"contact_id": str(UUID(int=7))}
    unseen = await client.post(SESSIONS, json=stranger, headers=desk.site)
    assert (unseen.status_code, unseen.json()["code"]) == (404, "unknown_object")


async def test_hand_over_and_verdict_in_every_state(desk: Desk, owner: asyncpg.Connection) -> None:
    """Every pair of states: a step that the table lists is made, any other is refused."""
    steps = {
        "handed_over": ("hand-over", {"name": "Karim BOUCHAREB", "phone": "0550 12 34 56"}),
        "closed": ("verdict", {"resolved": True}),
    }
    for wanted, (step, body) in steps.items():
        for current in ASSISTANT_SESSION.states:
            session = await desk.begun()
            path = f"{SESSIONS}/{session['id']}"
            if current != "open":
                earlier, given = steps[current]
                await desk.client.post(f"{path}/{earlier}", json=given, headers=desk.site)
            answer = await desk.client.post(f"{path}/{step}", json=body, headers=desk.site)
            if wanted in ASSISTANT_SESSION.allowed(current):
                assert answer.json()["status"] == wanted, f"{current} -> {wanted}: {answer.text}"
            else:
                assert answer.json()["code"] == "assistant_session_over", f"{current} -> {wanted}"
    ticket = await desk.ticket(
        await owner.fetchval("SELECT ticket_id::text FROM assistant_sessions WHERE ticket_id IS NOT NULL")
    )
    assert ticket["type"] == "callback"


async def test_a_conversation_has_an_end(desk: Desk, owner: asyncpg.Connection) -> None:
    session = await desk.begun()
    await owner.execute("UPDATE assistant_sessions SET turn_count = 60")
    path = f"{SESSIONS}/{session['id']}/ask"
    answer = await desk.client.post(path, json={"question": "Bonjour"}, headers=desk.site)
    assert (answer.status_code, answer.json()["code"]) == (409, "assistant_too_many_turns")


CONTAINED = """INSERT INTO assistant_sessions (organization_id, id, version, channel, language, status,
    turn_count, unsure_count, answered_count, last_turn_at, created_at, handed_over_at, hand_over_reason,
    ticket_at, resolved)
SELECT $1, gen_random_uuid(), 1, 'chatbot', 'fr', CASE WHEN n <= 250 THEN 'handed_over' ELSE 'open' END,
    1, 0, CASE WHEN n <= 350 THEN 0 ELSE 1 END, $2, $2,
    CASE WHEN n <= 250 THEN $2::timestamptz END, CASE WHEN n <= 250 THEN 'asked_for' END,
    CASE WHEN n <= 310 THEN $2::timestamptz END, CASE WHEN n BETWEEN 351 AND 380 THEN false END
FROM generate_series(1, 1000) n"""


async def test_containment_is_the_worked_number_of_the_book(
    desk: Desk, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-58: 620 of 1,000 is 0.6200; 250 handed over, 60 with a ticket, 70 that were no help."""
    moment = MovedClock(monkeypatch).go("2026-11-20 10:00")
    await owner.execute(CONTAINED, desk.shelf.company.organization_id, moment - timedelta(days=2))
    await owner.execute(CONTAINED, desk.shelf.company.organization_id, moment - timedelta(hours=3))
    params = {"start": "2026-11-01", "end": "2026-12-01"}
    answer = await desk.client.get("/v1/assistant/figures", params=params, headers=desk.admin)
    told = answer.json()
    told.pop("measured_at")
    assert told == {
        "sessions": 1000,
        "contained": 620,
        "containment": "0.6200",
        "handed_over": 250,
        "followed_by_ticket": 60,
        "unresolved": 70,
        "still_open": 1000,
    }
    backwards = {"start": "2026-12-01", "end": "2026-12-01"}
    refused = await desk.client.get("/v1/assistant/figures", params=backwards, headers=desk.admin)
    assert refused.json()["errors"][0]["code"] == "period_empty"


async def test_who_opens_a_ticket_within_a_day_was_not_helped(desk: Desk, owner: asyncpg.Connection) -> None:
    company = desk.shelf.company
    body = {"last_name": "Haddad", "first_name": "Lina", "phones": [{"value": "0550 12 34 56"}]}
    body |= {"create_household": True, "agency_id": str(await company.agency())}
    made = await company.send("POST", "/v1/contacts", body)
    assert made.status_code == 201, made.text
    known = actor(company.organization_id, *ASKS, "contacts:read", kind="client", session_id=None)
    session = await desk.begun(known, contact_id=made.json()["id"])
    await desk.asked(session, "Comment obtenir la carte orange", known)
    ticket = {"subject": "Toujours rien", "description": "?", "requester_contact_id": made.json()["id"]}
    opened = await company.send("POST", "/v1/tickets", ticket)
    assert opened.status_code == 201, opened.text
    row = await owner.fetchrow("SELECT ticket_id, handed_over_at FROM assistant_sessions")
    assert (str(row[0]), row[1]) == (opened.json()["id"], None)
