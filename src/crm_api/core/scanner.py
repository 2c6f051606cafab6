"""The port to a virus scanner. Without one, files are believed clean, and their `scanner` is "none"."""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Protocol

LONGEST = 120.0
"""Seconds a scan may take."""
LARGEST_CHUNK = 256 * 1024


class ScannerSilent(Exception):
    """No verdict: the scanner cannot be reached, or gave up. To be asked again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    scanner: str
    threat: str | None
    """What was found; None in a clean file."""


class Scanner(Protocol):
    async def scan(self, chunks: AsyncIterable[bytes]) -> Verdict:
        """Raises ScannerSilent."""


class Clamd:
    """ClamAV's daemon, by its INSTREAM command: the bytes go over the wire, no file is shared."""

    def __init__(self, address: str) -> None:
        """`host:port`, or the path of a socket."""
        self._address = address

    async def scan(self, chunks: AsyncIterable[bytes]) -> Verdict:
        try:
            async with asyncio.timeout(LONGEST):
                answer = await self._asked(chunks)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise ScannerSilent(type(error).__name__) from error
        said = answer.decode("utf-8", "replace").rstrip("\0").removeprefix("stream: ")
        if said == "OK":
            return Verdict("clamd", None)
        if said.endswith(" FOUND"):
            return Verdict("clamd", said.removesuffix(" FOUND")[:200])
        raise ScannerSilent(said[:200])

    async def _asked(self, chunks: AsyncIterable[bytes]) -> bytes:
        reader, writer = await self._connected()
        try:
            writer.write(b"zINSTREAM\0")
            async for chunk in chunks:
                for at in range(0, len(chunk), LARGEST_CHUNK):
                    part = chunk[at : at + LARGEST_CHUNK]
                    writer.write(len(part).to_bytes(4, "big") + part)
                    await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return await reader.readuntil(b"\0")
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._address.startswith("/"):
            return await asyncio.open_unix_connection(self._address)
        host, _, port = self._address.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port))
