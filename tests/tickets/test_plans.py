"""The lists of tickets on 100,000 of them, as the restricted role: the right index, little thrown away."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from account_steps import agency
from actors import Headers, actor
from plans import Plan, explained, fill

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
ADMIN = actor(OURS, "tickets:read")
STATUSES = """
INSERT INTO ticket_statuses
    (organization_id, id, version, code, name, category, position, is_default, is_active)
SELECT $1::uuid, gen_random_uuid(), 1, name, name, name, 0, true, true
FROM unnest(ARRAY['new','open','pending','on_hold','solved','closed']) AS name"""
FILL = """
INSERT INTO tickets (organization_id, id, version, number, subject, description, type, language, channel,
    anonymous_party, impact, urgency, is_vip, priority, priority_set, status, status_id, agency_id,
    next_due_at, closed_at, created_at)
SELECT $1::uuid, gen_random_uuid(), 1, 'T-2026-' || lpad(n::text, 6, '0'), 'Sujet', 'Texte', 'question', 'fr',
    'email', '{"phone": "+213550123456"}', 'medium', 'medium', false, 'normal', false, s.category, s.id,
    $3::uuid,
    CASE WHEN s.category IN ('new', 'open') THEN timestamptz '2026-06-01' + n * interval '3 minutes' END,
    CASE WHEN s.category = 'closed' THEN now() END, timestamptz '2026-01-02' + n * interval '3 minutes'
FROM generate_series(1, $2::int) n
JOIN ticket_statuses s ON s.organization_id = $1::uuid AND s.category = coalesce(
    (ARRAY['new','open','pending','on_hold','solved'])[1 + n % 10], 'closed')"""


@pytest.fixture(scope="module")
async def counter_of_many(house: FastAPI, _owner: asyncpg.Connection) -> FastAPI:
    for organization_id, count in (OURS, 100_000), (THEIRS, 5_000):
        place = await agency(_owner, organization_id)
        await _owner.execute(STATUSES, organization_id)
        await _owner.execute("SET session_replication_role = replica")  # words are looked up elsewhere
        await fill(_owner, FILL, organization_id, count, place)
        await _owner.execute("SET session_replication_role = DEFAULT")
    await _owner.execute("VACUUM ANALYZE tickets, ticket_statuses")
    return house


async def listed(house: FastAPI, who: Headers, generic: bool, **params: Any) -> Plan:
    plans = await explained(house, "GET", "/v1/tickets", headers=who, params=params, generic=generic)
    return plans[-1]


@pytest.mark.parametrize("generic", [False, True])
async def test_queues_come_from_their_index_the_next_breach_first(
    counter_of_many: FastAPI, generic: bool
) -> None:
    for filters, index in (
        ({}, "ix_tickets_queue"),
        ({"agency_id": str(uuid4())}, "ix_tickets_queue_of_agency"),
        ({"owner_user_id": str(uuid4())}, "ix_tickets_queue_of_owner"),
        ({"group_id": str(uuid4())}, "ix_tickets_queue_of_group"),
    ):
        asked = {"is_open": "true", "sort": "next_due_at"} | filters
        plan = await listed(counter_of_many, ADMIN, generic, **asked)
        plan.scans_nothing().uses(index).sorts_nothing().removes_at_most(60)


@pytest.mark.parametrize("generic", [False, True])
async def test_pages_and_numbers_come_from_their_index(counter_of_many: FastAPI, generic: bool) -> None:
    page = await listed(counter_of_many, ADMIN, generic, sort="-created_at")
    page.scans_nothing().uses("ix_tickets_newest").sorts_nothing().removes_at_most(60)
    one = await listed(counter_of_many, ADMIN, generic, number="T-2026-000381")
    one.uses("uq_tickets_number").removes_at_most(5)


async def test_an_agent_of_the_agency_reads_the_queue_no_dearer(
    counter_of_many: FastAPI, owner: asyncpg.Connection
) -> None:
    place: UUID = await owner.fetchval(
        "SELECT agency_id FROM tickets WHERE organization_id = $1 LIMIT 1", OURS
    )
    nearby = actor(OURS, "tickets:read", data_scope="agency", agency_id=place, agency_ids=(place,))
    plan = await listed(counter_of_many, nearby, False, is_open="true", sort="next_due_at")
    plan.uses("ix_tickets_queue").sorts_nothing().removes_at_most(60)
