"""Canned responses: whose they are, filled in, counted. Automatic replies: which answers, once a day."""

from typing import Any

import asyncpg
import pytest

from crm_api.kit.clock import today
from crm_api.knowledge.answering import AutoReplyService, Received
from knowledge.shelf import Shelf
from moved_clock import MovedClock

pytestmark = pytest.mark.anyio
CANNED = "/v1/canned-responses"
ACK = {
    "title": "Accusé de réception",
    "body_fr": "Bonjour {{customer.name}}, demande {{ticket.number}}. {{agent.name}}, {{organization.name}}",
    "body_ar": "مرحبا {{customer.name}}",
    "category": "accueil",
}
AUTO = "/v1/auto-replies"
CREATED = {
    "name": "Accusé",
    "trigger": "ticket_created",
    "body_fr": "Reçu {{ticket.number}}, merci{{claim.number}}.",
    "body_ar": "استلمنا رسالتكم",
}
AWAY = {"name": "Absence", "trigger": "out_of_hours", "body_fr": "De retour le {{opening}}.", "position": 10}


async def test_a_canned_response_belongs_to_somebody_a_team_or_all(shelf: Shelf) -> None:
    send = shelf.company.send
    here, there = [await shelf.company.agency(code) for code in ("16012", "16013")]
    seller, neighbour = [await shelf.company.hire("user", agency_id=place) for place in (here, there)]
    own = await send("POST", CANNED, ACK, by=seller.headers)
    assert (own.status_code, own.json()["scope"]) == (201, "personal"), own.text
    shared = await send("POST", CANNED, ACK | {"scope": "all"}, by=seller.headers)
    assert (shared.status_code, shared.json()["code"]) == (403, "canned_response_of_another")
    await send("POST", CANNED, ACK | {"title": "De tous", "scope": "all"})
    team = await send("POST", CANNED, ACK | {"title": "D'ici", "scope": "team", "agency_id": str(here)})
    assert team.status_code == 201, team.text

    async def seen(who: Any) -> list[str]:
        answer = await shelf.client.get(CANNED, headers=who.headers)
        return [one["title"] for one in answer.json()["data"]]

    assert await seen(seller) == ["Accusé de réception", "D'ici", "De tous"]
    assert await seen(neighbour) == ["De tous"]
    assert await seen(shelf.company.admin) == ["D'ici", "De tous"]  # a personal one is nobody else's
    hidden = await shelf.client.get(f"{CANNED}/{own.json()['id']}", headers=neighbour.headers)
    assert hidden.status_code == 404
    path = f"{CANNED}/{team.json()['id']}"
    refused = await send("PATCH", path, {"title": "À moi"}, by=seller.headers, version=1)
    assert refused.json()["code"] == "canned_response_of_another"
    assert (await send("PATCH", path, {"title": "À nous"}, version=1)).json()["title"] == "À nous"
    assert (await send("DELETE", path, version=2)).status_code == 204
    assert await seen(seller) == ["Accusé de réception", "De tous"]


