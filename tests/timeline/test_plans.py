"""A page of a timeline among 100,000 leads, interactions, facts and notes: what it costs does not grow.

As the restricted role. One lead has a tenth of everything, the others share the rest.
"""

from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from leads.people import EVERYTHING, colleague
from leads.test_plans import AGENCIES, FILL
from plans import Plan, explained, fill

pytestmark = pytest.mark.anyio
OURS = uuid4()
SCOPES = (*EVERYTHING, "interactions:read", "notes:read", "tasks:read")
ADMIN = actor(OURS, *SCOPES)
MOST, PAGE = 100_000, 51
SOURCES = 4
INDEXES = "ix_interaction_links_object", "pk_interactions", "ix_event_log_object", "ix_notes_object"
INDEXES += ("ix_tasks_object",)
HANGING = (
    """INSERT INTO interactions (organization_id, id, version, channel, direction, occurred_at, body_format,
        recording_notice_given, subject, owner_user_id)
    SELECT $1, gen_random_uuid(), 1, 'phone', 'outbound',
        timestamptz '2026-01-01 00:00+00' + n * interval '4 minutes', 'text', false, 'Appel ' || n,
        ($2::uuid[])[n % 50 + 1]
    FROM generate_series(1, $3::int) n""",
    """INSERT INTO interaction_links (organization_id, interaction_id, object_type, object_id, occurred_at,
        has_promise)
    SELECT i.organization_id, i.id, 'lead', CASE WHEN n % 10 = 0 THEN $2 ELSE l.id END, i.occurred_at,
        n % 1000 = 0
    FROM (SELECT *, row_number() OVER (ORDER BY occurred_at) n FROM interactions
        WHERE organization_id = $1) i
    JOIN (SELECT id, row_number() OVER (ORDER BY created_at) n FROM leads
        WHERE organization_id = $1) l USING (n)""",
    """INSERT INTO event_log (organization_id, at, kind, object_type, object_id, actor_type, actor_id)
    SELECT organization_id, occurred_at, 'lead.updated', 'lead', object_id, 'user', interaction_id
    FROM interaction_links WHERE organization_id = $1 AND $2::uuid IS NOT NULL""",
    """INSERT INTO notes (organization_id, id, version, object_type, object_id, body, visibility, is_internal,
        pinned, created_at, created_by_id, agency_id)
    SELECT organization_id, gen_random_uuid(), 1, 'lead', object_id, 'Note', 'all', true, false, occurred_at,
        interaction_id, NULL
    FROM interaction_links WHERE organization_id = $1 AND $2::uuid IS NOT NULL""",
    """INSERT INTO tasks (organization_id, id, version, object_type, object_id, title, type, status, priority,
        due_at, source, created_at, created_by_id, assignee_user_id)
    SELECT l.organization_id, gen_random_uuid(), 1, 'lead', l.object_id, 'Rappeler', 'call', 'done', 'normal',
        l.occurred_at, 'manual', l.occurred_at, lead.owner_user_id, lead.owner_user_id
    FROM interaction_links l JOIN leads lead ON lead.organization_id = l.organization_id
        AND lead.id = l.object_id
    WHERE l.organization_id = $1 AND $2::uuid IS NOT NULL""",
)
Crowd = tuple[FastAPI, UUID, UUID, UUID, UUID]


@pytest.fixture(scope="module")
async def crowd(house: FastAPI, _owner: asyncpg.Connection) -> Crowd:
    """The application, a lead with much behind it, one with little, an agent, the owner of the first."""
    agencies = [row[0] for row in await _owner.fetch(AGENCIES, OURS)]
    owners = [await colleague(_owner, OURS, agency) for agency in agencies]
    await fill(_owner, FILL, OURS, owners, agencies, MOST)
    ids = await _owner.fetch(
        "SELECT id, owner_user_id FROM leads WHERE organization_id = $1 ORDER BY created_at LIMIT 2", OURS
    )
    (busy, of_busy), (quiet, _) = ids
    await fill(_owner, HANGING[0], OURS, owners, MOST)
    for statement in HANGING[1:]:
        await fill(_owner, statement, OURS, busy)
    await _owner.execute("ANALYZE leads, interactions, interaction_links, event_log, notes, tasks")
    return house, busy, quiet, owners[0], of_busy


