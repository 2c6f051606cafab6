"""A worker that is killed in the middle of the nightly pass: the next one goes on, and no step is doubled."""

import asyncio
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from crm_api.core.context import Context
from crm_api.core.jobs import enqueue
from crm_api.core.principal import system
from crm_api.kit.clock import today

pytestmark = [pytest.mark.anyio, pytest.mark.fault]
FILL = (Path(__file__).parents[2] / "benchmarks" / "dunning.sql").read_text("utf-8")
ROWS, AT_ONCE = 4_000, 10
LEFT = """SELECT count(*) FROM receivables WHERE organization_id = $1 AND dunning_next_on <= $2
    AND status IN ('open', 'partially_settled') AND dunning_state IN
    ('quiet', 'noticed', 'due', 'overdue', 'formal_notice_sent', 'suspended')"""


def _hired(folder: Path, owner_url: URL) -> subprocess.Popen[bytes]:
    address = owner_url.render_as_string(hide_password=False)
    environment = os.environ | {"CRM_ENV": "test", "CRM_DATA_DIR": str(folder), "CRM_DATABASE_URL": address}
    script = Path(__file__).with_name("dunner.py")
    return subprocess.Popen([sys.executable, str(script)], env=environment)  # noqa: S603


async def _filled(owner: asyncpg.Connection, organization_id: UUID, on: date) -> None:
    sql = FILL.replace(":org", f"'{organization_id}'::uuid").replace(":rows", str(ROWS))
    await owner.execute(sql.replace(":on", f"date '{on}'"))


async def test_the_pass_goes_on_where_it_was_killed_and_doubles_no_step(
    app: FastAPI, owner: asyncpg.Connection, owner_url: URL, tmp_path: Path
) -> None:
    organization_id = uuid4()
    await _filled(owner, organization_id, today())
    on = today() + timedelta(days=20)
    due = await owner.fetchval(LEFT, organization_id, on)
    assert due > 10 * AT_ONCE
    ctx = Context(system(organization_id), app.state.database, app.state.tools)
    await enqueue(ctx, "pass_dunning", {"on": str(on), "most": AT_ONCE})
    await ctx.commit()
    await ctx.close()

    async def steps() -> int:
        return int(await owner.fetchval("SELECT count(*) FROM dunning_steps WHERE kind <> 'notice'"))

    async with asyncio.timeout(120):
        for at_least in (1, 4 * AT_ONCE):  # killed twice, somewhere in a go
            worker = _hired(tmp_path, owner_url)
            while await steps() < at_least:  # noqa: ASYNC110 - it lives in another process
                await asyncio.sleep(0.01)
            worker.kill()
            worker.wait()
        assert await owner.fetchval(LEFT, organization_id, on)
        worker = _hired(tmp_path, owner_url)
        try:
            while await owner.fetchval("SELECT count(*) FROM pgqueuer"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        finally:
            worker.kill()
            worker.wait()
    doubled = await owner.fetch(
        """SELECT receivable_id FROM dunning_steps
        GROUP BY receivable_id, cycle, kind, round HAVING count(*) > 1"""
    )
    assert doubled == []
    assert await owner.fetchval(LEFT, organization_id, on) == 0
    facts = await owner.fetchval("SELECT count(*) FROM event_log WHERE kind = 'receivable.dunning_changed'")
    assert facts == await steps()
    proposals = await owner.fetchval("SELECT count(*) FROM dunning_proposals")
    assert proposals == await owner.fetchval(
        "SELECT count(*) FROM dunning_steps WHERE kind LIKE '%_proposal'"
    )
