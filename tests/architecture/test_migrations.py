"""The migrations build what the models say: tables, policies, grants, functions and triggers alike."""

import os
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine

from crm_api.core import migrate
from crm_api.core.db import Base
from crm_api.core.postgres_programs import Programs

pytestmark = pytest.mark.anyio


@pytest.fixture
async def empty_urls(server_url: URL, worker_id: str) -> AsyncIterator[list[URL]]:
    """Two databases with nothing in them."""
    names = [f"crm_{kind}_{worker_id}_{os.getpid()}" for kind in ("migrated", "modelled")]
    admin = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        locale = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
        for name in names:
            await connection.execute(text(f"CREATE DATABASE {name} {locale}"))
        yield [server_url.set(database=name) for name in names]
        for name in names:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.dispose()


async def create_from_models(url: URL) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


def schema_of(url: URL) -> set[tuple[str, ...]]:
    """Statements of a dump. Lines are sorted in each: a column added later stands last in its table.

    Options of columns are left out: we set none, and a server may stamp its own there.
    """
    dump = Programs.for_data(Path("/nonexistent")).folder / "pg_dump"
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = ("--schema-only", "--exclude-table=alembic_version", "--restrict-key=same")
    output = subprocess.run(  # noqa: S603 - our own words
        [dump, *options, address], capture_output=True, text=True, check=True
    ).stdout
    statements = re.sub(r"(?m)^--.*\n|^ALTER TABLE .* ALTER COLUMN \S+ SET \(.*\n", "", output).split(";\n")
    return {
        tuple(sorted(line.strip().rstrip(",") for line in each.split("\n") if line)) for each in statements
    }


async def test_migrations_and_models_make_the_same_schema(empty_urls: list[URL]) -> None:
    for_migrations, for_models = empty_urls
    await migrate.upgrade(for_migrations)  # first: it imports every model
    await create_from_models(for_models)
    migrated, modelled = schema_of(for_migrations), schema_of(for_models)
    assert migrated - modelled == set(), "only the migrations have it"
    assert modelled - migrated == set(), "only the models have it"
    await migrate.check(for_migrations)


async def test_every_migration_can_be_taken_back_and_made_again(empty_urls: list[URL]) -> None:
    empty_url = empty_urls[0]
    nothing = schema_of(empty_url)
    await migrate.upgrade(empty_url)
    something = schema_of(empty_url)
    assert something != nothing
    await migrate.downgrade(empty_url, "base")
    assert schema_of(empty_url) == nothing
    await migrate.upgrade(empty_url)
    assert schema_of(empty_url) == something
