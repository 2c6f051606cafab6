"""Every test runs the real application on a real PostgreSQL, as the restricted role."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

import actors
from crm_api.core import migrate
from crm_api.core.db import Base
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.core.identity import Identity
from crm_api.core.pool import LIMITS
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import make_tools
from crm_api.main import create_app
from crm_api.registry import LISTENERS, OBJECTS
from snapshot import QUEUE, Snapshot

UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
"""For data that nobody will miss; the tests of faults run a server of their own, with the real settings.

A test that fills a table analyses it itself: an analysis in the middle of the filling believes it empty,
and every foreign key is then checked by reading all of it.
"""
EMPTY = """DO $$ DECLARE name text; filled boolean; BEGIN
    FOREACH name IN ARRAY string_to_array('{tables}', ',') LOOP
        IF pg_relation_size(name::regclass) > 1000000 THEN EXECUTE format('TRUNCATE %I CASCADE', name);
        ELSE
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
            IF filled THEN EXECUTE format('DELETE FROM %I', name); END IF;
        END IF;
    END LOOP;
END $$"""
"""Most tests fill few tables, and little: deleting their rows costs a tenth of truncating everything."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A superuser's address: CRM_TEST_DATABASE_URL, else an embedded server of this worker's own."""
    if given := os.environ.get("CRM_TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+asyncpg")
        return
    server = EmbeddedPostgres(tmp_path_factory.mktemp("pg"), UNSAFE)
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
async def owner_url(server_url: URL, worker_id: str) -> AsyncIterator[URL]:
    """A database of this worker's own, made by the migrations."""
    name = f"crm_test_{worker_id}_{os.getpid()}"
    admin = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        locale = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
        await connection.execute(text(f"CREATE DATABASE {name} {locale}"))
        await connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    url = server_url.set(database=name)
    await migrate.upgrade(url)
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


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """A server with real settings that other tests fill may hold a commit back for seconds (a checkpoint).

    What a request does when its limits are met is tested where they are set (tests/core, tests/faults).
    """
    LIMITS["statement_timeout"] = "30000"


@pytest.fixture(scope="session")
async def house(settings: Settings, owner_url: URL) -> AsyncIterator[FastAPI]:
    """The application, open for the whole session of this worker."""
    tools = make_tools(settings, Identity(actors.lookup), LISTENERS, OBJECTS)
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


@pytest.fixture(scope="session")
async def _snapshot(_owner: asyncpg.Connection) -> Snapshot:
    return Snapshot(_owner)


@pytest.fixture
async def app(house: FastAPI, _owner: asyncpg.Connection, _snapshot: Snapshot) -> FastAPI:
    """The application on empty tables."""
    tables = ",".join([table.name for table in Base.metadata.sorted_tables] + QUEUE)
    async with _owner.transaction():
        await _owner.execute("SET LOCAL session_replication_role = replica")  # append-only tables too
        await _owner.execute(EMPTY.format(tables=tables))
    house.state.tools.identity.forget()
    house.state.tools.memory.clear()
    house.state.tools.numbers.clear()
    house.state.tools.vaults.clear()
    house.state.snapshot = _snapshot
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
