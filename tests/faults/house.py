"""A house of its own to break: an embedded PostgreSQL, and the API as uvicorn serves it in production."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import asyncpg
import httpx
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

import actors
from actors import Headers
from company import open_company
from crm_api.core.db import Base
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.core.identity import Identity
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import make_tools
from crm_api.main import create_app
from crm_api.registry import LISTENERS, OBJECTS

SOURCE = Path(__file__).parents[2] / "src"
SCOPES = ["agencies:read", "agencies:write", "leads:read", "leads:write", "leads:delete"]


@dataclass
class House:
    """What the tests hold in their hands."""

    folder: Path
    postgres: EmbeddedPostgres
    owner_url: URL
    port: int
    key: Headers = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """The API as in production: its own process, settings from the environment."""
        environment = os.environ | {
            "CRM_ENV": "test",
            "CRM_DATABASE_URL": self.owner_url.render_as_string(hide_password=False),
            "CRM_DATA_DIR": str(self.folder),
            "CRM_EMBED_WORKER": "false",
            "CRM_REQUESTS_PER_MINUTE": "1000000",
            "CRM_LOG_LEVEL": "error",
            "PYTHONPATH": os.pathsep.join([str(SOURCE), os.environ.get("PYTHONPATH", "")]),
        }
        command = [sys.executable, "-m", "uvicorn", "--factory", "crm_api.main:from_environment"]
        options = ["--port", str(self.port), "--log-level", "warning", "--no-access-log"]
        self.process = subprocess.Popen([*command, *options], env=environment)  # noqa: ASYNC220, S603
        await self.until_alive()

    async def until_alive(self, patience: float = 120) -> None:
        deadline = monotonic() + patience
        async with httpx.AsyncClient(base_url=self.base_url) as client:
            while True:
                try:
                    if (await client.get("/livez")).status_code == 200:
                        return
                except httpx.TransportError:
                    assert monotonic() < deadline, "the API does not answer"
                await asyncio.sleep(0.05)

    def kill_api(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def kill_postgres(self) -> None:
        pid = int((self.postgres.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)

    def client(self) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=100)
        return httpx.AsyncClient(base_url=self.base_url, headers=self.key, timeout=15, limits=limits)

    async def owner(self) -> asyncpg.Connection:
        url = self.owner_url.set(drivername="postgresql")
        return await asyncpg.connect(url.render_as_string(hide_password=False))


@asynccontextmanager
async def open_house(folder: Path) -> AsyncIterator[House]:
    """One organization in it, and a key that may write there."""
    postgres = EmbeddedPostgres(folder / "postgres")
    owner_url = await asyncio.to_thread(postgres.start, keep_alive=True)
    house = House(folder, postgres, owner_url, _free_port())
    try:
        house.key = await _furnish(house)
        await house.start()
        yield house
    finally:
        if house.process is not None:
            house.kill_api()
        await asyncio.to_thread(postgres.stop)


async def _furnish(house: House) -> Headers:
    engine = create_async_engine(house.owner_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    address = house.owner_url.render_as_string(hide_password=False)
    settings = Settings(env="test", data_dir=house.folder, database_url=address, embed_worker=False)
    tools = make_tools(settings, Identity(actors.lookup), LISTENERS, OBJECTS)
    app = create_app(app_url(settings, house.owner_url), tools)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        company = await open_company(app, client)
        body = {"name": "Faults", "scopes": SCOPES}
        made = await client.post("/v1/api-clients", json=body, headers=company.admin.headers)
        assert made.status_code == 201, made.text
        return {"X-API-Key": made.json()["api_key"]}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
