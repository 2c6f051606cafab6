"""A customer's page among many: every section is a step into an index."""

from hashlib import md5
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from actors import actor
from plans import explained, fill

pytestmark = pytest.mark.anyio
OURS, MOST = uuid4(), 30_000
SCOPES = (
    *("contacts:read", "accounts:read", "policies:read", "claims:read", "receivables:read"),
    *("opportunities:read", "interactions:read", "tasks:read", "documents:read"),
)
ACCOUNTS = """INSERT INTO accounts (organization_id, id, version, number, type, name, status,
    lifecycle, tier,
    addresses, phones, emails, kpis, agency_id, owner_user_id, revenue_band, custom_fields,
    external_ids, masked)
SELECT $1, md5('a' || n)::uuid, 1, 'C' || lpad(n::text, 8, '0'), 'household', 'Famille ' || n, 'active',
    'prospect', 'standard', '[]', '[]', '[]', '{}', $2, $3, 0, '{}', '[]', '{}' FROM generate_series(1,
    $4) n"""
CONTACTS = """INSERT INTO contacts (organization_id, id, version, civility, last_name, first_name,
    display_name,
    emails, phones, addresses, preferred_language, do_not_contact, account_links, registered_on,
    is_deceased,
    agency_id, owner_user_id, custom_fields, external_ids, masked)
SELECT $1, md5('c' || n)::uuid, 1, 'm', 'AISSANI', 'Ilyes', 'AISSANI Ilyes ' || n, '[]', '[]', '[]',
    'fr', false,
    '[]', '2026-01-01', false, $2, $3, '{}', '[]', '{}' FROM generate_series(1, $4) n"""
LINKS = """INSERT INTO contact_account_links (organization_id, id, contact_id, account_id, role, is_primary,
    from_date)
SELECT $1, gen_random_uuid(), md5('c' || n)::uuid, md5('a' || n)::uuid, 'head', true, '2026-01-01'
FROM generate_series(1, $2) n"""
POLICIES = """INSERT INTO policies (organization_id, id, version, number, source_system, account_id,
    policyholder_contact_id, product_code, branch_code, channel, subscribed_on, effective_at, expires_at,
    term_months, renewal_type, net_premium, total_premium, term_net_premium, annual_net_premium,
    payment_plan,
    status, agency_id, owner_user_id)
SELECT $1, md5('p' || n)::uuid, 1, 'P' || n, 'crm', md5('a' || n)::uuid, md5('c' || n)::uuid, 'AUTO_P',
    '11',
    'agency', '2026-01-01', now() - interval '10 days', now() + interval '300 days', 12, 'tacit', 100,
    100, 100,
    100, 'single', 'in_force', $2, $3 FROM generate_series(1, $4) n"""
DEBTS = """INSERT INTO receivables (organization_id, id, version, account_id, policy_id, kind,
    original_amount,
    due_on, status, dunning_state, dunning_from_on, agency_id, owner_user_id)
SELECT $1, md5('r' || n)::uuid, 1, md5('a' || n)::uuid, md5('p' || n)::uuid, 'premium', 100,
    current_date - n % 60, 'open', 'quiet', current_date, $2, $3 FROM generate_series(1, $4) n"""


@pytest.fixture(scope="module")
async def me(house: FastAPI, _owner: asyncpg.Connection) -> UUID:
    """Keys and triggers are no matter here, so they rest meanwhile."""
    who, agency = uuid4(), uuid4()
    await _owner.execute("SET session_replication_role = replica")
    for statement in (ACCOUNTS, CONTACTS, POLICIES, DEBTS):
        await fill(_owner, statement, OURS, agency, who, MOST)
    await fill(_owner, LINKS, OURS, MOST)
    await _owner.execute("SET session_replication_role = origin")
    await _owner.execute("VACUUM ANALYZE accounts, contacts, contact_account_links, policies, receivables")
    return who


@pytest.mark.parametrize("generic", [False, True])
@pytest.mark.parametrize("data_scope", ["all", "own"])
@pytest.mark.parametrize("kind", ["contacts", "accounts"])
async def test_a_page_reads_by_indexes_alone(
    house: FastAPI, me: UUID, kind: str, data_scope: str, generic: bool
) -> None:
    who = actor(OURS, *SCOPES, id=me, data_scope=data_scope)
    key = UUID(md5(f"{kind[0]}777".encode(), usedforsecurity=False).hexdigest())
    (plan,) = await explained(house, "GET", f"/v1/{kind}/{key}/profile", headers=who, generic=generic)
    scanned = [
        node["Relation Name"]
        for node in plan.nodes()
        if node["Node Type"] == "Seq Scan"
        and node["Relation Name"]
        in {"accounts", "contacts", "contact_account_links", "policies", "receivables"}
    ]
    assert not scanned, repr(plan)
    plan.removes_at_most(100)
