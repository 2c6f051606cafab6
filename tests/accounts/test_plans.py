"""Every hot statement on 100,000 accounts, as the restricted role: the right index, little thrown away."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from account_steps import EVERYTHING, agency, opened
from actors import actor
from plans import Plan, explained, fill, recorded

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
ADMIN = actor(OURS, *EVERYTHING)
FILL = """
INSERT INTO accounts (organization_id, id, version, number, type, name, status, lifecycle, tier, revenue_band,
    addresses, phones, emails, agency_id, tags, kpis)
SELECT $1, gen_random_uuid(), 1, 'C' || lpad(n::text, 8, '0'), 'household',
    (ARRAY['Ilyès','Amina','Mohamed','Karim','Yasmine','Sofiane','Nadia','Rachid','Lina','Omar'])[1 + n % 10]
    || ' ' || (ARRAY['AISSANI','BENALI','BOUCHAREB','KADDOUR','MEZIANE','HADDAD','CHERIF'])[1 + n / 10 % 7]
    || ' ' || to_hex(n),
    'active', 'prospect', 'standard', n % 5,
    '[{"kind":"home","lines":["1"],"wilaya_code":"16"}]',
    jsonb_build_array(jsonb_build_object('value', '+2135' || lpad(n::text, 8, '0'))),
    jsonb_build_array(jsonb_build_object('value', 'client' || n || '@example.com')),
    $2,
    CASE WHEN n % 1000 = 0 THEN ARRAY['vip', 'flotte'] WHEN n % 10 = 0 THEN ARRAY['vip'] ELSE '{}' END, '{}'
FROM generate_series(1, $3) n"""


@pytest.fixture(scope="module")
async def crowd(house: FastAPI, _owner: asyncpg.Connection) -> FastAPI:
    for organization_id, count in (OURS, 100_000), (THEIRS, 20_000):
        place = await agency(_owner, organization_id)
        await fill(_owner, FILL, organization_id, place, count)
        await fill(
            _owner,
            "INSERT INTO number_sequences (organization_id, name, value) VALUES ($1, 'account', $2)",
            organization_id,
            count,
        )
    await _owner.execute("VACUUM ANALYZE accounts, search_tokens")
    return house


async def listed(crowd: FastAPI, generic: bool, **params: Any) -> Plan:
    plans = await explained(crowd, "GET", "/v1/accounts", headers=ADMIN, params=params, generic=generic)
    (plan,) = plans
    return plan.scans_nothing()


@pytest.mark.parametrize("generic", [False, True])
async def test_pages_come_from_their_index(crowd: FastAPI, generic: bool) -> None:
    for sort, index in {
        "-created_at": "ix_accounts_newest",
        "updated_at": "ix_accounts_updated",
        "name": "ix_accounts_name",
        "-revenue_band": "ix_accounts_revenue",
    }.items():
        (await listed(crowd, generic, sort=sort)).uses(index).sorts_nothing().removes_at_most(60)


@pytest.mark.parametrize("generic", [False, True])
async def test_a_prefix_is_a_range_of_its_index(crowd: FastAPI, generic: bool) -> None:
    plan = await listed(crowd, generic, name_prefix="ilyès ais", sort="name")
    plan.uses("ix_accounts_name").sorts_nothing().removes_at_most(60)


@pytest.mark.parametrize("q", ["aissani 1869f", "0500099999", "client777@", "c00012345", "nobody"])
async def test_a_rare_word_is_looked_up(crowd: FastAPI, q: str) -> None:
    plan = await listed(crowd, generic=True, q=q)
    plan.uses("ix_search_tokens_word").removes_at_most(60)


@pytest.mark.parametrize("q", ["il", "aissani", "client"])
async def test_a_frequent_word_is_tried_along_the_list(crowd: FastAPI, q: str) -> None:
    plan = await listed(crowd, generic=True, q=q)
    plan.uses("ix_accounts_newest", "pk_search_tokens").sorts_nothing().removes_at_most(60)


async def test_tags_are_found_by_their_index(crowd: FastAPI) -> None:
    (await listed(crowd, generic=True, tag=["vip", "flotte"])).uses("ix_search_tokens_word").removes_at_most(
        60
    )
    frequent = await listed(crowd, generic=True, tag=["vip"])
    frequent.uses("ix_accounts_newest", "pk_search_tokens").sorts_nothing().removes_at_most(60)


async def test_one_account_is_one_step_of_the_key(crowd: FastAPI, owner: asyncpg.Connection) -> None:
    some = await owner.fetch("SELECT id FROM accounts WHERE organization_id = $1 LIMIT 3", OURS)
    ids = [str(row["id"]) for row in some]
    (one,) = await explained(crowd, "GET", f"/v1/accounts/{ids[0]}", headers=ADMIN)
    one.uses("pk_accounts").removes_at_most(0)
    (many,) = await explained(crowd, "POST", "/v1/accounts/batch-get", headers=ADMIN, json={"ids": ids})
    many.uses("pk_accounts").removes_at_most(0)


async def test_an_account_is_opened_in_one_statement(crowd: FastAPI, owner: asyncpg.Connection) -> None:
    place = await agency(owner, OURS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(crowd), base_url="http://test") as client:
        # The first one reserves numbers and remembers the definitions of custom fields.
        await opened(client, ADMIN, place)
        with recorded(crowd) as sent:
            await opened(client, ADMIN, place, phones=[{"value": "0550123456"}], tags=["vip"])
    assert len(sent) == 1
