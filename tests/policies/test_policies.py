"""Contracts issued here: recorded, begun, changed while they are proposals, ended."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from company import open_company
from policies.portfolio import Portfolio, ago, dinars, moment

pytestmark = pytest.mark.anyio


async def test_a_contract_is_recorded_issued_and_begins_once_its_premium_is_paid(
    portfolio: Portfolio,
) -> None:
    answer = await portfolio.ask("POST", "/v1/policies", portfolio.body(term_months=12))
    assert answer.status_code == 201, answer.text
    policy = answer.json()
    assert policy["status"] == "proposed"
    assert policy["source_system"] == "crm"
    assert policy["number"].startswith("16012.20")
    assert ".11.AUTO_P.0000" in policy["number"]
    assert policy["total_premium"] == dinars("44070.00")
    assert policy["annual_net_premium"] == dinars("36500.00")

    policy = await portfolio.done(policy, "issue")
    assert (policy["status"], policy["in_force_since"]) == ("issued", None)
    policy = await portfolio.done(policy, "begin")
    assert policy["status"] == "in_force"
    assert policy["in_force_since"] == policy["first_paid_at"]
    assert (await portfolio.account())["lifecycle"] == "customer"


async def test_a_contract_paid_before_its_effect_waits_for_it(portfolio: Portfolio) -> None:
    policy = await portfolio.policy("issued", effective_at=moment(ago(days=-10)))
    policy = await portfolio.done(policy, "begin")
    assert policy["status"] == "issued"
    assert policy["first_paid_at"] is not None


async def test_a_terminated_contract_tells_its_refund_by_the_day(portfolio: Portfolio) -> None:
    """D-30: 36,500.00 of 365 days, ended on day 100: 26,500.00."""
    policy = await portfolio.policy()
    began = ago(days=100)
    await portfolio.bring(policy, effective_at=began, expires_at=began + timedelta(days=365))
    ended = await portfolio.done(policy, "terminate", {"reason": "sale_of_object"})
    assert ended["status"] == "terminated"
    assert ended["refund"]["remaining_days"] == 265
    assert ended["refund"]["net"] == dinars("26500.00")
    assert (await portfolio.account())["lifecycle"] == "former_customer"


async def test_what_is_named_must_be_there_and_in_sight(portfolio: Portfolio) -> None:
    for fields, code in (
        ({"account_id": str(uuid4())}, "unknown_policy_account"),
        ({"policyholder_contact_id": str(uuid4())}, "unknown_policy_holder"),
        ({"product_code": "NOPE"}, "unknown_policy_product"),
        ({"agency_id": str(uuid4())}, "unknown_policy_agency"),
        ({"previous_policy_id": str(uuid4())}, "unknown_previous_policy"),
        ({"object_ids": [str(uuid4())]}, "unfit_object"),
    ):
        answer = await portfolio.ask("POST", "/v1/policies", portfolio.body(**fields))
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    answer = await portfolio.ask("POST", "/v1/policies", portfolio.body(opportunity_id=str(uuid4())))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_policy_party")
    for fields, code in (
        ({"expires_at": moment(ago(days=1))}, "expiry_before_effect"),
        ({"term_months": 0}, "expiry_missing"),
        ({"net_premium": dinars("-1.00")}, "dinars_expected"),
        ({"net_premium": dinars("1.005")}, "amount_too_precise"),
        ({"bonus_malus_coefficient": "3.60"}, "invalid_coefficient"),
    ):
        answer = await portfolio.ask("POST", "/v1/policies", portfolio.body(**fields))
        assert answer.status_code == 422, answer.text
        assert [error["code"] for error in answer.json()["errors"]] == [code], answer.text


async def test_a_proposal_changes_freely_and_an_issued_contract_by_endorsement(portfolio: Portfolio) -> None:
    policy = await portfolio.policy("proposed")
    path = f"/v1/policies/{policy['id']}"
    body = {"net_premium": dinars("40000.00"), "term_months": 6, "plan_code": "PLAN_1"}
    answer = await portfolio.ask("PATCH", path, body, version=policy["version"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["total_premium"] == dinars("47570.00")
    assert answer.json()["expires_at"] < policy["expires_at"]
    policy = await portfolio.done(policy, "issue")
    answer = await portfolio.ask("PATCH", path, body, version=policy["version"])
    assert (answer.status_code, answer.json()["code"]) == (409, "policy_not_proposed")
    assert answer.json()["fields"] == ["net_premium", "plan_code", "term_months"]
    answer = await portfolio.ask("PATCH", path, {"tags": ["flotte"]}, version=policy["version"])
    assert answer.json()["tags"] == ["flotte"]


async def test_a_stale_version_and_another_organization_are_refused(
    portfolio: Portfolio, app: FastAPI, client: httpx.AsyncClient
) -> None:
    policy = await portfolio.policy()
    path = f"/v1/policies/{policy['id']}"
    stale = await portfolio.ask("POST", f"{path}/suspend", {"reason": "Impayé"}, version=1)
    assert stale.status_code == 412
    other = await open_company(app, client)
    for method, where in (("GET", path), ("GET", f"{path}/cover"), ("GET", f"{path}/versions")):
        assert (await other.send(method, where)).status_code == 404
    assert (await other.send("POST", f"{path}/cancel", {"reason": "Essai"}, version=1)).status_code == 404
    assert (await other.send("GET", "/v1/policies")).json()["data"] == []
    assert (await other.send("GET", "/v1/policies/count")).json()["count"] == 0


async def test_contracts_are_found_by_their_number_in_lists_and_everywhere(portfolio: Portfolio) -> None:
    policy = await portfolio.policy()
    for asked in (policy["number"], policy["number"][:14], "16012"):
        found = await portfolio.get("/v1/policies", q=asked)
        assert [one["id"] for one in found["data"]] == [policy["id"]], asked
    for asked in (policy["number"], policy["number"][:14]):
        groups = (await portfolio.get("/v1/search", q=asked))["data"]
        hits = [hit for group in groups for hit in group["hits"] if group["type"] == "policy"]
        assert [hit["id"] for hit in hits] == [policy["id"]], asked


async def test_what_happened_to_a_contract_stands_in_its_timeline(portfolio: Portfolio) -> None:
    policy = await portfolio.policy("suspended")
    told = await portfolio.get(f"/v1/policies/{policy['id']}/timeline")
    kinds = {entry["change"]["kind"] for entry in told["data"] if entry["kind"] == "change"}
    assert {"policy.issued", "policy.in_force", "policy.suspended"} <= kinds


async def test_a_cancelled_contract_never_was(portfolio: Portfolio) -> None:
    policy = await portfolio.policy("cancelled")
    assert policy["status_reason"] == "Erreur de saisie"
    assert (await portfolio.account())["lifecycle"] == "prospect"
