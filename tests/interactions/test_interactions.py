"""What was said to whom, recorded once, and never quietly changed."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company, open_company
from crm_api.core.db import now
from crm_api.core.principal import DataScope
from interactions.steps import call, get, lead, made, person, seller

pytestmark = pytest.mark.anyio


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)


async def test_an_interaction_is_recorded_and_read(company: Company) -> None:
    ilyes = await person(company)
    said = await made(
        company,
        "/v1/interactions",
        {
            "channel": "in_person",
            "direction": "inbound",
            "outcome": "info_given",
            "subject": "Devis auto",
            "body": "Veut une tous risques.",
            "duration_seconds": 600,
            "language": "ar",
            "sentiment": 0.4,
            "participants": [{"kind": "other", "name": "Son frère", "role": "interprète"}],
            "links": [{"object_type": "contact", "object_id": ilyes["id"]}],
        },
    )
    read = (await get(company, f"/v1/interactions/{said['id']}")).json()
    assert read == said
    assert read["agent_user_id"] == str(company.admin.id)
    assert (read["sentiment"], read["language"], read["body"]) == (0.4, "ar", "Veut une tous risques.")
    assert read["participants"][0]["role"] == "interprète"


async def test_the_account_of_a_person_is_linked_too(company: Company) -> None:
    ilyes = await person(company)
    household = next(link["account_id"] for link in ilyes["account_links"] if link["is_primary"])
    said = await call(company, ("contact", ilyes))
    assert {(x["object_type"], x["object_id"]) for x in said["links"]} == {
        ("contact", ilyes["id"]),
        ("account", household),
    }
    listed = (await get(company, "/v1/interactions", account_id=household)).json()["data"]
    assert [row["id"] for row in listed] == [said["id"]]


async def test_a_list_has_no_bodies_and_filters(company: Company) -> None:
    karim, lina = await lead(company), await lead(company, full_name="Lina HADDAD", phone="0551 00 00 01")
    with_karim = await call(company, ("lead", karim), body="long", thread_key="t-1")
    with_lina = await call(company, ("lead", lina), channel="email", outcome=None, promise_text="Un devis")
    for params, expected in (
        ({"lead_id": karim["id"]}, [with_karim]),
        ({"channel": "email"}, [with_lina]),
        ({"outcome": "reached"}, [with_karim]),
        ({"thread_key": "t-1"}, [with_karim]),
        ({"promise_status": "open"}, [with_lina]),
        ({"direction": "inbound"}, []),
        ({"agent_user_id": str(company.admin.id)}, [with_lina, with_karim]),
        ({"occurred_at_lt": "2020-01-01T00:00:00Z"}, []),
    ):
        page = (await get(company, "/v1/interactions", **params)).json()
        assert [row["id"] for row in page["data"]] == [one["id"] for one in expected], params
        assert all("body" not in row for row in page["data"])
        count = (await get(company, "/v1/interactions/count", **params)).json()["count"]
        assert count == len(expected), params


async def test_a_message_sent_twice_is_recorded_once(company: Company, owner: asyncpg.Connection) -> None:
    karim = await lead(company)
    body = {"channel": "whatsapp", "direction": "inbound", "external_message_id": "wamid.1"}
    body |= {"links": [{"object_type": "lead", "object_id": karim["id"]}]}
    first = await company.send("POST", "/v1/interactions", body)
    again = await company.send("POST", "/v1/interactions", body | {"subject": "autre"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other_channel = await company.send("POST", "/v1/interactions", body | {"channel": "sms"})
    assert other_channel.status_code == 201
    assert await owner.fetchval("SELECT count(*) FROM interactions") == 2


async def test_html_is_cleaned_of_what_could_act(company: Company) -> None:
    karim = await lead(company)
    html = (
        '<p onclick="x()">Bonjour <b>Lina</b><img src="https://spy.example/1.gif">'
        '<script>steal()</script><a href="javascript:x()">a</a><a href="https://ok.example">b</a></p>'
    )
    said = await call(company, ("lead", karim), channel="email", outcome=None, body=html, body_format="html")
    assert said["body"] == (
        '<p>Bonjour <b>Lina</b><a rel="noopener noreferrer nofollow">a</a>'
        '<a href="https://ok.example" rel="noopener noreferrer nofollow">b</a></p>'
    )


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"links": []}, 422, "party_missing"),
        ({"links": [{"object_type": "lead", "object_id": str(uuid4())}]}, 404, "unknown_object"),
        ({"agent_user_id": str(uuid4())}, 422, "unknown_agent"),
        ({"recording_reference": "x.wav"}, 422, "recording_without_notice"),
        ({"recording_document_id": str(uuid4()), "recording_notice_given": True}, 422, "unknown_recording"),
        ({"promise_due_on": "2026-12-01"}, 422, "promise_without_text"),
        ({"occurred_at": "2126-01-01T00:00:00Z"}, 422, "in_the_future"),
        ({"participants": [{"kind": "user"}]}, 422, "participant_unnamed"),
        ({"participants": [{"kind": "contact", "id": str(uuid4())}]}, 404, "unknown_object"),
        ({"sentiment": 1.5}, 422, "less_than_equal"),
        ({"channel": "pigeon"}, 422, "enum"),
    ],
)
async def test_what_cannot_be_is_refused(
    company: Company, wrong: dict[str, object], status: int, code: str
) -> None:
    karim = await lead(company)
    body = {"channel": "phone", "direction": "inbound"}
    body |= {"links": [{"object_type": "lead", "object_id": karim["id"]}]}
    answer = await company.send("POST", "/v1/interactions", body | wrong)
    told = answer.json()
    assert (answer.status_code, code) == (status, told.get("errors", [told])[0]["code"]), answer.text


async def test_who_recorded_it_changes_it_for_a_quarter_of_an_hour(
    company: Company, owner: asyncpg.Connection
) -> None:
    karim = await lead(company)
    said = await call(company, ("lead", karim), summary="Veut un devis")
    path = f"/v1/interactions/{said['id']}"
    changed = await company.send("PATCH", path, {"summary": "Veut deux devis"}, version=1)
    assert (changed.status_code, changed.json()["summary"]) == (200, "Veut deux devis")
    assert (await company.send("PATCH", path, {"summary": "x"}, version=1)).status_code == 412
    colleague = await company.hire(data_scope=DataScope.ALL)
    refused = await company.send("PATCH", path, {"summary": "x"}, by=colleague.headers, version=2)
    assert refused.json()["code"] == "not_your_interaction"
    late = now() - timedelta(minutes=15, seconds=1)
    await owner.execute("UPDATE interactions SET created_at = $1", late)
    closed = await company.send("PATCH", path, {"summary": "x"}, version=2)
    assert (closed.status_code, closed.json()["code"]) == (409, "edit_window_closed")
    assert "15 minutes" in closed.json()["detail"]


async def test_a_correction_takes_its_place_and_hides_nothing(company: Company) -> None:
    karim = await lead(company)
    wrong = await call(
        company, ("lead", karim), outcome="no_answer", subject="Relance", promise_text="Un devis"
    )
    path = f"/v1/interactions/{wrong['id']}/correct"
    answer = await company.send("POST", path, {"reason": "Mauvaise issue", "outcome": "reached"})
    right = answer.json()
    assert (right["correction_of_id"], right["outcome"]) == (wrong["id"], "reached")
    assert (right["subject"], right["promise_text"], right["links"]) == (
        "Relance",
        "Un devis",
        wrong["links"],
    )
    listed = (await get(company, "/v1/interactions")).json()["data"]
    assert [row["id"] for row in listed] == [right["id"]]
    both = (await get(company, "/v1/interactions", corrected="with")).json()["data"]
    assert {row["id"] for row in both} == {wrong["id"], right["id"]}
    kept = (await get(company, f"/v1/interactions/{wrong['id']}")).json()
    assert (kept["outcome"], kept["corrected_by_id"]) == ("no_answer", right["id"])
    again = await company.send("POST", path, {"reason": "Encore", "outcome": "busy"})
    assert (again.json()["code"], again.json()["corrected_by_id"]) == ("already_corrected", right["id"])
    version = kept["version"]
    edited = await company.send("PATCH", f"/v1/interactions/{wrong['id']}", {"summary": "x"}, version=version)
    assert edited.json()["code"] == "already_corrected"


async def test_an_unknown_caller_is_found_out_later(company: Company) -> None:
    for _ in range(3):
        await call(company, direction="inbound", anonymous_party={"phone": "0770 11 22 33"})
    first, *_ = (await get(company, "/v1/interactions", anonymous_phone="0770112233")).json()["data"]
    karim = await lead(company, phone="0770 11 22 33")
    body = {"object_type": "lead", "object_id": karim["id"], "all_of_this_phone": True}
    found = await company.send("POST", f"/v1/interactions/{first['id']}/identify", body)
    assert found.json() == {"linked": 3}
    assert (await get(company, "/v1/interactions/count", lead_id=karim["id"])).json()["count"] == 3
    known = await call(company, ("lead", karim))
    refused = await company.send("POST", f"/v1/interactions/{known['id']}/identify", body)
    assert refused.json()["code"] == "party_known"


async def test_an_interaction_may_be_about_more(company: Company) -> None:
    karim, ilyes = await lead(company), await person(company)
    said = await call(company, ("lead", karim))
    body = {"object_type": "contact", "object_id": ilyes["id"]}
    for _ in range(2):  # once is enough
        linked = await company.send("POST", f"/v1/interactions/{said['id']}/link", body)
        assert {x["object_type"] for x in linked.json()["links"]} == {"lead", "contact"}
    missing = {"object_type": "account", "object_id": str(uuid4())}
    refused = await company.send("POST", f"/v1/interactions/{said['id']}/link", missing)
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_object")


async def test_one_sees_ones_own_ones_agencys_and_what_is_about_somebody_in_sight(company: Company) -> None:
    here, there = await seller(company, "16101"), await seller(company, "16102")
    mine = await lead(company, by=here.headers)
    await call(company, ("lead", mine), by=here.headers)
    assert (await get(company, "/v1/interactions", there.headers)).json()["data"] == []
    about_mine = await call(company, ("lead", mine), subject="du siège")
    seen = (await get(company, "/v1/interactions", here.headers)).json()["data"]
    assert about_mine["id"] in {row["id"] for row in seen}, "the child of a visible lead is visible"
    path = f"/v1/interactions/{about_mine['id']}"
    assert (await get(company, path, there.headers)).status_code == 404
    assert (await get(company, "/v1/interactions/count", here.headers)).json()["count"] == len(seen) == 2


async def test_another_organization_sees_nothing(
    company: Company, app: FastAPI, client: httpx.AsyncClient
) -> None:
    karim = await lead(company)
    said = await call(company, ("lead", karim))
    foreign = (await open_company(app, client)).admin.headers
    assert (await get(company, f"/v1/interactions/{said['id']}", foreign)).status_code == 404
    assert (await get(company, "/v1/interactions", foreign)).json()["data"] == []
    body = {"channel": "phone", "direction": "outbound"}
    body |= {"links": [{"object_type": "lead", "object_id": karim["id"]}]}
    assert (await company.send("POST", "/v1/interactions", body, by=foreign)).status_code == 404


async def test_nobody_reads_bodies_in_the_logs(company: Company, owner: asyncpg.Connection) -> None:
    karim = await lead(company)
    await call(
        company, ("lead", karim), body="SECRET-BODY", summary="SECRET-SUMMARY", promise_text="SECRET-P"
    )
    events = str(await owner.fetch("SELECT data FROM event_log WHERE object_type = 'interaction'"))
    audit = str(await owner.fetch("SELECT changes FROM audit_log WHERE object_type = 'interaction'"))
    assert "SECRET" not in events
    assert "SECRET-BODY" not in audit
    assert "SECRET-SUMMARY" in audit
