"""The hot reads on 100,000 appointments and as many orders, as the restricted role."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from actors import actor
from leads.people import colleague
from plans import Plan, explained, fill

pytestmark = pytest.mark.anyio
OURS = uuid4()
EVERYTHING = ("appointments:read", "interactions:write", "mission_orders:read", "mission_orders:issue")
ADMIN = actor(OURS, *EVERYTHING)
MOST, PAGE = 100_000, 51
AGENCIES = """WITH home AS (
    INSERT INTO regions (organization_id, id, version, code, name)
    VALUES ($1, gen_random_uuid(), 1, 'CO', 'Centre')
    RETURNING id
) INSERT INTO agencies (organization_id, id, version, code, name, type, status, region_id, wilaya_code)
SELECT $1, gen_random_uuid(), 1, (16000 + n)::text, 'Agence', 'direct_agency', 'active', home.id, '16'
FROM home, generate_series(1, 50) n RETURNING id"""
# One appointment each half hour and colleague, one in ten with a lead; three years of them.
FILL = """INSERT INTO appointments (organization_id, id, version, title, type, status, starts_at, ends_at,
    attendee_user_ids, object_type, object_id, ics_uid, owner_user_id, agency_id)
SELECT $1, gen_random_uuid(), 1, 'Appel', 'phone',
    CASE WHEN n % 20 = 0 THEN 'proposed' ELSE 'confirmed' END,
    begin, begin + interval '30 minutes', ARRAY[($2::uuid[])[(n + 7) % 50 + 1]],
    CASE WHEN n % 10 = 0 THEN 'lead' END, CASE WHEN n % 10 = 0 THEN ($4::uuid[])[n % 50 + 1] END,
    n || '@x', ($2::uuid[])[n % 50 + 1], ($3::uuid[])[n % 50 + 1]
FROM generate_series(1, $5::int) n
CROSS JOIN LATERAL (SELECT timestamptz '2025-01-01 07:00+00' + n / 50 * interval '9 hours' AS begin) AS at"""
ENGAGE = """INSERT INTO appointment_engagements
SELECT organization_id, id, unnest(ARRAY[owner_user_id, attendee_user_ids[1]]), starts_at, ends_at,
    CASE status WHEN 'confirmed' THEN 'firm' ELSE 'tentative' END
FROM appointments WHERE organization_id = $1"""
ORDERS = """INSERT INTO mission_orders (organization_id, id, version, number, type, status, place, starts_on,
    ends_on, objective, owner_user_id, agency_id, report_text)
SELECT $1, gen_random_uuid(), 1, 'OM-' || n, 'training',
    CASE WHEN n % 1000 = 0 THEN 'issued' ELSE 'approved' END,
    'Blida', date '2020-01-01' + n / 50, date '2020-01-02' + n / 50, 'Former', ($2::uuid[])[n % 50 + 1],
    ($3::uuid[])[n % 50 + 1], 'Fait.'
FROM generate_series(1, $4::int) n"""
DAY = {"starts_at_gte": "2026-06-01T00:00:00Z", "starts_at_lt": "2026-06-02T00:00:00Z"}
WEEK = {"starts_at_gte": "2026-06-01T00:00:00Z", "starts_at_lt": "2026-06-08T00:00:00Z"}


@pytest.fixture(scope="module")
async def years(house: FastAPI, _owner: asyncpg.Connection) -> tuple[FastAPI, list[UUID], list[UUID]]:
    """The application, the colleagues, the agencies."""
    agencies = [row[0] for row in await _owner.fetch(AGENCIES, OURS)]
    people = [await colleague(_owner, OURS, agency) for agency in agencies]
    await fill(_owner, FILL, OURS, people, agencies, people, MOST)
    await fill(_owner, ENGAGE, OURS)
    await fill(_owner, ORDERS, OURS, people, agencies, MOST)
    await _owner.execute("ANALYZE appointments, appointment_engagements, mission_orders, agencies, users")
    return house, people, agencies


async def asked(app: FastAPI, path: str, *, generic: bool = False, **params: Any) -> Plan:
    plans = await explained(app, "GET", path, headers=ADMIN, params=params, generic=generic)
    return plans[-1].scans_nothing()


@pytest.mark.parametrize("generic", [False, True])
async def test_pages_come_from_their_index(
    years: tuple[FastAPI, list[UUID], list[UUID]], generic: bool
) -> None:
    app, people, agencies = years
    for params, index in (
        ({}, "ix_appointments_begin"),
        (DAY, "ix_appointments_begin"),
        ({"organizer_id": str(people[0])} | WEEK, "ix_appointments_organizer"),
        ({"agency_id": str(agencies[0])} | WEEK, "ix_appointments_agency"),
        ({"object_type": "lead", "object_id": str(people[10])}, "ix_appointments_object"),
    ):
        plan = await asked(app, "/v1/appointments", generic=generic, **params)
        plan.uses(index).sorts_nothing().removes_at_most(PAGE)
    for params, index in (
        ({"sort": "-starts_on"}, "ix_mission_orders_begin"),
        ({"assignee_user_id": str(people[0])}, "ix_mission_orders_assignee"),
        ({"agency_id": str(agencies[0])}, "ix_mission_orders_agency"),
    ):
        plan = await asked(app, "/v1/mission-orders", generic=generic, **params)
        plan.uses(index).sorts_nothing().removes_at_most(PAGE)


async def test_the_late_orders_are_found_among_those_under_way(
    years: tuple[FastAPI, list[UUID], list[UUID]],
) -> None:
    app, _, _ = years
    plan = await asked(app, "/v1/mission-orders", is_overdue=True)
    plan.uses("ix_mission_orders_under_way").removes_at_most(PAGE)


async def test_busy_ranges_cost_what_they_show(years: tuple[FastAPI, list[UUID], list[UUID]]) -> None:
    app, people, _ = years
    plan = await asked(app, "/v1/appointments/busy", party_id=str(people[0]), **WEEK)
    plan.uses("ix_appointment_engagements_party", "pk_appointments").removes_at_most(PAGE)


async def test_a_week_of_somebody_costs_a_week(years: tuple[FastAPI, list[UUID], list[UUID]]) -> None:
    """Held and attended: read from either side, never the whole table."""
    app, people, _ = years
    plan = await asked(app, "/v1/appointments", user_id=str(people[0]), **WEEK)
    plan.removes_at_most(50 * 25)