async def test_it_is_filled_in_and_counted(shelf: Shelf) -> None:
    made = (await shelf.company.send("POST", CANNED, ACK | {"scope": "all"})).json()
    use = f"{CANNED}/{made['id']}/use"
    values = {"customer.name": "Mme HADDAD", "ticket.number": "T-2026-000042"}
    filled = (await shelf.company.send("POST", use, {"values": values})).json()
    assert filled == {
        "text": "Bonjour Mme HADDAD, demande T-2026-000042. Nadia Hamdi, Alliance Assurances SPA",
        "missing": [],
    }
    arabic = (await shelf.company.send("POST", use, {"language": "ar", "values": {}})).json()
    assert arabic == {"text": "مرحبا {{customer.name}}", "missing": ["customer.name"]}
    read = (await shelf.client.get(f"{CANNED}/{made['id']}", headers=shelf.admin)).json()
    assert (read["usage_count"], read["version"]) == (2, 1)
    preview = {"body": "Le {{date}}, {{amount}} DA", "values": {"amount": "1 500,00"}}
    shown = (await shelf.company.send("POST", f"{CANNED}/preview", preview)).json()
    assert shown["text"] == f"Le {today():%d/%m/%Y}, 1 500,00 DA"
    wrong = await shelf.company.send("POST", CANNED, ACK | {"body_fr": "{{customer.password}}"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "unknown_variable")


async def ready(shelf: Shelf, *bodies: dict[str, Any]) -> None:
    for body in bodies:
        answer = await shelf.company.send("POST", AUTO, body)
        assert answer.status_code == 201, answer.text


async def replied(shelf: Shelf, sender: str = "karim@example.dz", **more: Any) -> str | None:
    """What the house answers by itself, as who receives messages asks for it."""
    ctx = shelf.company.context()
    about: dict[str, Any] = {
        "text": "Bonjour, où est mon dossier ?",
        "channel": "email",
        "opens_ticket": True,
    }
    reply = await AutoReplyService(ctx).reply_to(Received(sender=sender, **about | more))
    await ctx.commit()
    await ctx.close()
    return reply and reply.text


async def test_one_reply_a_day_for_each_person(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    time = MovedClock(monkeypatch)
    time.go("2026-11-29 10:00")  # a Sunday: somebody is there
    await ready(shelf, CREATED, AWAY)
    values = {"ticket.number": "T-1"}
    assert await replied(shelf, values=values) == "Reçu T-1, merci."
    assert await replied(shelf, "KARIM@example.dz", values=values) is None  # the same person
    assert await replied(shelf, "lina@example.dz", text="سلام", values=values) == "استلمنا رسالتكم"
    assert await replied(shelf, "omar@example.dz", opens_ticket=False) is None
    time.go("2026-11-30 09:59")
    assert await replied(shelf, values=values) is None
    time.go("2026-11-30 10:01")
    assert await replied(shelf, values=values) == "Reçu T-1, merci."


async def test_out_of_hours_comes_first_and_a_machine_gets_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, owner: asyncpg.Connection
) -> None:
    MovedClock(monkeypatch).go("2026-11-27 10:00")  # a Friday
    await ready(shelf, CREATED, AWAY)
    first = await replied(shelf)
    assert first is not None
    assert first.startswith(("De retour le 28/11/2026", "De retour le 29/11/2026"))
    assert await replied(shelf) == "Reçu , merci."  # the other rule has its own day
    for _ in range(3):
        assert await replied(shelf, "bot@example.dz", headers={"Auto-Submitted": "auto-replied"}) is None
    kept = await owner.fetch("SELECT requester FROM auto_reply_sendings")
    assert len(kept) == 2
    assert all(b"karim" not in row[0] for row in kept)  # a blind index, no address


async def test_conditions_keywords_and_the_dry_run(shelf: Shelf) -> None:
    conditions = {"channels": ["email"], "languages": ["fr"]}
    certificate = {
        "name": "Attestation",
        "trigger": "keyword",
        "keywords": ["Attestation"],
        "conditions": conditions,
        "body_fr": "Téléchargez-la dans MyAlliance.",
    }
    await ready(shelf, certificate)

    async def tried(**more: Any) -> tuple[Any, Any]:
        body = {"text": "Envoyez-moi mon ATTESTATION svp", "sender": "a@b.dz", "opens_ticket": False} | more
        answer = await shelf.company.send("POST", f"{AUTO}/try", body)
        assert answer.status_code == 200, answer.text
        return answer.json()["text"], answer.json()["why_not"]

    said = ("Téléchargez-la dans MyAlliance.", None)
    assert await tried() == said
    assert await tried() == said  # nothing was claimed
    assert await tried(channel="sms") == (None, "nothing_fits")
    assert await tried(text="mes attestationss") == (None, "nothing_fits")
    assert await tried(headers={"List-Id": "<x>"}) == (None, "automatic_message")
    assert await replied(shelf, "a@b.dz", text="attestation", opens_ticket=False) == said[0]
    assert await tried() == (None, "cooling_down")
    (rule,) = (await shelf.client.get(AUTO, headers=shelf.admin)).json()["data"]
    assert rule["sent_count"] == 1
    path = f"{AUTO}/{rule['id']}"
    off = await shelf.company.send("PATCH", path, {"is_active": False}, version=rule["version"])
    assert off.json()["is_active"] is False
    assert await tried(sender="c@b.dz") == (None, "nothing_fits")
    wordless = await shelf.company.send("PATCH", path, {"keywords": []}, version=off.json()["version"])
    assert wordless.json()["errors"][0]["code"] == "keywords_required"
    gone = await shelf.company.send("DELETE", path, version=off.json()["version"])
    assert gone.status_code == 204
