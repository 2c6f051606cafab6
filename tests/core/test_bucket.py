"""The storage port in a folder and against an S3 server: the same promises."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from crm_api.core.bucket import bucket_of
from crm_api.core.settings import Settings
from crm_api.core.storage import FolderStorage, Storage, Stored
from crm_api.kit.errors import NotFound, Unavailable

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("default")]  # moto's warnings are its own matter
BIG = os.urandom(12_000_000)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return FolderStorage(tmp_path / "files")
    endpoint = request.getfixturevalue("server")
    httpx.put(f"{endpoint}/crm-documents").raise_for_status()
    return bucket_of(settings(endpoint))


def settings(endpoint: str) -> Settings:
    return Settings(
        s3_bucket="crm-documents",
        s3_endpoint=endpoint,
        s3_access_key_id="local",
        s3_secret_access_key=SecretStr("local-secret"),
    )


async def chunks(data: bytes, size: int = 300_000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def read(storage: Storage, key: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in storage.read(key, start, length)])


async def keys(storage: Storage, prefix: str) -> list[str]:
    return sorted([kept.key async for kept in storage.keys(prefix)])


async def test_what_is_put_is_got_with_its_type_until_it_is_deleted(storage: Storage) -> None:
    for data in (b"\x89PNG", b"", b"\n\n"):
        await storage.put("org/logo/1", data, "image/png")
        assert await storage.get("org/logo/1") == Stored(data, "image/png")
    await storage.delete("org/logo/1")
    await storage.delete("org/logo/1")
    with pytest.raises(NotFound):
        await storage.get("org/logo/1")


async def test_a_large_content_is_written_and_read_in_chunks(storage: Storage) -> None:
    await storage.write("org/documents/a", chunks(BIG))
    assert await read(storage, "org/documents/a") == BIG
    for start, length in ((0, 10), (5_000_000, 300_001), (11_999_999, 1), (11_999_990, None), (100, 0)):
        wanted = BIG[start:] if length is None else BIG[start : start + length]
        assert await read(storage, "org/documents/a", start, length) == wanted
    with pytest.raises(NotFound):
        await read(storage, "org/documents/b")


async def test_a_write_that_breaks_off_keeps_nothing(storage: Storage) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield BIG
        raise OSError("the sender went away")

    with pytest.raises(OSError, match="went away"):
        await storage.write("org/broken/a", broken())
    assert await keys(storage, "org/broken") == []
    with pytest.raises(NotFound):
        await read(storage, "org/broken/a")


async def test_keys_are_listed_below_a_part_only(storage: Storage) -> None:
    for key in ("org/days/1/a", "org/days/1/b", "org/days/10/c", "org/days/2/d"):
        await storage.write(key, chunks(b"x"))
    assert await keys(storage, "org/days/1") == ["org/days/1/a", "org/days/1/b"]
    assert await keys(storage, "org/days/3") == []
    async for kept in storage.keys("org/days/2"):
        assert abs(kept.modified_at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../x", ".hidden", "A", "é", "a\n"])
async def test_a_key_is_one_of_ours(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        await storage.write(key, chunks(b"x"))
    with pytest.raises(ValueError, match="not a storage key"):
        await read(storage, key)
    with pytest.raises(ValueError, match="not a storage key"):
        await keys(storage, key)


async def test_a_store_that_is_away_is_unavailable() -> None:
    storage = bucket_of(settings("http://127.0.0.1:1"))
    with pytest.raises(Unavailable):
        await storage.put("org/a", b"x", "image/png")
    with pytest.raises(Unavailable):
        await storage.write("org/a", chunks(b"x"))
    with pytest.raises(Unavailable):
        await read(storage, "org/a")
