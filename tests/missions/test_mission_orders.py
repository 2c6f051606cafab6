"""Mission orders over HTTP: written, sent, reported, approved, and who may (journey E-10)."""

from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import open_company
from crm_api.kit.clock import today
from crm_api.missions.models import MISSION_ORDER, MissionStatus
from missions.people import REPORT, Directorate, day

pytestmark = pytest.mark.anyio


async def notified(owner: asyncpg.Connection, user_id: object) -> list[str]:
    rows = await owner.fetch(
        """SELECT title FROM notifications
           WHERE recipient_id = $1 AND object_type = 'mission_order' ORDER BY id""",
        user_id,
    )
    return [row[0] for row in rows]


async def test_a_mission_from_the_order_to_the_approved_report(
    direction: Directorate, owner: asyncpg.Connection
) -> None:
    """E-10, step by step."""
    order = await direction.written(advance_amount={"amount": "15000.00", "currency": "DZD"})
    year = today().year
    assert (order["number"], order["status"]) == (f"OM-16012-{year}-0001", "draft")
    assert order["agency_id"] == str(direction.agency_id)  # that of who is sent
    assert (order["warnings"], order["is_overdue"]) == ([], False)
    issued = await direction.act(direction.head, order, "issue")
    assert issued.json()["status"] == "issued", issued.text
    assert issued.json()["issued_by_id"] == str(direction.head.id)
    assert await notified(owner, direction.ilyes.id) == [f"Ordre de mission {order['number']}"]
    days = {"object_type": "mission_order", "object_id": order["id"]}
    entries = await direction.client.get("/v1/appointments", params=days, headers=direction.ilyes.headers)
    assert entries.json()["data"], "it stands in the calendar of who is sent"
    assert {one["organizer_id"] for one in entries.json()["data"]} == {str(direction.ilyes.id)}
    paper = await direction.client.get(
        f"/v1/mission-orders/{order['id']}/pdf", headers=direction.ilyes.headers
    )
    assert paper.content.startswith(b"%PDF-")
    known = await direction.act(direction.ilyes, order, "acknowledge")
    assert known.json()["status"] == "acknowledged"
    begun = await direction.act(direction.ilyes, order, "start")
    assert begun.json()["status"] == "in_progress"
    taxi = {"kind": "transport", "label": "Taxi", "spent_on": day(7)}
    lines = [
        taxi | {"amount": {"amount": "1200.50", "currency": "DZD"}},
        taxi | {"kind": "meals", "label": "Déjeuner", "amount": {"amount": "900", "currency": "DZD"}},
    ]
    spent = await direction.act(direction.ilyes, order, "report", expenses=lines)
    assert spent.json()["expense_amount"] == {"amount": "2100.50", "currency": "DZD"}
    assert spent.json()["expenses"][1]["amount"] == {"amount": "900.00", "currency": "DZD"}
    silent = await direction.act(direction.ilyes, order, "complete")
    assert (silent.status_code, silent.json()["code"]) == (422, "mission_report_missing")
    done = await direction.act(direction.ilyes, order, "complete", report_text=REPORT, result_value="9")
    assert (done.json()["status"], done.json()["result_value"]) == ("completed", "9")
    assert done.json()["expense_amount"] == {"amount": "2100.50", "currency": "DZD"}
    assert (await notified(owner, direction.head.id))[-1] == f"Compte rendu à valider : {order['number']}"
    back = await direction.act(direction.head, order, "send-back", reason="Joindre les justificatifs de taxi")
    assert (back.json()["status"], back.json()["completed_at"]) == ("in_progress", None)
    assert back.json()["send_back_reason"] == "Joindre les justificatifs de taxi"
    await direction.act(direction.ilyes, order, "complete")  # the report is written already
    approved = await direction.act(direction.head, order, "approve")
    assert (approved.json()["status"], approved.json()["approved_by_id"]) == (
        "approved",
        str(direction.head.id),
    )
    assert (await notified(owner, direction.ilyes.id))[-1] == f"Compte rendu validé : {order['number']}"
    facts = await owner.fetch(
        """SELECT kind FROM event_log WHERE object_type = 'mission_order'
           AND kind NOT IN ('mission_order.created', 'mission_order.updated') ORDER BY id"""
    )
    assert [row[0].removeprefix("mission_order.") for row in facts] == [
        *("issued", "acknowledged", "started", "completed", "sent_back", "completed", "approved")
    ]


async def test_numbers_run_by_agency_and_year(direction: Directorate) -> None:
    far = await direction.company.agency("16099")
    numbers = [(await direction.written())["number"] for _ in range(2)]
    other = await direction.post(direction.company.admin, agency_id=far)
    year = today().year
    assert numbers == [f"OM-16012-{year}-0001", f"OM-16012-{year}-0002"]
    assert other.json()["number"] == f"OM-16099-{year}-0001"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ends_on": day(6)}, "mission_dates"),
        ({"ends_on": day(7 + 90)}, "mission_dates"),
        ({"objective": "x" * 2001}, "string_too_long"),
        ({"objective": ""}, "string_too_short"),
        ({"type": "holiday"}, "enum"),
        ({"target_value": 10}, "invalid_quantity"),
        ({"target_value": "-1"}, "invalid_quantity"),
        ({"target_value": "1.005"}, "invalid_quantity"),
        ({"advance_amount": {"amount": "-1", "currency": "DZD"}}, "dinars_expected"),
        ({"advance_amount": {"amount": "1", "currency": "EUR"}}, "dinars_expected"),
        ({"starts_on": "2026-02-30"}, "date_from_datetime_parsing"),
        ({"colour": "red"}, "extra_forbidden"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    direction: Directorate, changed: dict[str, object], code: str
) -> None:
    answer = await direction.post(**changed)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == code