async def page(
    app: FastAPI, lead: UUID, *, generic: bool, who: dict[str, str] = ADMIN, **params: object
) -> Plan:
    path = f"/v1/leads/{lead}/timeline"
    (plan,) = await explained(app, "GET", path, headers=who, params=params, generic=generic)
    return plan.scans_nothing()


def read(plan: Plan) -> int:
    """Rows that left the leaves of the plan."""
    leaves = [node for node in plan.nodes() if "Plans" not in node]
    return int(sum(node["Actual Rows"] * node["Actual Loops"] for node in leaves))


@pytest.mark.parametrize("generic", [False, True])
async def test_a_page_reads_no_more_than_a_page_of_each_source(crowd: Crowd, generic: bool) -> None:
    app, busy, quiet, *_ = crowd
    most = PAGE * (SOURCES + 3)  # the interactions, and their links to show
    for params in ({}, {"at_lt": "2026-06-01T00:00:00Z"}):
        plan = await page(app, busy, generic=generic, **params)
        plan.uses(*INDEXES).removes_at_most(PAGE)
        assert read(plan) <= most, repr(plan)
    assert read(await page(app, quiet, generic=generic)) <= most


@pytest.mark.parametrize("generic", [False, True])
async def test_the_hundredth_page_costs_what_the_first_does(crowd: Crowd, generic: bool) -> None:
    app, busy, *_ = crowd
    cursor: str | None = None
    for _page in range(20):
        path = f"/v1/leads/{busy}/timeline"
        asked = {"cursor": cursor} if cursor else {}
        cursor = await _next(app, path, asked | {"limit": 200})
    plan = await page(app, busy, generic=generic, cursor=cursor, limit=200)
    plan.uses(*INDEXES).removes_at_most(PAGE)
    assert read(plan) <= 201 * (SOURCES + 3), repr(plan)


@pytest.mark.parametrize("scope", ["own", "agency"])
async def test_a_narrow_scope_reads_no_more(crowd: Crowd, scope: str) -> None:
    app, busy, _, _, of_busy = crowd
    agency = uuid4()
    about = {"data_scope": scope, "agency_id": agency, "agency_ids": (agency,)}
    who = actor(OURS, *SCOPES, id=of_busy, **about)
    plan = await page(app, busy, generic=False, who=who)
    plan.uses(*INDEXES).removes_at_most(PAGE)
    assert read(plan) <= PAGE * (SOURCES + 3), repr(plan)


async def _next(app: FastAPI, path: str, params: dict[str, object]) -> str:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get(path, headers=ADMIN, params=params)
    return str(answer.json()["next_cursor"])


async def test_the_last_promise_is_one_look(crowd: Crowd) -> None:
    app, busy, *_ = crowd
    params = {"object_type": "lead", "object_id": str(busy)}
    (plan,) = await explained(app, "GET", "/v1/interactions/last-promise", headers=ADMIN, params=params)
    plan.uses("ix_interaction_links_promise").scans_nothing().removes_at_most(1)


async def test_a_list_of_interactions_comes_from_its_index(crowd: Crowd) -> None:
    app, _, _, owner, _ = crowd
    for params, index in (
        ({}, "ix_interactions_occurred"),
        ({"agent_user_id": str(owner)}, "ix_interactions_agent"),
    ):
        (plan,) = await explained(app, "GET", "/v1/interactions", headers=ADMIN, params=params)
        plan.uses(index).scans_nothing().removes_at_most(PAGE)
