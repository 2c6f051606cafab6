"""Envelope encryption of the most sensitive fields (national ids, bank accounts, health notes).

One key encryption key (KEK) lives in a file beside the database, never in it. Each organization has its own
data key, stored in its row wrapped by the KEK. A cell is AES-256-GCM of the JSON of a row's fields, bound to
organization, table and row: moved elsewhere it does not open. Losing the KEK loses these fields; deleting an
organization's data key shreds them.
"""

import hmac
import os
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic_core import from_json, to_json

from crm_api.core.keys import write_private

KEY, NONCE, KID = 32, 12, 4
"""Bytes."""
FORMAT = b"\x01"
"""The first byte of every cell and wrapped key, so that the format may change one day."""
HEAD = len(FORMAT) + KID


class SealBroken(Exception):
    """What was sealed has been altered or moved, or its key is missing. A fault of ours, never a refusal."""


def load_keks(path: Path, *, create: bool = False) -> list[bytes]:
    """The keys of the file, 32 bytes each, the current one first.

    In the file they stand in the order they were made. `create` (development only) makes a missing file.
    """
    if create and not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, os.urandom(KEY))
    content = path.read_bytes()
    if not content or len(content) % KEY:
        raise ValueError(f"the file of the key encryption key must hold exactly {KEY} random bytes a key")
    return [content[at : at + KEY] for at in range(0, len(content), KEY)][::-1]


def add_kek(path: Path) -> int:
    """A new current key; the older ones still open what they wrapped. How many there are now."""
    keks = [os.urandom(KEY), *load_keks(path)]
    write_private(path, b"".join(keks[::-1]))
    return len(keks)


def forget_older_keks(path: Path) -> None:
    """Only when no data key is wrapped with one of them: see `core.rewrapping`."""
    write_private(path, load_keks(path)[0])


class Vault:
    """Wraps and unwraps the data keys of organizations."""

    def __init__(self, kek: bytes, *older: bytes) -> None:
        """`older`: earlier KEKs that some data keys may still be wrapped with."""
        self._boxes = {_kid(key): AESGCM(key) for key in (*older, kek)}
        self._kid = _kid(kek)

    def new_wrapped_key(self, organization_id: UUID) -> bytes:
        """A new data key, ready to be stored in the organization's row (65 bytes)."""
        return self._wrapped(os.urandom(KEY), organization_id)

    def unwrap(self, wrapped: Sequence[bytes], organization_id: UUID) -> "OrganizationVault":
        """`wrapped`: every key of the organization, the newest last; only that one seals."""
        return OrganizationVault(organization_id, [self._unwrapped(one, organization_id) for one in wrapped])

    def rewrap(self, wrapped: bytes, organization_id: UUID) -> bytes:
        """The same data key under the current KEK; cells stay as they are."""
        return self._wrapped(self._unwrapped(wrapped, organization_id), organization_id)

    def is_current(self, wrapped: bytes) -> bool:
        """Whether the current KEK wraps it."""
        return wrapped[len(FORMAT) : HEAD] == self._kid

    def _wrapped(self, key: bytes, organization_id: UUID) -> bytes:
        return _encrypt(self._boxes[self._kid], self._kid, key, f"key|{organization_id}")

    def _unwrapped(self, wrapped: bytes, organization_id: UUID) -> bytes:
        return _decrypt(self._boxes, wrapped, f"key|{organization_id}")


class OrganizationVault:
    """Seals, opens and indexes the fields of one organization."""

    def __init__(self, organization_id: UUID, keys: Sequence[bytes]) -> None:
        self._organization_id = organization_id
        self._keys = {_kid(key): key for key in keys}
        self._boxes = {kid: AESGCM(key) for kid, key in self._keys.items()}
        self._kid = _kid(keys[-1])

    def seal(self, fields: Mapping[str, Any], *, table: str, row_id: UUID) -> bytes:
        """JSON values only. The cell names its key, so that keys may change while old cells stay."""
        return _encrypt(self._boxes[self._kid], self._kid, to_json(fields), self._place(table, row_id))

    def open(self, cell: bytes, *, table: str, row_id: UUID) -> dict[str, Any]:
        """Raises SealBroken."""
        fields: dict[str, Any] = from_json(_decrypt(self._boxes, cell, self._place(table, row_id)))
        return fields

    def resealed(self, cell: bytes, *, table: str, row_id: UUID) -> bytes | None:
        """The cell under the newest key; None when it is already."""
        if cell[len(FORMAT) : HEAD] == self._kid:
            return None
        return self.seal(self.open(cell, table=table, row_id=row_id), table=table, row_id=row_id)

    def blind(self, value: str, field: str) -> bytes:
        """What to store beside a cell so that equal values can be found (32 bytes). Normalise first."""
        return _blind(self._keys[self._kid], value, field)

    def blinds(self, value: str, field: str) -> list[bytes]:
        """What to search for: the value under every key, as rows may not all be resealed yet."""
        return [_blind(key, value, field) for key in self._keys.values()]

    def lasting(self, field: str) -> bytes:
        """A secret that outlives every change of keys (32 bytes): of the organization's first key.

        For what can never be resealed, because nobody keeps what it was made of.
        """
        return _derived(next(iter(self._keys.values())), f"lasting|{field}")

    def _place(self, table: str, row_id: UUID) -> str:
        return f"{self._organization_id}|{table}|{row_id}"


def mask(value: str, keep: int = 4) -> str:
    """`•••1234`; of a short value nothing is shown, and of none its length."""
    return "•••" + (value[-keep:] if keep and len(value) >= 2 * keep else "")


def _encrypt(box: AESGCM, kid: bytes, content: bytes, place: str) -> bytes:
    head, nonce = FORMAT + kid, os.urandom(NONCE)
    return head + nonce + box.encrypt(nonce, content, head + place.encode())


def _decrypt(boxes: Mapping[bytes, AESGCM], cell: bytes, place: str) -> bytes:
    head, nonce, content = cell[:HEAD], cell[HEAD : HEAD + NONCE], cell[HEAD + NONCE :]
    box = boxes.get(head[len(FORMAT) :])
    if box is None or head[: len(FORMAT)] != FORMAT or len(nonce) != NONCE:
        raise SealBroken("sealed with a key we do not have, or not sealed at all")
    try:
        return box.decrypt(nonce, content, head + place.encode())
    except InvalidTag as error:
        raise SealBroken("altered, or moved from another row") from error


def _blind(key: bytes, value: str, field: str) -> bytes:
    return hmac.digest(_derived(key, f"blind|{field}"), value.encode(), sha256)


def _kid(key: bytes) -> bytes:
    return _derived(key, "kid")[:KID]


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY, salt=None, info=f"crm|{purpose}".encode()).derive(key)
