"""What is done around a ticket: sub-requests, approvals, time, merges, splits, macros, mass incidents."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI

from chores import done
from crm_api.tickets.asking import SubRequests
from tickets.counter import Answer, Counter

pytestmark = pytest.mark.anyio
QUESTION = {"kind": "garage", "addressee": "Garage El Feth", "question": "Le devis est-il complet ?"}


async def part(
    counter: Counter,
    ticket: Answer,
    name: str,
    row: Answer,
    step: str,
    body: Answer | None = None,
    **how: object,
) -> Answer:
    path = f"/v1/tickets/{ticket['id']}/{name}/{row['id']}/{step}"
    answer = await counter.company.send("POST", path, body, version=row["version"], **how)  # type: ignore[arg-type]
    return {"http": answer.status_code, **answer.json()}


async def asked(counter: Counter, ticket: Answer, name: str, body: Answer, **how: object) -> Answer:
    answer = await counter.company.send("POST", f"/v1/tickets/{ticket['id']}/{name}", body, **how)  # type: ignore[arg-type]
    return {"http": answer.status_code, **answer.json()}


async def test_a_sub_request_that_pauses_stops_the_clocks(counter: Counter) -> None:
    ticket = await counter.opened()
    await counter.say(ticket)
    first = await asked(counter, ticket, "sub-requests", QUESTION | {"pauses": True})
    second = await asked(counter, ticket, "sub-requests", QUESTION | {"pauses": True})
    assert (first["http"], first["status"], first["is_late"]) == (201, "sent", False)
    assert (await counter.now(ticket))["next_due_at"] is None
    refused = await counter.act(ticket, "move", {"status": "solved"})
    assert (refused.status_code, refused.json()["sub_requests"]) == (409, 2)
    await part(counter, ticket, "sub-requests", first, "answer", {"answer": "Oui"})
    assert (await counter.now(ticket))["next_due_at"] is None
    ended = await part(counter, ticket, "sub-requests", second, "cancel")
    assert ended["status"] == "cancelled"
    now = await counter.now(ticket)
    assert (now["pausing_count"], now["next_due_at"] is None) == (0, False)
    again = await part(counter, ticket, "sub-requests", ended, "answer", {"answer": "Trop tard"})
    assert (again["http"], again["code"], again["allowed"]) == (409, "invalid_transition", [])
    await counter.done(ticket, "move", {"status": "solved"})


async def test_a_colleague_who_is_asked_sees_the_ticket_and_a_late_one_is_told(counter: Counter) -> None:
    elsewhere = await counter.company.hire(agency_id=await counter.company.agency("31001"))
    ticket = await counter.opened(owner_user_id=str(counter.agent.id))
    body = QUESTION | {"kind": "colleague", "user_id": str(elsewhere.id), "target_minutes": 1}
    row = await asked(counter, ticket, "sub-requests", body)
    assert (await counter.read(f"/v1/tickets/{ticket['id']}", by=elsewhere.headers))["id"] == ticket["id"]
    await counter.owner.execute("UPDATE ticket_sub_requests SET due_at = now() - interval '1 hour'")
    for _ in range(2):
        async with counter.house() as service:
            await SubRequests(service.ctx).tell_late()
    told = await counter.read("/v1/notifications", by=counter.agent.headers)
    assert [row["kind"] for row in told["data"]].count("sla_breach") == 1
    listed = await counter.read(f"/v1/tickets/{ticket['id']}/sub-requests")
    assert [(each["id"], each["is_late"]) for each in listed["data"]] == [(row["id"], True)]


async def test_somebody_else_approves(counter: Counter) -> None:
    ticket = await counter.opened()
    me = str(counter.company.admin.id)
    own = await asked(counter, ticket, "approvals", {"approver_user_id": me, "question": "Geste ?"})
    assert (own["http"], own["code"]) == (403, "own_ticket_approval")
    body = {"approver_user_id": str(counter.agent.id), "question": "Geste ?"}
    row = await asked(counter, ticket, "approvals", body)
    refused = await counter.act(ticket, "move", {"status": "solved"})
    assert (refused.status_code, refused.json()["approvals"]) == (409, 1)
    stranger = await part(counter, ticket, "approvals", row, "decide", {"approved": True})
    assert (stranger["http"], stranger["code"]) == (403, "not_your_ticket")
    by = counter.agent.headers
    yes = await part(counter, ticket, "approvals", row, "decide", {"approved": True}, by=by)
    assert (yes["status"], yes["decided_at"] is None) == ("approved", False)
    for step, what in (("decide", {"approved": False}), ("withdraw", None)):
        again = await part(counter, ticket, "approvals", yes, step, what, by=by)
        assert (again["http"], again["code"]) == (409, "invalid_transition"), step
    other = await asked(counter, ticket, "approvals", body)
    assert (await part(counter, ticket, "approvals", other, "withdraw"))["status"] == "withdrawn"


async def test_time_is_ones_own(counter: Counter) -> None:
    ticket = await counter.opened()
    await counter.say(ticket, minutes=12, by=counter.agent.headers)
    await asked(counter, ticket, "time-entries", {"minutes": 30, "note": "Appel"}, by=counter.agent.headers)
    rows = (await counter.read(f"/v1/tickets/{ticket['id']}/time-entries"))["data"]
    assert [(row["minutes"], row["user_id"]) for row in rows] == [
        (n, str(counter.agent.id)) for n in (12, 30)
    ]
    path = f"/v1/tickets/{ticket['id']}/time-entries/{rows[0]['id']}"
    assert (await counter.company.send("DELETE", path, version=1)).status_code == 403
    by = counter.agent.headers
    assert (await counter.company.send("DELETE", path, version=1, by=by)).status_code == 204


async def test_tickets_of_one_requester_become_one_and_two_again(counter: Counter) -> None:
    kept, other, child = [await counter.opened(subject=f"Demande {n}") for n in range(3)]
    await counter.change(child, parent_ticket_id=other["id"])
    await asked(counter, other, "watchers", {"user_ids": [str(counter.agent.id)]})
    await counter.say(other, status="pending")
    merged = await counter.done(kept, "merge", {"other_id": other["id"]})
    assert (merged["customer_message_count"], merged["reply_count"]) == (2, 1)
    gone = await counter.now(other)
    assert (gone["status"], gone["merged_into_id"], gone["next_due_at"]) == ("closed", kept["id"], None)
    messages = await counter.messages(kept)
    assert [row["moved_from_id"] for row in messages].count(other["id"]) == 2
    assert (await counter.now(child))["parent_ticket_id"] == kept["id"]
    watchers = await counter.read(f"/v1/tickets/{kept['id']}/watchers")
    assert [row["user_id"] for row in watchers["data"]] == [str(counter.agent.id)]
    assert str((await counter.written(other, external_message_id="<m@x>")).ticket_id) == kept["id"]
    refused = await counter.act(other, "take")
    assert (refused.status_code, refused.json()["merged_into_id"]) == (409, kept["id"])
    back = await counter.done(other, "unmerge")
    assert (back["status"], back["merged_into_id"], back["closed_at"]) == ("pending", None, None)
    assert [row["moved_from_id"] for row in await counter.messages(other)] == [None, None]
    assert len(await counter.messages(kept)) == 2
    assert (await counter.now(child))["parent_ticket_id"] == other["id"]
    assert (await counter.act(other, "unmerge")).json()["code"] == "ticket_merge_over"


async def test_tickets_of_others_stay_apart(counter: Counter) -> None:
    ticket = await counter.opened()
    stranger = await counter.opened(requester_contact_id=..., anonymous_party={"email": "x@example.com"})
    refused = await counter.act(ticket, "merge", {"other_id": stranger["id"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "tickets_of_others")
    unknown = await counter.act(ticket, "merge", {"other_id": str(uuid4())})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_ticket_part")
    other = await counter.opened()
    await counter.done(ticket, "merge", {"other_id": other["id"]})
    old = datetime.now(UTC) - timedelta(days=31)
    await counter.owner.execute("UPDATE ticket_merges SET merged_at = $1", old)
    assert (await counter.act(other, "unmerge")).json()["code"] == "ticket_merge_over"


async def test_some_messages_become_a_ticket_of_their_own(counter: Counter) -> None:
    ticket = await counter.opened()
    await counter.written(ticket, "Et mon autre contrat ?", external_message_id="<s@x>")
    last = (await counter.messages(ticket))[-1]
    new = await counter.done(ticket, "split", {"message_ids": [last["id"]], "subject": "Autre contrat"})
    assert (new["description"], new["account_id"]) == ("Et mon autre contrat ?", counter.account_id)
    assert [row["id"] for row in await counter.messages(new)] == [last["id"]]
    assert len(await counter.messages(ticket)) == 1
    links = (await counter.read(f"/v1/tickets/{ticket['id']}/links"))["data"]
    assert [(row["ticket_id"], row["kind"], row["outgoing"]) for row in links] == [
        (new["id"], "split", False)
    ]
    wrong = await counter.act(ticket, "split", {"message_ids": [last["id"]], "subject": "Encore"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_ticket_message")


async def test_a_macro_does_all_of_it(counter: Counter) -> None:
    actions = {"priority": "high", "add_tags": ["attestation"], "take": True, "status": "pending"}
    actions["message"] = {"body": "Demande {{ticket.number}} reçue. {{ agent.name }}"}
    body = {"name": "Accusé", "actions": actions}
    by = counter.agent.headers
    made = await counter.company.send("POST", "/v1/ticket-macros", body, by=by)
    assert made.status_code == 201, made.text
    macro = made.json()
    ticket = await counter.opened()
    used = await counter.done(ticket, "use-macro", {"macro_id": macro["id"]}, by=by)
    assert (used["priority"], used["tags"], used["status"]) == ("high", ["attestation"], "pending")
    assert used["owner_user_id"] == str(counter.agent.id)
    assert (await counter.messages(ticket))[-1]["body"] == f"Demande {ticket['number']} reçue. Ilyes Aïssani"
    assert (await counter.read(f"/v1/ticket-macros/{macro['id']}", by=by))["usage_count"] == 1
    others = await counter.act(ticket, "use-macro", {"macro_id": macro["id"]}, by=counter.other.headers)
    assert (others.status_code, others.json()["code"]) == (404, "unknown_ticket_part")
    shared = await counter.company.send("POST", "/v1/ticket-macros", body | {"scope": "all"}, by=by)
    assert (shared.status_code, shared.json()["code"]) == (403, "insufficient_scope")
    wrong = body | {"actions": {"message": {"body": "{{customer.salary}}"}}}
    assert (await counter.company.send("POST", "/v1/ticket-macros", wrong)).status_code == 422


async def test_one_answer_goes_to_everybody(counter: Counter, app: FastAPI) -> None:
    send = counter.company.send
    made = await send("POST", "/v1/ticket-incidents", {"title": "Inondations de Bab El Oued"})
    incident = made.json()
    tickets = [await counter.opened(subject=f"Cave inondée {n}") for n in range(4)]
    await counter.say(tickets[0], status="solved")
    ids = [ticket["id"] for ticket in tickets]
    path = f"/v1/ticket-incidents/{incident['id']}"
    attached = await send("POST", f"{path}/attach", {"ticket_ids": [*ids, str(uuid4())]})
    assert (len(attached.json()["attached_ids"]), len(attached.json()["left_out_ids"])) == (4, 1)
    asked = await counter.company.client.post(
        f"{path}/answer",
        json={"body": "Un expert passera cette semaine.", "status": "pending"},
        headers=counter.admin | {"Idempotency-Key": str(uuid4())},
    )
    assert asked.status_code == 202, asked.text
    await done(app, counter.owner)
    job = await counter.read(f"/v1/jobs/{asked.json()['id']}")
    assert (job["status"], job["counts"]) == ("succeeded", {"total": 3, "done": 3, "failed": 0})
    states = [(await counter.now(id))["status"] for id in ids]
    assert states == ["solved", "pending", "pending", "pending"]
    assert (await counter.messages(tickets[1]))[-1]["body"] == "Un expert passera cette semaine."
    version = (await counter.read(path))["version"]
    assert (await send("PATCH", path, {"status": "closed"}, version=version)).status_code == 200
    over = await send("POST", f"{path}/attach", {"ticket_ids": ids})
    assert (over.status_code, over.json()["code"]) == (409, "ticket_incident_closed")


async def test_history_has_every_field_whoever_changed_it(counter: Counter) -> None:
    ticket = await counter.opened()
    await counter.change(ticket, subject="Autre objet", tags=["auto"])
    await counter.owner.execute("UPDATE tickets SET branch_code = '11'")
    rows = (await counter.read(f"/v1/tickets/{ticket['id']}/history"))["data"]
    changes = {row["field"]: (row["before"], row["after"]) for row in rows}
    assert changes["subject"] == ("Attestation non reçue", "Autre objet")
    assert changes["tags"] == ([], ["auto"])
    assert changes["branch_code"] == (None, "11")


async def test_who_looks_and_who_types(counter: Counter) -> None:
    ticket = await counter.opened()
    path = f"/v1/tickets/{ticket['id']}/presence"
    for state in ("looking", "typing", "typing"):
        alone = await counter.company.send("POST", path, {"state": state}, by=counter.agent.headers)
        assert alone.json() == {"data": []}
    seen = await counter.company.send("POST", path, {"state": "looking"})
    assert [(row["user_id"], row["state"]) for row in seen.json()["data"]] == [
        (str(counter.agent.id), "typing")
    ]
    kinds = "SELECT count(*) FROM event_log WHERE kind = 'ticket.presence_changed'"
    assert await counter.owner.fetchval(kinds) == 3
    await counter.company.send("POST", path, {"state": "gone"}, by=counter.agent.headers)
    assert (await counter.read(path))["data"] == []
    await counter.owner.execute("UPDATE ticket_presences SET seen_at = now() - interval '61 seconds'")
    assert (await counter.read(path, by=counter.agent.headers))["data"] == []
