"""Contracts told in bulk: made, changed, left alone or refused, each for itself."""

import json
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from chores import done
from crm_api.core.progress import Run
from crm_api.integrations.running import BatchRun
from policies.portfolio import Answer, Portfolio, ago, dinars, moment

pytestmark = pytest.mark.anyio
PATH = "/v1/integrations/orass/policies/batches"
START = ago(days=20)
COMPARED = """SELECT external_id, number, status, account_id, agency_id, product_code, plan_code, branch_code,
    effective_at, expires_at, term_months, renewal_type, payment_plan, net_premium, policy_fee, vat,
    total_premium, annual_net_premium, status_reason, termination_reason, terminated_at, as_of
FROM policies WHERE organization_id = $1 AND source_system = $2 ORDER BY external_id"""
"""What a message says: the same whatever way and order it came."""


def message(portfolio: Portfolio, name: str, hours: float = 0, **fields: Any) -> Answer:
    known: Answer = {"external_id": name, "number": f"N-{name}", "account_id": portfolio.account_id}
    known |= {
        "product_code": "AUTO_P",
        "status": "in_force",
        "effective_at": moment(START - timedelta(days=10)),
    }
    known |= {"as_of": moment(START + timedelta(hours=hours)), "net_premium": dinars("36500.00")}
    return known | {"vat": dinars("6935.00")} | fields


async def send(portfolio: Portfolio, *messages: Answer, system: str = "orass", **how: Any) -> httpx.Response:
    lines = "\n".join(json.dumps(one) for one in messages)
    headers = portfolio.somebody("policies:sync") | {"Content-Type": "application/x-ndjson"}
    path = PATH.replace("orass", system)
    return await portfolio.company.client.post(path, content=lines, headers=headers | how)


async def taken(app: FastAPI, portfolio: Portfolio, *messages: Answer, **how: Any) -> list[Answer]:
    """The verdicts, in the order of the messages."""
    answer = await send(portfolio, *messages, **how)
    assert answer.status_code == 202, answer.text
    await done(app, portfolio.owner)
    job = await portfolio.get(answer.headers["location"], by=portfolio.somebody("jobs:read", "jobs:manage"))
    assert job["status"] == "succeeded", job
    assert job["counts"]["total"] == len(messages)
    shown = portfolio.somebody("jobs:read", "jobs:manage")
    page = await portfolio.get(job["result"]["href"], by=shown, limit=200)
    return list(page["data"])


def outcomes(verdicts: list[Answer]) -> list[str]:
    return [one["outcome"] for one in verdicts]


async def test_each_message_has_its_verdict(app: FastAPI, portfolio: Portfolio) -> None:
    first = await taken(app, portfolio, message(portfolio, "P-1"), message(portfolio, "P-2"))
    assert outcomes(first) == ["created", "created"]
    again = await taken(
        app,
        portfolio,
        message(portfolio, "P-1"),
        message(portfolio, "P-2", -1, status="cancelled"),
        message(portfolio, "P-3", product_code="NONE"),
        message(portfolio, "P-4", account_id=None, account_external_id="nobody"),
        {"external_id": "P-5", "status": "in_force"},
        message(portfolio, "P-6", agency_code="99999"),
        message(portfolio, "P-2", 5, net_premium=dinars("40000.00")),
    )
    assert outcomes(again) == ["unchanged", "unchanged", *["failed"] * 4, "updated"]
    codes = [one["faults"][0]["code"] if one["faults"] else None for one in again]
    assert codes[:4] == [None, "policy_message_outdated", "unknown_policy_product", "unknown_policy_account"]
    assert codes[5:] == ["unknown_policy_agency", None]
    assert [one["key"] for one in again] == ["P-1", "P-2", "P-3", "P-4", "P-5", "P-6", "P-2"]
    policy = await portfolio.get(f"/v1/policies/{first[1]['object_id']}")
    assert (policy["net_premium"], policy["version_no"], policy["version"]) == (dinars("40000.00"), 2, 2)
    versions = await portfolio.get(f"/v1/policies/{policy['id']}/versions")
    assert [one["version_no"] for one in versions["data"]] in ([1, 2], [2, 1])
    assert (await portfolio.account())["lifecycle"] == "customer"
    assert len(await portfolio.told("policy.created")) == 2
    assert len(await portfolio.told("policy.synced")) == 3


async def test_a_batch_does_what_single_messages_do(app: FastAPI, portfolio: Portfolio) -> None:
    steps: list[Answer] = [
        message(portfolio, "P-1", 0, status="issued"),
        message(portfolio, "P-1", 1, status="in_force"),
        message(portfolio, "P-1", 2, status="suspended", status_reason="Impayé"),
        message(portfolio, "P-1", 3, status="in_force", net_premium=dinars("10.00"), vat=dinars("1.90")),
        message(portfolio, "P-1", 4, status="terminated", termination_reason="fraud"),
    ]
    tables = {
        "policies": "number, status, status_since, in_force_since, suspended_at, terminated_at, version_no,"
        " total_premium, annual_net_premium, as_of, subscribed_on, branch_code",
        "policy_versions": "version_no, effective_at, net_premium, total_premium, snapshot",
        "policy_suspensions": "suspended_at, resumed_at, reason",
        "event_log": "kind",
    }
    seen: dict[str, Any] = {}
    for way, system in ("batch", "orass"), ("single", "other"):
        for one in steps:
            if way == "batch":
                await taken(app, portfolio, one)
            else:
                body = {name: value for name, value in one.items() if name != "external_id"}
                path = f"/v1/external-ids/{system}/policies/P-1"
                told = await portfolio.ask("POST", path, body, by=portfolio.somebody("policies:sync"))
                assert told.status_code < 300, told.text
        id = await portfolio.owner.fetchval("SELECT id FROM policies WHERE source_system = $1", system)
        own = {"policies": "id", "event_log": "kind <> 'policy.updated' AND object_id"}
        seen[way] = {
            table: [
                tuple(row)
                for row in await portfolio.owner.fetch(
                    f"SELECT {columns} FROM {table}"
                    f" WHERE {own.get(table, 'policy_id')} = $1 ORDER BY {columns}",
                    id,
                )
            ]
            for table, columns in tables.items()
        }
    assert seen["batch"] == seen["single"]


