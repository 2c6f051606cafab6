"""A message is accepted: kept as it came, with the job that files it, before anybody is told that we have it.

The content is on the disk (or in the bucket) and its row is committed when the other side hears yes. Killed
at any moment after that, the job is there; killed before it, the other side tries again, and the digest
tells that it is the same message.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.parser import BytesHeaderParser
from hashlib import sha256
from typing import Any
from uuid import UUID

from crm_api.channels.events import InboundMessageHeld
from crm_api.channels.mail.limits import LARGEST_MAIL
from crm_api.channels.mail.reading import body_of, message_id_of, sender_of, subject_of
from crm_api.channels.mail.robots import robot_of
from crm_api.channels.models.inboxes import ChannelKind, InboxChannel
from crm_api.channels.models.messages import InboundMessage, InboundReason, InboundSource, InboundStatus
from crm_api.channels.repository.messages import InboundRepository
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import enqueue
from crm_api.files.models import FileKind
from crm_api.files.service import FileService
from crm_api.kit.ids import new_id

FILE = "file_inbound_message"
RAW_KEPT = timedelta(days=180)
FLOOD_WINDOW = timedelta(hours=1)
MOST_OF_ONE_SENDER = 60
"""Messages of one sender within the window that are filed by themselves; the rest waits for a person."""


@dataclass(frozen=True, slots=True)
class Accepted:
    id: UUID
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A message of a channel that is no mail, checked already."""

    external_id: str
    sender: str
    sender_name: str | None
    subject: str | None
    thread_key: str | None
    content: Mapping[str, Any]
    size: int


class Receiving:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.messages = InboundRepository(ctx)

    async def mail(
        self,
        channel_id: UUID,
        content: bytes,
        source: InboundSource,
        *,
        envelope_from: str | None = None,
        envelope_to: str | None = None,
    ) -> Accepted:
        """Whatever it is. The digest is of its Message-ID and its body: other headers change on the way."""
        message_id = message_id_of(content)
        digest = sha256(f"{message_id}\n".encode() + body_of(content)).hexdigest()
        self.ctx.begin()
        if (known := await self.messages.claim(channel_id, digest)) is not None:
            return Accepted(known, duplicate=True)
        sender = sender_of(content)
        file_id = await FileService(self.ctx).add(
            "message.eml",
            content or b"\r\n",
            FileKind.IMPORT,
            media_type="message/rfc822",
            kept_until=now() + RAW_KEPT,
            most=LARGEST_MAIL,
        )
        message = InboundMessage(
            id=new_id(),
            channel_id=channel_id,
            kind=ChannelKind.EMAIL,
            source=source,
            message_id=message_id,
            digest=digest,
            sender=sender,
            subject=subject_of(content),
            received_at=now(),
            envelope_from=(envelope_from or "")[:254] if envelope_from is not None else None,
            envelope_to=(envelope_to or "")[:254] or None,
            size=len(content),
            file_id=file_id,
        )
        flooded = sender is not None and await self._floods(sender)
        if flooded and self._is_machine(content, envelope_from):
            message.status, message.reason = InboundStatus.IGNORED, InboundReason.AUTO_REPLY
        elif flooded:
            message.status, message.reason = InboundStatus.HELD, InboundReason.FLOOD
        return await self._kept(message)

    async def oversized(
        self, channel_id: UUID, head: bytes, size: int, source: InboundSource, name: str
    ) -> Accepted:
        """A mail that is too large to be fetched: its headers, for a person to look at where it lies."""
        self.ctx.begin()
        digest = sha256(f"oversized {name}".encode()).hexdigest()
        if (known := await self.messages.claim(channel_id, digest)) is not None:
            return Accepted(known, duplicate=True)
        return await self._kept(
            InboundMessage(
                id=new_id(),
                channel_id=channel_id,
                kind=ChannelKind.EMAIL,
                source=source,
                status=InboundStatus.HELD,
                reason=InboundReason.TOO_LARGE,
                message_id=message_id_of(head),
                digest=digest,
                sender=sender_of(head),
                subject=subject_of(head),
                received_at=now(),
                size=size,
                content={"where": name},
            )
        )

    async def told(self, channel: InboxChannel, told: Told, source: InboundSource) -> Accepted:
        """By what the other side calls it, it is one message however often it is told."""
        self.ctx.begin()
        digest = sha256(told.external_id.encode()).hexdigest()
        if (known := await self.messages.claim(channel.id, digest)) is not None:
            return Accepted(known, duplicate=True)
        message = InboundMessage(
            id=new_id(),
            channel_id=channel.id,
            kind=channel.kind,
            source=source,
            message_id=told.external_id,
            digest=digest,
            sender=told.sender,
            sender_name=told.sender_name,
            subject=told.subject,
            thread_key=told.thread_key,
            received_at=now(),
            size=told.size,
            content=dict(told.content),
        )
        if await self._floods(told.sender):
            message.status, message.reason = InboundStatus.HELD, InboundReason.FLOOD
        return await self._kept(message)

    async def _kept(self, message: InboundMessage) -> Accepted:
        await self.messages.save(message)
        if message.status is InboundStatus.RECEIVED:
            await queue(self.ctx, message.id)
        elif message.status is InboundStatus.HELD and message.reason is not None:
            await publish(self.ctx, InboundMessageHeld(message.id, message.reason.value))
        return Accepted(message.id, duplicate=False)

    async def _floods(self, sender: str) -> bool:
        """Whether this sender has written so much lately that no person can have."""
        count = await self.messages.count_of(sender, now() - FLOOD_WINDOW, MOST_OF_ONE_SENDER)
        return count >= MOST_OF_ONE_SENDER

    @staticmethod
    def _is_machine(content: bytes, envelope_from: str | None) -> bool:
        head = BytesHeaderParser().parsebytes(content[:65_536])
        return robot_of(head, subject_of(content), envelope_from) is not None


async def queue(ctx: Context, message_id: UUID, *, insisted: bool = False) -> None:
    """`insisted`: a person said that it is no machine."""
    payload = {"inbound_message_id": message_id, "insisted": insisted}
    await enqueue(ctx, FILE, payload, dedupe_key=str(message_id))
