"""From a form on the insurer's site to a sale that is won (domain.md E-2, up to the opportunity)."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from actors import Headers, actor
from opportunities.sales import Answer, Sales, amount

pytestmark = pytest.mark.anyio
FORM: Answer = {
    "full_name": "Nadia HAMIDI",
    "phone": "0661 00 11 22",
    "wilaya_code": "16",
    "quote_completed": True,
    "consent": {"text_version": "2026-10", "marketing_email": True},
}
SALE: Answer = {"name": "Tous risques HAMIDI", "product_code": "AUTO_P", "close_date": "2027-01-31"}


@pytest.fixture
async def seller(sales: Sales) -> Headers:
    return (await sales.company.hire(agency_id=sales.agency_id)).headers


async def act(sales: Sales, seller: Headers, lead: Answer, step: str, **body: Any) -> httpx.Response:
    version = (await sales.get(f"/v1/leads/{lead['id']}", seller))["version"]
    return await sales.ask("POST", f"/v1/leads/{lead['id']}/{step}", body, by=seller, version=version)


async def qualified(sales: Sales, seller: Headers, **fields: Any) -> Answer:
    """A lead that came through the site and was routed to the seller, who reached and understood it."""
    names = (await sales.get("/v1/lead-routing-rules"))["data"]
    if not names:
        rule = {"name": "Site", "strategy": "round_robin", "target_agency_id": str(sales.agency_id)}
        assert (await sales.ask("POST", "/v1/lead-routing-rules", rule)).status_code == 201
    site = actor(sales.company.organization_id, "leads:capture", kind="client")
    form = FORM | {"submission_id": str(uuid4())} | fields
    received = await sales.ask("POST", "/v1/public/leads", form, by=site)
    assert received.status_code == 202, received.text
    lead = (await sales.get("/v1/leads", seller))["data"][0]
    assert lead["status"] == "assigned"
    for step, body in (("contact", {"channel": "phone"}), ("qualify", {"need": "Tous risques"})):
        answer = await act(sales, seller, lead, step, **body)
        assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_form_becomes_a_sale_that_is_won(
    sales: Sales, seller: Headers, owner: asyncpg.Connection
) -> None:
    lead = await qualified(sales, seller)
    sale = SALE | {"amount": amount("45000.00"), "next_step": "Envoyer le devis"}
    version = (await sales.get(f"/v1/leads/{lead['id']}", seller))["version"]
    path = f"/v1/leads/{lead['id']}/convert"
    once = seller | {"Idempotency-Key": str(uuid4())}
    first, second = [
        await sales.ask("POST", path, {"create_account": True, "opportunity": sale}, by=once, version=version)
        for _ in range(2)
    ]
    assert first.status_code == 200, first.text
    assert second.json() == first.json(), "the same key gives the same ids"
    done = first.json()
    opened = await sales.get(f"/v1/opportunities/{done['opportunity_id']}", seller)
    assert (opened["stage"], opened["status"], opened["amount"]) == (
        "qualification",
        "open",
        amount("45000.00"),
    )
    assert (opened["account_id"], opened["contact_id"]) == (done["account_id"], done["contact_id"])
    assert (opened["lead_id"], opened["source"]) == (lead["id"], "lead")
    assert (opened["owner_user_id"], opened["agency_id"]) == (lead["owner_user_id"], lead["agency_id"])
    kept = await sales.get(f"/v1/leads/{lead['id']}", seller)
    assert (kept["status"], kept["converted_opportunity_id"]) == ("converted", opened["id"])
    again = await act(sales, seller, lead, "convert")
    assert (again.status_code, again.json()["code"]) == (409, "lead_already_converted")
    assert again.json()["opportunity_id"] == opened["id"]
    kinds = {row["kind"] for row in await owner.fetch("SELECT kind FROM event_log")}
    assert {"lead.created", "lead.converted", "account.created", "opportunity.created"} <= kinds
    await sales.done(opened, "move", stage="quote_sent", by=seller)
    won = await sales.done(opened, "win", policy_number="16012.2026.11.1110.00042", by=seller)
    assert won["status"] == "won"
    kinds = {row["kind"] for row in await owner.fetch("SELECT kind FROM event_log")}
    assert {"opportunity.stage_changed", "opportunity.won"} <= kinds


async def test_without_an_opportunity_none_is_opened(sales: Sales, seller: Headers) -> None:
    done = (await act(sales, seller, await qualified(sales, seller), "convert")).json()
    assert done["opportunity_id"] is None
    assert (await sales.get("/v1/opportunities/count"))["count"] == 0


async def test_a_sale_that_cannot_be_opened_stops_the_whole_conversion(
    sales: Sales, seller: Headers, owner: asyncpg.Connection
) -> None:
    lead = await qualified(sales, seller)
    before = await owner.fetchval("SELECT count(*) FROM accounts")
    for wrong, code in (
        ({"stage": "won"}, "stage_closes_opportunity"),
        ({"product_code": "FUSEE"}, "validation_failed"),
        ({"pipeline_id": str(uuid4())}, "unknown_pipeline"),
    ):
        refused = await act(sales, seller, lead, "convert", opportunity=SALE | wrong)
        assert refused.json()["code"] == code, refused.text
    assert await owner.fetchval("SELECT count(*) FROM accounts") == before
    assert (await sales.get(f"/v1/leads/{lead['id']}"))["status"] == "qualified"


async def test_an_untouched_sale_is_taken_back_with_the_conversion(sales: Sales, seller: Headers) -> None:
    lead = await qualified(sales, seller)
    done = (await act(sales, seller, lead, "convert", opportunity=SALE)).json()
    undone = await act(sales, sales.admin, lead, "undo-conversion")
    assert undone.status_code == 200, undone.text
    assert (undone.json()["status"], undone.json()["converted_opportunity_id"]) == ("qualified", None)
    for kind in ("accounts", "contacts", "opportunities"):
        name = {"opportunities": "opportunity_id"}.get(kind, f"{kind[:-1]}_id")
        gone = await sales.get(f"/v1/{kind}/{done[name]}")
        assert gone["deleted_at"], kind
    assert (await act(sales, seller, lead, "convert", opportunity=SALE)).status_code == 200


async def test_a_sale_that_was_worked_on_keeps_the_conversion(sales: Sales, seller: Headers) -> None:
    lead = await qualified(sales, seller)
    done = (await act(sales, seller, lead, "convert", opportunity=SALE)).json()
    opened = await sales.get(f"/v1/opportunities/{done['opportunity_id']}")
    await sales.done(opened, "move", stage="negotiation")
    refused = await act(sales, sales.admin, lead, "undo-conversion")
    assert (refused.status_code, refused.json()["code"]) == (409, "conversion_in_use")
    assert refused.json()["reasons"] == ["opportunity_changed"]
    assert (await sales.get(f"/v1/accounts/{done['account_id']}"))["deleted_at"] is None
