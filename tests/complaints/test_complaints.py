"""Complaints over HTTP: the register, its deadlines, the answer of two people, the file."""

import csv
import io
import zipfile
from uuid import UUID

import pytest

from actors import actor
from company import open_company
from complaints.conftest import ANSWER, Office
from crm_api.complaints.jobs import acknowledge_complaints
from crm_api.core.apart import committed

pytestmark = pytest.mark.anyio


async def test_a_complaint_has_its_number_its_ticket_and_its_deadlines(office: Office) -> None:
    office.time.go("2026-11-19 15:00")
    complaint = await office.opened()
    assert complaint["number"] == "R-2026-000001"
    assert (complaint["status"], complaint["severity"]) == ("received", "medium")
    assert complaint["complainant_name"] == "Karim BOUCHAREB"
    assert complaint["ack_due_at"] == "2026-11-20T14:00:00.000Z"
    assert complaint["answer_due_at"] == "2026-12-04T23:00:00.000Z"  # fifteen days, the last one whole
    ticket = await office.counter.now(complaint["ticket_id"])
    assert (ticket["type"], ticket["priority"], ticket["number"]) == ("complaint", "high", "T-2026-000001")
    assert ticket["sla_clock_id"] == complaint["sla_clock_id"]


async def test_what_an_authority_passed_on_is_regulatory_and_sooner_due(office: Office) -> None:
    office.time.go("2026-11-19 15:00")
    told = {"recipient": "supervisor", "external_reference": "CSA/2026/118"}
    complaint = await office.opened(**told, received_at="2026-11-18T09:00:00Z")
    assert (complaint["severity"], complaint["external_reference"]) == ("regulatory", "CSA/2026/118")
    assert complaint["answer_due_at"] == "2026-11-26T23:00:00.000Z"
    path = f"/v1/complaints/{complaint['id']}"
    changed = await office.counter.company.send(
        "PATCH", path, {"recipient": "company"}, version=complaint["version"]
    )
    assert changed.json()["answer_due_at"] == "2026-12-03T23:00:00.000Z"


async def test_a_ticket_of_that_type_stands_in_the_register_however_it_came(office: Office) -> None:
    ticket = await office.counter.opened(type="complaint")
    listed = await office.counter.read("/v1/complaints")
    assert [each["ticket_id"] for each in listed["data"]] == [ticket["id"]]
    await office.counter.opened(type="question")
    assert len((await office.counter.read("/v1/complaints"))["data"]) == 1


async def test_who_wrote_an_answer_does_not_approve_it(office: Office) -> None:
    complaint = await office.investigated()
    early = await office.act(complaint, "answer/approve", by=office.supervisor.headers)
    assert (early.status_code, early.json()["code"]) == (409, "complaint_answer_missing")
    await office.done(complaint, "answer", ANSWER)
    own = await office.act(complaint, "answer/approve")
    assert (own.status_code, own.json()["code"]) == (403, "own_complaint_answer")
    back = {"reason": "Citez l'article"}
    sent_back = await office.done(complaint, "answer/send-back", back, by=office.supervisor.headers)
    assert (sent_back["status"], sent_back["send_back_reason"]) == ("investigating", "Citez l'article")
    assert sent_back["answer_drafted_by_id"] is None
    await office.done(complaint, "answer", ANSWER)
    answered = await office.done(complaint, "answer/approve", by=office.supervisor.headers)
    assert answered["answer_approved_by_id"] == str(office.supervisor.id)


async def test_a_rejected_complaint_brings_no_compensation(office: Office) -> None:
    complaint = await office.investigated()
    answer = await office.act(complaint, "answer", ANSWER | {"decision": "rejected"})
    assert (answer.status_code, answer.json()["code"]) == (422, "compensation_without_ground")


async def test_the_letter_goes_out_by_the_ticket_and_is_filed(office: Office) -> None:
    complaint = await office.investigated()
    await office.done(complaint, "answer", ANSWER)
    path = f"/v1/complaints/{complaint['id']}/letter"
    draft = await office.counter.company.client.get(path, headers=office.counter.admin)
    assert (draft.headers["content-type"], draft.content[:5]) == ("application/pdf", b"%PDF-")
    answered = await office.done(complaint, "answer/approve", by=office.supervisor.headers)
    ticket = await office.counter.now(complaint["ticket_id"])
    assert ticket["status"] == "solved"
    last = (await office.counter.messages(ticket))[-1]
    assert (last["document_ids"], last["visibility"]) == ([answered["answer_document_id"]], "public")
    letter = await office.counter.read(f"/v1/files/{answered['answer_document_id']}")
    assert (letter["kind"], letter["media_type"]) == ("complaint_letter", "application/pdf")


