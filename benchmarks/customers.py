"""Customers with contracts, debts and exchanges; and their page as it is first written: six questions.

The page writes a line in the audit log, here as there.
"""

from typing import Any
from uuid import UUID

import asyncpg

ASKER, AGENCY = UUID(int=0x0E << 120), UUID(int=0x0A << 120 | 1)
"""As in `data`."""


SECTIONS = ("identity", "accounts", "policies", "claims", "receivables", "interactions")
"""What both sides answer."""
FILL = (
    """INSERT INTO accounts (organization_id, id, version, number, type, name, status, lifecycle, tier,
    addresses,
    phones, emails, kpis, agency_id, owner_user_id, revenue_band, custom_fields, external_ids, masked)
SELECT $1, md5('a' || n)::uuid, 1, 'C' || lpad(n::text, 8, '0'), 'household', 'Famille ' || n, 'active',
    'prospect', 'standard', '[]', '[]', '[]', '{}', $2, $3, 0, '{}', '[]', '{}' FROM generate_series(1,
    $4) n""",
    """INSERT INTO contacts (organization_id, id, version, civility, last_name, first_name,
    display_name, emails,
    phones, addresses, preferred_language, do_not_contact, account_links, registered_on, is_deceased,
    agency_id,
    owner_user_id, custom_fields, external_ids, masked)
SELECT $1, md5('c' || n)::uuid, 1, 'm', 'AISSANI', 'Ilyes', 'AISSANI Ilyes ' || n, '[]', '[]', '[]',
    'fr', false,
    '[]', '2026-01-01', false, $2, $3, '{}', '[]', '{}' FROM generate_series(1, $4) n""",
    """INSERT INTO contact_account_links (organization_id, id, contact_id, account_id, role,
    is_primary, from_date)
SELECT $1, gen_random_uuid(), md5('c' || n)::uuid, md5('a' || n)::uuid, 'head', true, '2026-01-01'
FROM generate_series(1, $4) n WHERE $2::uuid IS NOT NULL AND $3::uuid IS NOT NULL""",
    """INSERT INTO policies (organization_id, id, version, number, source_system, account_id,
    policyholder_contact_id, product_code, branch_code, channel, subscribed_on, effective_at, expires_at,
    term_months, renewal_type, net_premium, total_premium, term_net_premium, annual_net_premium,
    payment_plan,
    status, agency_id, owner_user_id)
SELECT $1, md5('p' || n || '-' || k)::uuid, 1, 'P' || n || '-' || k, 'crm', md5('a' || n)::uuid,
    md5('c' || n)::uuid, 'AUTO_P', '11', 'agency', '2026-01-01', now() - interval '10 days',
    now() + interval '300 days', 12, 'tacit', 100, 100, 100, 100, 'single', 'in_force', $2, $3
FROM generate_series(1, $4) n, generate_series(1, 2) k""",
    """INSERT INTO receivables (organization_id, id, version, account_id, policy_id, kind,
    original_amount, due_on,
    status, dunning_state, dunning_from_on, agency_id, owner_user_id)
SELECT $1, md5('r' || n)::uuid, 1, md5('a' || n)::uuid, md5('p' || n || '-1')::uuid, 'premium', 100,
    current_date - n % 60, 'open', 'quiet', current_date, $2, $3 FROM generate_series(1, $4) n""",
    """INSERT INTO interactions (organization_id, id, version, channel, direction, outcome,
    occurred_at, body_format,
    summary, recording_notice_given, agency_id, owner_user_id)
SELECT $1, md5('i' || n || '-' || k)::uuid, 1, 'phone', 'inbound', 'reached', now() - k * interval '1 day',
    'text', 'Appel', false, $2, $3 FROM generate_series(1, $4) n, generate_series(1, 6) k""",
    """INSERT INTO interaction_links (organization_id, interaction_id, object_type, object_id, occurred_at,
    has_promise)
SELECT $1, md5('i' || n || '-' || k)::uuid, 'contact', md5('c' || n)::uuid, now() - k * interval '1
    day', false
FROM generate_series(1, $4) n, generate_series(1, 6) k WHERE $2::uuid IS NOT NULL AND $3::uuid IS NOT
    NULL""",
)
_PERSON = "SELECT * FROM contacts WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
_ACCOUNTS = """SELECT a.id, a.number, a.name, a.type, a.lifecycle, a.tier, l.role, l.is_primary
FROM contact_account_links l JOIN accounts a ON a.organization_id = $1 AND a.id = l.account_id
WHERE l.organization_id = $1 AND l.contact_id = $2 AND l.to_date IS NULL LIMIT 11"""
_POLICIES = """SELECT id, number, status, product_code, effective_at, expires_at, total_premium,
    source_system, as_of
FROM policies WHERE organization_id = $1 AND policyholder_contact_id = $2
ORDER BY effective_at DESC, id DESC LIMIT 11"""
_CLAIMS = """SELECT id, number, status, occurred_at, declared_at, policy_id, reserve_amount,
    paid_amount FROM claims
WHERE organization_id = $1 AND account_id = $2 ORDER BY created_at DESC LIMIT 11"""
_DEBTS = """SELECT id, kind, status, policy_id, due_on, balance, dunning_state, promise_on FROM receivables
WHERE organization_id = $1 AND account_id = $2 AND balance > 0 ORDER BY due_on, id LIMIT 11"""
_SAID = """SELECT i.id, i.channel, i.direction, i.outcome, i.occurred_at, i.summary, i.promise_text
FROM interaction_links l JOIN interactions i ON i.organization_id = $1 AND i.id = l.interaction_id
WHERE l.organization_id = $1 AND l.object_type = 'contact' AND l.object_id = $2
ORDER BY l.occurred_at DESC LIMIT 11"""
_READ = """INSERT INTO audit_log (organization_id, actor_type, actor_id, ip, action, object_type,
    object_id, changes)
VALUES ($1, 'user', $2, '127.0.0.1', 'contact.profile_read', 'contact', $3, $4)"""


async def fill(connection: asyncpg.Connection, organization: UUID, count: int) -> None:
    await connection.execute("SET session_replication_role = replica")
    for statement in FILL:
        await connection.execute(statement, organization, AGENCY, ASKER, count)
    await connection.execute("SET session_replication_role = origin")


async def page(pool: asyncpg.Pool, organization: UUID, contact: UUID) -> dict[str, Any]:
    """One question a section."""
    async with pool.acquire() as connection:
        person = await connection.fetchrow(_PERSON, organization, contact)
        homes = await connection.fetch(_ACCOUNTS, organization, contact)
        home = homes[0]["id"]
        parts = [
            await connection.fetch(_POLICIES, organization, contact),
            await connection.fetch(_CLAIMS, organization, home),
            await connection.fetch(_DEBTS, organization, home),
            await connection.fetch(_SAID, organization, contact),
        ]
        await connection.execute(_READ, organization, ASKER, contact, {"sections": sorted(SECTIONS)})
    hidden = {"sealed"}
    return {
        "identity": {name: value for name, value in person.items() if name not in hidden},
        "accounts": [dict(row) for row in homes],
        "lists": [[dict(row) for row in rows] for rows in parts],
    }
