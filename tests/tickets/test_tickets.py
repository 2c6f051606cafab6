"""A ticket from its opening to its end, over HTTP."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from actors import actor
from crm_api.tickets.models.words import MessageDelivery, TicketChannel
from tickets.counter import Counter

pytestmark = pytest.mark.anyio


async def test_a_ticket_is_opened_for_a_customer(counter: Counter) -> None:
    ticket = await counter.opened(impact="high", urgency="medium")
    assert ticket["number"].startswith("T-")
    assert (ticket["status"], ticket["priority"], ticket["account_id"]) == ("new", "high", counter.account_id)
    assert ticket["agency_id"] == str(counter.agency_id)
    (first,) = await counter.messages(ticket)
    assert (first["author_type"], first["body"], first["delivery"]) == (
        "contact",
        "Je n'ai rien reçu.",
        "received",
    )


async def test_somebody_must_ask(counter: Counter) -> None:
    answer = await counter.open(requester_contact_id=...)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "nobody_asks"
    ticket = await counter.opened(
        requester_contact_id=..., anonymous_party={"name": "Samir", "phone": "0551020304"}
    )
    assert ticket["anonymous_party"]["phone"] == "+213551020304"


async def test_what_a_ticket_names_must_be_there(counter: Counter) -> None:
    for name in (
        "requester_contact_id",
        "account_id",
        "category_id",
        "claim_id",
        "policy_id",
        "incident_id",
        "group_id",
        "agency_id",
    ):
        answer = await counter.open(**{name: str(uuid4())})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_ticket_part"), name
    answer = await counter.open(owner_user_id=str(uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_ticket_assignee")


async def test_priority_follows_impact_urgency_and_rank(counter: Counter) -> None:
    ticket = await counter.opened()
    assert ticket["priority"] == "normal"
    assert (await counter.change(ticket, urgency="high")).json()["priority"] == "high"
    assert (await counter.change(ticket, priority="low")).json()["priority"] == "low"
    assert (await counter.change(ticket, impact="high")).json()["priority"] == "low"
    assert (await counter.change(ticket, priority=None)).json()["priority"] == "urgent"
    account = f"/v1/accounts/{counter.account_id}"
    sheet = await counter.read(account)
    await counter.company.send("PATCH", account, {"tags": ["vip"]}, version=sheet["version"])
    first_rank = await counter.opened()
    assert (first_rank["is_vip"], first_rank["priority"]) == (True, "high")


async def test_the_first_answer_opens_and_is_remembered(counter: Counter) -> None:
    ticket = await counter.opened()
    note = await counter.say(ticket, "Voir avec le siège", visibility="internal", by=counter.agent.headers)
    assert note["delivery"] == "none"
    now = await counter.now(ticket)
    assert (now["status"], now["first_response_at"], now["reply_count"]) == ("open", None, 0)
    sent = await counter.say(ticket, body_html="<b onclick=x>ok</b><script>y</script>", status="pending")
    assert (sent["delivery"], sent["body_html"]) == ("queued", "<b>ok</b>")
    now = await counter.now(ticket)
    assert (now["status"], now["reply_count"]) == ("pending", 1)
    assert now["first_response_at"] is not None


async def test_two_colleagues_do_not_answer_at_once(counter: Counter) -> None:
    ticket = await counter.opened()
    (first,) = await counter.messages(ticket)
    await counter.say(ticket, "Déjà traité", last_seen_message_id=first["id"])
    path = f"/v1/tickets/{ticket['id']}/messages"
    late = await counter.company.send(
        "POST", path, {"body": "Moi aussi", "last_seen_message_id": first["id"]}
    )
    assert (late.status_code, late.json()["code"]) == (409, "answered_meanwhile")
    assert len(await counter.messages(ticket)) == 2


async def test_a_ticket_is_given_taken_and_handed_on(counter: Counter) -> None:
    ticket = await counter.opened()
    given = await counter.done(ticket, "assign", {"owner_user_id": str(counter.agent.id)})
    assert (given["status"], given["handoff_count"]) == ("open", 0)
    told = await counter.read("/v1/notifications", by=counter.agent.headers)
    assert ticket["number"] in told["data"][0]["title"]
    taken = await counter.done(ticket, "take", by=counter.other.headers)
    assert (taken["owner_user_id"], taken["handoff_count"]) == (str(counter.other.id), 1)
    wrong = await counter.act(ticket, "assign", {"owner_user_id": str(uuid4())})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_ticket_assignee")


async def test_no_ticket_is_a_part_of_itself(counter: Counter) -> None:
    whole, part = [await counter.opened() for _ in range(2)]
    assert (await counter.change(part, parent_ticket_id=whole["id"])).status_code == 200
    for parent in (whole, part):
        answer = await counter.change(whole, parent_ticket_id=parent["id"])
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_ticket_part")
    refused = await counter.act(whole, "move", {"status": "solved"})
    assert (refused.status_code, refused.json()["tickets"]) == (409, 1)
    unseen = await counter.change(part, requester_contact_id=str(uuid4()))
    assert (unseen.status_code, unseen.json()["code"]) == (404, "unknown_ticket_part")


async def test_statuses_of_the_house_carry_their_category(counter: Counter) -> None:
    await counter.opened()
    made = await counter.company.send(
        "POST",
        "/v1/ticket-statuses",
        {"code": "waiting_expert", "name": "Attente expert", "category": "on_hold"},
    )
    assert made.status_code == 201, made.text
    ticket = await counter.opened()
    await counter.say(ticket)
    moved = await counter.done(ticket, "move", {"status_id": made.json()["id"], "reason": "Expert saisi"})
    assert (moved["status"], moved["status_id"]) == ("on_hold", made.json()["id"])
    assert (await counter.messages(ticket))[-1]["visibility"] == "internal"
    again = await counter.done(ticket, "move", {"status": "on_hold"})
    assert again["status_id"] != made.json()["id"]
    listed = await counter.read("/v1/ticket-statuses")
    assert len(listed["data"]) == 7
    fresh = next(row for row in listed["data"] if row["category"] == "new")
    path = f"/v1/ticket-statuses/{fresh['id']}"
    refused = await counter.company.send("PATCH", path, {"is_active": False}, version=fresh["version"])
    assert (refused.status_code, refused.json()["code"]) == (409, "ticket_status_needed")


async def test_the_customer_opens_again_within_a_week_and_anew_later(counter: Counter) -> None:
    ticket = await counter.opened()
    await counter.say(ticket, status="solved")
    back = await counter.written(ticket, external_message_id="<a@x>")
    assert (str(back.ticket_id), back.opened) == (ticket["id"], False)
    now = await counter.now(ticket)
    assert (now["status"], now["reopen_count"], now["solved_at"]) == ("open", 1, None)
    sent = await counter.say(ticket)
    async with counter.house() as service:
        await service.mark_delivery(UUID(sent["id"]), MessageDelivery.SENT, "<c@x>")
        assert await service.of_messages(TicketChannel.EMAIL, ["<c@x>"]) == back.ticket_id
    assert (await counter.messages(ticket))[-1]["delivery"] == "sent"
    await counter.done(ticket, "move", {"status": "solved"})
    await counter.bring(ticket, solved_at=datetime.now(UTC) - timedelta(days=7, minutes=1))
    late = await counter.written(ticket, external_message_id="<b@x>")
    assert (late.opened, str(late.ticket_id) != ticket["id"]) == (True, True)
    assert (await counter.now(ticket))["status"] == "solved"
    new = await counter.now(str(late.ticket_id))
    assert (new["status"], new["subject"], new["requester_contact_id"]) == (
        "new",
        ticket["subject"],
        counter.contact_id,
    )


async def test_a_message_is_brought_once_and_a_machine_moves_nothing(counter: Counter) -> None:
    first = await counter.written(None, subject="Devis", external_message_id="<1@x>")
    assert (first.opened, first.known) == (True, False)
    again = await counter.written(None, subject="Devis", external_message_id="<1@x>")
    assert again == first._replace(known=True, opened=False)
    ticket = await counter.now(str(first.ticket_id))
    assert ticket["subject"] == "Devis"
    await counter.say(ticket, status="solved")
    await counter.written(ticket, "Absent du bureau", is_automatic=True, external_message_id="<2@x>")
    assert (await counter.now(ticket))["status"] == "solved"
    async with counter.house() as service:
        assert await service.of_messages(TicketChannel.EMAIL, ["<0@x>", "<2@x>"]) == first.ticket_id
        assert await service.with_number(ticket["number"]) == first.ticket_id
        assert await service.find_open_for(account_id=first.ticket_id) is None


async def test_who_sees_a_ticket(counter: Counter) -> None:
    elsewhere = await counter.company.agency("31001")
    stranger = await counter.company.hire(agency_id=elsewhere)
    ticket = await counter.opened()
    path = f"/v1/tickets/{ticket['id']}"
    client, unseen = counter.company.client, stranger.headers
    assert (await client.get(path, headers=counter.agent.headers)).status_code == 200
    assert (await client.get(path, headers=unseen)).status_code == 404
    assert (await client.get(f"{path}/messages", headers=unseen)).status_code == 404
    await counter.say(ticket, "Un avis ?", mentions=[str(stranger.id)], visibility="internal")
    assert (await client.get(path, headers=unseen)).status_code == 200
    assert len((await counter.read("/v1/tickets", by=unseen))["data"]) == 1
    foreign = actor(uuid4(), "tickets:read")
    assert (await client.get(path, headers=foreign)).status_code == 404


async def test_spam_goes_to_the_bin_and_comes_back(counter: Counter) -> None:
    ticket = await counter.opened()
    path = f"/v1/tickets/{ticket['id']}"
    version = (await counter.now(ticket))["version"]
    assert (
        await counter.company.send("DELETE", path, by=counter.agent.headers, version=version)
    ).status_code == 403
    assert (await counter.company.send("DELETE", path, version=version)).status_code == 204
    assert (await counter.read("/v1/tickets"))["data"] == []
    assert (await counter.company.send("POST", f"{path}/restore")).json()["deleted_at"] is None
    found = await counter.read("/v1/tickets", q="attest recue", is_open="true", sort="next_due_at")
    assert [row["id"] for row in found["data"]] == [ticket["id"]]


async def test_categories_are_a_tree_of_three_levels(counter: Counter) -> None:
    send = counter.company.send
    parent, ids = None, []
    for code in ("auto", "auto_sinistre", "auto_bris"):
        made = await send("POST", "/v1/ticket-categories", {"code": code, "name": code, "parent_id": parent})
        parent = made.json()["id"]
        ids.append(parent)
    assert made.json()["level"] == 3
    deep = await send("POST", "/v1/ticket-categories", {"code": "more", "name": "x", "parent_id": parent})
    assert (deep.status_code, deep.json()["code"]) == (409, "ticket_category_too_deep")
    root = (await counter.read(f"/v1/ticket-categories/{ids[0]}"))["version"]
    round_ = await send("PATCH", f"/v1/ticket-categories/{ids[0]}", {"parent_id": ids[2]}, version=root)
    assert round_.json()["code"] == "ticket_category_too_deep"
    assert (await counter.opened(category_id=ids[1]))["category_id"] == ids[1]
    retired = await send("PATCH", f"/v1/ticket-categories/{ids[2]}", {"is_active": False}, version=1)
    assert retired.status_code == 200, retired.text
    assert (await counter.open(category_id=ids[2])).json()["code"] == "ticket_category_retired"