async def test_a_complaint_is_closed_when_its_cause_is_known(office: Office) -> None:
    complaint = await office.answered()
    await office.done(complaint, "accept")
    early = await office.act(complaint, "close", {})
    assert (early.status_code, early.json()["code"]) == (422, "root_cause_missing")
    closed = await office.done(complaint, "close", {"root_cause": "Rapport en retard"})
    assert (closed["status"], closed["root_cause"]) == ("closed", "Rapport en retard")
    change = {"severity": "low"}
    path = f"/v1/complaints/{complaint['id']}"
    late = await office.counter.company.send("PATCH", path, change, version=closed["version"])
    assert (late.status_code, late.json()["code"]) == (409, "complaint_settled")


async def test_levels_go_up(office: Office) -> None:
    complaint = await office.investigated()
    raised = await office.done(complaint, "escalate", {"reason": "Client influent", "level": 2})
    assert (raised["status"], raised["escalation_level"]) == ("escalated", 2)
    await office.done(complaint, "investigate")
    lower = await office.act(complaint, "escalate", {"reason": "Trop haut", "level": 1})
    assert (lower.status_code, lower.json()["code"]) == (409, "complaint_level_not_higher")


async def test_the_house_acknowledges_before_it_is_late(office: Office) -> None:
    office.time.go("2026-11-19 15:00")
    complaint = await office.opened()
    for moment, status in (("2026-11-20 08:00", "received"), ("2026-11-20 10:00", "acknowledged")):
        office.time.go(moment)
        async with committed(office.counter.company.context()) as ctx:
            await acknowledge_complaints(ctx, {})
        assert (await office.now(complaint))["status"] == status
    ticket = await office.counter.now(complaint["ticket_id"])
    told = (await office.counter.messages(ticket))[-1]
    assert told["body"] == (
        "Nous accusons réception de votre réclamation n° R-2026-000001 du 19/11/2026."
        " Une réponse vous sera adressée au plus tard le 04/12/2026."
    )
    assert told["is_automatic"]
    assert ticket["first_response_at"] is None


async def test_the_register_of_a_quarter_is_a_table(office: Office) -> None:
    office.time.go("2026-11-19 15:00")
    await office.answered(demanded_outcome="=1+1")
    office.time.go("2027-01-01 00:00")
    await office.opened()
    table = await office.counter.company.client.get(
        "/v1/complaint-register", params={"year": 2026, "quarter": 4}, headers=office.counter.admin
    )
    assert table.status_code == 200, table.text
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1
    assert (rows[0]["N°"], rows[0]["Reçue le"]) == ("R-2026-000001", "19/11/2026 15:00")
    assert (rows[0]["Suite donnée"], rows[0]["Indemnité (DA)"]) == ("Fondée en partie", "5000,00")
    assert (rows[0]["Dans les délais"], rows[0]["Agence"]) == ("oui", "16012")


async def test_the_file_holds_everything_but_what_is_ours(office: Office) -> None:
    complaint = await office.answered()
    await office.counter.say(
        {"id": complaint["ticket_id"]}, "Attention, client difficile", visibility="internal"
    )
    made = await office.counter.company.send("POST", f"/v1/complaints/{complaint['id']}/file")
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["documents"], told["left_out"]) == (1, [])
    content = await office.counter.company.client.get(
        f"/v1/files/{told['document_id']}/content", headers=office.counter.admin, follow_redirects=True
    )
    archive = zipfile.ZipFile(io.BytesIO(content.content))
    assert archive.namelist() == [
        "reclamation.json",
        "chronologie.csv",
        "messages.txt",
        "delais.json",
        f"pieces/01-{complaint['number']}-reponse.pdf",
    ]
    assert "client difficile" not in archive.read("messages.txt").decode()
    assert "answered" in archive.read("chronologie.csv").decode()


async def test_what_was_done_is_told_with_who_did_it(office: Office) -> None:
    complaint = await office.answered()
    history = await office.counter.read(f"/v1/complaints/{complaint['id']}/history")
    assert [each["step"] for each in history["data"]] == [
        *("received", "acknowledged", "investigating", "answer_drafted", "answered")
    ]
    assert history["data"][-1]["by_id"] == str(office.supervisor.id)


async def test_others_see_and_change_nothing(office: Office) -> None:
    complaint = await office.opened()
    other = await open_company(office.counter.company.app, office.counter.company.client)
    answer = await office.counter.company.send(
        "GET", f"/v1/complaints/{complaint['id']}", by=other.admin.headers
    )
    assert answer.status_code == 404
    elsewhere = actor(
        office.counter.company.organization_id, "complaints:read", data_scope="own", id=UUID(int=7)
    )
    assert (await office.counter.read("/v1/complaints", by=elsewhere))["data"] == []
