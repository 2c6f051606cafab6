"""From the ring to the interaction: journey E-9, over HTTP, as a switchboard and a colleague live it."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from company import Company, Person, open_company
from crm_api.telephony.models import CALL
from interactions.steps import agencies, get, lead, made, person

pytestmark = pytest.mark.anyio
PHONE = "+213550123456"


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


@pytest.fixture
async def switchboard(company: Company) -> Headers:
    """A machine that may tell of calls, and nothing else."""
    return actor(company.organization_id, "calls:ingest", kind="client", session_id=None, confirmed_at=None)


@pytest.fixture
async def meriem(company: Company) -> Person:
    """Of the call centre: she sees every customer."""
    agency = UUID((await agencies(company))[0])
    return await company.hire(agency_id=agency, group_ids=(await company.group("call_centre"),))


async def rings(company: Company, by: Headers, **more: Any) -> dict[str, Any]:
    body = {"reference": f"pbx-{uuid4()}", "phone": PHONE} | more
    return await made(company, "/v1/telephony/calls", body, by)


async def told(company: Company, by: Headers, call: dict[str, Any], step: str, **body: Any) -> httpx.Response:
    return await company.send("POST", f"/v1/telephony/calls/{call['id']}/{step}", body, by=by)


async def facts(owner: asyncpg.Connection, kind: str) -> list[dict[str, Any]]:
    rows = await owner.fetch("SELECT data::text FROM event_log WHERE kind = $1 ORDER BY id", kind)
    return [httpx.Response(200, text=row[0]).json() for row in rows]


async def test_journey_e9_a_customer_calls(
    company: Company, switchboard: Headers, meriem: Person, owner: asyncpg.Connection
) -> None:
    ilyes = await person(company)
    ring = await rings(company, switchboard, agent_user_id=str(meriem.id), line="021 98 00 00")
    assert (ring["status"], ring["match_count"], ring["party_id"]) == ("ringing", 1, ilyes["id"])
    assert ring["matches"] == [], "a switchboard is told no names"
    (screen,) = await facts(owner, "call.ringing")
    assert (screen["call_id"], screen["agent_user_id"]) == (ring["id"], str(meriem.id))
    assert (screen["party_type"], screen["party_id"]) == ("contact", ilyes["id"])
    assert PHONE not in str(screen)
    card = (await get(company, f"/v1/telephony/calls/{ring['id']}", meriem.headers)).json()["matches"][0]
    assert (card["object_id"], card["title"]) == (ilyes["id"], ilyes["display_name"])

    answered = await told(company, switchboard, ring, "answer")
    assert answered.json()["status"] == "answered"
    end = {"duration_seconds": 214, "wait_seconds": 9, "disposition": "callback_requested"}
    end |= {"recording_reference": "pbx/1.wav", "recording_notice_given": True, "summary": "Rappeler jeudi"}
    over = (await told(company, switchboard, ring, "end", **end)).json()
    assert over["status"] == "ended"

    said = (await get(company, f"/v1/interactions/{over['interaction_id']}", meriem.headers)).json()
    assert (said["channel"], said["direction"], said["outcome"]) == ("phone", "inbound", "callback_requested")
    assert (said["duration_seconds"], said["wait_seconds"]) == (214, 9)
    assert (said["agent_user_id"], said["recording_reference"]) == (str(meriem.id), "pbx/1.wav")
    assert ("contact", ilyes["id"]) in {(x["object_type"], x["object_id"]) for x in said["links"]}
    timeline = (await get(company, f"/v1/contacts/{ilyes['id']}/timeline", kind="interaction")).json()
    assert [entry["interaction"]["id"] for entry in timeline["data"]] == [said["id"]]
    own_words = {"summary": "Rappeler jeudi à 10 h"}
    path = f"/v1/interactions/{said['id']}"
    changed = await company.send("PATCH", path, own_words, by=meriem.headers, version=1)
    assert changed.status_code == 200, "whose call it was completes it"


async def test_several_share_a_number_and_somebody_chooses(
    company: Company, switchboard: Headers, meriem: Person
) -> None:
    ilyes = await person(company)
    lina = await person(company, first_name="Lina", birth_date="1990-01-01")
    ring = await rings(company, switchboard, agent_user_id=str(meriem.id))
    assert (ring["match_count"], ring["party_id"]) == (2, None)
    path = f"/v1/telephony/calls/{ring['id']}"
    shown = await get(company, path, meriem.headers)
    assert {match["object_id"] for match in shown.json()["matches"]} == {ilyes["id"], lina["id"]}
    await told(company, switchboard, ring, "end", duration_seconds=30)
    ended = (await get(company, path, meriem.headers)).json()
    anonymous = (await get(company, f"/v1/interactions/{ended['interaction_id']}")).json()
    assert (anonymous["links"], anonymous["anonymous_party"]["phone"]) == ([], PHONE)
    body = {"object_type": "contact", "object_id": lina["id"]}
    chosen = await company.send("POST", f"{path}/identify", body, by=meriem.headers, version=ended["version"])
    assert chosen.json()["party_id"] == lina["id"]
    linked = (await get(company, f"/v1/interactions/{ended['interaction_id']}")).json()["links"]
    assert ("contact", lina["id"]) in {(x["object_type"], x["object_id"]) for x in linked}


async def test_an_unknown_caller_becomes_a_lead(
    company: Company, switchboard: Headers, meriem: Person
) -> None:
    ring = await rings(company, switchboard, agent_user_id=str(meriem.id))
    assert (ring["match_count"], ring["party_type"]) == (0, None)
    over = (await told(company, switchboard, ring, "end", duration_seconds=60)).json()
    karim = await lead(company, by=meriem.headers)
    body = {"object_type": "lead", "object_id": karim["id"]}
    path = f"/v1/interactions/{over['interaction_id']}/identify"
    assert (await company.send("POST", path, body, by=meriem.headers)).json() == {"linked": 1}


async def test_an_account_is_known_by_its_number_and_a_withheld_number_by_nothing(
    company: Company, switchboard: Headers
) -> None:
    account = await made(
        company,
        "/v1/accounts",
        {
            "type": "company",
            "name": "SARL Transport El Amel",
            "agency_id": (await agencies(company))[0],
            "phones": [{"value": "021 98 76 54", "kind": "landline"}],
            "addresses": [{"kind": "head_office", "lines": ["Alger"], "wilaya_code": "16"}],
        },
    )
    ring = await rings(company, switchboard, phone="021 98 76 54")
    assert (ring["party_type"], ring["party_id"]) == ("account", account["id"])
    withheld = await rings(company, switchboard, phone=None)
    over = await told(company, switchboard, withheld, "end", duration_seconds=5)
    assert over.status_code == 200, over.text


async def test_a_missed_call_asks_for_a_callback(
    company: Company, switchboard: Headers, meriem: Person, owner: asyncpg.Connection
) -> None:
    ilyes = await person(company)
    ring = await rings(company, switchboard, agent_user_id=str(meriem.id))
    missed = (await told(company, switchboard, ring, "miss", wait_seconds=25)).json()
    (fact,) = await facts(owner, "call.missed")
    assert (fact["party_id"], fact["agent_user_id"]) == (ilyes["id"], str(meriem.id))
    assert fact["interaction_id"] == missed["interaction_id"]
    (call,) = (await get(company, "/v1/tasks?type=call")).json()["data"]
    assert (call["title"], call["source"], call["due_in_minutes"]) == (
        "Rappeler : appel manqué",
        "system",
        30,
    )
    said = (await get(company, f"/v1/interactions/{missed['interaction_id']}")).json()
    assert (said["outcome"], said["wait_seconds"]) == ("no_answer", 25)


async def test_what_is_told_twice_happens_once(
    company: Company, switchboard: Headers, owner: asyncpg.Connection
) -> None:
    body = {"reference": "pbx-1", "phone": PHONE}
    first = await company.send("POST", "/v1/telephony/calls", body, by=switchboard)
    again = await company.send("POST", "/v1/telephony/calls", body, by=switchboard)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    for step in ("answer", "end"):
        one = await told(company, switchboard, first.json(), step)
        two = await told(company, switchboard, first.json(), step)
        assert (one.status_code, two.json()) == (200, one.json())
    assert await owner.fetchval("SELECT count(*) FROM interactions") == 1
    assert len(await facts(owner, "call.ringing")) == len(await facts(owner, "call.ended")) == 1


STEPS = {"answered": "answer", "ended": "end", "missed": "miss"}


@pytest.mark.parametrize("wanted", STEPS)
@pytest.mark.parametrize("current", CALL.states)
async def test_every_pair_of_states(
    company: Company, switchboard: Headers, owner: asyncpg.Connection, current: str, wanted: str
) -> None:
    ring = await rings(company, switchboard)
    await owner.execute("UPDATE telephony_calls SET status = $1", current)
    answer = await told(company, switchboard, ring, STEPS[wanted])
    if wanted in CALL.allowed(current) or wanted == current:  # told twice is no mistake
        assert (answer.status_code, answer.json()["status"]) == (200, wanted)
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
        assert set(answer.json()["allowed"]) == set(CALL.allowed(current))


async def test_a_recording_needs_notice_and_a_call_ends_after_it_began(
    company: Company, switchboard: Headers
) -> None:
    ring = await rings(company, switchboard)
    secret = await told(company, switchboard, ring, "end", recording_reference="x.wav")
    assert secret.json()["errors"][0]["code"] == "recording_without_notice"
    early = await told(company, switchboard, ring, "end", ended_at="2020-01-01T00:00:00Z")
    assert (early.status_code, early.json()["code"]) == (422, "ends_before_it_began")


async def test_only_a_switchboard_tells_of_calls_and_only_ones_own_are_seen(
    company: Company, switchboard: Headers, app: FastAPI, client: httpx.AsyncClient
) -> None:
    agency = await company.agency("16105")
    other = await company.hire(agency_id=agency)
    refused = await company.send("POST", "/v1/telephony/calls", {"reference": "x"}, by=other.headers)
    assert (refused.status_code, refused.json()["required_scopes"]) == (403, ["calls:ingest"])
    ring = await rings(company, switchboard, agent_user_id=str(company.admin.id))
    mine = await rings(company, switchboard, agent_user_id=str(other.id))
    listed = (await get(company, "/v1/telephony/calls", other.headers)).json()["data"]
    assert [row["id"] for row in listed] == [mine["id"]]
    assert "matches" not in listed[0]
    assert (await get(company, f"/v1/telephony/calls/{ring['id']}", other.headers)).status_code == 404
    foreign = (await open_company(app, client)).admin.headers
    assert (await get(company, f"/v1/telephony/calls/{mine['id']}", foreign)).status_code == 404


async def test_the_screen_shows_nobody_out_of_sight(company: Company, switchboard: Headers) -> None:
    await person(company)
    elsewhere = await company.hire(agency_id=await company.agency("16106"))
    ring = await rings(company, switchboard, agent_user_id=str(elsewhere.id))
    shown = (await get(company, f"/v1/telephony/calls/{ring['id']}", elsewhere.headers)).json()
    assert (ring["match_count"], shown["matches"]) == (1, [])
