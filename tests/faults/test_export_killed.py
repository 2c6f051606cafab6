"""A worker that is killed in the middle of an export: another one begins anew; no half file is published."""

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

from company import open_company
from exports.shop import asked, table

pytestmark = [pytest.mark.anyio, pytest.mark.fault]


def _hired(folder: Path, owner_url: URL) -> subprocess.Popen[bytes]:
    address = owner_url.render_as_string(hide_password=False)
    environment = os.environ | {"CRM_ENV": "test", "CRM_DATA_DIR": str(folder), "CRM_DATABASE_URL": address}
    script = Path(__file__).with_name("exporter.py")
    return subprocess.Popen([sys.executable, str(script)], env=environment)  # noqa: S603


async def test_a_killed_export_is_made_anew_and_published_once(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, owner_url: URL
) -> None:
    ours = await open_company(app, client)
    folder: Path = app.state.tools.settings.data_dir  # the API and the workers share files and keys
    begun = folder / "begun"
    begun.unlink(missing_ok=True)
    who = ours.admin.headers
    for name in ("Karim BOUCHAREB", "Lina HADDAD"):
        body = {"full_name": name, "phone": "0550123456", "source": "phone"}
        assert (await client.post("/v1/leads", json=body, headers=who)).status_code == 201
    job = (await asked(client, who, "leads", fields=["full_name"], sort=["created_at"])).headers["location"]

    async def now() -> dict[str, object]:
        return dict((await client.get(job, headers=who)).json())

    async with asyncio.timeout(60):
        first = _hired(folder, owner_url)
        while not begun.exists():  # noqa: ASYNC110 - it lives in another process
            await asyncio.sleep(0.05)
        first.kill()
        first.wait()
        assert (await now())["status"] == "running"
        assert await owner.fetchval("SELECT count(*) FROM files") == 0
        listed = await client.get("/v1/files", headers=who)
        assert listed.json()["data"] == []
        second = _hired(folder, owner_url)
        try:
            while (await now())["status"] == "running":  # noqa: ASYNC110 - it lives in another process
                await asyncio.sleep(0.1)
        finally:
            second.kill()
            second.wait()
    after = await now()
    assert after["status"] == "succeeded", after
    assert await owner.fetchval("SELECT count(*) FROM files") == 1
    given = await client.get(after["result"]["href"], headers=who)  # type: ignore[index]
    assert [row["full_name"] for row in table(given.content)] == ["Karim BOUCHAREB", "Lina HADDAD"]
