"""What is thrown away at night, and what is not."""

from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from account_steps import EVERYTHING, agency, opened
from actors import actor
from crm_api.core.context import Context
from crm_api.core.housekeeping import binned, keep_house
from crm_api.core.principal import system

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()


async def night(app: FastAPI) -> None:
    ctx = Context(system(OURS), app.state.database, app.state.tools)
    await keep_house(ctx, {})
    await ctx.commit()
    await ctx.close()


async def test_kept_answers_go_after_a_day_each_organization_its_own(
    app: FastAPI, owner: asyncpg.Connection
) -> None:
    insert = """INSERT INTO idempotency_keys
        (organization_id, actor_id, route, key, request_hash, status, body, created_at)
        VALUES ($1, gen_random_uuid(), 'r', 'k', 'h', 201, '', now() - $2::text::interval)"""
    for organization, age in (OURS, "25 hours"), (OURS, "23 hours"), (THEIRS, "25 hours"):
        await owner.execute(insert, organization, age)
    await night(app)
    kept = await owner.fetch("SELECT organization_id FROM idempotency_keys")
    assert sorted(row[0] for row in kept) == sorted([OURS, THEIRS])


async def test_the_bin_is_emptied_after_thirty_days(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    ours = actor(OURS, *EVERYTHING)
    at = await agency(owner, OURS)
    ids = [(await opened(client, ours, at, name=name))["id"] for name in ("Ancien", "Récent", "Vivant")]
    old, recent, alive = ids
    for id, age in (old, "31 days"), (recent, "29 days"):
        sql = "UPDATE accounts SET deleted_at = now() - $2::text::interval WHERE id = $1"
        await owner.execute(sql, id, age)
    await night(app)
    left = {str(row[0]) for row in await owner.fetch("SELECT id FROM accounts")}
    assert left == {recent, alive}
    purged = await owner.fetch("SELECT object_id FROM audit_log WHERE action = 'account.purged'")
    assert [str(row[0]) for row in purged] == [old]


async def test_a_run_whose_worker_never_came_back_is_closed(app: FastAPI, owner: asyncpg.Connection) -> None:
    insert = """INSERT INTO job_runs (organization_id, id, version, kind, status, updated_at)
        VALUES ($1, gen_random_uuid(), 1, 'k', 'running', now() - $2::text::interval)"""
    for age in ("25 hours", "1 hour"):
        await owner.execute(insert, OURS, age)
    await night(app)
    found = await owner.fetch("SELECT status FROM job_runs ORDER BY status")
    assert [row[0] for row in found] == ["failed", "running"]


def test_what_refers_to_others_goes_first() -> None:
    tables = binned()
    for at, table in enumerate(tables):
        referred = {key.referred_table for key in table.foreign_key_constraints} - {table}
        assert not referred & set(tables[:at]), table.name
