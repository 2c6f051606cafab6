"""E-10: somebody is sent on a mission, goes, reports, and is approved; one is late, and is cancelled."""

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company
from crm_api.registry import JOBS
from files.papers import PNG, added
from journeys.steps import facts, notified, read, said, step
from missions.people import REPORT, Directorate, day

pytestmark = pytest.mark.anyio


async def test_a_mission_from_the_order_to_the_approval(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    direction = await Directorate.of(company)
    head, ilyes = direction.head.headers, direction.ilyes.headers

    # 1. The head of the agency writes the order and issues it: paper, notification, calendar.
    order = await said(company, "/v1/mission-orders", direction.body(), by=head)
    path = f"/v1/mission-orders/{order['id']}"
    issued = await step(company, path, "issue", head)
    assert issued.json()["status"] == "issued", issued.text
    paper = await client.get(f"{path}/pdf", headers=ilyes)
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert order["number"] in paper.headers["content-disposition"]
    assert "mission_order" in await notified(company, ilyes)
    days = {"object_type": "mission_order", "object_id": order["id"]}
    calendar = (await read(company, "/v1/appointments", ilyes, **days))["data"]
    assert {one["organizer_id"] for one in calendar} == {str(direction.ilyes.id)}
    assert all(day(7) <= one["starts_at"][:10] <= day(9) for one in calendar)

    # 2. Ilyès takes note and leaves.
    for name, status in (("acknowledge", "acknowledged"), ("start", "in_progress")):
        answer = await step(company, path, name, ilyes)
        assert answer.json()["status"] == status, answer.text

    # 3. In the field: what he says to people is about the mission.
    visited = await said(
        company,
        "/v1/leads",
        {"full_name": "SARL Mitidja", "phone": "025 30 10 10", "source": "event"},
        by=ilyes,
    )
    links = [{"object_type": "lead", "object_id": visited["id"]}, days]
    talk = {"channel": "in_person", "direction": "outbound", "outcome": "info_given", "links": links}
    met = await said(company, "/v1/interactions", talk, by=ilyes)
    about = await read(company, f"/v1/interactions/{met['id']}", ilyes)
    assert ("mission_order", order["id"]) in {(x["object_type"], x["object_id"]) for x in about["links"]}

    # 4. He reports, with a photo of the receipt and what he spent.
    photo = await added(client, ilyes, PNG, "taxi.png", kind="other")
    taxi = {"kind": "transport", "label": "Taxi", "spent_on": day(7), "document_ids": [photo["id"]]}
    taxi |= {"amount": {"amount": "1200.50", "currency": "DZD"}}
    assert (await step(company, path, "complete", ilyes)).json()["code"] == "mission_report_missing"
    told = {"report_text": REPORT, "result_value": "9", "expenses": [taxi]}
    over = (await step(company, path, "complete", ilyes, **told)).json()
    assert (over["status"], over["expense_amount"]["amount"]) == ("completed", "1200.50"), over

    # 5. The head approves; nobody approves his own.
    assert (await step(company, path, "approve", ilyes)).status_code in (403, 409)
    approved = (await step(company, path, "approve", head)).json()
    assert (approved["status"], approved["approved_by_id"]) == ("approved", str(direction.head.id))
    steps = ("issued", "acknowledged", "started", "completed", "approved")
    kinds = await facts(owner, order["id"])
    assert [kind for kind in kinds if kind.split(".")[1] in steps] == [
        f"mission_order.{one}" for one in steps
    ]

    # 6. Another one is late: it is told once. And one is cancelled: it keeps its record.
    late = await said(company, "/v1/mission-orders", direction.body(), by=head)
    await step(company, f"/v1/mission-orders/{late['id']}", "issue", head)
    ago = "UPDATE mission_orders SET starts_on = starts_on - 30, ends_on = ends_on - 30 WHERE number = $1"
    await owner.execute(ago, late["number"])
    await tell_of_late_missions(company)
    assert (await read(company, f"/v1/mission-orders/{late['id']}", ilyes))["is_overdue"] is True
    assert "mission_order.overdue" in await facts(owner, late["id"])
    cancelled = await step(company, f"/v1/mission-orders/{late['id']}", "cancel", head, reason="Reportée")
    assert cancelled.json()["status"] == "cancelled", cancelled.text
    assert (await read(company, f"/v1/mission-orders/{late['id']}", ilyes))["number"] == late["number"]


async def tell_of_late_missions(company: Company) -> None:
    """The job of every morning."""
    ctx = company.context()
    await JOBS["tell_of_overdue_missions"](ctx, {})
    await ctx.commit()
    await ctx.close()
