"""Links that open one thing, for one purpose, for a while, without a session: the link is the proof."""

import hmac
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm_api.core.principal import Actor
from crm_api.kit.errors import Gone, NotFound

KINDS: tuple[Actor, ...] = ("user", "client", "system", "anonymous")
_MAC, _BODY = 32, 3 * 16 + 1 + 8


class LinkExpired(Gone):
    """This link has expired; ask for another one."""


@dataclass(frozen=True, slots=True)
class SignedLink:
    """What a link says: who gave it, of which organization, to what, until when."""

    organization_id: UUID
    object_id: UUID
    actor_id: UUID
    actor_kind: Actor
    expires_at: datetime


class LinkSigner:
    """Signs with a key derived from the installation's key of keys."""

    def __init__(self, secret: bytes) -> None:
        self._key = HKDF(hashes.SHA256(), 32, salt=None, info=b"crm|signed links").derive(secret)

    def sign(self, link: SignedLink, purpose: str) -> str:
        """As text for an address."""
        body = b"".join(
            (
                link.organization_id.bytes,
                link.object_id.bytes,
                link.actor_id.bytes,
                bytes([KINDS.index(link.actor_kind)]),
                int(link.expires_at.timestamp()).to_bytes(8, "big"),
            )
        )
        return urlsafe_b64encode(body + self._mac(body, purpose)).rstrip(b"=").decode()

    def verify(self, text: str, purpose: str) -> SignedLink:
        """Raises NotFound for what we did not sign for this purpose, LinkExpired."""
        try:
            raw = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise NotFound from error
        body, mac = raw[:_BODY], raw[_BODY:]
        if len(raw) != _BODY + _MAC or not hmac.compare_digest(mac, self._mac(body, purpose)):
            raise NotFound
        expires_at = datetime.fromtimestamp(int.from_bytes(body[49:57], "big"), UTC)
        if datetime.now(UTC) >= expires_at:
            raise LinkExpired
        organization_id, object_id, actor_id = (UUID(bytes=body[at : at + 16]) for at in (0, 16, 32))
        return SignedLink(organization_id, object_id, actor_id, KINDS[body[48]], expires_at)

    def _mac(self, body: bytes, purpose: str) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + body, sha256)


def expiring(after: timedelta) -> datetime:
    """A moment in whole seconds, as links hold them."""
    return (datetime.now(UTC) + after).replace(microsecond=0)
