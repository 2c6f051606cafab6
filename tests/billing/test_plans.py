"""How PostgreSQL reads the lists of billing: by the index that the filter and the sort were made for."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI

from actors import Headers, actor
from crm_api.kit.clock import today
from plans import explained

pytestmark = pytest.mark.anyio
ORGANIZATION = UUID(int=0x0E << 120 | 1)
FILL = (Path(__file__).parents[2] / "benchmarks" / "dunning.sql").read_text("utf-8")
ACCOUNT = "00000000-0000-0000-0002-000000000077"
POLICY = "00000000-0000-0000-0003-000000000077"
AGENCY = "00000000-0000-0000-0001-000000000007"
LISTS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("receivables", {}, "ix_receivables_due"),
    ("receivables", {"sort": "-created_at"}, "ix_receivables_newest"),
    ("receivables", {"sort": "-balance"}, "ix_receivables_balance"),
    ("receivables", {"account_id": ACCOUNT}, "ix_receivables_account"),
    ("receivables", {"policy_id": POLICY}, "ix_receivables_policy"),
    ("receivables", {"agency_id": AGENCY}, "ix_receivables_agency"),
    ("receivables", {"past_due": True}, "ix_receivables_owed"),
    ("instalments", {}, "ix_instalments_due"),
    ("instalments", {"policy_id": POLICY}, "ix_instalments_policy"),
    ("instalments", {"account_id": ACCOUNT}, "ix_instalments_account"),
    ("instalments", {"agency_id": AGENCY}, "ix_instalments_agency"),
    ("instalments", {"status": "scheduled"}, "ix_instalments_status"),
)


@pytest.fixture
async def reader(app: FastAPI, owner: asyncpg.Connection) -> AsyncIterator[Headers]:
    sql = FILL.replace(":org", f"'{ORGANIZATION}'::uuid").replace(":rows", "20000")
    await owner.execute(sql.replace(":on", f"date '{today()}'"))
    yield actor(ORGANIZATION, "receivables:read", "policies:read")
    await owner.execute("RESET session_replication_role")


async def test_lists_are_read_by_their_index(house: FastAPI, reader: Headers) -> None:
    for resource, query, index in LISTS:
        plans = await explained(
            house, "GET", f"/v1/{resource}", headers=reader, params={"limit": 50, **query}
        )
        plans[0].uses(index).sorts_nothing().removes_at_most(60)


async def test_the_coverage_state_reads_its_own_contract_only(house: FastAPI, reader: Headers) -> None:
    (plan,) = await explained(house, "GET", f"/v1/policies/{POLICY}/coverage-state", headers=reader)
    plan.uses("ix_instalments_policy", "ix_receivables_policy").removes_at_most(60)
