"""An accepted quote becomes a contract, to the centime, once (E-2 step 8)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_api.kit.clock import today
from policies.portfolio import Answer, Portfolio, ago, dinars, moment
from policies.test_objects import insured

pytestmark = pytest.mark.anyio
RISK: Answer = {"usage": "personal", "power": 6, "wilaya": "16", "value": "2000000.00"}
RISK |= {"driver_born_on": "1985-04-12", "licence_on": "2006-09-01", "assistance": "tranquillite"}


async def accepted(portfolio: Portfolio, **fields: Any) -> Answer:
    """A quote of the seeded catalogue, priced, handed over and taken."""
    body: Answer = {"account_id": portfolio.account_id, "agency_id": str(portfolio.agency_id)}
    body |= {"product_code": "AUTO_P", "plan_code": "TOUS_RISQUES", "inputs": RISK}
    body |= {"effective_on": (today() + timedelta(days=3)).isoformat(), "term_months": 12}
    answer = await portfolio.ask("POST", "/v1/quotes", body | fields)
    assert answer.status_code == 201, answer.text
    quote = answer.json()
    for step, told in (("rate", None), ("send", {"by": "handed_over"})):
        version = (await portfolio.get(f"/v1/quotes/{quote['id']}"))["version"]
        answer = await portfolio.ask("POST", f"/v1/quotes/{quote['id']}/{step}", told, version=version)
        assert answer.status_code == 200, (step, answer.text)
    # Straight in the table: how customers accept is tested with quotes.
    await portfolio.owner.execute(
        "UPDATE quotes SET status = 'accepted', accepted_at = now() WHERE id = $1", UUID(quote["id"])
    )
    return await portfolio.get(f"/v1/quotes/{quote['id']}")


async def converted(portfolio: Portfolio, quote: Answer, **fields: Any) -> httpx.Response:
    return await portfolio.ask("POST", f"/v1/quotes/{quote['id']}/convert", fields)


async def test_a_contract_costs_what_its_quote_promised(portfolio: Portfolio) -> None:
    quote = await accepted(portfolio)
    car = await insured(portfolio)
    answer = await converted(portfolio, quote, object_ids=[car["id"]], payment_plan="semiannual")
    assert answer.status_code == 201, answer.text
    policy = answer.json()
    assert policy["status"] == "issued"
    assert policy["quote_id"] == quote["id"]
    assert policy["total_premium"] == quote["total_premium"]
    for name in ("policy_fee", "vat", "fga", "dimension_stamp", "graduated_stamp", "vehicle_tax"):
        assert policy[name] == quote[name]
    whole = await portfolio.get(f"/v1/policies/{policy['id']}", include=["coverages", "objects"])
    assert [held["id"] for held in whole["objects"]] == [car["id"]]
    assert {one["insured_object_id"] for one in whole["coverages"]} == {car["id"]}
    assert len(whole["coverages"]) == len(quote["coverages"])
    assert (await portfolio.get(f"/v1/quotes/{quote['id']}"))["status"] == "converted"
    again = await converted(portfolio, quote)
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")


async def test_a_quote_that_nobody_accepted_is_no_contract(portfolio: Portfolio) -> None:
    body: Answer = {"account_id": portfolio.account_id, "agency_id": str(portfolio.agency_id)}
    body |= {"product_code": "AUTO_P", "plan_code": "TOUS_RISQUES", "inputs": RISK}
    body |= {"effective_on": today().isoformat(), "term_months": 12}
    quote = (await portfolio.ask("POST", "/v1/quotes", body)).json()
    answer = await converted(portfolio, quote)
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")


async def test_where_a_policy_system_is_the_master_it_names_the_quote(
    portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = await accepted(portfolio)
    settings = portfolio.company.app.state.tools.settings
    monkeypatch.setitem(settings.__dict__, "policy_mode", "projection")
    answer = await converted(portfolio, quote)
    assert (answer.status_code, answer.json()["code"]) == (403, "policy_system_is_master")
    told: Answer = {"account_id": portfolio.account_id, "product_code": "AUTO_P", "status": "issued"}
    told |= {"as_of": moment(ago()), "effective_at": moment(ago(days=-3)), "quote_id": quote["id"]}
    told |= {"net_premium": dinars("36500.00")}
    path = "/v1/external-ids/orass/policies/16012.2026.11.1110.00042"
    made = await portfolio.ask("POST", path, told, by=portfolio.somebody("policies:sync", "quotes:read"))
    assert made.status_code == 201, made.text
    assert (await portfolio.get(f"/v1/quotes/{quote['id']}"))["status"] == "converted"
