"""A count goes by indexes, and following the log never reads a table from end to end."""

import asyncpg
import pytest
from fastapi import FastAPI

from crm_api.core.pool import LIMITS
from plans import _plan, explained, fill, recorded
from segments.desk import Desk, expiring

pytestmark = pytest.mark.anyio
ROWS = 20_000
FILL = (
    """INSERT INTO contacts (organization_id, id, version, civility, last_name, first_name, display_name,
        emails, phones, addresses, account_links, preferred_language, registered_on, do_not_contact,
        is_deceased, agency_id)
    SELECT $1, gen_random_uuid(), 1, 'none', 'AISSANI', 'Ilyes' || n, 'AISSANI Ilyes' || n, '[]', '[]', '[]',
        '[]', 'fr', date '2026-01-01', false, false, $2 FROM generate_series(1, $3::int) n""",
    """INSERT INTO accounts (organization_id, id, version, number, type, name, status, lifecycle, tier,
        revenue_band, addresses, phones, emails, kpis)
    SELECT organization_id, id, 1, 'X' || id, 'household', 'Famille', 'active', 'customer', 'standard', 0,
        '[]', '[]', '[]', '{}' FROM contacts WHERE organization_id = $1 AND last_name = 'AISSANI'""",
    """INSERT INTO contact_account_links (organization_id, id, contact_id, account_id, role, is_primary,
        from_date)
    SELECT organization_id, gen_random_uuid(), id, id, 'driver', false, registered_on FROM contacts
    WHERE organization_id = $1 AND last_name = 'AISSANI'""",
    """INSERT INTO policies SELECT (jsonb_populate_record(p, to_jsonb(p) || jsonb_build_object('id',
        gen_random_uuid(), 'number', c.id, 'external_id', NULL, 'policyholder_contact_id', c.id,
        'effective_at', now() - (row_number() OVER () % 365) * interval '1 day' - interval '2 years',
        'expires_at', now() - (row_number() OVER () % 365) * interval '1 day' - interval '1 year'))).*
    FROM policies p, contacts c
    WHERE p.organization_id = $1 AND c.organization_id = $1 AND c.last_name = 'AISSANI'""",
)


async def filled(desk: Desk) -> None:
    org, portfolio = desk.company.organization_id, desk.portfolio
    await fill(desk.owner, FILL[0], org, portfolio.agency_id, ROWS)
    for more in FILL[1:]:
        await fill(desk.owner, more, org)
    await desk.owner.execute("ANALYZE")


async def test_a_count_begins_with_the_contracts_that_expire(app: FastAPI, desk: Desk) -> None:
    await desk.contract(await desk.customer(), 30)
    await filled(desk)
    body = {"definition": expiring(15, 45)}
    headers = desk.portfolio.admin
    plans = await explained(app, "POST", "/v1/segments/preview", headers=headers, json=body)
    counted = next(plan for plan in plans if "count(*)" in plan.sql and "policies" in plan.sql)
    counted.uses("ix_policies_expiry")
    scanned = [node["Relation Name"] for node in counted.nodes() if node["Node Type"] == "Seq Scan"]
    assert not {"policies", "contacts", "contact_account_links"} & set(scanned), repr(counted)


async def test_following_reads_only_what_hangs_on_the_people_who_were_touched(
    app: FastAPI, desk: Desk
) -> None:
    karim = await desk.customer()
    policy = await desk.contract(karim, 90)
    await desk.segment(expiring(15, 45))
    await filled(desk)
    await desk.tell("policy", policy["id"])
    with recorded(app) as sent:
        await desk.follow()
    settled = [one for one in sent if "found" in one.sql and "segment_members" in one.sql]
    touching = [one for one in sent if "policyholder_contact_id" in one.sql and one not in settled]
    assert settled
    assert touching
    connection = await asyncpg.connect(app.state.database.dsn, server_settings=LIMITS)
    try:
        for one in (*settled, *touching):
            plan = await _plan(connection, desk.company.organization_id, one, generic=False)
            scanned = [node["Relation Name"] for node in plan.nodes() if node["Node Type"] == "Seq Scan"]
            assert not {"policies", "contacts", "contact_account_links"} & set(scanned), repr(plan)
    finally:
        await connection.close()
