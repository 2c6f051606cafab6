"""What happens to premiums when a contract changes or ends, and the figures over them; over HTTP."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from billing.counter import DAY, Counter, at, centimes
from crm_api.kit.clock import ALGIERS, today
from exports.shop import exported, table
from policies.portfolio import an_account, dinars

pytestmark = pytest.mark.anyio
TOTAL = "44070.00"
PLAIN = {name: dinars("0.00") for name in ("policy_fee", "vat", "dimension_stamp")}


def begins(ago: int) -> datetime:
    day = today() - ago * DAY
    return datetime(day.year, day.month, day.day, tzinfo=ALGIERS)


async def owed(counter: Counter, policy: dict[str, Any]) -> int:
    return sum(centimes(one["balance"]) for one in await counter.debts(policy))


async def test_a_year_in_quarters_is_billed_when_each_notice_is_due(counter: Counter) -> None:
    policy = await counter.issued(begins(1), payment_plan="quarterly")
    parts = await counter.parts(policy)
    assert [one["status"] for one in parts] == ["billed", "scheduled", "scheduled", "scheduled"]
    assert sum(centimes(one["total"]) for one in parts) == 44_070_00
    assert [one["fee"]["amount"] for one in parts] == ["500.00", "0.00", "0.00", "0.00"]
    await counter.paid((await counter.debt(policy))["balance"]["amount"])
    second = date.fromisoformat(parts[1]["due_on"])
    assert parts[1]["bill_on"] == str(second - 30 * DAY)
    with at(second - 30 * DAY):
        await counter.night(second - 30 * DAY)
    assert [one["status"] for one in await counter.parts(policy)] == [
        *("paid", "billed", "scheduled", "scheduled")
    ]
    numbers = [one["number"] for one in await counter.receipts(policy)]
    assert len(set(numbers)) == 2
    await counter.somewhere()


async def test_an_insured_who_leaves_gets_back_what_was_not_earned(counter: Counter) -> None:
    """D-30: 36,500.00 net, day 100 of 365: 26,500.00 are given back."""
    policy = await counter.issued(
        begins(100), expires_at=(begins(100) + timedelta(days=365)).isoformat(), **PLAIN
    )
    await counter.paid("36500.00")
    await counter.portfolio.done(policy, "terminate")
    (refund,) = [one for one in await counter.receipts(policy) if one["type"] == "refund"]
    assert refund["net"]["amount"] == refund["total"]["amount"] == "-26500.00"
    (credit,) = await counter.rows("/customer-credits", account_id=counter.account_id)
    assert (credit["origin"], credit["balance"]["amount"]) == ("termination", "26500.00")
    await counter.somewhere()


async def test_an_insured_who_had_not_paid_owes_what_was_earned(counter: Counter) -> None:
    policy = await counter.issued(
        begins(100), expires_at=(begins(100) + timedelta(days=365)).isoformat(), **PLAIN
    )
    await counter.portfolio.bring(policy, status="in_force")
    await counter.portfolio.done(policy, "terminate")
    assert await owed(counter, policy) == 10_000_00
    held = await counter.rows("/customer-credits", account_id=counter.account_id)
    assert [one["balance"]["amount"] for one in held] == ["0.00"]
    await counter.somewhere()


async def test_parts_that_were_not_billed_fall_away_with_the_contract(counter: Counter) -> None:
    policy = await counter.issued(begins(10), payment_plan="monthly")
    await counter.paid((await counter.debt(policy))["balance"]["amount"])
    await counter.portfolio.done(policy, "terminate")
    states = [one["status"] for one in await counter.parts(policy)]
    assert (states[0], set(states[2:])) == ("paid", {"cancelled"})
    await counter.somewhere()


async def test_a_contract_that_never_was_gives_everything_back(counter: Counter) -> None:
    policy = await counter.issued()
    await counter.paid("10000.00")
    await counter.portfolio.done(policy, "cancel")
    assert await owed(counter, policy) == 0
    assert [one["status"] for one in await counter.parts(policy)] == ["cancelled"]
    (credit,) = [
        one
        for one in await counter.rows("/customer-credits", account_id=counter.account_id)
        if one["balance"]["amount"] != "0.00"
    ]
    assert (credit["origin"], credit["balance"]["amount"]) == ("cancellation", "10000.00")
    assert sum(centimes(one["total"]) for one in await counter.receipts(policy)) == 0
    state = await counter.get(f"/policies/{policy['id']}/coverage-state")
    assert (state["state"], state["reasons"]) == ("ended", ["cancelled"])
    await counter.somewhere()


@pytest.mark.parametrize(("net", "kind"), [("40000.00", "endorsement"), ("30000.00", "refund")])
async def test_an_endorsement_asks_for_more_or_gives_back(counter: Counter, net: str, kind: str) -> None:
    policy = await counter.issued()
    await counter.paid(TOTAL)
    delta = await counter.endorsed(policy, net_premium=dinars(net))
    (receipt,) = [one for one in await counter.receipts(policy) if one["type"] == kind]
    assert centimes(receipt["total"]) == delta
    total = sum(centimes(one["total"]) for one in await counter.receipts(policy))
    assert total == 44_070_00 + delta
    if kind == "endorsement":
        assert await owed(counter, policy) == delta
    else:
        (credit,) = await counter.rows("/customer-credits", account_id=counter.account_id)
        assert (credit["origin"], centimes(credit["balance"])) == ("endorsement", -delta)
    await counter.somewhere()


async def test_debts_are_aged_by_what_is_asked(counter: Counter) -> None:
    company = counter.portfolio.company
    for days in (-3, 1, 30, 31, 60, 61, 366):
        policy = await counter.issued()
        await counter.owner.execute(
            "UPDATE receivables SET due_on = $2 WHERE policy_id = $1",
            UUID(policy["id"]),
            today() - days * DAY,
        )
    other = await company.agency("16099")
    await an_account(company, other)
    cube = await counter.get("/receivables/ageing")
    found = {cell["age"]: (cell["count"], cell["balance"]["amount"]) for cell in cube["cells"]}
    assert found == {
        "not_due": (1, TOTAL),
        "d1_30": (2, "88140.00"),
        "d31_60": (2, "88140.00"),
        "d61_90": (1, TOTAL),
        "over_365": (1, TOTAL),
    }
    assert (cube["count"], cube["balance"]["amount"]) == (7, "308490.00")
    by_all = await counter.get("/receivables/ageing?by=age,client_type,branch,agency,intermediary")
    assert sum(cell["count"] for cell in by_all["cells"]) == 7
    assert {cell["client_type"] for cell in by_all["cells"]} == {"household"}
    assert {cell["branch"] for cell in by_all["cells"]} == {"11"}
    for bucket, (count, _) in found.items():  # the list and the cube are of one opinion
        assert len(await counter.rows("/receivables", ageing_bucket=bucket)) == count
        assert {one["ageing_bucket"] for one in await counter.rows("/receivables", ageing_bucket=bucket)} == {
            bucket
        }
    wrong = await counter.send("GET", "/receivables/ageing?by=colour")
    assert wrong.json()["errors"][0]["code"] == "unknown_axis"
    far = counter.somebody("receivables:read", data_scope="agency", agency_ids=(other,))
    assert (await counter.get("/receivables/ageing", by=far))["cells"] == []


async def test_the_bad_payers_are_exported_and_nothing_runs_as_a_formula(
    counter: Counter, app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    policy = await counter.issued()
    await counter.owner.execute(
        "UPDATE accounts SET name = '=cmd|calc' WHERE id = $1", UUID(counter.account_id)
    )
    filter_ = {"all": [{"field": "bad_payer", "op": "match", "value": True}]}
    assert await counter.rows("/receivables", bad_payer=True) == []
    await counter.owner.execute(
        "UPDATE receivables SET dunning_state = 'formal_notice_sent' WHERE policy_id = $1", UUID(policy["id"])
    )
    assert [one["policy_id"] for one in await counter.rows("/receivables", bad_payer=True)] == [policy["id"]]
    admin = counter.portfolio.admin
    content = await exported(app, client, owner, admin, "receivables", filter=filter_)
    (row,) = table(content)
    assert (row["policy_number"], row["balance"]) == (policy["number"], "44070,00")
    assert b"'=cmd|calc" in content
    actions = await owner.fetch("SELECT action FROM audit_log WHERE action LIKE '%export%'")
    assert actions


async def test_who_sees_own_contracts_sees_own_debts(counter: Counter) -> None:
    await counter.issued()
    other = counter.somebody("receivables:read", "payments:read", data_scope="own")
    assert (await counter.get("/receivables", by=other))["data"] == []
    assert (await counter.get("/receivables/count", by=other))["count"] == 0


async def test_two_accounts_that_become_one_have_one_statement(counter: Counter) -> None:
    await counter.issued()
    other = await an_account(counter.portfolio.company, counter.portfolio.agency_id, "Famille AISSANI B")
    version = (await counter.portfolio.get(f"/v1/accounts/{other}"))["version"]
    merged = await counter.portfolio.ask(
        "POST", f"/v1/accounts/{other}/merge", {"account_id": counter.account_id}, version=version
    )
    assert merged.status_code == 200, merged.text
    statement = await counter.get(f"/accounts/{other}/statement")
    assert statement["closing"]["amount"] == TOTAL


async def test_the_agency_that_takes_over_asks_for_what_is_owed(counter: Counter) -> None:
    paid, owing = await counter.issued(), await counter.issued()
    debt = await counter.debt(paid)
    share = {"receivable_id": debt["id"], "amount": debt["balance"]}
    await counter.paid(debt["balance"]["amount"], allocations=[share])
    heir = await counter.portfolio.company.agency("16099")
    path = f"/v1/agencies/{counter.portfolio.agency_id}"
    version = (await counter.portfolio.get(path))["version"]
    body = {"transfer_to_agency_id": str(heir)}
    closed = await counter.portfolio.ask("POST", f"{path}/close", body, version=version)
    assert closed.is_success, closed.text
    everyone = counter.somebody()
    found = {
        one["policy_id"]: one["agency_id"] for one in (await counter.get("/receivables", by=everyone))["data"]
    }
    assert found == {paid["id"]: str(counter.portfolio.agency_id), owing["id"]: str(heir)}


async def test_an_account_with_money_on_record_is_not_put_in_the_bin(counter: Counter) -> None:
    other = await an_account(counter.portfolio.company, counter.portfolio.agency_id, "Famille B")
    await counter.paid("10.00", account_id=other)
    version = (await counter.portfolio.get(f"/v1/accounts/{other}"))["version"]
    refused = await counter.portfolio.ask("DELETE", f"/v1/accounts/{other}", version=version)
    assert (refused.status_code, refused.json()["code"]) == (409, "account_in_use"), refused.text
