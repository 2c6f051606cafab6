"""A worker that is killed in the middle of a job: another one does it, and its effect happens once."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from crm_api.core.context import Context
from crm_api.core.jobs import enqueue
from crm_api.core.principal import system
from faults.labourer import JOB

pytestmark = [pytest.mark.anyio, pytest.mark.fault]


def _hired(folder: Path, owner_url: URL) -> subprocess.Popen[bytes]:
    address = owner_url.render_as_string(hide_password=False)
    environment = os.environ | {"CRM_ENV": "test", "CRM_DATA_DIR": str(folder), "CRM_DATABASE_URL": address}
    script = Path(__file__).with_name("labourer.py")
    return subprocess.Popen([sys.executable, str(script)], env=environment)  # noqa: S603


async def test_a_job_whose_worker_is_killed_takes_effect_once(
    app: FastAPI, owner: asyncpg.Connection, owner_url: URL, tmp_path: Path
) -> None:
    mark = uuid4()
    ctx = Context(system(uuid4()), app.state.database, app.state.tools)
    await enqueue(ctx, JOB, {"mark": str(mark)})
    await ctx.commit()
    await ctx.close()

    async def effects() -> int:
        found = await owner.fetchval(
            "SELECT count(*) FROM audit_log WHERE action = 'fault.worked' AND object_id = $1", mark
        )
        return int(found)

    async def waiting() -> bool:
        return bool(await owner.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", JOB))

    async with asyncio.timeout(40):
        first = _hired(tmp_path, owner_url)
        while not (tmp_path / "begun").exists():  # noqa: ASYNC110 - it lives in another process
            await asyncio.sleep(0.05)
        first.kill()
        first.wait()
        assert await effects() == 0
        second = _hired(tmp_path, owner_url)
        try:
            while await waiting():  # noqa: ASYNC110 - it lives in another process
                await asyncio.sleep(0.1)
        finally:
            second.kill()
            second.wait()
    assert await effects() == 1
