"""Cursors that clients cannot make up: opaque, signed, good only for the list that gave them."""

import base64
import hashlib
import hmac
from collections.abc import Hashable
from typing import Any

from pydantic_core import from_json, to_json

from crm_api.kit.errors import DomainError

_MAC = 12
"""Bytes: 96 bits are enough for a mark that opens nothing."""


class CursorMismatch(DomainError):
    """This cursor does not belong to this list: keep filters and sort as they were, or start again."""


class Seal:
    """Signs and opens the marks of one installation."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def close(self, mark: list[Any], bound_to: Hashable) -> str:
        """`mark` as text; it opens only with the same `bound_to` (organization, filters, sort)."""
        body: bytes = to_json(mark)
        return base64.urlsafe_b64encode(self._mac(body, bound_to) + body).rstrip(b"=").decode()

    def open(self, cursor: str, bound_to: Hashable) -> list[Any]:
        """Raises CursorMismatch for anything that `close` did not make for this list."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise CursorMismatch from error
        mac, body = raw[:_MAC], raw[_MAC:]
        if not hmac.compare_digest(mac, self._mac(body, bound_to)):
            raise CursorMismatch
        mark: list[Any] = from_json(body)
        return mark

    def _mac(self, body: bytes, bound_to: Hashable) -> bytes:
        return hmac.digest(self._secret, repr(bound_to).encode() + b"\0" + body, hashlib.sha256)[:_MAC]
