"""Ports to the outside: who carries a message of ours. Mails go by the mail server, the rest by a gateway."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from crm_api.channels.mail.composing import Outgoing, SigningKey, composed, signed
from crm_api.channels.signing import SIGNATURE, TIMESTAMP, signature_of
from crm_api.core.mail import BadMail, MailNotSent
from crm_api.core.outside import HostInside, HostUnknown, address_of
from crm_api.core.tools import Tools
from crm_api.kit.later import later

if TYPE_CHECKING:
    import httpx
else:
    httpx = later("httpx")

TIMEOUT = 10.0
LARGEST_ANSWER = 64 * 1024
_AGAIN = frozenset({408, 425, 429})


class NotCarried(Exception):
    """`permanent`: trying again is useless."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code, self.permanent = code, permanent


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to one person."""

    id: UUID
    message_id: str
    to: str
    subject: str
    text: str
    at: datetime
    answers: Sequence[str] = ()
    automatic: bool = False
    files: Sequence[tuple[str, str, bytes]] = field(default=())
    """Name, media type, content."""


class Carrier(Protocol):
    async def carry(self, parcel: Parcel) -> str | None:
        """What the other side calls it, where it says so. Raises NotCarried."""


class MailCarrier:
    """Composes, signs and hands over to the mail server."""

    def __init__(
        self,
        tools: Tools,
        *,
        sender: str,
        sender_name: str,
        reply_to: str | None,
        return_path: str,
        key: SigningKey | None,
    ) -> None:
        self._tools, self._key = tools, key
        self._sender, self._name = sender, sender_name
        self._reply_to, self._return_path = reply_to, return_path

    async def carry(self, parcel: Parcel) -> str | None:
        mail = Outgoing(
            message_id=parcel.message_id,
            sender=self._sender,
            sender_name=self._name,
            to=parcel.to,
            subject=parcel.subject,
            text=parcel.text,
            at=parcel.at,
            reply_to=self._reply_to,
            answers=parcel.answers,
            automatic=parcel.automatic,
            files=parcel.files,
        )
        try:
            content = composed(mail).as_bytes()
            if self._key is not None:
                content = signed(content, self._key, parcel.at)
            await self._tools.mailer.relay(content, envelope_from=self._return_path, to=parcel.to)
        except MailNotSent as error:
            raise NotCarried(str(error)[:80], permanent=error.permanent) from error
        except (BadMail, ValueError) as error:
            raise NotCarried("malformed", permanent=True) from error
        return None


class GatewayCarrier:
    """Posts to the gateway of a channel, signed with the secret of the channel. Nothing is followed."""

    def __init__(self, tools: Tools, *, url: str, secret: str, kind: str) -> None:
        self._tools, self._url, self._secret, self._kind = tools, url, secret, kind

    async def carry(self, parcel: Parcel) -> str | None:
        body = json.dumps(
            {
                "id": str(parcel.id),
                "kind": self._kind,
                "to": parcel.to,
                "text": parcel.text,
                "automatic": parcel.automatic,
            },
            ensure_ascii=False,
        ).encode()
        timestamp = str(int(parcel.at.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(parcel.id),
            TIMESTAMP: timestamp,
            SIGNATURE: signature_of(self._secret, timestamp, body),
        }
        try:
            status, answer = await self._posted(body, headers)
        except (HostInside, ValueError) as error:
            raise NotCarried("host_not_allowed", permanent=True) from error
        except (HostUnknown, httpx.HTTPError) as error:
            raise NotCarried(type(error).__name__[:80], permanent=False) from error
        if not 200 <= status < 300:
            raise NotCarried(f"http_{status}", permanent=status < 500 and status not in _AGAIN)
        return _named(answer)

    async def _posted(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """To the very address that was looked at."""
        parts = urlsplit(self._url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        address = await address_of(self._tools.settings, host, port)
        shown = f"[{address}]" if ":" in address else address
        url = parts._replace(netloc=f"{shown}:{port}").geturl()
        extensions = {"sni_hostname": host} if parts.scheme == "https" else {}
        async with (
            httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST",
                url,
                content=body,
                headers=headers | {"Host": parts.netloc.rpartition("@")[2]},
                extensions=extensions,
            ) as response,
        ):
            answer = b""
            async for chunk in response.aiter_bytes():
                answer += chunk
                if len(answer) > LARGEST_ANSWER:
                    break
            return response.status_code, answer[:LARGEST_ANSWER]


def _named(answer: bytes) -> str | None:
    try:
        told: Any = json.loads(answer)
    except ValueError:
        return None
    name = told.get("provider_id") if isinstance(told, dict) else None
    return name[:300] if isinstance(name, str) and name and name.isprintable() else None
