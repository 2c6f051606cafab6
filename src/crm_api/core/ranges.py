"""`Range: bytes=...` of RFC 9110, for one range: several at once are answered with the whole."""

import re
from typing import NamedTuple

from crm_api.kit.errors import DomainError

_ONE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII)


class RangeNotSatisfiable(DomainError):
    """The file has {size} bytes; that range is not among them."""

    status = 416


class Span(NamedTuple):
    start: int
    length: int


def span_of(header: str | None, size: int) -> Span | None:
    """The part asked for; None for the whole, also where the header is not understood."""
    found = _ONE.fullmatch(header) if header else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:  # the last so many bytes
        length = min(int(found[2]), size)
        if not length:
            raise RangeNotSatisfiable(size=size)
        return Span(size - length, length)
    start, end = int(found[1]), int(found[2]) if found[2] else size - 1
    if found[2] and end < start:
        return None
    if start >= size:
        raise RangeNotSatisfiable(size=size)
    return Span(start, min(end, size - 1) - start + 1)
