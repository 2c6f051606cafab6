"""The lists of quotes on 60,000 of them, as the restricted role."""

from typing import NamedTuple
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from plans import Plan, explained, fill
from quotes.desk import Desk

pytestmark = pytest.mark.anyio
MOST, PAGE = 60_000, 51
# One in a hundred waits for an answer; each of 40 sellers and 40 agencies has one in forty.
FILL = """INSERT INTO quotes (organization_id, id, version, created_at, updated_at, number, revision, status,
    account_id, product_code, plan_code, branch_code, term_months, effective_on, expires_on, channel,
    net_premium, total_premium, rated_by, rated_at, valid_until, discount_rate, decline_reason,
    owner_user_id, agency_id)
SELECT $1, gen_random_uuid(), 1, made, made, 'D-2026-' || n, 1, status, $2, 'AUTO_P', 'DCVV', '11', 12,
    date '2027-01-01', date '2028-01-01', 'agency', n * 100, n * 100, 'internal', made,
    date '2026-01-01' + n % 700, 0, CASE status WHEN 'declined' THEN 'price' END,
    ($3::uuid[])[n % 40 + 1], ($4::uuid[])[n / 7 % 40 + 1]
FROM generate_series(1, $5::int) n
CROSS JOIN LATERAL (
    SELECT CASE WHEN n % 100 = 0 THEN 'sent' WHEN n % 3 = 0 THEN 'superseded' ELSE 'declined' END AS status
) AS fate
CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01 00:00+00' + n * interval '4 minutes' AS made) AS kind"""


class Archive(NamedTuple):
    app: FastAPI
    admin: Headers
    organization_id: UUID
    seller_id: UUID
    agency_id: UUID
    account_id: str


@pytest.fixture(scope="module")
async def archive(house: FastAPI, _owner: asyncpg.Connection) -> Archive:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house), base_url="http://test") as client:
        desk = await Desk.of(house, client)
        agencies = [await desk.company.agency(str(18000 + n)) for n in range(40)]
        sellers = [(await desk.company.hire("user", agency_id=agency)).id for agency in agencies]
    ours = desk.company.organization_id
    await fill(_owner, FILL, ours, UUID(desk.account_id), sellers, agencies, MOST)
    await _owner.execute("ANALYZE quotes, agencies, users, accounts")
    return Archive(house, actor(ours, "quotes:read"), ours, sellers[0], agencies[0], desk.account_id)


async def listed(archive: Archive, who: Headers | None = None, **params: str) -> Plan:
    headers = who or archive.admin
    (plan,) = await explained(archive.app, "GET", "/v1/quotes", headers=headers, params=params)
    return plan.scans_nothing()


async def test_pages_come_from_their_index(archive: Archive) -> None:
    for params, index in (
        ({}, "ix_quotes_newest"),
        ({"sort": "updated_at"}, "ix_quotes_updated"),
        ({"sort": "valid_until"}, "ix_quotes_valid"),
        ({"sort": "-total_premium"}, "ix_quotes_total"),
        ({"status": "sent"}, "ix_quotes_status"),
        ({"agency_id": str(archive.agency_id)}, "ix_quotes_agency"),
        ({"seller_user_id": str(archive.seller_id)}, "ix_quotes_owner"),
        ({"number": "D-2026-777"}, "uq_quotes_number"),
        ({"sort": "total_premium", "total_premium_gte": "900.00"}, "ix_quotes_total"),
    ):
        (await listed(archive, **params)).uses(index).removes_at_most(PAGE)


async def test_a_head_of_agency_pays_for_the_agency_alone(archive: Archive) -> None:
    who = actor(
        archive.organization_id,
        "quotes:read",
        data_scope="agency",
        agency_id=archive.agency_id,
        agency_ids=(archive.agency_id,),
    )
    plan = await listed(archive, who, status="sent")
    assert plan.ms < 200


async def test_what_runs_out_is_found_without_reading_the_rest(
    archive: Archive, owner: asyncpg.Connection
) -> None:
    text = """EXPLAIN SELECT * FROM quotes WHERE organization_id = $1
        AND (status = 'sent' OR status = 'viewed' OR status = 'accepted') AND valid_until < date '2026-12-01'
        ORDER BY valid_until, id LIMIT 1000"""
    plan = "\n".join(row[0] for row in await owner.fetch(text, archive.organization_id))
    assert "ix_quotes_running_out" in plan, plan
