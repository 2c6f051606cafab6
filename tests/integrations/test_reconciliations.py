"""Whether we and the policy system have the same: totals by agency and branch, and what differs."""

from typing import Any

import pytest
from fastapi import FastAPI

from actors import actor
from crm_api.kit.ids import new_id
from integrations.test_batches import message, taken
from policies.portfolio import Answer, Portfolio, ago, dinars, moment

pytestmark = pytest.mark.anyio
PATH = "/v1/integrations/orass/reconciliations"


async def compared(portfolio: Portfolio, *totals: Answer, **fields: Any) -> Answer:
    body: Answer = {"entity": "policies", "as_of": moment(ago(minutes=1)), "totals": [*totals]} | fields
    answer = await portfolio.ask("POST", PATH, body, by=portfolio.somebody("policies:sync"))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def total(count: int, amount: str, agency: str = "16012", branch: str = "11") -> Answer:
    return {"agency_code": agency, "branch_code": branch, "count": count, "sum": dinars(amount)}


async def differences(portfolio: Portfolio, report: Answer, **query: Any) -> list[Answer]:
    path = f"{PATH}/{report['id']}/differences"
    page = await portfolio.get(path, by=portfolio.somebody("policies:sync"), **query)
    return list(page["data"])


async def test_the_same_totals_agree(app: FastAPI, portfolio: Portfolio) -> None:
    await taken(app, portfolio, message(portfolio, "P-1"), message(portfolio, "P-2", product_code="MRH"))
    report = await compared(portfolio, total(1, "43435.00"), total(1, "43435.00", branch="12"))
    assert (report["agrees"], report["difference_count"]) == (True, 0)
    assert [cell["agrees"] for cell in report["cells"]] == [True, True]
    assert await differences(portfolio, report) == []


async def test_counts_and_sums_that_differ_are_told(app: FastAPI, portfolio: Portfolio) -> None:
    await taken(app, portfolio, message(portfolio, "P-1"), message(portfolio, "P-2", product_code="MRH"))
    report = await compared(portfolio, total(1, "43435.01"), total(3, "1.00", "31007"))
    told = await differences(portfolio, report)
    assert [(one["kind"], one["agency_code"], one["branch_code"]) for one in told] == [
        ("sum_differs", "16012", "11"),
        ("count_differs", "16012", "12"),
        ("count_differs", "31007", "11"),
    ]
    assert (told[0]["amount_here"], told[0]["amount_there"]) == (dinars("43435.00"), dinars("43435.01"))
    assert (told[1]["count_here"], told[1]["count_there"]) == (1, 0)
    assert [one["seq"] for one in await differences(portfolio, report, kind="count_differs")] == [2, 3]


async def test_where_the_system_names_its_own_each_is_compared(app: FastAPI, portfolio: Portfolio) -> None:
    made = await taken(app, portfolio, *(message(portfolio, f"P-{at}") for at in (1, 2, 3)))
    rows = [
        {"external_id": "P-1", "amount": dinars("43435.00")},
        {"external_id": "P-2", "amount": dinars("43435.10")},
        {"external_id": "P-9", "amount": dinars("7.00")},
    ]
    report = await compared(portfolio, total(3, "130305.00"), rows=rows)
    told = [
        (one["kind"], one["external_id"], one["object_id"]) for one in await differences(portfolio, report)
    ]
    assert told == [
        ("amount_differs", "P-2", made[1]["object_id"]),
        ("missing_there", "P-3", made[2]["object_id"]),
        ("missing_here", "P-9", None),
    ]


async def test_what_was_told_for_a_later_moment_is_counted_apart(app: FastAPI, portfolio: Portfolio) -> None:
    later = {"as_of": moment(ago(minutes=-30))}
    await taken(app, portfolio, message(portfolio, "P-1"), message(portfolio, "P-2", **later))
    report = await compared(portfolio, total(1, "43435.00"))
    assert report["agrees"] is True
    assert report["cells"][0]["changed_since"] == 1


async def test_contracts_of_ours_and_of_other_systems_are_no_matter(
    app: FastAPI, portfolio: Portfolio
) -> None:
    await portfolio.policy()
    await taken(app, portfolio, message(portfolio, "P-1"), system="other")
    report = await compared(portfolio, total(0, "0.00"))
    assert report["agrees"] is True


async def test_a_report_is_of_its_system_and_organization(app: FastAPI, portfolio: Portfolio) -> None:
    report = await compared(portfolio, total(1, "1.00"))
    mine = portfolio.somebody("policies:sync")
    listed = await portfolio.get(PATH, by=mine)
    assert [one["id"] for one in listed["data"]] == [report["id"]]
    assert await portfolio.get(f"{PATH}/{report['id']}", by=mine) == report
    theirs = actor(new_id(), "policies:sync")
    for path, who in (
        (f"{PATH}/{report['id']}", theirs),
        (f"{PATH}/{report['id']}/differences", theirs),
        (f"{PATH.replace('orass', 'other')}/{report['id']}", mine),
    ):
        answer = await portfolio.ask("GET", path, by=who)
        assert answer.status_code == 404
