"""The contents of documents: taken in and given out in chunks, sealed under a key of their own."""

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from secrets import token_hex
from typing import Any, BinaryIO
from uuid import UUID

from anyio import to_thread

from crm_api.core.ciphered import opened, sealed
from crm_api.core.context import Context
from crm_api.core.ranges import Span
from crm_api.core.sealing import vault_of
from crm_api.core.storage import CHUNK
from crm_api.core.vault import OrganizationVault
from crm_api.files.errors import FileEmpty, FileTooLarge
from crm_api.files.models import File
from crm_api.kit.clock import today

TABLE = File.__tablename__


@dataclass(frozen=True, slots=True)
class Taken:
    """A content that is in the storage now, for a row that is still to be written."""

    file_id: UUID
    media_type: str
    vouched: bool
    """Made by ourselves: neither sniffed nor scanned."""
    storage_key: str
    content_key: bytes
    size: int
    sha256: str


class Contents:
    def __init__(self, ctx: Context) -> None:
        self.ctx, self.storage = ctx, ctx.tools.storage

    async def take(
        self, file_id: UUID, content: AsyncIterable[bytes], most: int, media_type: str, *, vouched: bool
    ) -> Taken:
        """Raises FileEmpty, FileTooLarge: then nothing is kept.

        Written before the row: should the row fail, the nightly sweep finds the content.
        """
        vault = await self._vault()
        key, digest = os.urandom(32), hashlib.sha256()
        place = f"{folder(self.ctx.organization_id, today().isoformat())}/{token_hex(16)}"
        size = 0

        async def chunks() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in content:
                size += len(chunk)
                if size > most:
                    raise FileTooLarge(limit=most)
                digest.update(chunk)
                yield chunk
            if not size:
                raise FileEmpty

        await self.storage.write(place, sealed(key, chunks()))
        closed = vault.seal({"key": b64encode(key).decode()}, table=TABLE, row_id=file_id)
        return Taken(file_id, media_type, vouched, place, closed, size, digest.hexdigest())

    async def _vault(self) -> OrganizationVault:
        """Looked for in a transaction apart: none may wait, idle, while a content is on its way."""
        if not self.ctx.begun:
            apart = self.ctx.apart()
            await vault_of(apart)
            await apart.close()
        return await vault_of(self.ctx)

    async def give(self, found: Mapping[str, Any], span: Span | None = None) -> AsyncIterator[bytes]:
        """The content of a row (`FileRepository.content`), or a part of it; its key is opened at once."""
        vault = await vault_of(self.ctx)
        fields = vault.open(found["content_key"], table=TABLE, row_id=found["id"])
        source = partial(self.storage.read, found["storage_key"])
        start, length = span or (0, None)
        return opened(b64decode(fields["key"]), source, found["size"], start, length)


async def chunks_of(file: BinaryIO) -> AsyncIterator[bytes]:
    """From its beginning."""
    file.seek(0)
    while chunk := await to_thread.run_sync(file.read, CHUNK):
        yield chunk


def folder(organization_id: UUID, day: str) -> str:
    """Where the contents of a day are: the sweep looks into the last ones only."""
    return f"{organization_id}/documents/{day}"
