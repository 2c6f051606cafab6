"""The lists of claims on 60,000 of them, as the restricted role: the right index, little thrown away."""

from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from account_steps import agency
from actors import Headers, actor
from plans import Plan, explained, fill

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
ADMIN = actor(OURS, "claims:read")
FILL = """
INSERT INTO claims (organization_id, id, version, number, status, policy_unknown, coverage_check, channel,
    occurred_at, occurred_precision, declared_at, late_declaration, cause, wilaya_code, circumstances,
    has_adversary, agency_id, branch_code, target_settlement_at, created_at)
SELECT $1::uuid, gen_random_uuid(), 1, 'S16012-2026-' || lpad(n::text, 6, '0'),
    (ARRAY['declared','registered','under_review','closed','closed','closed','closed','closed'])[1 + n % 8],
    true, 'unknown', 'phone', timestamptz '2026-01-01' + n * interval '7 minutes', 'exact',
    timestamptz '2026-01-02' + n * interval '7 minutes', false,
    CASE WHEN n % 500 = 0 THEN 'theft' ELSE 'collision' END, '16', 'Choc', false, $3::uuid,
    '11', CASE WHEN n % 3 = 0 THEN timestamptz '2026-01-23' + n * interval '7 minutes' END,
    timestamptz '2026-01-02' + n * interval '7 minutes'
FROM generate_series(1, $2::int) n"""


@pytest.fixture(scope="module")
async def bureau_of_many(house: FastAPI, _owner: asyncpg.Connection) -> FastAPI:
    for organization_id, count in (OURS, 60_000), (THEIRS, 10_000):
        place = await agency(_owner, organization_id)
        await fill(_owner, FILL, organization_id, count, place)
    await _owner.execute("VACUUM ANALYZE claims, claim_participants")
    return house


async def listed(house: FastAPI, who: Headers, generic: bool, **params: Any) -> Plan:
    plans = await explained(house, "GET", "/v1/claims", headers=who, params=params, generic=generic)
    return plans[-1].scans_nothing()


@pytest.mark.parametrize("generic", [False, True])
async def test_pages_come_from_their_index(bureau_of_many: FastAPI, generic: bool) -> None:
    for sort, index in {
        "-created_at": "ix_claims_newest",
        "occurred_at": "ix_claims_occurred",
        "target_settlement_at": "ix_claims_due",
    }.items():
        plan = await listed(bureau_of_many, ADMIN, generic, sort=sort)
        plan.uses(index).sorts_nothing().removes_at_most(60)


@pytest.mark.parametrize("generic", [False, True])
async def test_one_number_is_looked_up(bureau_of_many: FastAPI, generic: bool) -> None:
    plan = await listed(bureau_of_many, ADMIN, generic, number="S16012-2026-000381")
    plan.uses("uq_claims_number").removes_at_most(5)


async def test_what_waits_in_a_state_and_what_a_handler_has_is_looked_up(
    bureau_of_many: FastAPI, owner: asyncpg.Connection
) -> None:
    waiting = await listed(bureau_of_many, ADMIN, False, status="registered")
    waiting.removes_at_most(1_000)
    mine = await listed(bureau_of_many, ADMIN, False, handler_user_id=str(uuid4()))
    mine.removes_at_most(60)
    of_policy = await listed(bureau_of_many, ADMIN, False, policy_id=str(uuid4()))
    of_policy.removes_at_most(60)
    place = await owner.fetchval("SELECT agency_id FROM claims WHERE organization_id = $1 LIMIT 1", OURS)
    nearby = actor(OURS, "claims:read", data_scope="agency", agency_id=place, agency_ids=(place,))
    (await listed(bureau_of_many, nearby, False)).sorts_nothing().removes_at_most(60)
