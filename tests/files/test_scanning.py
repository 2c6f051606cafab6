"""Nothing is given out that the scanner has not found clean; what it says is what happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from chores import done
from crm_api.core.scanner import Clamd, ScannerSilent, Verdict
from crm_api.files.models import DOCUMENT
from files.papers import PDF, RIGHTS, added, content, match, queued

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *RIGHTS, "documents:delete")
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class FakeClamd:
    """Speaks the daemon's protocol; `mood` may be to answer, to break off, or to say something strange."""

    def __init__(self) -> None:
        self.mood, self.seen = "answer", b""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        self.seen = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            self.seen += await reader.readexactly(size)
        said = b"stream: Eicar-Test-Signature FOUND" if EICAR in self.seen else b"stream: OK"
        if self.mood == "complain":
            said = b"INSTREAM size limit exceeded. ERROR"
        if self.mood != "break off":
            writer.write(said + b"\0")
            await writer.drain()
        writer.close()


@pytest.fixture
async def clamd(app: FastAPI) -> AsyncIterator[FakeClamd]:
    """The house with a scanner."""
    fake, tools = FakeClamd(), app.state.tools
    async with fake.listening() as address:
        object.__setattr__(tools, "scanner", Clamd(address))
        yield fake
        object.__setattr__(tools, "scanner", None)


async def shown(client: httpx.AsyncClient, file: dict[str, str]) -> dict[str, str]:
    return dict((await client.get(f"/v1/files/{file['id']}", headers=ADMIN)).json())


async def test_a_clean_file_is_given_out_after_the_scan(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, clamd: FakeClamd
) -> None:
    data = PDF + bytes(300_000)
    file = await added(client, ADMIN, data)
    assert file["scan_status"] == "pending"
    early = await content(client, ADMIN, file)
    assert (early.status_code, early.json()["code"]) == (409, "file_not_clean")
    assert early.json()["scan_status"] == "pending"
    await done(app, owner)
    assert clamd.seen == data
    after = await shown(client, file)
    assert (after["scan_status"], after["scanner"], after["threat"]) == ("clean", "clamd", None)
    assert (await content(client, ADMIN, file)).content == data


async def test_an_infected_file_is_given_to_nobody(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, clamd: FakeClamd
) -> None:
    file = await added(client, ADMIN, PDF + EICAR)
    await done(app, owner)
    after = await shown(client, file)
    assert (after["scan_status"], after["threat"]) == ("infected", "Eicar-Test-Signature")
    for answer in (
        await content(client, ADMIN, file),
        await client.post(f"/v1/files/{file['id']}/signed-link", headers=ADMIN),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "file_not_clean")
    kinds = await owner.fetch("SELECT kind FROM event_log WHERE object_id = $1", UUID(file["id"]))
    assert "document.quarantined" in {row["kind"] for row in kinds}
    assert "document.available" not in {row["kind"] for row in kinds}


@pytest.mark.parametrize("mood", ["break off", "complain"])
async def test_a_scanner_that_gives_no_verdict_is_asked_again(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, clamd: FakeClamd, mood: str
) -> None:
    clamd.mood = mood
    file = await added(client, ADMIN)
    await done(app, owner)
    after = await shown(client, file)
    assert after["scan_status"] == "error"
    assert (await content(client, ADMIN, file)).status_code == 409
    clamd.mood = "answer"
    version = int(after["version"])
    again = await client.post(f"/v1/files/{file['id']}/rescan", headers=ADMIN | match(version))
    assert again.json()["scan_status"] == "pending"
    await done(app, owner)
    assert (await content(client, ADMIN, file)).status_code == 200


async def test_the_schedule_asks_again_by_itself(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, clamd: FakeClamd
) -> None:
    clamd.mood = "break off"
    file = await added(client, ADMIN)
    await done(app, owner)
    clamd.mood = "answer"
    await owner.execute("UPDATE files SET updated_at = now() - interval '1 hour'")
    await queued(owner, OURS, "rescan_files")
    await done(app, owner)
    assert (await shown(client, file))["scan_status"] == "clean"


async def test_a_daemon_that_is_not_there_is_silent() -> None:
    async def nothing() -> AsyncIterator[bytes]:
        yield b"x"

    with pytest.raises(ScannerSilent):
        await Clamd("127.0.0.1:1").scan(nothing())
    with pytest.raises(ScannerSilent):
        await Clamd("/nonexistent/clamd.sock").scan(nothing())


async def test_a_large_file_goes_over_in_pieces() -> None:
    fake = FakeClamd()

    async def chunks() -> AsyncIterator[bytes]:
        yield bytes(1_000_000)
        yield b"end"

    async with fake.listening() as address:
        assert await Clamd(address).scan(chunks()) == Verdict("clamd", None)
    assert fake.seen == bytes(1_000_000) + b"end"


STEPS = {"archived": "archive", "pending": "rescan"}


@pytest.mark.parametrize(("current", "wanted"), list(product(DOCUMENT.states, STEPS)))
async def test_a_step_that_is_not_listed_is_refused(
    client: httpx.AsyncClient, owner: asyncpg.Connection, current: str, wanted: str
) -> None:
    """By the verbs that people have; what the scanner decides is above."""
    file = await added(client, ADMIN)
    await owner.execute("UPDATE files SET scan_status = $2 WHERE id = $1", UUID(file["id"]), current)
    answer = await client.post(f"/v1/files/{file['id']}/{STEPS[wanted]}", headers=ADMIN | match(1))
    if wanted in DOCUMENT.allowed(current):
        assert answer.status_code == 200
        landed = "clean" if wanted == "pending" else wanted  # without a scanner the verdict comes at once
        assert answer.json()["scan_status"] == landed
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
        assert set(answer.json()["allowed"]) == set(DOCUMENT.allowed(current))
    closed = await content(client, ADMIN, file)
    ends_clean = (answer.is_success and wanted == "pending") or (not answer.is_success and current == "clean")
    assert (closed.status_code == 200) == ends_clean
