"""The user's page among 100,000 leads, appointments and opportunities: steps of the indexes of the user."""

from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from actors import actor
from appointments.test_plans import ENGAGE
from appointments.test_plans import FILL as APPOINTMENTS
from home.test_home import LEADS, NOTIFIED
from opportunities.test_plans import FILL as OPPORTUNITIES
from plans import explained, fill

pytestmark = pytest.mark.anyio
OURS, MOST = uuid4(), 100_000
SCOPES = ("organization:read", "leads:read", "appointments:read", "opportunities:read")
INDEXES = (
    *("ix_leads_first_contact", "ix_leads_call_again", "ix_appointment_engagements_party"),
    *("ix_opportunities_next_step", "ix_opportunities_stagnating", "ix_notifications_unread"),
)
READ = """UPDATE notifications SET read_at = created_at
WHERE organization_id = $1 AND right(id::text, 1) <> '0'"""
"""As in life: most of what somebody was told has been read."""


@pytest.fixture(scope="module")
async def me(house: FastAPI, _owner: asyncpg.Connection) -> UUID:
    """One of fifty users. Keys and triggers are no matter here, so they rest meanwhile."""
    people, agencies = [uuid4() for _ in range(50)], [uuid4() for _ in range(50)]
    await _owner.execute("SET session_replication_role = replica")
    await fill(_owner, LEADS, OURS, people[0], people[1], MOST)
    await fill(_owner, APPOINTMENTS, OURS, people, agencies, people, MOST)
    await fill(_owner, ENGAGE, OURS)
    await fill(_owner, OPPORTUNITIES, OURS, str(uuid4()), str(uuid4()), people, agencies, MOST)
    await fill(
        _owner,
        "UPDATE opportunities SET next_step_at = created_at WHERE status = 'open' AND organization_id = $1",
        OURS,
    )
    await fill(_owner, NOTIFIED, OURS, people[0], 500)
    await fill(_owner, NOTIFIED, OURS, people[1], 20_000)
    await fill(_owner, READ, OURS)
    await _owner.execute("SET session_replication_role = origin")
    await _owner.execute(
        "VACUUM ANALYZE leads, appointments, appointment_engagements, opportunities, notifications"
    )
    return people[0]


@pytest.mark.parametrize("generic", [False, True])
async def test_the_page_is_one_statement_of_the_indexes_of_the_user(
    house: FastAPI, me: UUID, generic: bool
) -> None:
    who = actor(OURS, *SCOPES, id=me, data_scope="own")
    (plan,) = await explained(house, "GET", "/v1/home", headers=who, generic=generic)
    plan.scans_nothing().uses(*INDEXES).removes_at_most(100)
