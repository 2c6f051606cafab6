"""The storage port for small files: an organization's logo now, documents later."""

import os
import re
from collections.abc import Set
from dataclasses import dataclass
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
DOCUMENTS = frozenset({"application/pdf", "image/png", "image/jpeg"})


@dataclass(frozen=True, slots=True)
class Stored:
    data: bytes
    media_type: str


class Storage(Protocol):
    """Keys are ours, never a name that somebody typed: `<organization id>/logo/<file id>`."""

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        """As a whole or not at all; replaces what was there."""

    async def get(self, key: str) -> Stored:
        """Raises NotFound."""

    async def delete(self, key: str) -> None:
        """What is not there is deleted already."""


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


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{token_hex(8)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
