"""Contents of any length, sealed in pieces: written and read as a stream, and from any byte on.

Each content has a key of its own, used once, so the number of a piece may be its nonce. A piece is
AES-256-GCM of 64 KiB; what it authenticates besides says whether it is the last one, so pieces cannot be
swapped, and a content that was cut short does not open.
"""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_api.core.vault import SealBroken

PIECE, TAG = 64 * 1024, 16
"""Bytes in clear, and what the seal adds."""


class Source(Protocol):
    def __call__(self, start: int, length: int, /) -> AsyncIterator[bytes]:
        """Sealed bytes."""


def sealed_size(size: int) -> int:
    return size + TAG * _pieces(size)


async def sealed(key: bytes, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """`key`: 32 bytes, made for this content alone."""
    box, number, rest = AESGCM(key), 0, b""
    async for chunk in chunks:
        rest += chunk
        at = 0
        done = bytearray()
        while len(rest) - at > PIECE:  # one byte more: so this is not the last piece
            done += _seal(box, number, rest[at : at + PIECE], last=False)
            number, at = number + 1, at + PIECE
        rest = rest[at:]
        if done:
            yield bytes(done)
    yield _seal(box, number, rest, last=True)


async def opened(
    key: bytes, source: Source, size: int, start: int = 0, length: int | None = None
) -> AsyncIterator[bytes]:
    """Bytes `start` to `start + length` of a content of `size` bytes in clear. Raises SealBroken."""
    end = size if length is None else min(size, start + length)
    if start >= end and (size or start):
        return
    first, last = start // PIECE, max(end - 1, 0) // PIECE
    box, number, rest = AESGCM(key), first, b""
    final = _pieces(size) - 1
    begin, stop = _begin(first), min(_begin(last + 1), sealed_size(size))
    async for chunk in source(begin, stop - begin):
        rest += chunk
        while len(rest) >= PIECE + TAG or (
            number == final and len(rest) == sealed_size(size) - _begin(final)
        ):
            piece, rest = rest[: PIECE + TAG], rest[PIECE + TAG :]
            clear = _open(box, number, piece, last=number == final)
            at = number * PIECE
            yield clear[max(start - at, 0) : end - at]
            number += 1
            if number > last:
                return
    raise SealBroken("cut short")


def _pieces(size: int) -> int:
    return max(1, -(-size // PIECE))


def _begin(number: int) -> int:
    return number * (PIECE + TAG)


def _seal(box: AESGCM, number: int, clear: bytes, *, last: bool) -> bytes:
    return box.encrypt(number.to_bytes(12, "big"), clear, b"last" if last else b"more")


def _open(box: AESGCM, number: int, piece: bytes, *, last: bool) -> bytes:
    try:
        return box.decrypt(number.to_bytes(12, "big"), piece, b"last" if last else b"more")
    except InvalidTag as error:
        raise SealBroken("altered, or a piece of something else") from error
