"""The chain of contracts: told of sixty days ahead, prepared, gone on from; and what it costs more."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm_api.policies.jobs import follow_policies, tell_of_renewals
from crm_api.policies.terms import local_day
from policies.portfolio import Answer, Portfolio, ago, an_account, dinars, moment, ran

pytestmark = pytest.mark.anyio


async def ending(portfolio: Portfolio, days: float = 40, **fields: Any) -> Answer:
    """In force, of a year, with so many days left."""
    policy = await portfolio.policy("in_force", **fields)
    ends = ago(days=-days)
    began = ends - timedelta(days=365)
    await portfolio.bring(policy, effective_at=began, expires_at=ends, in_force_since=began)
    return await portfolio.now(policy)


async def renewed(portfolio: Portfolio, policy: Answer, **fields: Any) -> Answer:
    version = (await portfolio.now(policy))["version"]
    answer = await portfolio.ask("POST", f"/v1/policies/{policy['id']}/renew", fields, version=version)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_the_renewal_is_told_once_and_opens_one_sale(portfolio: Portfolio) -> None:
    policy = await ending(portfolio, 40)
    await ending(portfolio, 80)
    await ran(portfolio, tell_of_renewals)
    await ran(portfolio, tell_of_renewals)
    assert len(await portfolio.told("policy.expiring")) == 1
    sales = (await portfolio.get("/v1/opportunities", type="renewal"))["data"]
    assert [(sale["name"], sale["amount"]) for sale in sales] == [
        (f"Renouvellement {policy['number']}", dinars("36500.00"))
    ]
    ends = datetime.fromisoformat(policy["expires_at"])
    assert sales[0]["close_date"] == local_day(ends).isoformat()
    assert sales[0]["agency_id"] == policy["agency_id"]


async def test_how_long_ahead_is_a_setting(portfolio: Portfolio) -> None:
    await ending(portfolio, 40)
    answer = await portfolio.ask("GET", "/v1/organization/settings")
    version = answer.json()["version"]
    body = {"renewal_notice_days": 30}
    answer = await portfolio.ask("PATCH", "/v1/organization/settings", body, version=version)
    assert answer.status_code == 200, answer.text
    await ran(portfolio, tell_of_renewals)
    assert await portfolio.told("policy.expiring") == []


async def test_the_next_contract_goes_on_from_this_one_and_wins_the_sale(portfolio: Portfolio) -> None:
    policy = await ending(
        portfolio, 40, coverages=[{"coverage_code": "RC", "net_premium": dinars("6500.00")}]
    )
    await ran(portfolio, tell_of_renewals)
    later = await renewed(portfolio, policy, net_premium=dinars("40150.00"), issue=True)
    assert later["previous_policy_id"] == policy["id"]
    assert later["effective_at"] == policy["expires_at"]
    assert later["status"] == "issued"
    assert later["price_change_reason"] == "tariff"
    whole = await portfolio.get(f"/v1/policies/{later['id']}", include=["coverages"])
    assert [one["coverage_code"] for one in whole["coverages"]] == ["RC"]
    (row,) = (await portfolio.get("/v1/policies/renewals"))["data"]
    assert row["next_policy_id"] == later["id"]
    assert row["account_name"] == "Famille AISSANI"
    assert (row["price_change"], row["price_change_rate"]) == (dinars("3650.00"), "0.1")
    assert row["days_left"] in (40, 41)
    sales = (await portfolio.get("/v1/opportunities", type="renewal"))["data"]
    assert [(sale["status"], sale["policy_number"]) for sale in sales] == [("won", later["number"])]
    again = await portfolio.act(policy, "renew", {})
    assert (again.status_code, again.json()["code"]) == (409, "policy_already_renewed")


async def test_this_one_is_renewed_when_its_term_is_over_and_the_next_in_force(portfolio: Portfolio) -> None:
    policy = await ending(portfolio, 10)
    later = await renewed(portfolio, policy, issue=True)
    later = await portfolio.done(later, "begin")
    assert later["status"] == "issued"  # paid, and its effect is still to come
    await portfolio.bring(policy, expires_at=ago(minutes=2))
    await portfolio.bring(later, effective_at=ago(minutes=2))
    await ran(portfolio, follow_policies)
    await ran(portfolio, follow_policies)
    policy, later = await portfolio.now(policy), await portfolio.now(later)
    assert (policy["status"], later["status"]) == ("renewed", "in_force")
    assert policy["next_policy_id"] == later["id"]
    assert (await portfolio.account())["lifecycle"] == "customer"
    assert len(await portfolio.told("policy.renewed")) == 1


async def test_a_contract_that_nothing_goes_on_from_expires_and_may_still_be_renewed(
    portfolio: Portfolio,
) -> None:
    policy = await ending(portfolio, 10)
    await portfolio.bring(policy, expires_at=ago(days=2))
    await ran(portfolio, follow_policies)
    policy = await portfolio.now(policy)
    assert policy["status"] == "expired"
    account = await portfolio.account()
    assert account["lifecycle"] == "former_customer"
    assert account["last_policy_expiry"] is not None
    later = await renewed(portfolio, policy, effective_at=moment(ago(minutes=1)), issue=True)
    await portfolio.done(later, "begin")
    assert (await portfolio.now(policy))["status"] == "renewed"
    assert (await portfolio.account())["lifecycle"] == "customer"


async def test_a_renewal_that_was_cancelled_leaves_room_for_another(portfolio: Portfolio) -> None:
    policy = await ending(portfolio)
    first = await renewed(portfolio, policy)
    await portfolio.done(first, "cancel")
    assert (await portfolio.now(policy))["next_policy_id"] is None
    assert (await renewed(portfolio, policy))["id"] != first["id"]


async def test_a_renewal_begins_where_the_contract_ends(portfolio: Portfolio) -> None:
    policy = await ending(portfolio)
    for at in (ago(days=-39), ago(days=-90)):
        answer = await portfolio.act(policy, "renew", {"effective_at": moment(at)})
        assert [error["code"] for error in answer.json()["errors"]] == ["no_renewal"]
    ended = await portfolio.policy("terminated")
    answer = await portfolio.act(ended, "renew", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "policy_not_renewable")


async def test_the_workbench_pages_by_expiry_and_filters(portfolio: Portfolio) -> None:
    policies = [await ending(portfolio, days) for days in (50, 20, 5)]
    await ending(portfolio, 90)
    first = await portfolio.get("/v1/policies/renewals", limit=2)
    assert [row["id"] for row in first["data"]] == [policies[2]["id"], policies[1]["id"]]
    rest = await portfolio.get("/v1/policies/renewals", limit=2, cursor=first["next_cursor"])
    assert [row["id"] for row in rest["data"]] == [policies[0]["id"]]
    assert (await portfolio.get("/v1/policies/renewals/count", due_within_days=30))["count"] == 2
    await renewed(portfolio, policies[1])
    undone = await portfolio.get("/v1/policies/renewals", next_policy_id_null=True)
    assert len(undone["data"]) == 2
    stranger = portfolio.somebody("policies:read", data_scope="own")
    assert (await portfolio.get("/v1/policies/renewals", stranger))["data"] == []


async def test_contracts_follow_an_account_that_is_merged_and_return(portfolio: Portfolio) -> None:
    policy = await portfolio.policy()
    other = await an_account(portfolio.company, portfolio.agency_id, "Famille AISSANI Ilyes")
    version = (await portfolio.get(f"/v1/accounts/{other}"))["version"]
    body = {"account_id": portfolio.account_id}
    answer = await portfolio.ask("POST", f"/v1/accounts/{other}/merge", body, version=version)
    assert answer.status_code == 200, answer.text
    assert (await portfolio.now(policy))["account_id"] == other
    assert (await portfolio.get(f"/v1/accounts/{other}"))["lifecycle"] == "customer"
    version = (await portfolio.account())["version"]
    path = f"/v1/accounts/{portfolio.account_id}/unmerge"
    answer = await portfolio.ask("POST", path, version=version)
    assert answer.status_code == 200, answer.text
    assert (await portfolio.now(policy))["account_id"] == portfolio.account_id
    assert (await portfolio.get(f"/v1/accounts/{other}"))["lifecycle"] == "prospect"


async def test_an_account_with_a_contract_does_not_go_to_the_bin(portfolio: Portfolio) -> None:
    await portfolio.policy("cancelled")
    version = (await portfolio.account())["version"]
    answer = await portfolio.ask("DELETE", f"/v1/accounts/{portfolio.account_id}", version=version)
    assert (answer.status_code, answer.json()["code"]) == (409, "account_in_use")
