"""A worker that is killed in the middle of an import: another one goes on, and no row comes twice."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from company import Company
from crm_api.core.settings import Settings
from imports.files import brought, commit, csv, preview

pytestmark = [pytest.mark.anyio, pytest.mark.fault]
ROWS = 6_000


def _hired(settings: Settings, owner_url: URL) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "CRM_ENV": "test",
        "CRM_DATA_DIR": str(settings.data_dir),
        "CRM_DATABASE_URL": owner_url.render_as_string(hide_password=False),
    }
    script = Path(__file__).with_name("porter.py")
    return subprocess.Popen([sys.executable, str(script)], env=environment)  # noqa: S603


async def test_a_killed_import_goes_on_from_its_bookmark_and_no_row_comes_twice(
    app: FastAPI,
    client: httpx.AsyncClient,
    owner: asyncpg.Connection,
    owner_url: URL,
    settings: Settings,
    company: Company,
) -> None:
    who = company.admin.headers
    rows = [f"Personne Numero{n};05{n:08d};R-{n}" for n in range(ROWS)]
    of = await brought(client, who, csv("Nom complet;Tél;Référence", *rows))
    await preview(client, who, of)
    assert (await commit(client, who, of)).status_code == 202

    async def parts() -> int:
        return int(await owner.fetchval("SELECT parts_done FROM imports"))

    async def running() -> bool:
        return await owner.fetchval("SELECT status FROM imports") == "running"

    async with asyncio.timeout(170):
        first = _hired(settings, owner_url)
        while await parts() < 2:  # noqa: ASYNC110 - it lives in another process
            await asyncio.sleep(0.02)
        first.kill()
        first.wait()
        done = await parts()
        assert 2 <= done < 6
        assert await owner.fetchval("SELECT count(*) FROM leads") == done * 1_000
        second = _hired(settings, owner_url)
        try:
            while await running():  # noqa: ASYNC110 - it lives in another process
                await asyncio.sleep(0.1)
        finally:
            second.kill()
            second.wait()
    after = (await client.get(f"/v1/imports/{of['id']}", headers=who)).json()
    assert (after["status"], after["counts"]["created"]) == ("completed", ROWS)
    assert await owner.fetchval("SELECT count(DISTINCT phone) FROM leads") == ROWS
    lines = "SELECT count(*) FROM audit_log WHERE action = 'lead.created'"
    assert await owner.fetchval(lines) == ROWS
    assert await owner.fetchval(lines.replace("audit_log", "event_log").replace("action", "kind")) == ROWS
