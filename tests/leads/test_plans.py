"""The hot lists of leads on 100,000 of them, as the restricted role: the right index, little thrown away."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from leads.people import EVERYTHING, colleague
from plans import Plan, explained, fill

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *EVERYTHING)
MOST, PAGE = 100_000, 51
# One lead in 10,000 is nurtured; each of 50 people and 50 agencies holds one in fifty.
FILL = """INSERT INTO leads (organization_id, id, version, created_at, updated_at, number, full_name, type,
    source, phone, status, score, score_band, consent_snapshot, quote_completed, contact_attempts,
    answered_calls, contact_invalid, owner_user_id, agency_id, first_contact_due_at)
SELECT $1, gen_random_uuid(), 1, made, made, 'P-2026-' || n,
    'Aissani' || to_hex((n::bigint * 7919) % 1000000), 'individual', 'phone',
    '+2135' || lpad(n::text, 8, '0'),
    CASE WHEN n % 10000 = 0 THEN 'nurturing' WHEN n % 3 = 0 THEN 'contacted' ELSE 'new' END,
    n % 101, 'cold', '{}', false, 0, 0, false, ($2::uuid[])[n % 50 + 1], ($3::uuid[])[n / 7 % 50 + 1], made
FROM generate_series(1, $4::int) n
CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01 00:00+00' + n * interval '4 minutes' AS made) AS kind"""
AGENCIES = """WITH home AS (
    INSERT INTO regions (organization_id, id, version, code, name)
    VALUES ($1, gen_random_uuid(), 1, 'CO', 'Centre')
    RETURNING id
) INSERT INTO agencies (organization_id, id, version, code, name, type, status, region_id, wilaya_code)
SELECT $1, gen_random_uuid(), 1, (16000 + n)::text, 'Agence', 'direct_agency', 'active', home.id, '16'
FROM home, generate_series(1, 50) n RETURNING id"""


@pytest.fixture(scope="module")
async def crowd(house: FastAPI, _owner: asyncpg.Connection) -> tuple[FastAPI, UUID, UUID]:
    """The application, an owner and an agency of some of the leads."""
    agencies = [row[0] for row in await _owner.fetch(AGENCIES, OURS)]
    owners = [await colleague(_owner, OURS, agency) for agency in agencies]
    await fill(_owner, FILL, OURS, owners, agencies, MOST)
    await _owner.execute("ANALYZE leads, search_tokens, agencies, users")
    return house, owners[0], agencies[0]


async def listed(app: FastAPI, who: Headers = ADMIN, *, generic: bool = False, **params: Any) -> Plan:
    (plan,) = await explained(app, "GET", "/v1/leads", headers=who, params=params, generic=generic)
    return plan.scans_nothing()


@pytest.mark.parametrize("generic", [False, True])
async def test_pages_come_from_their_index(crowd: tuple[FastAPI, UUID, UUID], generic: bool) -> None:
    app, _, agency = crowd
    for params, index in (
        ({}, "ix_leads_newest"),
        ({"sort": "updated_at"}, "ix_leads_updated"),
        ({"sort": "-score"}, "ix_leads_score"),
        ({"sort": "full_name"}, "ix_leads_name"),
        ({"status": "contacted"}, "ix_leads_status"),
        ({"agency_id": str(agency)}, "ix_leads_agency"),
        ({"name_prefix": "aissania", "sort": "full_name"}, "ix_leads_name"),
        (
            {"created_at_gte": "2026-03-01T00:00:00Z", "created_at_lt": "2026-04-01T00:00:00Z"},
            "ix_leads_newest",
        ),
    ):
        plan = await listed(app, generic=generic, **params)
        plan.uses(index).sorts_nothing().removes_at_most(PAGE)


async def test_a_rare_status_is_found_at_once(crowd: tuple[FastAPI, UUID, UUID]) -> None:
    app, _, _ = crowd
    plan = await listed(app, status="nurturing")
    plan.uses("ix_leads_status").removes_at_most(PAGE)
    assert plan.top["Actual Rows"] == MOST / 10_000


async def test_the_leads_of_one_owner_do_not_cost_those_of_the_others(
    crowd: tuple[FastAPI, UUID, UUID],
) -> None:
    app, owner, _ = crowd
    (await listed(app, owner_user_id=str(owner))).removes_at_most(MOST // 20)


async def test_an_agency_scope_reads_little_beyond_its_page(crowd: tuple[FastAPI, UUID, UUID]) -> None:
    app, owner, agency = crowd
    who = actor(OURS, "leads:read", data_scope="agency", id=owner, agency_id=agency, agency_ids=(agency,))
    (await listed(app, who)).removes_at_most(PAGE * 60)


async def test_words_lead_to_their_leads(crowd: tuple[FastAPI, UUID, UUID]) -> None:
    app, _, _ = crowd
    (await listed(app, q="0500000077")).uses("ix_search_tokens_word", "pk_leads").removes_at_most(PAGE)
