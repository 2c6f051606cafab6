"""A content sealed in pieces opens only as a whole, in its order, from any byte on."""

import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_api.core.ciphered import PIECE, TAG, opened, sealed, sealed_size
from crm_api.core.vault import SealBroken

pytestmark = pytest.mark.anyio
KEY = bytes(32)
SIZES = st.one_of(
    st.integers(0, 200), st.integers(PIECE - 2, PIECE + 2), st.integers(2 * PIECE - 2, 2 * PIECE + 2)
)
PATTERN = os.urandom(4 * PIECE)


async def cut(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def closed(data: bytes, size: int = 50_000) -> bytes:
    return b"".join([piece async for piece in sealed(KEY, cut(data, size))])


async def clear(box: bytes, size: int, start: int = 0, length: int | None = None, key: bytes = KEY) -> bytes:
    def source(begin: int, count: int) -> AsyncIterator[bytes]:
        return cut(box[begin : begin + count], 40_000)

    return b"".join([piece async for piece in opened(key, source, size, start, length)])


@settings(max_examples=60, deadline=None)
@given(
    size=SIZES,
    chunk=st.integers(20_000, 200_000),
    start=st.integers(0, 3 * PIECE),
    length=st.integers(0, 3 * PIECE),
)
async def test_any_part_of_any_content_opens(size: int, chunk: int, start: int, length: int) -> None:
    data = PATTERN[:size]
    box = await closed(data, chunk)
    assert len(box) == sealed_size(size)
    assert await clear(box, size) == data
    assert await clear(box, size, start, length) == data[start : start + length]


async def test_a_changed_swapped_or_shortened_content_does_not_open() -> None:
    data = PATTERN[: 2 * PIECE + 100]
    box, step = await closed(data), PIECE + TAG
    for broken in (
        bytes([box[0] ^ 1]) + box[1:],
        box[step : 2 * step] + box[:step] + box[2 * step :],
        box[:step] + box[2 * step :],
        box[:-1],
        box[: 2 * step],
        b"",
    ):
        with pytest.raises(SealBroken):
            await clear(broken, len(data))
    with pytest.raises(SealBroken):
        await clear(box[: 2 * step], 2 * PIECE)  # cut exactly between two pieces, and the size with it
    with pytest.raises(SealBroken):
        await clear(box, len(data), key=bytes([1]) * 32)
