"""A quote from the draft to the contract, as staff sees it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from actors import actor
from crm_api.kit.clock import today
from quotes.desk import Desk, tomorrow
from quotes.golden import car

pytestmark = pytest.mark.anyio


async def test_a_draft_has_its_number_and_hides_what_is_personal(
    desk: Desk, owner: asyncpg.Connection
) -> None:
    quote = await desk.draft(
        inputs=car(6, "2000000.00", registration="12345 116 16", make="Renault", model="Symbol")
    )
    assert quote["number"] == f"D-{today().year}-{quote['number'][-6:]}"
    assert (quote["status"], quote["revision"], quote["object_label"]) == ("draft", 1, "Renault Symbol")
    assert quote["inputs"]["registration"].startswith("•••")
    assert "12345" not in str(quote["inputs"])
    kept = await owner.fetchrow("SELECT inputs::text, masked::text FROM quotes WHERE id = $1", quote["id"])
    assert "12345 116" not in str(kept)
    told = await owner.fetch("SELECT changes::text FROM audit_log WHERE object_id = $1", quote["id"])
    assert told
    assert "12345 116" not in str(told)


async def test_a_quote_goes_from_the_draft_to_the_customers_signature(
    desk: Desk, owner: asyncpg.Connection
) -> None:
    quote = await desk.rated()
    assert quote["valid_until"] == (today() + timedelta(days=30)).isoformat()
    quote = await desk.done(quote, "send", {"by": "handed_over"})
    assert quote["document_id"]
    signed = await desk.signed(quote)
    quote = await desk.done(quote, "accept", {"name": "Karim BOUCHAREB", "document_id": signed})
    assert (quote["status"], quote["signature_document_id"]) == ("accepted", signed)
    kinds = await owner.fetch("SELECT kind FROM event_log WHERE object_id = $1", quote["id"])
    assert {"quote.rated", "quote.sent", "quote.accepted"} <= {row["kind"] for row in kinds}


async def test_an_accepted_quote_becomes_one_contract(desk: Desk) -> None:
    from_sent = await desk.sent(inputs=car(6, "2000000.00", registration="12345 116 16"))
    signed = await desk.signed(from_sent)
    quote = await desk.done(from_sent, "accept", {"name": "Karim BOUCHAREB", "document_id": signed})
    policy_id = uuid4()
    taken = await desk.converted(quote, policy_id)
    assert taken.inputs["registration"] == "12345 116 16"
    parts = (taken.net_premium, taken.surcharge, taken.policy_fee, taken.vat, taken.fga)
    more = (taken.dimension_stamp, taken.graduated_stamp, taken.vehicle_tax)
    assert sum(part.centimes for part in parts + more) == taken.total_premium.centimes
    assert sum(each.net_premium.centimes for each in taken.coverages) == taken.net_premium.centimes
    now = await desk.read(quote)
    assert (now["status"], now["policy_id"]) == ("converted", str(policy_id))


async def test_formulas_are_compared_in_one_call(desk: Desk) -> None:
    inputs = car(6, "2000000.00", assistance="tranquillite")
    body = {"product_code": "AUTO_P", "inputs": inputs, "effective_on": tomorrow()}
    answer = await desk.company.send("POST", "/v1/quotes/compare", body, by=desk.seller.headers)
    assert answer.status_code == 200, answer.text
    plans = {plan["plan_code"]: plan for plan in answer.json()["plans"]}
    assert plans["TOUS_RISQUES"]["premium"]["total_premium"]["amount"] == "83677.96"
    assert set(plans) == {"TOUS_RISQUES", "DCVV"}
    cheap = await desk.company.send(
        "POST", "/v1/quotes/compare", body | {"inputs": car(6, "500000.00")}, by=desk.seller.headers
    )
    refused = cheap.json()["plans"][0]
    assert refused["premium"] is None
    assert refused["refusals"][0]["code"] == "value_below_plan"


async def test_a_revision_takes_the_place_of_what_was_priced(desk: Desk) -> None:
    first = await desk.sent()
    second = await desk.done(first, "revise", {"inputs": {"value": "3000000.00"}})
    assert (second["number"], second["revision"]) == (first["number"], 2)
    assert (second["status"], second["supersedes_id"]) == ("draft", first["id"])
    assert (await desk.read(first))["status"] == "superseded"
    third = await desk.done(await desk.done(second, "rate"), "revise", {"plan_code": "DCVV"})
    assert third["inputs"]["value"] == "3000000.00"
    listed = await desk.client.get(
        "/v1/quotes", params={"number": first["number"]}, headers=desk.seller.headers
    )
    assert [row["revision"] for row in listed.json()["data"]] == [3, 2, 1]
    again = await desk.act(first, "revise", {})
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"inputs": car(6, "2000000.000")}, "/inputs/value", "answer_pattern"),
        ({"inputs": car(0, "2000000.00")}, "/inputs/power", "answer_minimum"),
        ({"inputs": {**car(6, "2000000.00"), "usage": "joy"}}, "/inputs/usage", "answer_enum"),
        ({"inputs": car(6)}, "/inputs/value", "answer_required"),
        ({"inputs": car(6, "2000000.00", colour="red")}, "/inputs", "answer_additional_properties"),
        ({"inputs": car(6, "2000000.00", wilaya="99")}, "/inputs/wilaya", "unknown_wilaya"),
        (
            {"inputs": car(6, "2000000.00", driver_born_on="2999-01-01")},
            "/inputs/driver_born_on",
            "in_the_future",
        ),
        ({"inputs": car(6, "2000000.00", licence_on="yesterday")}, "/inputs/licence_on", "answer_format"),
        ({"effective_on": "2020-01-01"}, "/effective_on", "in_the_past"),
        ({"effective_on": (today() + timedelta(days=91)).isoformat()}, "/effective_on", "too_far"),
        ({"term_months": 7}, "/term_months", "term_not_sold"),
        ({"plan_code": "AUTRE"}, "/plan_code", "unknown_plan"),
        ({"leave_out": ["RC"]}, "/leave_out", "coverage_required"),
        ({"add_coverages": ["INC"]}, "/add_coverages", "unknown_coverage"),
        ({"term_months": 12, "term_days": 10}, "", "one_term"),
    ],
)
async def test_a_wrong_answer_is_refused_by_its_name(
    desk: Desk, changed: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await desk.ask(**changed)
    assert answer.status_code == 422, answer.text
    faults = [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]
    assert (pointer, code) in faults, faults


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"product_code": "NOTHING"}, "unknown_product"),
        ({"account_id": str(uuid4())}, "unknown_quoted_party"),
        ({"lead_id": str(uuid4())}, "unknown_quoted_party"),
        ({"agency_id": str(uuid4())}, "unknown_quote_agency"),
    ],
)
async def test_what_is_not_there_is_not_quoted(desk: Desk, changed: dict[str, Any], code: str) -> None:
    answer = await desk.ask(**changed)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_quote_of_another_organization_does_not_exist(desk: Desk) -> None:
    quote = await desk.draft()
    stranger = actor(uuid4(), "quotes:read", "quotes:write", "quotes:approve")
    for path in ("", "/link", "/pdf"):
        answer = await desk.client.get(f"/v1/quotes/{quote['id']}{path}", headers=stranger)
        assert answer.status_code == 404
    listed = await desk.client.get("/v1/quotes", headers=stranger)
    assert listed.json()["data"] == []
    colleague = await desk.company.hire("user", agency_id=await desk.company.agency("31001"))
    hidden = await desk.client.get(f"/v1/quotes/{quote['id']}", headers=colleague.headers)
    assert hidden.status_code == 404


async def test_a_product_of_the_policy_system_is_priced_there(desk: Desk) -> None:
    inputs = {"description": "Bureau de 120 m²", "value": "5000000.00", "wilaya": "16"}
    quote = await desk.draft(product_code="MRP", plan_code="BASE", inputs=inputs)
    refused = await desk.act(quote, "rate")
    assert (refused.status_code, refused.json()["code"]) == (422, "not_rated_here")
    dinars = {"currency": "DZD"}
    body = {
        "rating_version": "orass:2026.11",
        "coverages": [
            {"code": "INC", "net": {"amount": "9000.00", **dinars}},
            {"code": "RC_EXP", "net": {"amount": "1000.00", **dinars}},
        ],
        "vat": {"amount": "1900.00", **dinars},
        "total_premium": {"amount": "11900.00", **dinars},
    }
    system = actor(desk.company.organization_id, "policies:sync", kind="client", session_id=None)
    wrong = body | {"total_premium": {"amount": "11900.01", **dinars}}
    off = await desk.act(quote, "rate-externally", wrong, by=system)
    assert off.json()["errors"][0]["code"] == "premium_disagrees"
    quote = await desk.done(quote, "rate-externally", body, by=system)
    assert (quote["rated_by"], quote["total_premium"]["amount"]) == ("policy_system", "11900.00")
    assert quote["net_premium"]["amount"] == "10000.00"


async def test_a_priced_quote_is_printed_in_french(desk: Desk) -> None:
    quote = await desk.rated()
    page = await desk.client.get(f"/v1/quotes/{quote['id']}/pdf", headers=desk.seller.headers)
    assert page.status_code == 200
    assert page.content.startswith(b"%PDF")
    assert quote["number"] in page.headers["content-disposition"]


async def test_lists_filter_and_count_and_search(desk: Desk) -> None:
    quote = await desk.rated()
    await desk.draft(product_code="AUTO_RC", plan_code="RC", inputs=car(8))
    for params, count in (
        ({"status": "rated"}, 1),
        ({"product_code": ["AUTO_P", "AUTO_RC"]}, 2),
        ({"total_premium_gte": "83677.96"}, 1),
        ({"total_premium_lt": "83677.96"}, 1),
        ({"account_id": desk.account_id, "sort": "-total_premium"}, 2),
        ({"valid_until_lt": tomorrow()}, 0),
    ):
        page = await desk.client.get("/v1/quotes", params=params, headers=desk.seller.headers)
        assert len(page.json()["data"]) == count, (params, page.text)
    counted = await desk.client.get(
        "/v1/quotes/count", params={"number": quote["number"]}, headers=desk.seller.headers
    )
    assert counted.json()["count"] == 1
    asked = {"filter": {"all": [{"field": "status", "op": "in", "value": ["draft", "rated"]}]}}
    found = await desk.company.send("POST", "/v1/quotes/search", asked, by=desk.seller.headers)
    assert len(found.json()["data"]) == 2
