"""Every hot statement on 40,000 people, as the restricted role: the right index, little thrown away."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from account_steps import agency
from actors import actor
from contacts.people import SCOPES, contact
from plans import Plan, explained, fill, recorded

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *SCOPES, "pii:read")
MOST = 40_000
FILL = """
WITH people AS (
    INSERT INTO contacts (organization_id, id, version, civility, last_name, first_name, display_name, emails,
        phones, addresses, primary_phone, preferred_language, do_not_contact, account_links, registered_on,
        is_deceased, agency_id)
    SELECT $1, gen_random_uuid(), 1, 'none', 'Aissani' || to_hex(n), 'Ilyes', 'AISSANI Ilyes', '[]',
        jsonb_build_array(jsonb_build_object('value', '+2135' || lpad(n::text, 8, '0'))), '[]',
        '+2135' || lpad(n::text, 8, '0'), 'fr', false, '[]', '2026-01-01', false, $2
    FROM generate_series(1, $3) n RETURNING id, primary_phone, organization_id
), keys AS (
    INSERT INTO contact_keys (organization_id, value, contact_id, kind)
    SELECT organization_id, primary_phone, id, 'phone' FROM people
)
INSERT INTO contact_account_links (organization_id, id, contact_id, account_id, role, is_primary, from_date)
SELECT organization_id, gen_random_uuid(), id, (ARRAY(SELECT id FROM accounts WHERE organization_id = $1))
    [1 + hashtext(primary_phone) % 500 * sign(hashtext(primary_phone))], 'head', true, '2026-01-01'
FROM people"""
HOMES = """
INSERT INTO accounts (organization_id, id, version, number, type, name, status, lifecycle, tier, revenue_band,
    addresses, phones, emails, agency_id, tags, kpis)
SELECT $1, gen_random_uuid(), 1, 'C' || n, 'household', 'Famille', 'active', 'prospect', 'standard', 0,
    '[]', '[]', '[]', $2, '{}', '{}' FROM generate_series(1, 500) n"""


@pytest.fixture(scope="module")
async def crowd(house: FastAPI, _owner: asyncpg.Connection) -> FastAPI:
    place = await agency(_owner, OURS)
    await fill(_owner, HOMES, OURS, place)
    await fill(_owner, FILL, OURS, place, MOST)
    await _owner.execute("ANALYZE contacts, contact_keys, contact_account_links, accounts, search_tokens")
    return house


async def listed(crowd: FastAPI, generic: bool, **params: Any) -> Plan:
    (plan,) = await explained(crowd, "GET", "/v1/contacts", headers=ADMIN, params=params, generic=generic)
    return plan.scans_nothing()


@pytest.mark.parametrize("generic", [False, True])
async def test_pages_come_from_their_index(crowd: FastAPI, generic: bool) -> None:
    for sort, index in {
        "-created_at": "ix_contacts_newest",
        "updated_at": "ix_contacts_updated",
        "name": "ix_contacts_name",
        "-registered_on": "ix_contacts_registered",
    }.items():
        (await listed(crowd, generic, sort=sort)).uses(index).sorts_nothing().removes_at_most(60)


@pytest.mark.parametrize("generic", [False, True])
async def test_names_numbers_and_accounts_are_looked_up(
    crowd: FastAPI, owner: asyncpg.Connection, generic: bool
) -> None:
    prefix = await listed(crowd, generic, name_prefix="aïssani9", sort="name")
    prefix.uses("ix_contacts_name").sorts_nothing().removes_at_most(60)
    (await listed(crowd, generic, phone="0500000777")).uses("pk_contact_keys").removes_at_most(5)
    home = await owner.fetchval("SELECT id FROM accounts WHERE organization_id = $1 LIMIT 1", OURS)
    people = await listed(crowd, generic, account_id=str(home))
    people.uses("ix_contact_account_links_account").removes_at_most(5)


async def test_a_duplicate_check_is_one_look_at_the_keys(crowd: FastAPI) -> None:
    body = {"last_name": "Aissani", "first_name": "Ilyes", "phones": [{"value": "0500000777"}]}
    (plan,) = await explained(crowd, "POST", "/v1/contacts/check-duplicates", headers=ADMIN, json=body)
    plan.scans_nothing().uses("pk_contact_keys").removes_at_most(5)


async def test_a_plain_change_is_one_statement_and_a_creation_few(
    crowd: FastAPI, owner: asyncpg.Connection
) -> None:
    place = str(await agency(owner, OURS))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(crowd), base_url="http://test") as client:
        made = await contact(client, place, who=ADMIN)  # reserves numbers, remembers custom fields
        with recorded(crowd) as sent:
            path = f"/v1/contacts/{made['id']}"
            changed = {"contact_hours": "le soir"}
            await client.patch(path, json=changed, headers=ADMIN | {"If-Match": '"1"'})
        assert len(sent) == 1
        links = [{"account_id": made["account_links"][0]["account_id"], "role": "spouse"}]
        with recorded(crowd) as sent:
            await contact(client, place, who=ADMIN, account_links=links, create_household=False)
        tables = [one.sql for one in sent]
        assert len(tables) <= 8, "\n".join(sql[:80] for sql in tables)
