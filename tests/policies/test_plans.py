"""Lists, the workbench and one contract, on 100,000 contracts, as the restricted role."""

from typing import NamedTuple
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from leads.people import colleague
from plans import Plan, explained, fill
from policies.portfolio import open_portfolio

pytestmark = pytest.mark.anyio
MOST, PAGE = 100_000, 51
CUSTOMERS = """INSERT INTO accounts (organization_id, id, version, number, type, name, status, lifecycle,
    tier, revenue_band, addresses, phones, emails, agency_id, tags, kpis)
SELECT $1, gen_random_uuid(), 1, 'C' || lpad((n + 1000)::text, 8, '0'), 'household', 'Famille ' || to_hex(n),
    'active', 'prospect', 'standard', 0, '[]', '[]', '[]', $2, '{}', '{}'
FROM generate_series(1, 5000) n"""
# They end two hours apart, the oldest twenty years ago, the last three years from now; one in 500 waits.
FILL = """INSERT INTO policies (organization_id, id, version, created_at, updated_at, number, account_id,
    product_code, branch_code, channel, subscribed_on, effective_at, expires_at, term_months, renewal_type,
    net_premium, total_premium, term_net_premium, annual_net_premium, payment_plan, status,
    owner_user_id, agency_id, in_force_since, first_paid_at, reinstates_at, suspended_at)
SELECT $1, gen_random_uuid(), 1, began, began, '16012.2026.11.AUTO_P.' || lpad(n::text, 6, '0'), $2,
    'AUTO_P', '11', 'agency', began::date, began, ends, 12, 'tacit', n * 100, n * 100, n * 100, n * 100,
    'single',
    CASE WHEN ends < now() THEN 'renewed' WHEN n % 500 = 0 THEN 'suspended' ELSE 'in_force' END,
    ($3::uuid[])[n % 50 + 1], ($4::uuid[])[n / 7 % 50 + 1], began, began,
    CASE WHEN ends >= now() AND n % 500 = 0 THEN timestamptz '2099-01-01' END,
    CASE WHEN ends >= now() AND n % 500 = 0 THEN now() END
FROM generate_series(1, $5::int) n
CROSS JOIN LATERAL (SELECT now() + (n - 87000) * interval '2 hours' AS ends) AS ending
CROSS JOIN LATERAL (SELECT ends - interval '365 days' AS began) AS beginning"""


class Crowd(NamedTuple):
    app: FastAPI
    admin: Headers
    organization_id: UUID
    producer_id: UUID
    agency_id: UUID
    account_id: str
    policy_id: UUID


@pytest.fixture(scope="module")
async def crowd(house: FastAPI, _owner: asyncpg.Connection) -> Crowd:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house), base_url="http://test") as client:
        portfolio = await open_portfolio(house, client, _owner)
        ours = portfolio.company.organization_id
        agencies = [await portfolio.company.agency(str(17000 + n)) for n in range(50)]
    producers = [await colleague(_owner, ours, agency) for agency in agencies]
    await fill(_owner, CUSTOMERS, ours, agencies[0])
    await fill(_owner, FILL, ours, portfolio.account_id, producers, agencies, MOST)
    await _owner.execute("ANALYZE policies, search_tokens, agencies, users, accounts")
    policy_id = await _owner.fetchval(
        "SELECT id FROM policies WHERE organization_id = $1 AND number LIKE '%090000'", ours
    )
    admin = actor(ours, "policies:read")
    return Crowd(house, admin, ours, producers[0], agencies[0], portfolio.account_id, policy_id)


async def listed(
    crowd: Crowd,
    path: str = "/v1/policies",
    who: Headers | None = None,
    *,
    generic: bool = False,
    **params: str,
) -> Plan:
    headers = who or crowd.admin
    (plan,) = await explained(crowd.app, "GET", path, headers=headers, params=params, generic=generic)
    return plan.scans_nothing()


@pytest.mark.parametrize("generic", [False, True])
async def test_pages_come_from_their_index(crowd: Crowd, generic: bool) -> None:
    for params, index in (
        ({}, "ix_policies_newest"),
        ({"sort": "updated_at"}, "ix_policies_updated"),
        ({"sort": "number"}, "ix_policies_number"),
        ({"sort": "expires_at"}, "ix_policies_expiry"),
        ({"sort": "-total_premium"}, "ix_policies_premium"),
        ({"sort": "expires_at", "status": "in_force"}, "ix_policies_status"),
        ({"sort": "expires_at", "agency_id": str(crowd.agency_id)}, "ix_policies_agency"),
        ({"sort": "expires_at", "producer_user_id": str(crowd.producer_id)}, "ix_policies_producer"),
        ({"sort": "effective_at", "account_id": crowd.account_id}, "ix_policies_account"),
    ):
        plan = await listed(crowd, generic=generic, **params)
        plan.uses(index).sorts_nothing().removes_at_most(PAGE)


async def test_a_number_leads_to_its_contract(crowd: Crowd) -> None:
    plan = await listed(crowd, number="16012.2026.11.AUTO_P.090000")
    plan.uses("ix_policies_number").removes_at_most(PAGE)
    words = await listed(crowd, q="16012.2026.11.AUTO_P.090000")
    words.uses("ix_search_tokens_word", "pk_policies").removes_at_most(PAGE)


@pytest.mark.parametrize("generic", [False, True])
async def test_the_workbench_reads_those_that_end_soon_and_no_others(crowd: Crowd, generic: bool) -> None:
    plan = await listed(crowd, "/v1/policies/renewals", generic=generic)
    plan.uses("ix_policies_expiry").sorts_nothing().removes_at_most(13 * 31)
    mine = await listed(crowd, "/v1/policies/renewals", agency_id=str(crowd.agency_id), due_within_days="60")
    mine.uses("ix_policies_agency").removes_at_most(13 * 31)


async def test_an_agency_scope_reads_little_beyond_its_page(crowd: Crowd) -> None:
    agency = crowd.agency_id
    who = actor(
        crowd.organization_id,
        "policies:read",
        data_scope="agency",
        id=crowd.producer_id,
        agency_id=agency,
        agency_ids=(agency,),
    )
    (await listed(crowd, who=who)).removes_at_most(PAGE * 60)
    (await listed(crowd, "/v1/policies/renewals", who)).removes_at_most(PAGE * 60)


async def test_a_contract_with_its_parts_is_a_few_looks(crowd: Crowd) -> None:
    path = f"/v1/policies/{crowd.policy_id}"
    params = {"include": ["parties", "objects", "coverages", "suspensions"]}
    (plan,) = await explained(crowd.app, "GET", path, headers=crowd.admin, params=params)
    plan.uses("pk_policies").removes_at_most(PAGE)
    (cover,) = await explained(crowd.app, "GET", f"{path}/cover", headers=crowd.admin)
    cover.uses("pk_policies").removes_at_most(PAGE)
