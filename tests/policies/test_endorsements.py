"""Changes of a contract: their price by the day, their second person, the versions they make."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from actors import Headers
from policies.portfolio import Answer, Portfolio, ago, dinars, moment

pytestmark = pytest.mark.anyio


@pytest.fixture
def boss(portfolio: Portfolio) -> Headers:
    return portfolio.somebody("endorsements:write", "policies:read", "policies:write")


async def asked(portfolio: Portfolio, policy: Answer, type: str, **fields: Any) -> httpx.Response:
    body = {"type": type, "effective_at": moment(ago()), "reason": "À la demande du client"} | fields
    return await portfolio.ask("POST", f"/v1/policies/{policy['id']}/endorsements", body)


async def a_request(portfolio: Portfolio, policy: Answer, type: str, **fields: Any) -> Answer:
    answer = await asked(portfolio, policy, type, **fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def step(
    portfolio: Portfolio, endorsement: Answer, name: str, by: Headers | None = None, body: Any = None
) -> httpx.Response:
    path = f"/v1/endorsements/{endorsement['id']}"
    version = (await portfolio.get(path))["version"]
    return await portfolio.ask("POST", f"{path}/{name}", body, by=by, version=version)


async def applied(portfolio: Portfolio, endorsement: Answer, boss: Headers) -> Answer:
    for name in ("review", "approve", "apply"):
        answer = await step(portfolio, endorsement, name, boss)
        assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def on_day_100(portfolio: Portfolio, **fields: Any) -> Answer:
    """A contract of 365 days at 36,500.00 that began a hundred days ago."""
    policy = await portfolio.policy("in_force", **fields)
    began = ago(days=100)
    await portfolio.bring(policy, effective_at=began, expires_at=began + timedelta(days=365))
    await portfolio.owner.execute("SET session_replication_role = replica")
    await portfolio.owner.execute("UPDATE policy_versions SET effective_at = $1", began)
    await portfolio.owner.execute(
        "UPDATE policy_coverages SET effective_at = $1, expires_at = $2", began, began + timedelta(days=365)
    )
    await portfolio.owner.execute("SET session_replication_role = origin")
    return await portfolio.now(policy)


async def test_a_dearer_contract_is_paid_for_by_the_day_and_has_a_new_version(
    portfolio: Portfolio, boss: Headers
) -> None:
    policy = await on_day_100(portfolio)
    asked_for = await a_request(
        portfolio, policy, "value_change", changes={"net_premium": dinars("73000.00"), "plan_code": "PLAN_1"}
    )
    assert asked_for["number"] == f"{policy['number']}/A01"
    assert asked_for["premium_delta"] == dinars("26500.00")  # 36,500 x 265 / 365
    assert asked_for["vat_delta"] == dinars("5035.00")  # 19 % of it, as the contract was taxed
    assert asked_for["total_delta"] == dinars("31535.00")
    assert asked_for["changes"]["before"] == {"net_premium": dinars("36500.00"), "plan_code": None}
    done = await applied(portfolio, asked_for, boss)
    assert (done["status"], done["policy_version"]) == ("applied", 2)

    policy = await portfolio.now(policy)
    assert policy["version_no"] == 2
    assert policy["net_premium"] == dinars("63000.00")
    assert policy["term_net_premium"] == policy["annual_net_premium"] == dinars("73000.00")
    assert policy["vat"] == dinars("12065.00")
    versions = (await portfolio.get(f"/v1/policies/{policy['id']}/versions"))["data"]
    assert [one["snapshot"]["plan_code"] for one in versions] == [None, "PLAN_1"]
    before = await portfolio.get(f"/v1/policies/{policy['id']}/versions", at=moment(ago(days=1)))
    assert [one["version_no"] for one in before["data"]] == [1]
    today = await portfolio.get(f"/v1/policies/{policy['id']}/versions", at=moment(ago(minutes=-1)))
    assert [one["version_no"] for one in today["data"]] == [2]


async def test_a_change_and_its_undoing_on_one_day_cost_nothing(portfolio: Portfolio, boss: Headers) -> None:
    policy = await on_day_100(portfolio)
    up = await a_request(portfolio, policy, "value_change", changes={"net_premium": dinars("73000.33")})
    await applied(portfolio, up, boss)
    down = await a_request(portfolio, policy, "value_change", changes={"net_premium": dinars("36500.00")})
    await applied(portfolio, down, boss)
    policy = await portfolio.now(policy)
    assert policy["net_premium"] == policy["term_net_premium"] == dinars("36500.00")
    ended = await portfolio.done(policy, "terminate", {"reason": "sale_of_object"})
    assert ended["refund"]["net"] == dinars("26500.00")


async def test_nobody_approves_what_they_asked_for(portfolio: Portfolio, boss: Headers) -> None:
    policy = await portfolio.policy()
    asked_for = await a_request(portfolio, policy, "correction", changes={"plan_code": "PLAN_1"})
    await step(portfolio, asked_for, "review")
    own = await step(portfolio, asked_for, "approve")
    assert (own.status_code, own.json()["code"]) == (403, "endorsement_second_person")
    assert (await step(portfolio, asked_for, "approve", boss)).status_code == 200


async def test_a_contract_that_ended_takes_no_endorsement(portfolio: Portfolio) -> None:
    for status in ("terminated", "cancelled"):
        policy = await portfolio.policy(status)
        answer = await asked(portfolio, policy, "correction", changes={"plan_code": "PLAN_1"})
        assert (answer.status_code, answer.json()["code"]) == (409, "policy_has_ended")


async def test_the_effect_lies_within_the_contract_and_90_days_ahead(portfolio: Portfolio) -> None:
    policy = await portfolio.policy()
    change = {"changes": {"plan_code": "PLAN_1"}}
    for at, code in ((ago(days=2), "before_effect"), (ago(days=-91), "too_far_ahead")):
        answer = await asked(portfolio, policy, "correction", effective_at=moment(at), **change)
        assert [error["code"] for error in answer.json()["errors"]] == [code]
    short = await portfolio.policy(term_months=1)
    answer = await asked(portfolio, short, "correction", effective_at=moment(ago(days=-60)), **change)
    assert [error["code"] for error in answer.json()["errors"]] == ["after_expiry"]


async def test_a_type_changes_what_is_its_own(portfolio: Portfolio) -> None:
    policy = await portfolio.policy()
    for type, changes, code in (
        ("loss_payee", {"net_premium": dinars("1.00")}, "other_type"),
        ("suspension", {"plan_code": "PLAN_1"}, "other_type"),
        ("correction", {}, "nothing_changes"),
        ("extension", {"net_premium": dinars("1.00")}, "nothing_changes"),
        ("renewal", {}, "renewed_by_contract"),
    ):
        answer = await asked(portfolio, policy, type, changes=changes)
        assert answer.status_code == 422, answer.text
        assert [error["code"] for error in answer.json()["errors"]] == [code], answer.text


async def test_what_changed_meanwhile_is_asked_for_anew(portfolio: Portfolio, boss: Headers) -> None:
    policy = await portfolio.policy()
    one = await a_request(portfolio, policy, "correction", changes={"plan_code": "PLAN_1"})
    two = await a_request(portfolio, policy, "correction", changes={"plan_code": "PLAN_2"})
    await applied(portfolio, one, boss)
    await step(portfolio, two, "review", boss)
    answer = await step(portfolio, two, "approve", boss)
    assert (answer.status_code, answer.json()["code"]) == (409, "endorsement_outdated")


async def test_coverages_of_a_version_stay_and_the_next_has_its_own(
    portfolio: Portfolio, boss: Headers
) -> None:
    first = [{"coverage_code": "RC", "net_premium": dinars("6500.00")}]
    policy = await on_day_100(portfolio, coverages=first, fga=dinars("210.00"))
    both = [*first, {"coverage_code": "VOL", "net_premium": dinars("1000.00")}]
    change = {"coverages": both, "net_premium": dinars("37500.00")}
    asked_for = await a_request(portfolio, policy, "coverage_add", changes=change)
    assert asked_for["premium_delta"] == dinars("726.03")  # 1,000 x 265 / 365 = 726.027
    assert asked_for["fga_delta"] == dinars("0.00")  # the liability cover costs what it did
    await applied(portfolio, asked_for, boss)
    whole = await portfolio.get(f"/v1/policies/{policy['id']}", include=["coverages"])
    added = {one["coverage_code"]: one["effective_at"] for one in whole["coverages"]}
    assert added["RC"] == policy["effective_at"]
    assert added["VOL"] == asked_for["effective_at"]
    versions = (await portfolio.get(f"/v1/policies/{policy['id']}/versions"))["data"]
    assert [len(one["snapshot"]["coverages"]) for one in versions] == [1, 2]


async def test_a_termination_is_applied_at_its_effect_and_its_refund_told_with_it(
    portfolio: Portfolio, boss: Headers
) -> None:
    policy = await on_day_100(portfolio)
    later = moment(ago(days=-10))
    change = {"termination_reason": "sale_of_object"}
    ahead = await a_request(portfolio, policy, "termination", effective_at=later, changes=change)
    for name in ("review", "approve"):
        await step(portfolio, ahead, name, boss)
    answer = await step(portfolio, ahead, "apply", boss)
    assert (answer.status_code, answer.json()["code"]) == (409, "endorsement_not_yet_effective")
    today = await a_request(portfolio, policy, "termination", changes=change)
    done = await applied(portfolio, today, boss)
    assert done["premium_delta"] == dinars("0.00")
    ended = await portfolio.now(policy)
    assert (ended["status"], ended["termination_reason"]) == ("terminated", "sale_of_object")
    facts = await portfolio.told("policy.terminated")
    assert '"refund_net": 2650000' in facts[0]["data"]


async def test_a_suspension_and_a_reinstatement_lead_the_contract(
    portfolio: Portfolio, boss: Headers
) -> None:
    policy = await portfolio.policy()
    await applied(portfolio, await a_request(portfolio, policy, "suspension"), boss)
    assert (await portfolio.now(policy))["status"] == "suspended"
    await applied(portfolio, await a_request(portfolio, policy, "reinstatement"), boss)
    assert (await portfolio.now(policy))["status"] == "in_force"


async def test_an_extension_ends_later_and_costs_the_difference(portfolio: Portfolio, boss: Headers) -> None:
    policy = await portfolio.policy(term_months=6, net_premium=dinars("18000.00"))
    until = ago(days=-365)
    change = {"expires_at": moment(until), "net_premium": dinars("36000.00")}
    asked_for = await a_request(portfolio, policy, "extension", changes=change)
    assert asked_for["premium_delta"] == dinars("18000.00")
    await applied(portfolio, asked_for, boss)
    assert (await portfolio.now(policy))["expires_at"].startswith(until.date().isoformat())


async def test_another_organization_and_another_agency_see_nothing(portfolio: Portfolio) -> None:
    policy = await portfolio.policy()
    asked_for = await a_request(portfolio, policy, "correction", changes={"plan_code": "PLAN_1"})
    stranger = portfolio.somebody("policies:read", "endorsements:write", data_scope="own")
    path = f"/v1/endorsements/{asked_for['id']}"
    assert (await portfolio.ask("GET", path, by=stranger)).status_code == 404
    assert (await portfolio.ask("POST", f"{path}/review", by=stranger, version=1)).status_code == 404
    assert (await portfolio.get("/v1/endorsements", stranger))["data"] == []
    versions = f"/v1/policies/{policy['id']}/versions"
    assert (await portfolio.ask("GET", versions, by=stranger)).status_code == 404
