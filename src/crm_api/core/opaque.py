"""Opaque secrets: refresh tokens, API keys, links in mails.

The organization is written in clear inside (`prefix_<organization>_<256 random bits>`), so that the row is
found under row-level security; of the whole, only the SHA-256 is ever stored.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from secrets import token_bytes
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_api.kit.errors import Unauthenticated

ORGANIZATION, SECRET = 22, 43
"""Characters, in base64url: the alphabet holds "_" too, so the parts are found by length."""


def make(prefix: str, organization_id: UUID) -> tuple[str, str]:
    """The text to hand out once, and the digest to store."""
    text = f"{prefix}_{_encoded(organization_id.bytes)}_{_encoded(token_bytes(32))}"
    return text, _digest(text)


def parse(text: str, prefix: str) -> tuple[UUID, str]:
    """Whose it says it is, and the digest to look for. Raises Unauthenticated when it is none of ours."""
    start = f"{prefix}_"
    rest = text[len(start) :]
    organization, underscore, secret = rest[:ORGANIZATION], rest[ORGANIZATION:][:1], rest[ORGANIZATION + 1 :]
    if not text.startswith(start) or underscore != "_" or len(secret) != SECRET:
        raise Unauthenticated
    _decoded(secret)
    return UUID(bytes=_decoded(organization)), _digest(text)


def matches(digest: str, stored: str) -> bool:
    """In constant time. Both are hexadecimal digests."""
    return compare_digest(digest.encode(), stored.encode())


def under(key: str, secret: str) -> bytes:
    """`secret`, readable only by who holds the other secret, `key`, in clear: we ourselves cannot read it."""
    nonce = token_bytes(12)
    return nonce + AESGCM(_box_key(key)).encrypt(nonce, secret.encode(), None)


def opened(key: str, sealed: bytes) -> str:
    """What `under` sealed."""
    return AESGCM(_box_key(key)).decrypt(sealed[:12], sealed[12:], None).decode()


def _box_key(secret: str) -> bytes:
    return sha256(b"under|" + secret.encode()).digest()


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Unauthenticated from error
    if _encoded(raw) != text:  # only one spelling is ours: the decoder skips what it does not know
        raise Unauthenticated
    return raw


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
