"""The hot lists of tasks on 100,000 of them, as the restricted role: the right index, little thrown away."""

from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from leads.people import colleague
from plans import Plan, explained, fill

pytestmark = pytest.mark.anyio
OURS = uuid4()
MOST, PAGE, OBJECT = 100_000, 51, uuid4()
# Nine tasks in ten are done; each of 50 people has one in fifty; one in 10,000 is about our lead.
FILL = """INSERT INTO tasks (organization_id, id, version, created_at, updated_at, title, type, status,
    priority, due_at, assignee_user_id, agency_id, object_type, object_id, source, checklist)
SELECT $1, gen_random_uuid(), 1, made, made, 'Rappeler', 'call',
    CASE WHEN n % 10 = 0 THEN 'open' ELSE 'done' END, 'normal', made + interval '1 day',
    ($2::uuid[])[n / 10 % 50 + 1], $5, 'lead',
    CASE WHEN n % 10000 = 0 THEN $4::uuid ELSE gen_random_uuid() END, 'manual', '[]'
FROM generate_series(1, $3::int) n
CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01 00:00+00' + n * interval '4 minutes' AS made) AS kind"""
LINKS = """INSERT INTO task_dependencies (organization_id, task_id, blocker_id)
SELECT $1, id, lag(id) OVER (ORDER BY due_at, id) FROM tasks WHERE organization_id = $1
ORDER BY due_at, id OFFSET 1 LIMIT 30000"""
AGENCY = """WITH home AS (
    INSERT INTO regions (organization_id, id, version, code, name)
    VALUES ($1, gen_random_uuid(), 1, 'CO', 'Centre') RETURNING id
) INSERT INTO agencies (organization_id, id, version, code, name, type, status, region_id, wilaya_code)
SELECT $1, gen_random_uuid(), 1, '16001', 'Agence', 'direct_agency', 'active', home.id, '16' FROM home
RETURNING id"""


@pytest.fixture(scope="module")
async def crowd(house: FastAPI, _owner: asyncpg.Connection) -> tuple[FastAPI, UUID]:
    """The application, and somebody who has some of the tasks."""
    agency = await _owner.fetchval(AGENCY, OURS)
    people = [await colleague(_owner, OURS, agency) for _ in range(50)]
    await fill(_owner, FILL, OURS, people, MOST, OBJECT, agency)
    await fill(_owner, LINKS, OURS)
    await _owner.execute("ANALYZE tasks, task_dependencies, group_members")
    return house, people[0]


async def listed(app: FastAPI, who: Headers, *, generic: bool = False, **params: str) -> Plan:
    (plan,) = await explained(app, "GET", "/v1/tasks", headers=who, params=params, generic=generic)
    return plan.scans_nothing()


@pytest.mark.parametrize("generic", [False, True])
async def test_pages_come_from_their_index(crowd: tuple[FastAPI, UUID], generic: bool) -> None:
    app, lina = crowd
    everything = actor(OURS, "tasks:read", id=lina)
    for params, index in (
        ({"whose": "mine", "unfinished": "true"}, "ix_tasks_assignee"),
        ({"whose": "mine", "overdue": "true"}, "ix_tasks_assignee"),
        ({"assignee_user_id": str(lina), "unfinished": "true"}, "ix_tasks_assignee"),
        ({"unfinished": "true"}, "ix_tasks_unfinished"),
        ({}, "ix_tasks_due"),
        ({"sort": "-created_at"}, "ix_tasks_newest"),
        ({"object_type": "lead", "object_id": str(OBJECT), "sort": "created_at"}, "ix_tasks_object"),
    ):
        plan = await listed(app, everything, generic=generic, **params)
        plan.uses(index).sorts_nothing().removes_at_most(PAGE)


async def test_who_sees_their_own_alone_pays_for_no_others(crowd: tuple[FastAPI, UUID]) -> None:
    app, lina = crowd
    narrow = actor(OURS, "tasks:read", id=lina, data_scope="own")
    plan = await listed(app, narrow, whose="mine", unfinished="true")
    plan.uses("ix_tasks_assignee").sorts_nothing().removes_at_most(PAGE)