async def test_ninety_days_are_bearable_and_one_day_is_the_rule(direction: Directorate) -> None:
    assert (await direction.post(ends_on=day(7 + 89))).status_code == 201
    body = direction.body()
    del body["ends_on"]
    one = await direction.client.post("/v1/mission-orders", json=body, headers=direction.head.headers)
    assert one.json()["ends_on"] == one.json()["starts_on"] == day(7)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"assignee_user_id": str(uuid4())}, 422, "unknown_assignee"),
        ({"agency_id": str(uuid4())}, 422, "unknown_mission_agency"),
        ({"linked_account_ids": [str(uuid4())]}, 404, "unknown_object"),
        ({"linked_task_ids": [str(uuid4())]}, 404, "unknown_object"),
        ({"wilaya_code": "99"}, 422, "wilaya_unknown"),
    ],
)
async def test_who_and_what_it_names_must_be_ours(
    direction: Directorate, changed: dict[str, object], status: int, code: str
) -> None:
    answer = await direction.post(direction.company.admin, **changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_a_receipt_must_be_a_document_of_ours(direction: Directorate) -> None:
    order = await direction.written()
    await direction.brought(order, "issue", "acknowledge", "start")
    line = {"kind": "fuel", "label": "Essence", "spent_on": day(7), "document_ids": [str(uuid4())]}
    amount = {"amount": "3000", "currency": "DZD"}
    answer = await direction.act(direction.ilyes, order, "report", expenses=[line | {"amount": amount}])
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_object")


async def test_a_head_of_agency_sends_people_of_the_agency_only(direction: Directorate) -> None:
    far = await direction.company.agency("16099")
    stranger = await direction.company.hire(agency_id=far)
    answer = await direction.post(assignee_user_id=stranger.id)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_mission_agency")


async def test_two_orders_at_once_are_a_warning_and_no_error(direction: Directorate) -> None:
    first = await direction.written()
    second = await direction.written(starts_on=day(9), ends_on=day(12))
    expected = {
        "code": "mission_overlap",
        "mission_order_id": first["id"],
        "number": first["number"],
        "starts_on": first["starts_on"],
        "ends_on": first["ends_on"],
    }
    assert second["warnings"] == [expected]
    issued = await direction.act(direction.head, first, "issue")
    assert [one["number"] for one in issued.json()["warnings"]] == [second["number"]]
    apart = await direction.written(starts_on=day(13), ends_on=day(14))
    assert apart["warnings"] == []
    path = f"/v1/mission-orders/{apart['id']}"
    headers = direction.head.headers | {"If-Match": '"1"'}
    moved = await direction.client.patch(path, json={"starts_on": day(12)}, headers=headers)
    assert [one["number"] for one in moved.json()["warnings"]] == [second["number"]]
    await direction.brought(first, "cancel")
    again = await direction.written(starts_on=day(7), ends_on=day(7))
    assert again["warnings"] == []


async def test_a_draft_changes_and_an_issued_order_does_not(direction: Directorate) -> None:
    order = await direction.written()
    path = f"/v1/mission-orders/{order['id']}"
    headers = direction.head.headers | {"If-Match": '"1"'}
    bad = await direction.client.patch(path, json={"ends_on": day(3)}, headers=headers)
    assert bad.json()["errors"][0]["code"] == "mission_dates"
    changed = await direction.client.patch(path, json={"place": "Médéa"}, headers=headers)
    assert (changed.status_code, changed.json()["place"]) == (200, "Médéa")
    stale = await direction.client.patch(path, json={"place": "Oran"}, headers=headers)
    assert stale.status_code == 412
    await direction.brought(order, "issue")
    late = await direction.client.patch(
        path, json={"place": "Oran"}, headers=direction.head.headers | {"If-Match": '"3"'}
    )
    assert (late.status_code, late.json()["code"]) == (409, "mission_order_not_draft")


STEPS = {
    "issued": "issue",
    "acknowledged": "acknowledge",
    "in_progress": "start",
    "completed": "complete",
    "approved": "approve",
    "cancelled": "cancel",
}


@pytest.mark.parametrize("wanted", list(STEPS))
@pytest.mark.parametrize("current", list(MissionStatus))
async def test_a_listed_step_is_made_and_any_other_is_refused(
    direction: Directorate, owner: asyncpg.Connection, current: str, wanted: str
) -> None:
    order = await direction.written()
    await owner.execute(
        """UPDATE mission_orders SET status = $2::text, report_text = 'Fait.',
            cancel_reason = CASE WHEN $2::text = 'cancelled' THEN 'Sans suite' END WHERE id = $1""",
        order["id"],
        current,
    )
    action = STEPS[wanted]
    if (current, wanted) == ("completed", "in_progress"):  # the way back is to be sent back
        action = "send-back"
    who = direction.head if action in ("issue", "approve", "cancel", "send-back") else direction.ilyes
    body = {"reason": "Mission reportée"} if action in ("cancel", "send-back") else {}
    answer = await direction.act(who, order, action, **body)
    read = (await direction.read(order)).json()["status"]
    if wanted in MISSION_ORDER.allowed(current):
        assert (answer.status_code, read) == (200, wanted), answer.text
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
        assert set(answer.json()["allowed"]) == set(MISSION_ORDER.allowed(current))
        assert read == current


async def test_who_is_sent_does_not_take_the_report_back_by_starting_anew(direction: Directorate) -> None:
    order = await direction.written()
    await direction.brought(order, "issue", "acknowledge", "start", "complete")
    answer = await direction.act(direction.ilyes, order, "start")
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    early = await direction.written()
    await direction.brought(early, "issue", "acknowledge")
    back = await direction.act(direction.head, early, "send-back", reason="Trop tôt")
    assert (back.status_code, back.json()["code"]) == (409, "invalid_transition")


async def test_only_who_is_sent_reports_and_nobody_approves_his_own(direction: Directorate) -> None:
    order = await direction.written()
    await direction.brought(order, "issue")
    for action in ("acknowledge", "start", "report", "complete"):
        answer = await direction.act(direction.head, order, action)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_the_assignee"), action
    own = await direction.written(assignee_user_id=direction.head.id)
    for action in ("issue", "acknowledge", "start"):
        assert (await direction.act(direction.head, own, action)).status_code == 200
    await direction.act(direction.head, own, "complete", report_text=REPORT)
    for action, body in (("approve", {}), ("send-back", {"reason": "À revoir"})):
        answer = await direction.act(direction.head, own, action, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_mission_order")
    supervisor = await direction.company.hire("supervisor")
    assert (await direction.act(supervisor, own, "approve")).json()["status"] == "approved"


async def test_who_sees_and_sends_what(direction: Directorate) -> None:
    colleague = await direction.company.hire(agency_id=direction.agency_id)
    supervisor = await direction.company.hire("supervisor")
    editor = await direction.company.hire("editor")
    far = await direction.company.agency("16099")
    group = await direction.company.group("agency_manager")
    other_head = await direction.company.hire(agency_id=far, group_ids=(group,))
    order = await direction.written()
    seen = {
        "head": direction.head,
        "ilyes": direction.ilyes,
        "supervisor": supervisor,
        "admin": direction.company.admin,
    }
    for name, person in seen.items():
        assert (await direction.read(order, person)).status_code == 200, name
    for person in (colleague, editor, other_head):  # their own, or those of their agency
        assert (await direction.read(order, person)).status_code == 404
    for person in (colleague, editor, direction.ilyes):
        refused = await direction.act(person, order, "issue")
        assert refused.json()["code"] == "insufficient_scope"
    assert (await direction.act(other_head, order, "issue")).status_code == 404
    assert (await direction.act(supervisor, order, "issue")).status_code == 200
    assert (await direction.post(supervisor)).json()["code"] == "insufficient_scope"
    assert (await direction.post(direction.ilyes)).json()["code"] == "insufficient_scope"


async def test_another_organization_sees_nothing(
    direction: Directorate, app: FastAPI, client: httpx.AsyncClient
) -> None:
    order = await direction.written()
    foreign = (await open_company(app, client)).admin
    path = f"/v1/mission-orders/{order['id']}"
    for where in (path, f"{path}/pdf"):
        assert (await client.get(where, headers=foreign.headers)).status_code == 404
    listed = await client.get("/v1/mission-orders", headers=foreign.headers)
    assert listed.json()["data"] == []
    answer = await client.post(f"{path}/issue", headers=foreign.headers | {"If-Match": '"1"'})
    assert answer.status_code == 404


async def test_lists_filter_sort_and_page(direction: Directorate) -> None:
    orders = [await direction.written(starts_on=day(n), ends_on=day(n)) for n in (3, 1, 2)]
    await direction.brought(orders[0], "issue")

    async def listed(**params: object) -> list[str]:
        answer = await direction.client.get("/v1/mission-orders", params=params, headers=direction.admin)
        assert answer.status_code == 200, answer.text
        return [one["starts_on"] for one in answer.json()["data"]]

    assert await listed() == [day(3), day(2), day(1)]
    assert await listed(sort="starts_on", limit=2) == [day(1), day(2)]
    assert await listed(status="issued") == [day(3)]
    assert await listed(assignee_user_id=str(direction.ilyes.id), ends_on_gte=day(2)) == [day(3), day(2)]
    assert await listed(is_overdue=True) == []
    assert await listed(agency_id=str(uuid4())) == []
    counted = await direction.client.get("/v1/mission-orders/count", headers=direction.admin)
    assert counted.json() == {"count": 3}
