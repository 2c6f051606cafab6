"""E-9: a customer calls, and the screen knows who it is before anybody answers."""

import pytest
from fastapi import FastAPI

from actors import Headers, actor
from company import Company, Person
from events.listening import listening
from journeys.steps import Answer, read, said

pytestmark = pytest.mark.anyio
PHONE = "0550 12 34 56"
ILYES: Answer = {"first_name": "Ilyès", "last_name": "Aïssani", "birth_date": "1994-05-17"}


async def test_a_customer_calls(app: FastAPI, company: Company) -> None:
    agency = await company.agency("16012")
    meriem = await company.hire(agency_id=agency, group_ids=(await company.group("call_centre"),))
    switchboard = actor(company.organization_id, "calls:ingest", kind="client", session_id=None)
    family = {"phones": [{"value": PHONE}], "agency_id": str(agency), "create_household": True}
    ilyes = await said(company, "/v1/contacts", ILYES | family)

    # 1. It rings: the switchboard tells, the stream of who is called says whose card to open.
    ring = {"reference": "pbx-1", "phone": PHONE, "agent_user_id": str(meriem.id)}
    async with listening(app, meriem.headers) as screen:
        call = await said(company, "/v1/telephony/calls", ring, by=switchboard)
        *_, event = await screen.until("call.ringing")
    assert event["id"] == call["id"]
    assert "0550" not in screen.text, "a stream carries ids, not telephone numbers"
    path = f"/v1/telephony/calls/{call['id']}"
    (card,) = (await read(company, path, meriem.headers))["matches"]
    assert (card["object_id"], card["title"]) == (ilyes["id"], "AÏSSANI Ilyès")

    # 2. It ends: what was said becomes an interaction in the customer's timeline.
    await said(company, f"{path}/answer", {}, by=switchboard)
    end = {"duration_seconds": 214, "wait_seconds": 9, "disposition": "callback_requested"}
    end |= {"recording_reference": "pbx/1.wav", "recording_notice_given": True, "summary": "Rappeler jeudi"}
    over = await said(company, f"{path}/end", end, by=switchboard)
    timeline = await read(company, f"/v1/contacts/{ilyes['id']}/timeline", meriem.headers)
    (entry,) = [one for one in timeline["data"] if one["kind"] == "interaction"]
    assert entry["interaction"]["id"] == over["interaction_id"]

    # 3. She gives an appointment for Thursday, about that person.
    visit = {"title": "Rappel AÏSSANI", "type": "phone", "contact_id": ilyes["id"]}
    visit |= {"starts_at": "2026-12-06T09:00:00Z", "ends_at": "2026-12-06T09:30:00Z"}
    given = await said(company, "/v1/appointments", visit, by=meriem.headers)
    assert given["organizer_id"] == str(meriem.id)

    # 4. His sister calls with the same telephone: two cards, and Meriem chooses.
    lina = await said(
        company, "/v1/contacts", ILYES | family | {"first_name": "Lina", "birth_date": "1990-01-01"}
    )
    call = await said(company, "/v1/telephony/calls", ring | {"reference": "pbx-2"}, by=switchboard)
    assert (call["match_count"], call["party_id"]) == (2, None)
    path = f"/v1/telephony/calls/{call['id']}"
    shown = await read(company, path, meriem.headers)
    assert {one["object_id"] for one in shown["matches"]} == {ilyes["id"], lina["id"]}
    chosen = {"object_type": "contact", "object_id": lina["id"]}
    known = await said(company, f"{path}/identify", chosen, by=meriem.headers, version=shown["version"])
    assert known["party_id"] == lina["id"]

    # 5. Somebody unknown calls: an anonymous party, who becomes a lead with what was said.
    stranger = ring | {"reference": "pbx-3", "phone": "0770 99 88 77"}
    await a_stranger_becomes_a_lead(company, stranger, switchboard, meriem)

    # 6. A call that nobody answers asks for a callback within half an hour of work.
    lost = ring | {"reference": "pbx-4", "phone": "0770 99 88 77"}
    call = await said(company, "/v1/telephony/calls", lost, by=switchboard)
    await said(company, f"/v1/telephony/calls/{call['id']}/miss", {"wait_seconds": 25}, by=switchboard)
    tasks = (await read(company, "/v1/tasks", meriem.headers, whose="mine"))["data"]
    callback = next(one for one in tasks if one["title"].startswith("Rappeler"))
    assert (callback["type"], callback["due_in_minutes"], callback["source"]) == ("call", 30, "system")


async def a_stranger_becomes_a_lead(
    company: Company, ring: Answer, switchboard: Headers, meriem: Person
) -> None:
    call = await said(company, "/v1/telephony/calls", ring, by=switchboard)
    assert (call["match_count"], call["party_type"]) == (0, None)
    over = await said(
        company, f"/v1/telephony/calls/{call['id']}/end", {"duration_seconds": 60}, by=switchboard
    )
    talk = f"/v1/interactions/{over['interaction_id']}"
    assert (await read(company, talk))["anonymous_party"]["phone"] == "+213770998877"
    body = {"full_name": "Karim BOUCHAREB", "phone": "0770 99 88 77", "source": "phone"}
    karim = await said(company, "/v1/leads", body, by=meriem.headers)
    linked = {"object_type": "lead", "object_id": karim["id"]}
    await said(company, f"{talk}/identify", linked, by=meriem.headers)
    heard = await read(company, f"/v1/leads/{karim['id']}/timeline", meriem.headers)
    assert over["interaction_id"] in [(one["interaction"] or {}).get("id") for one in heard["data"]]