async def test_whatever_the_order_the_same_rows_stand(app: FastAPI, portfolio: Portfolio) -> None:
    """Three moments of two contracts in every order, singly and cut into batches at random."""
    chance = Random(11)  # noqa: S311 - the same orders every time
    states: list[Answer] = [
        {"status": "issued"},
        {"status": "in_force", "net_premium": dinars("100.00"), "plan_code": "P1"},
        {"status": "terminated", "termination_reason": "fraud", "policy_fee": dinars("5.00")},
    ]
    expected = None
    orders = [[*order] for order in permutations(range(3))]
    for at, order in enumerate(orders):
        system = f"sys{at}"
        sent = [message(portfolio, name, step, **states[step]) for step in order for name in ("A-1", "B-1")]
        sent += [chance.choice(sent) for _ in range(2)]  # some come twice
        if chance.random() < 0.5:
            chance.shuffle(sent)
        while sent:
            size = chance.randint(1, len(sent))
            part, sent = sent[:size], sent[size:]
            await taken(app, portfolio, *part, system=system)
        rows = await portfolio.owner.fetch(COMPARED, portfolio.company.organization_id, system)
        found = [tuple(row) for row in rows]
        expected = expected or found
        assert len(found) == 2
        assert found == expected, order


async def test_one_that_the_database_refuses_does_not_take_the_others_along(
    app: FastAPI, portfolio: Portfolio
) -> None:
    await taken(app, portfolio, message(portfolio, "P-1"))
    verdicts = await taken(
        app,
        portfolio,
        message(portfolio, "P-2", number="N-P-1"),
        message(portfolio, "P-3"),
        message(portfolio, "P-4"),
    )
    assert outcomes(verdicts) == ["failed", "created", "created"]
    assert verdicts[0]["faults"][0]["code"] == "policy_number_taken"


async def test_a_renewal_names_the_contract_before(app: FastAPI, portfolio: Portfolio) -> None:
    verdicts = await taken(
        app, portfolio, message(portfolio, "P-2", 1, previous_external_id="P-1"), message(portfolio, "P-1")
    )
    assert outcomes(verdicts) == ["created", "created"]
    after = await portfolio.get(f"/v1/policies/{verdicts[0]['object_id']}")
    before = await portfolio.get(f"/v1/policies/{verdicts[1]['object_id']}")
    assert (after["previous_policy_id"], before["next_policy_id"]) == (before["id"], after["id"])


async def test_an_array_is_a_batch_too_and_nonsense_is_none(portfolio: Portfolio) -> None:
    who = portfolio.somebody("policies:sync")
    client = portfolio.company.client
    answer = await client.post(PATH, json=[message(portfolio, "P-1")], headers=who)
    assert answer.status_code == 202, answer.text
    plain = who | {"Content-Type": "application/x-ndjson"}
    for content, code in (
        ("", {422}),
        ("[1, 2]", {422}),
        ("nonsense", {422}),
        ("\n".join(["{}"] * 10_001), {422}),
    ):
        refused = await client.post(PATH, content=content, headers=plain)
        assert refused.status_code in code, (content[:20], refused.text)
    ours = await send(portfolio, message(portfolio, "P-1"), system="crm")
    assert (ours.status_code, ours.json()["code"]) == (422, "reserved_system")
    stranger = portfolio.somebody("policies:read") | {"Content-Type": "application/x-ndjson"}
    assert (await client.post(PATH, content="{}", headers=stranger)).status_code == 403


async def test_a_batch_that_was_interrupted_goes_on(
    app: FastAPI, portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies between two parts: what stands stays, the rest is taken once."""
    monkeypatch.setattr("crm_api.integrations.running.PART", 2)
    answer = await send(portfolio, *(message(portfolio, f"P-{at}") for at in range(5)))
    job_id = answer.json()["id"]
    organization = portfolio.company.organization_id

    ctx = portfolio.company.context()
    run = Run(ctx, UUID(job_id))
    written = BatchRun._part

    class Killed(BaseException):
        pass

    async def dies(self: BatchRun, batch: Any, number: int, part: Any) -> dict[str, int]:
        if number == 1:
            raise Killed
        return await written(self, batch, number, part)

    await run.begin()
    monkeypatch.setattr(BatchRun, "_part", dies)
    with pytest.raises(Killed):
        await BatchRun(ctx, run).work()
    await ctx.close()
    monkeypatch.setattr(BatchRun, "_part", written)
    counted = "SELECT count(*) FROM policies WHERE organization_id = $1"
    assert await portfolio.owner.fetchval(counted, organization) == 2
    await done(app, portfolio.owner)
    assert await portfolio.owner.fetchval(counted, organization) == 5
    lines = await portfolio.owner.fetch("SELECT number, outcome FROM job_results ORDER BY number")
    assert [tuple(line) for line in lines] == [(at, "created") for at in range(1, 6)]
