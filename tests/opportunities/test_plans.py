"""The hot lists and the forecast on 100,000 opportunities, as the restricted role."""

from typing import NamedTuple
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from leads.people import colleague
from opportunities.sales import open_sales
from plans import Plan, explained, fill

pytestmark = pytest.mark.anyio
MOST, PAGE = 100_000, 51
# One in a hundred is open; each of 50 people and 50 agencies holds one in fifty; one in 5,000 stands still.
FILL = """INSERT INTO opportunities (organization_id, id, version, created_at, updated_at, number, name,
    account_id, type, product_code, branch_code, pipeline_id, stage, status, amount, probability,
    forecast_category, close_date, stagnant_told, stagnant_at, closed_at, policy_number, loss_reason,
    owner_user_id, agency_id)
SELECT $1, gen_random_uuid(), 1, made, made, 'O-2026-' || n,
    'Flotte ' || to_hex((n::bigint * 7919) % 1000000), $2, 'new_business', 'AUTO_P', '11', $3,
    CASE status WHEN 'open' THEN 'negotiation' ELSE status END, status, n * 100, 0.7, 'commit',
    date '2026-01-01' + n % 400, false,
    CASE WHEN n % 5000 = 0 THEN made WHEN status = 'open' THEN timestamptz '2099-01-01' END,
    CASE WHEN status <> 'open' THEN made END, CASE status WHEN 'won' THEN 'P-' || n END,
    CASE status WHEN 'lost' THEN 'price' END, ($4::uuid[])[n % 50 + 1], ($5::uuid[])[n / 7 % 50 + 1]
FROM generate_series(1, $6::int) n
CROSS JOIN LATERAL (
    SELECT CASE WHEN n % 100 = 0 THEN 'open' WHEN n % 3 = 0 THEN 'won' ELSE 'lost' END AS status
) AS ending
CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01 00:00+00' + n * interval '4 minutes' AS made) AS kind"""


class Crowd(NamedTuple):
    app: FastAPI
    admin: Headers
    organization_id: UUID
    owner_id: UUID
    agency_id: UUID
    account_id: str


@pytest.fixture(scope="module")
async def crowd(house: FastAPI, _owner: asyncpg.Connection) -> Crowd:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house), base_url="http://test") as client:
        sales = await open_sales(house, client)
        ours, pipeline = sales.company.organization_id, await sales.pipeline()
        agencies = [await sales.company.agency(str(17000 + n)) for n in range(50)]
    owners = [await colleague(_owner, ours, agency) for agency in agencies]
    arguments = ours, sales.account_id, pipeline["id"], owners, agencies, MOST
    await fill(_owner, FILL, *arguments)
    await _owner.execute("ANALYZE opportunities, opportunity_stages, search_tokens, agencies, users")
    admin = actor(ours, "opportunities:read", "forecasts:read")
    return Crowd(house, admin, ours, owners[0], agencies[0], sales.account_id)


async def listed(crowd: Crowd, who: Headers | None = None, *, generic: bool = False, **params: str) -> Plan:
    (plan,) = await explained(
        crowd.app,
        "GET",
        "/v1/opportunities",
        headers=who or crowd.admin,
        params=params,
        generic=generic,
    )
    return plan.scans_nothing()


@pytest.mark.parametrize("generic", [False, True])
async def test_pages_come_from_their_index(crowd: Crowd, generic: bool) -> None:
    for params, index in (
        ({}, "ix_opportunities_newest"),
        ({"sort": "updated_at"}, "ix_opportunities_updated"),
        ({"sort": "-amount"}, "ix_opportunities_amount"),
        ({"sort": "close_date"}, "ix_opportunities_close_date"),
        ({"sort": "name", "name_prefix": "flotte a"}, "ix_opportunities_name"),
        ({"sort": "-close_date", "status": "won"}, "ix_opportunities_status"),
        ({"sort": "close_date", "agency_id": str(crowd.agency_id)}, "ix_opportunities_agency"),
        (
            {"sort": "close_date", "owner_user_id": str(crowd.owner_id), "status": "lost"},
            "ix_opportunities_owner",
        ),
        ({"sort": "amount", "amount_gte": "90000.00", "amount_lt": "91000.00"}, "ix_opportunities_amount"),
    ):
        plan = await listed(crowd, generic=generic, **params)
        plan.uses(index).sorts_nothing().removes_at_most(PAGE)


async def test_the_few_that_stand_still_are_found_at_once(crowd: Crowd) -> None:
    plan = await listed(crowd, stagnant="true")
    plan.uses("ix_opportunities_stagnant_at").removes_at_most(PAGE)
    assert plan.top["Actual Rows"] == MOST / 5_000


async def test_the_open_ones_of_a_stage_cost_only_themselves(crowd: Crowd) -> None:
    pipelines = await listed(crowd, status="open", sort="close_date")
    pipelines.uses("ix_opportunities_status").removes_at_most(PAGE)


async def test_words_lead_to_their_opportunities(crowd: Crowd) -> None:
    plan = await listed(crowd, q="O-2026-77777")
    plan.uses("ix_search_tokens_word", "pk_opportunities").removes_at_most(PAGE)


async def test_an_agency_scope_reads_little_beyond_its_page(crowd: Crowd) -> None:
    agency = crowd.agency_id
    who = actor(
        crowd.organization_id,
        "opportunities:read",
        data_scope="agency",
        id=crowd.owner_id,
        agency_id=agency,
        agency_ids=(agency,),
    )
    (await listed(crowd, who)).removes_at_most(PAGE * 60)


async def test_a_forecast_reads_the_open_ones_and_those_of_its_period(crowd: Crowd) -> None:
    period = {"start": "2026-03-01", "end": "2026-03-08"}
    (plan,) = await explained(crowd.app, "GET", "/v1/forecasts", headers=crowd.admin, params=period)
    plan.scans_nothing()
    read = sum(
        node["Actual Rows"] * node["Actual Loops"]
        for node in plan.nodes()
        if "Index" in node["Node Type"] and "Relation Name" in node
    )
    assert read <= 2 * (MOST / 100 + MOST / 400 * 7), plan


async def test_figures_come_from_the_closings_of_their_period(crowd: Crowd) -> None:
    period = {"start": "2026-03-01", "end": "2026-03-08"}
    plans = await explained(crowd.app, "GET", "/v1/sales-kpis", headers=crowd.admin, params=period)
    plans[0].scans_nothing().uses("ix_opportunity_stages_closings", "ix_opportunities_status")
