"""The search among 10,000 articles, as the restricted role; and the lists."""

from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from actors import actor, principal_of
from crm_api.knowledge.finding import ENOUGH
from plans import Plan, explained, fill

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
READER = actor(OURS, "kb:read", "kb:write", "tickets:read", "assistant:use", "assistant:read")
ARTICLES = """INSERT INTO kb_articles (organization_id, id, version, family_id, slug, language, title, body,
    category, audience, status, edition, live_edition, created_at)
SELECT $1, gen_random_uuid(), 1, gen_random_uuid(), 'article-' || n, 'fr', 'Titre mot' || n % 4000,
    (SELECT string_agg('mot' || floor(6000 * power(random(), 3))::int, ' ')
        FROM generate_series(1, 80) WHERE n > 0),
    'theme' || n % 12, CASE WHEN n % 10 = 0 THEN 'internal' ELSE 'public' END, 'published', 1, 1,
    now() - n * interval '1 second'
FROM generate_series(1, $2::int) n"""
EDITIONS = """INSERT INTO kb_editions (organization_id, id, version, article_id, number, family_id, slug,
    language, title, body, category, audience, is_live, created_at)
SELECT organization_id, gen_random_uuid(), 1, id, 1, family_id, slug, language, title, body, category,
    audience, true, created_at FROM kb_articles WHERE organization_id = $1"""
TERMS = """INSERT INTO kb_terms (organization_id, language, term, audience, article_id, weight)
SELECT e.organization_id, e.language, found.term, e.audience, e.article_id, found.weight
FROM kb_editions e CROSS JOIN LATERAL crm_kb_terms(e.language, e.title, e.keywords, e.body) AS found
WHERE e.organization_id = $1"""
WORDS = """INSERT INTO kb_words (organization_id, language, term, audience, articles)
SELECT organization_id, language, term, audience, count(*) FROM kb_terms WHERE organization_id = $1
GROUP BY 1, 2, 3, 4
UNION ALL SELECT organization_id, language, '', audience, count(*) FROM kb_editions
WHERE organization_id = $1 GROUP BY 1, 2, 4"""
SESSIONS = """INSERT INTO assistant_sessions (organization_id, id, version, channel, language, status,
    turn_count, unsure_count, answered_count, last_turn_at, created_at, created_by_id)
SELECT $1, gen_random_uuid(), 1, 'chatbot', 'fr', CASE WHEN n % 50 = 0 THEN 'closed' ELSE 'open' END, 1, 0, 1,
    now(), now() - n * interval '1 second', CASE WHEN n % 100 = 0 THEN $2::uuid ELSE gen_random_uuid() END
FROM generate_series(1, 100000) n"""
GAPS = """INSERT INTO kb_gaps (organization_id, id, version, language, key, question, source, status, times,
    last_asked_at)
SELECT $1, gen_random_uuid(), 1, 'fr', 'k' || n, 'q' || n, 'assistant',
    CASE WHEN n % 3 = 0 THEN 'dismissed' ELSE 'open' END, 1 + n % 40, now() - n * interval '1 minute'
FROM generate_series(1, 100000) n"""
CANNED = """INSERT INTO canned_responses (organization_id, id, version, title, body_fr, category, scope,
    usage_count)
SELECT $1, gen_random_uuid(), 1, 'Titre ' || md5(n::text), 'Bonjour', 'accueil', 'all', n % 1000
FROM generate_series(1, 100000) n"""


@pytest.fixture(scope="module")
async def library(house: FastAPI, _owner: asyncpg.Connection) -> FastAPI:
    await _owner.execute("SET session_replication_role = replica")  # the words are made for all at once
    for organization_id, count in (OURS, 10_000), (THEIRS, 1000):
        await fill(_owner, ARTICLES, organization_id, count)
        for statement in (EDITIONS, TERMS, WORDS):
            await fill(_owner, statement, organization_id)
    await fill(_owner, SESSIONS, OURS, principal_of(READER).id)
    for statement in (GAPS, CANNED):
        await fill(_owner, statement, OURS)
    await _owner.execute("RESET session_replication_role")
    await _owner.execute(
        "VACUUM ANALYZE kb_articles, kb_editions, kb_terms, kb_words, kb_gaps, canned_responses, "
        "assistant_sessions"
    )
    return house


async def listed(library: FastAPI, path: str, **params: Any) -> Plan:
    (plan,) = await explained(library, "GET", path, headers=READER, params=params)
    return plan.scans_nothing()


@pytest.mark.parametrize("generic", [False, True])
@pytest.mark.parametrize("q", ["mot5900 mot5300 mot17", "mot0 mot1", "mot4321", "mot4000 inconnu mot59999"])
async def test_a_search_is_a_bounded_walk_of_the_index(library: FastAPI, q: str, generic: bool) -> None:
    plans = await explained(library, "GET", "/v1/kb/search", headers=READER, params={"q": q}, generic=generic)
    assert 2 <= len(plans) <= 3
    for plan in plans:
        plan.scans_nothing()
    plans[0].uses("pk_kb_words")
    plans[-1].uses("pk_kb_terms")
    walked = sum(
        node["Actual Rows"] * node["Actual Loops"]
        for node in plans[-1].nodes()
        if node.get("Index Name") == "pk_kb_terms"
    )
    assert walked <= max(ENOUGH, 10_000), repr(plans[-1])  # one frequent word alone is read whole


async def test_the_lists_walk_their_indexes(library: FastAPI) -> None:
    plans = {
        "ix_kb_editions_newest": await listed(library, "/v1/kb/pages"),
        "ix_kb_editions_category": await listed(library, "/v1/kb/pages", category="theme7"),
        "uq_kb_editions_address": (
            await explained(library, "GET", "/v1/kb/pages/fr/article-77", headers=READER)
        )[0],
        "ix_kb_articles_newest": await listed(library, "/v1/kb/articles"),
        "ix_kb_articles_status": await listed(library, "/v1/kb/articles", status="draft"),
        "ix_kb_gaps_often": await listed(library, "/v1/kb/gaps"),
        "ix_kb_gaps_lately": await listed(library, "/v1/kb/gaps", sort="-last_asked_at"),
        "ix_canned_responses_title": await listed(library, "/v1/canned-responses"),
        "ix_canned_responses_usage": await listed(library, "/v1/canned-responses", sort="-usage_count"),
        "ix_assistant_sessions_newest": await listed(library, "/v1/assistant/sessions"),
        "ix_assistant_sessions_status": await listed(library, "/v1/assistant/sessions", status="closed"),
    }
    for index, plan in plans.items():
        plan.uses(index).removes_at_most(250).sorts_nothing()


async def test_an_asker_is_led_to_their_own_conversations(library: FastAPI) -> None:
    asker = actor(OURS, "assistant:use", id=principal_of(READER).id)
    (plan,) = await explained(library, "GET", "/v1/assistant/sessions", headers=asker)
    plan.uses("ix_assistant_sessions_asker").sorts_nothing().removes_at_most(10)
