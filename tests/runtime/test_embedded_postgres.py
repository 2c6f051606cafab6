import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import asyncpg
import psutil
import pytest
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine

from crm_api.core.embedded_postgres import EmbeddedPostgres, PostgresDidNotStart

pytestmark = pytest.mark.anyio
GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg says when the end of the connection overtakes an answer
)


async def connect(url: URL) -> asyncpg.Connection:
    return await asyncpg.connect(url.set(drivername="postgresql").render_as_string())


async def ask(url: URL, question: str) -> object:
    connection = await connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def postmaster_of(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


@contextmanager
def process_with_its_own_server(folder: Path) -> Iterator[subprocess.Popen[str]]:
    code = """if True:
        import sys, signal, pathlib
        from crm_api.core.embedded_postgres import EmbeddedPostgres
        server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
        server.start()
        print("started", flush=True)
        signal.pause()"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(  # noqa: S603 - our own words
        command, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            assert process.stdout.readline() == "started\n"
            yield process
        finally:
            process.kill()


async def write_until(stop: asyncio.Event, url: URL, acknowledged: list[int]) -> None:
    """Insert 1, 2, 3 ... and note what PostgreSQL said it kept; connect again whenever it is gone."""
    number = 0
    while not stop.is_set():
        with suppress(*GONE):
            connection = await connect(url)
            while not stop.is_set():
                number += 1
                await connection.execute("INSERT INTO notes VALUES ($1)", number)
                acknowledged.append(number)
            await connection.close()
        await asyncio.sleep(0.05)


async def test_nothing_acknowledged_is_lost_when_the_postmaster_is_killed(server: EmbeddedPostgres) -> None:
    url = server.start(keep_alive=True)
    await ask(url, "CREATE TABLE notes (number bigint)")
    acknowledged: list[int] = []
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write_until(stop, url, acknowledged))
        for _ in range(3):
            written = len(acknowledged)
            deadline = monotonic() + 15
            while len(acknowledged) < written + 50:
                assert monotonic() < deadline, "the service did not come back"
                await asyncio.sleep(0.02)
            os.kill(postmaster_of(server), signal.SIGKILL)
        stop.set()
    deadline = monotonic() + 15
    while not server.is_alive():
        assert monotonic() < deadline
        await asyncio.sleep(0.02)
    connection = await connect(url)
    kept = {row["number"] for row in await connection.fetch("SELECT number FROM notes")}
    await connection.close()
    assert len(acknowledged) >= 150
    assert set(acknowledged) <= kept


async def test_data_and_url_are_the_same_after_a_restart(server: EmbeddedPostgres) -> None:
    url = server.start()
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert not server.is_alive()
    assert server.start() == url
    assert server.restart() == url
    assert await ask(url, "SELECT answer FROM kept") == 42


async def test_sqlalchemy_takes_the_url_as_it_is(server: EmbeddedPostgres) -> None:
    engine = create_async_engine(server.start())
    async with engine.connect() as connection:
        assert (await connection.scalar(text("SELECT current_user"))) == "postgres"
    await engine.dispose()


async def test_what_is_written_is_durable_and_no_network_is_listened_on(server: EmbeddedPostgres) -> None:
    url = server.start()
    expected = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": ""}
    for name, value in expected.items():
        assert await ask(url, f"SHOW {name}") == value, name


async def test_case_is_folded_beyond_ascii(server: EmbeddedPostgres) -> None:
    assert await ask(server.start(), "SELECT lower('ÉÀÇ')") == "éàç"


async def test_a_second_start_attaches_and_its_stop_leaves_the_server_alone(server: EmbeddedPostgres) -> None:
    url = server.start()
    postmaster = postmaster_of(server)
    guest = EmbeddedPostgres(server.folder)
    assert guest.start() == url
    guest.stop()
    assert server.is_alive()
    assert postmaster_of(server) == postmaster


async def test_a_server_ends_with_its_owner_even_a_killed_one(server: EmbeddedPostgres) -> None:
    with process_with_its_own_server(server.folder) as owner:
        owner.kill()
    deadline = monotonic() + 10
    while server.is_alive():
        assert monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_a_start_right_after_the_owner_was_killed_gets_a_lasting_server(
    server: EmbeddedPostgres,
) -> None:
    with process_with_its_own_server(server.folder) as owner:
        owner.kill()
    url = server.start()
    await asyncio.sleep(0.5)
    assert await ask(url, "SELECT 1") == 1


async def test_a_guest_takes_over_when_the_owner_is_killed(server: EmbeddedPostgres) -> None:
    with process_with_its_own_server(server.folder) as owner:
        url = server.start(keep_alive=True)
        before = postmaster_of(server)
        owner.kill()
    deadline = monotonic() + 10
    while not server.is_alive() or postmaster_of(server) == before:
        assert monotonic() < deadline
        await asyncio.sleep(0.02)
    assert await ask(url, "SELECT 1") == 1


async def test_owner_and_postmaster_killed_together(server: EmbeddedPostgres) -> None:
    """Where PID 1 does not reap, the postmaster stays a zombie from here on."""
    with process_with_its_own_server(server.folder) as owner:
        await ask(server.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
        postmaster = postmaster_of(server)
        os.kill(owner.pid, signal.SIGSTOP)  # it reaps nothing any more
        os.kill(postmaster, signal.SIGKILL)
        owner.kill()
        owner.wait()
    assert await ask(server.start(), "SELECT answer FROM kept") == 42


@contextmanager
def taken_pid(holder: str) -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as process:
        try:
            if holder == "zombie":
                process.kill()
                while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
                    sleep(0.01)
            yield process.pid
        finally:
            process.kill()


@pytest.mark.parametrize("holder", ["zombie", "stranger"])
async def test_files_of_a_dead_server_are_cleared_though_their_pid_is_taken(
    server: EmbeddedPostgres, holder: str
) -> None:
    url = server.start()
    socket_lock = Path(str(url.query["host"])) / ".s.PGSQL.5432.lock"
    remains = {path: path.read_text() for path in (server.data / "postmaster.pid", socket_lock)}
    server.stop()
    with taken_pid(holder) as pid:
        socket_lock.parent.mkdir()
        for path, content in remains.items():
            path.write_text(str(pid) + content[content.index("\n") :])
        server.start()
        assert postmaster_of(server) != pid
        assert psutil.pid_exists(pid)
    assert await ask(url, "SELECT 1") == 1


async def test_a_data_folder_may_have_a_path_longer_than_any_socket(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long" * 40) / "postgres")
    try:
        assert await ask(server.start(), "SELECT 1") == 1
    finally:
        server.stop()


async def test_an_interrupted_creation_is_begun_again(server: EmbeddedPostgres) -> None:
    half = server.folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert await ask(server.start(), "SELECT 1") == 1
    assert not half.exists()


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", {"shared_buffers": "a lot"})
    with pytest.raises(PostgresDidNotStart, match="invalid value for parameter"):
        server.start()
    server.stop()


async def test_data_of_another_major_version_is_refused(server: EmbeddedPostgres) -> None:
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(PostgresDidNotStart, match="PostgreSQL 15"):
        server.start()
