"""The search of everything among 100,000 leads, 20,000 accounts and 20,000 people, as the restricted role."""

from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from account_steps import agency
from accounts.test_plans import FILL as ACCOUNTS
from actors import Headers, actor
from plans import Plan, explained, fill

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
READS = ("organization:read", "leads:read", "accounts:read", "contacts:read")
ADMIN = actor(OURS, *READS)
LEADS = """
INSERT INTO leads (organization_id, id, version, number, full_name, type, source, status, score, score_band,
    score_explanation, consent_snapshot, quote_completed, contact_attempts, answered_calls, contact_invalid,
    product_interest, phone, email, first_contact_due_at, agency_id)
SELECT $1, gen_random_uuid(), 1, 'P-2026-' || lpad(n::text, 6, '0'),
    (ARRAY['Ilyès','Amina','Mohamed','Karim','Yasmine','Sofiane','Nadia','Rachid','Lina','Omar'])[1 + n % 10]
    || ' ' || (ARRAY['AISSANI','BENALI','BOUCHAREB','KADDOUR','MEZIANE','HADDAD','CHERIF'])[1 + n / 10 % 7]
    || to_hex(n / 700),
    'individual', 'phone', 'new', 0, 'cold', '[]', '{}', false, 0, 0, false, '{}',
    '+2135' || lpad(n::text, 8, '0'), 'prospect' || n || '@example.com', now(), $2
FROM generate_series(1, $3) n"""
CONTACTS = """
INSERT INTO contacts (organization_id, id, version, civility, last_name, first_name, display_name, emails,
    phones, addresses, preferred_language, do_not_contact, account_links, registered_on, is_deceased,
    agency_id)
SELECT $1, gen_random_uuid(), 1, 'none', 'Ait' || to_hex(n / 10),
    (ARRAY['Ilyès','Amina','Mohamed','Karim','Yasmine','Sofiane','Nadia','Rachid','Lina','Omar'])[1 + n % 10],
    'AIT', '[]', jsonb_build_array(jsonb_build_object('value', '+2135' || lpad(n::text, 8, '0'))), '[]',
    'fr', false, '[]', '2026-01-01', false, $2
FROM generate_series(1, $3) n"""


@pytest.fixture(scope="module")
async def crowd(house: FastAPI, _owner: asyncpg.Connection) -> FastAPI:
    for organization_id, leads, accounts in (OURS, 100_000, 20_000), (THEIRS, 10_000, 5_000):
        place = await agency(_owner, organization_id)
        await fill(_owner, LEADS, organization_id, place, leads)
        await fill(_owner, ACCOUNTS, organization_id, place, accounts)
        await fill(_owner, CONTACTS, organization_id, place, accounts)
    await _owner.execute("VACUUM ANALYZE leads, accounts, contacts, search_tokens")
    return house


async def searched(crowd: FastAPI, q: str, who: Headers = ADMIN, *, generic: bool = True) -> list[Plan]:
    params: dict[str, Any] = {"q": q, "limit": 5}
    plans = await explained(crowd, "GET", "/v1/search", headers=who, params=params, generic=generic)
    for plan in plans:
        plan.scans_nothing()
    return plans


QUESTIONS = (
    *("karim", "k", "benali", "karim kaddour1", "kaddour1 karim", "aissani1f omar", "nobody", "كريم"),
    *("0500012345", "12345", "+213 500 01 23 45", "P-2026-012345", "012345", "prospect777@", "p-2026"),
)


@pytest.mark.parametrize("generic", [False, True])
@pytest.mark.parametrize("q", QUESTIONS)
async def test_whatever_is_asked_is_a_few_steps_of_the_index(crowd: FastAPI, q: str, generic: bool) -> None:
    (plan,) = await searched(crowd, q, generic=generic)
    plan.uses("ix_search_tokens_word").removes_at_most(20)
    assert walked(plan) <= 150, repr(plan)


@pytest.mark.parametrize("q", ["karim 12345", "kar kadd", "ka ka5 050"])
async def test_beginnings_in_any_order_are_a_bounded_walk(crowd: FastAPI, q: str) -> None:
    plan, *_ = await searched(crowd, q)
    plan.uses("ix_search_tokens_word", "pk_search_tokens")
    assert walked(plan) <= 30_000, repr(plan)


async def test_eight_letters_are_answered_quickly(crowd: FastAPI) -> None:
    for plan in await searched(crowd, "a b c d e f g h"):
        assert plan.ms < 1500, repr(plan)


@pytest.mark.parametrize("scope", [{"data_scope": "own"}, {"data_scope": "agency", "agency_ids": (uuid4(),)}])
async def test_who_sees_little_is_led_by_what_they_see(crowd: FastAPI, scope: dict[str, Any]) -> None:
    """A frequent word and few rows: the second statement starts from the rows."""
    first, *others = await searched(crowd, "karim", actor(OURS, *READS, **scope))
    first.uses("ix_search_tokens_word")
    assert walked(first) <= 10_000
    assert others
    for plan in others:
        assert not any(node["Node Type"] == "Seq Scan" for node in plan.nodes())
        plan.removes_at_most(100)


def walked(plan: Plan) -> float:
    """Words of the index that were looked at."""
    return sum(
        node["Actual Rows"] * node["Actual Loops"]
        for node in plan.nodes()
        if node.get("Index Name") in ("ix_search_tokens_word", "pk_search_tokens")
    )
