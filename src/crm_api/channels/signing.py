"""How both sides of a channel sign what they tell each other: HMAC-SHA256 over the moment and the bytes."""

import hmac
from hashlib import sha256
from secrets import token_urlsafe

TIMESTAMP, SIGNATURE = "X-Assura-Timestamp", "X-Assura-Signature"
WINDOW = 300
"""Seconds by which the clocks of both sides may differ."""
SECRET_BYTES = 32


def new_secret() -> str:
    return token_urlsafe(SECRET_BYTES)


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=<hex>` of `<timestamp>.<body>`."""
    digest = hmac.digest(secret.encode(), timestamp.encode() + b"." + body, sha256)
    return f"v1={digest.hex()}"


def is_signed(secret: str, timestamp: str | None, signature: str | None, body: bytes, at: float) -> bool:
    """Whether who holds the secret said just this, within the window. `timestamp`: seconds since 1970."""
    if not timestamp or not signature or not timestamp.isascii() or not timestamp.isdigit():
        return False
    if len(timestamp) > 12 or abs(int(timestamp) - at) > WINDOW:
        return False
    expected = signature_of(secret, timestamp, body)
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
