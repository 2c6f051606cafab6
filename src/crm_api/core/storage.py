"""The storage port: what is kept outside the database, in a folder here, or in a bucket (`core.bucket`).

Small things (a logo) are put and got whole, with their media type; documents are written and read in chunks,
never whole in memory.
"""

import os
import re
from collections.abc import AsyncIterable, AsyncIterator, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Protocol

import filetype
from anyio import to_thread

from crm_api.core.svg import is_harmless_svg
from crm_api.kit.errors import NotFound

KEY = re.compile(r"(?:[a-z0-9_-][a-z0-9_.-]{0,99}/){0,8}[a-z0-9_-][a-z0-9_.-]{0,99}")
"""No part begins with a dot, so neither `..` nor our drafts can be named."""
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,100}")
SVG = "image/svg+xml"
LOGOS = frozenset({"image/png", "image/jpeg", SVG})
CHUNK = 256 * 1024
"""Bytes that are read at a time."""


@dataclass(frozen=True, slots=True)
class Stored:
    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A key that is there, and since when."""

    key: str
    modified_at: datetime


class Storage(Protocol):
    """Keys are ours, never a name that somebody typed: `<organization id>/logo/<file id>`."""

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        """As a whole or not at all; replaces what was there."""

    async def get(self, key: str) -> Stored:
        """Raises NotFound."""

    async def delete(self, key: str) -> None:
        """What is not there is deleted already."""

    async def write(self, key: str, chunks: AsyncIterable[bytes]) -> None:
        """As a whole or not at all: when `chunks` raises, nothing is kept."""

    def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """What `write` wrote, from byte `start` on. Raises NotFound before the first chunk."""

    def keys(self, prefix: str) -> AsyncIterator[Kept]:
        """All keys below `prefix`, whole parts of keys."""


class FolderStorage:
    """Each file holds its media type in the first line, then the bytes: so both are written at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        if not MEDIA_TYPE.fullmatch(media_type):
            raise ValueError(f"not a media type: {media_type!r}")
        await to_thread.run_sync(_replace, self._path(key), media_type.encode() + b"\n" + data)

    async def get(self, key: str) -> Stored:
        try:
            content = await to_thread.run_sync(self._path(key).read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise NotFound from error
        media_type, _, data = content.partition(b"\n")
        return Stored(data, media_type.decode())

    async def delete(self, key: str) -> None:
        await to_thread.run_sync(_remove, self._path(key))

    async def write(self, key: str, chunks: AsyncIterable[bytes]) -> None:
        draft = await to_thread.run_sync(_Draft, self._path(key))
        try:
            async for chunk in chunks:
                await to_thread.run_sync(draft.file.write, chunk)
            await to_thread.run_sync(draft.keep)
        except BaseException:
            draft.drop()
            raise

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        try:
            file = await to_thread.run_sync(open, self._path(key), "rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise NotFound from error
        with file:
            file.seek(start)
            while length is None or length > 0:
                chunk = await to_thread.run_sync(file.read, CHUNK if length is None else min(CHUNK, length))
                if not chunk:
                    return
                length = None if length is None else length - len(chunk)
                yield chunk

    async def keys(self, prefix: str) -> AsyncIterator[Kept]:
        for kept in await to_thread.run_sync(self._below, self._path(prefix)):
            yield kept

    def _below(self, folder: Path) -> list[Kept]:
        """Without the drafts of those who write just now."""
        found = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
        return [
            Kept(
                path.relative_to(self._folder).as_posix(),
                datetime.fromtimestamp(path.stat().st_mtime, UTC),
            )
            for path in found
        ]

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError(f"not a storage key: {key!r}")
        return self._folder / key


def sniff(data: bytes, allowed: Set[str]) -> str | None:
    """The media type that the bytes themselves show; None when it is unknown or not allowed.

    What the client calls the file is never asked. HTML is always refused, and an SVG that is more than a
    drawing (see core.svg).
    """
    found: str | None = filetype.guess_mime(data)
    if found is None and SVG in allowed and is_harmless_svg(data):
        found = SVG
    return found if found in allowed else None


class _Draft:
    """A file that takes the place of `path` once it is whole and on the disk."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path, self._name = path, path.with_name(f".{token_hex(8)}")
        self.file = open(os.open(self._name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")  # noqa: SIM115

    def keep(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        self._name.replace(self._path)

    def drop(self) -> None:
        self.file.close()
        self._name.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    draft = _Draft(path)
    try:
        draft.file.write(content)
        draft.keep()
    except BaseException:
        draft.drop()
        raise


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
