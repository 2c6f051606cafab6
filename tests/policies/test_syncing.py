"""Contracts that a policy system keeps and tells us of."""

import asyncio
from itertools import permutations
from typing import Any
from uuid import uuid4

import httpx
import pytest

from crm_api.policies.jobs import follow_policies
from policies.portfolio import Answer, Portfolio, ago, dinars, moment, ran

pytestmark = pytest.mark.anyio
PATH = "/v1/external-ids/orass/policies/16012.2026.11.1110.00042"


async def told(portfolio: Portfolio, path: str = PATH, **fields: Any) -> httpx.Response:
    known: Answer = {"account_id": portfolio.account_id, "product_code": "AUTO_P", "status": "in_force"}
    known |= {"as_of": moment(ago(hours=2)), "effective_at": moment(ago(days=30))}
    known |= {"net_premium": dinars("36500.00"), "vat": dinars("6935.00")}
    return await portfolio.ask("POST", path, known | fields, by=portfolio.somebody("policies:sync"))


async def test_a_contract_told_once_is_made_and_told_again_is_the_same(portfolio: Portfolio) -> None:
    first = await told(portfolio)
    assert first.status_code == 201, first.text
    policy = first.json()
    assert (policy["number"], policy["source_system"]) == ("16012.2026.11.1110.00042", "orass")
    assert policy["agency_id"] == str(portfolio.agency_id)
    assert (await portfolio.account())["lifecycle"] == "customer"

    again = await told(portfolio, as_of=policy["as_of"], net_premium=dinars("1.00"))
    assert again.status_code == 200
    assert (again.json()["version"], again.json()["net_premium"]) == (policy["version"], dinars("36500.00"))


async def test_an_older_message_changes_nothing_and_says_so(portfolio: Portfolio) -> None:
    policy = (await told(portfolio)).json()
    late = await told(portfolio, as_of=moment(ago(hours=3)), status="cancelled")
    assert (late.status_code, late.json()["code"]) == (409, "policy_message_outdated")
    assert (await portfolio.now(policy))["version"] == policy["version"]


async def test_a_newer_message_is_what_stands(portfolio: Portfolio) -> None:
    policy = (await told(portfolio)).json()
    newer = await told(
        portfolio,
        as_of=moment(ago(hours=1)),
        status="suspended",
        status_reason="Prime impayée",
        net_premium=dinars("40000.00"),
    )
    assert newer.status_code == 200, newer.text
    assert newer.json()["status"] == "suspended"
    assert newer.json()["version_no"] == 2
    assert newer.json()["suspended_at"] == newer.json()["as_of"]
    assert (await portfolio.account())["lifecycle"] == "former_customer"
    back = await told(portfolio, as_of=moment(ago(minutes=1)), net_premium=dinars("40000.00"))
    assert (back.json()["status"], back.json()["suspended_at"]) == ("in_force", None)
    assert back.json()["id"] == policy["id"]


async def test_the_name_of_our_own_system_is_not_theirs(portfolio: Portfolio) -> None:
    answer = await told(portfolio, PATH.replace("orass", "crm"))
    assert (answer.status_code, answer.json()["code"]) == (422, "reserved_system")


async def test_staff_change_no_contract_that_another_system_keeps(portfolio: Portfolio) -> None:
    policy = (await told(portfolio)).json()
    answer = await portfolio.act(policy, "suspend")
    assert (answer.status_code, answer.json()["code"]) == (403, "policy_system_is_master")
    assert (await portfolio.now(policy))["version"] == policy["version"]


async def test_in_projection_staff_record_none(portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = await portfolio.policy("issued")
    settings = portfolio.company.app.state.tools.settings
    monkeypatch.setitem(settings.__dict__, "policy_mode", "projection")
    answer = await portfolio.ask("POST", "/v1/policies", portfolio.body())
    assert (answer.status_code, answer.json()["code"]) == (403, "policy_system_is_master")
    assert (await portfolio.act(policy, "begin")).status_code == 403
    assert (await told(portfolio)).status_code == 201


async def test_messages_in_any_order_leave_the_newest(portfolio: Portfolio) -> None:
    for at, order in enumerate(permutations((3, 2, 1))):
        path = f"{PATH}{at}"
        codes = set()
        for hours in order:
            answer = await told(
                portfolio, path, as_of=moment(ago(hours=hours)), net_premium=dinars(f"{hours}000.00")
            )
            codes.add(answer.status_code)
        stands = await portfolio.get(path)
        assert stands["net_premium"] == dinars("1000.00"), order
        assert codes <= {200, 201, 409}


async def test_a_contract_told_many_times_at_once_is_one_contract(portfolio: Portfolio) -> None:
    at = moment(ago(hours=2))
    answers = await asyncio.gather(*(told(portfolio, as_of=at) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await portfolio.told("policy.synced")) == 1


async def test_the_clock_leaves_alone_what_another_system_keeps(portfolio: Portfolio) -> None:
    """It would tell us later, and its message would then be older than ours."""
    ended = {"effective_at": moment(ago(days=400)), "expires_at": moment(ago(days=35))}
    policy = (await told(portfolio, **ended)).json()
    await ran(portfolio, follow_policies)
    assert (await portfolio.now(policy))["version"] == policy["version"]
    later = await told(portfolio, as_of=moment(ago(hours=1)), status="expired", **ended)
    assert (later.status_code, later.json()["status"]) == (200, "expired")


async def test_only_the_policy_system_tells(portfolio: Portfolio) -> None:
    answer = await portfolio.ask("POST", PATH, {}, by=portfolio.somebody("policies:write", "policies:read"))
    assert answer.status_code == 403


async def test_an_unknown_account_agency_product_or_predecessor_is_named(portfolio: Portfolio) -> None:
    for fields, code in (
        ({"account_id": None, "account_external_id": "CL-1"}, "unknown_policy_account"),
        ({"agency_code": "99999"}, "unknown_policy_agency"),
        ({"product_code": "NOPE"}, "unknown_policy_product"),
        ({"previous_external_id": "16012.2025.11.1110.00001"}, "unknown_previous_policy"),
        ({"producer_user_id": str(uuid4())}, "unknown_producer"),
    ):
        answer = await told(portfolio, **fields)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


async def test_the_account_may_be_named_as_that_system_names_it(portfolio: Portfolio) -> None:
    version = (await portfolio.account())["version"]
    named = {"external_ids": [{"system": "orass", "value": "CL-889120"}]}
    answer = await portfolio.ask("PATCH", f"/v1/accounts/{portfolio.account_id}", named, version=version)
    assert answer.status_code == 200, answer.text
    made = await told(portfolio, account_id=None, account_external_id="CL-889120")
    assert made.json()["account_id"] == portfolio.account_id
