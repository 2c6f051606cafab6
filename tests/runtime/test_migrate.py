import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

from crm_api.core import migrate
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.core.schema import BEFORE

pytestmark = pytest.mark.anyio
WIDEN = '''"""Widen."""
from alembic import op
revision = "widen"
down_revision = {after!r}
def upgrade():
    op.execute("SET LOCAL lock_timeout = '200ms'")
    op.execute("ALTER TABLE busy ADD COLUMN extra text")
def downgrade():
    op.execute("ALTER TABLE busy DROP COLUMN extra")
'''


@pytest.fixture
def revisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of migrations/ without its revisions; the folder new ones go to."""
    shutil.copy(migrate.CHECKOUT / "alembic.ini", tmp_path)
    shutil.copytree(migrate.CHECKOUT / "migrations", tmp_path / "migrations")
    versions = tmp_path / "migrations" / "versions"
    shutil.rmtree(versions)
    versions.mkdir()
    monkeypatch.setattr(migrate, "CHECKOUT", tmp_path)
    return versions


@pytest.fixture
def url(server: EmbeddedPostgres) -> URL:
    return server.start()


@pytest.fixture
async def connection(url: URL) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url.set(drivername="postgresql").render_as_string())
    yield connection
    await connection.close()


async def current(url: URL) -> str | None:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        revision = await migrate.current(connection)
    await engine.dispose()
    return revision


async def test_a_draft_goes_up_leaves_no_difference_and_comes_down(
    revisions: Path, url: URL, connection: asyncpg.Connection
) -> None:
    for statement in BEFORE:  # the first revision's work, written by hand
        await connection.execute(statement)
    path = await migrate.draft(url, "Everything there is")
    assert path.parent == revisions
    assert path.name.endswith("_everything_there_is.py")
    assert path.read_text().count("SET LOCAL lock_timeout = '2s'") == 2
    await migrate.upgrade(url)
    assert await current(url) == migrate.head()
    await connection.execute("CREATE TABLE pgqueuer_log (id bigint)")
    await migrate.check(url)
    await migrate.downgrade(url, "base")
    assert await current(url) is None


async def test_an_upgrade_steps_aside_for_a_long_lock_and_tries_again(
    revisions: Path, url: URL, connection: asyncpg.Connection
) -> None:
    (revisions / "widen.py").write_text(WIDEN.format(after=None))
    await connection.execute("CREATE TABLE busy (id bigint)")
    async with connection.transaction():
        await connection.execute("LOCK TABLE busy IN ACCESS SHARE MODE")
        upgrade = asyncio.create_task(migrate.upgrade(url))
        done, _ = await asyncio.wait([upgrade], timeout=0.8)
        assert not done
        assert await current(url) is None
    await upgrade
    assert await current(url) == "widen"


async def test_two_upgrades_at_once_take_turns(
    revisions: Path, url: URL, connection: asyncpg.Connection
) -> None:
    (revisions / "widen.py").write_text(WIDEN.format(after=None))
    await connection.execute("CREATE TABLE busy (id bigint)")
    await asyncio.gather(*(migrate.upgrade(url) for _ in range(4)))
    assert await current(url) == "widen"
