"""Messages of ours: written down with what they answer, carried by a job, tried again when it fails."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from crm_api.channels.carriers import Carrier, GatewayCarrier, MailCarrier, NotCarried, Parcel
from crm_api.channels.events import OutboundMessageFailed, OutboundMessageSent
from crm_api.channels.mail.composing import SigningKey, message_id_for
from crm_api.channels.models.inboxes import WRITTEN, ChannelKind, InboxChannel
from crm_api.channels.models.messages import OutboundMessage, OutboundStatus
from crm_api.channels.receipts import return_path
from crm_api.channels.repository.messages import InboundRepository, OutboundRepository
from crm_api.channels.repository.setup import InboxChannelRepository, InboxRepository, MailDomainRepository
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import enqueue
from crm_api.core.sealing import vault_of
from crm_api.files.errors import FileNotClean
from crm_api.files.service import FileService
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id
from crm_api.tickets.models.words import MessageDelivery
from crm_api.tickets.service import TicketService

SEND = "send_outbound_message"
MOST_FILE_BYTES = 20 * 1024 * 1024


class Sending:
    """The house itself acts."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.sent, self.received = OutboundRepository(ctx), InboundRepository(ctx)
        self.channels = InboxChannelRepository(ctx)

    async def follow(
        self,
        ticket_id: UUID,
        ticket_message_id: UUID,
        body: str,
        *,
        document_ids: Sequence[UUID] = (),
        automatic: bool = False,
    ) -> UUID | None:
        """An answer goes back by the way the customer last wrote; None when there is no such way.

        The same message of a ticket is sent once.
        """
        known = await self.sent.carrying(ticket_message_id)
        if known is not None:
            return known
        last = await self.received.last_of(ticket_id)
        channel = await self.channels.row(last.channel_id) if last else None
        if last is None or channel is None or not last.sender or not channel.is_active:
            return None
        if channel.kind not in WRITTEN:
            return None
        if channel.kind is ChannelKind.PORTAL_MESSAGE and channel.send_url is None:
            return None  # the conversation itself is where it is read
        ticket = (await TicketService(self.ctx).get(ticket_id)).value
        inbox = await InboxRepository(self.ctx).row(channel.inbox_id)
        signature = (
            f"\n\n-- \n{inbox.signature}" if inbox.signature and channel.kind is ChannelKind.EMAIL else ""
        )
        id = new_id()
        message = OutboundMessage(
            id=id,
            channel_id=channel.id,
            kind=channel.kind,
            ticket_id=ticket_id,
            ticket_message_id=ticket_message_id,
            recipient=last.sender,
            subject=f"Re: {last.subject or ticket.subject} [{ticket.number}]"[-300:],
            body=f"{body}{signature}",
            document_ids=list(document_ids),
            message_id=message_id_for(id, _domain(channel)),
            answers=await self.received.thread_of(ticket_id) if channel.kind is ChannelKind.EMAIL else [],
            is_automatic=automatic,
        )
        await self.sent.save(message)
        await queue(self.ctx, id)
        return id

    async def carry(self, message_id: UUID) -> bool:
        """False when it is to be tried again: then nothing was written."""
        message = await self.sent.taken(message_id)
        if message is None or message.status is not OutboundStatus.QUEUED:
            return True
        try:
            carrier = await self._carrier(message)
            message.provider_id = await carrier.carry(await self._parcel(message))
        except NotCarried as error:
            if not error.permanent:
                return False
            await self._failed(message, error.code)
            return True
        message.status, message.sent_at, message.failure_code = OutboundStatus.SENT, now(), None
        await self.sent.save(message)
        await self._mark(message, MessageDelivery.SENT)
        await publish(self.ctx, OutboundMessageSent(message.id, message.kind.value, message.ticket_id))
        return True

    async def give_up(self, message_id: UUID) -> None:
        message = await self.sent.taken(message_id)
        if message is not None and message.status is OutboundStatus.QUEUED:
            await self._failed(message, "tried_too_often")

    async def _failed(self, message: OutboundMessage, code: str) -> None:
        message.status, message.failure_code = OutboundStatus.FAILED, code[:80]
        await self.sent.save(message)
        await self._mark(message, MessageDelivery.FAILED)
        await publish(
            self.ctx,
            OutboundMessageFailed(message.id, message.kind.value, message.ticket_id, message.failure_code),
        )

    async def _mark(self, message: OutboundMessage, delivery: MessageDelivery) -> None:
        """Colleagues see it where they wrote it."""
        if message.ticket_message_id is not None:
            with suppress(NotFound):  # it is gone since
                await TicketService(self.ctx).mark_delivery(message.ticket_message_id, delivery)

    async def _carrier(self, message: OutboundMessage) -> Carrier:
        channel = await self.channels.row(message.channel_id)
        if channel is None or not channel.is_active:
            raise NotCarried("channel_closed", permanent=True)
        if channel.kind is ChannelKind.EMAIL:
            return await self._mail_carrier(channel, message)
        if channel.send_url is None:
            raise NotCarried("no_gateway", permanent=True)
        secret = await secret_of(self.ctx, channel)
        return GatewayCarrier(self.ctx.tools, url=channel.send_url, secret=secret, kind=channel.kind.value)

    async def _mail_carrier(self, channel: InboxChannel, message: OutboundMessage) -> Carrier:
        domain = await MailDomainRepository(self.ctx).signing(_domain(channel))
        key = None
        if domain is not None:
            private = await opened(self.ctx, domain, "private_key")
            key = SigningKey(domain.domain, domain.selector, private)
        reply_to = None
        if message.ticket_id is not None:
            number = (await TicketService(self.ctx).get(message.ticket_id)).value.number
            local, _, host = channel.address.rpartition("@")
            reply_to = f"{local}+{number}@{host}"
        return MailCarrier(
            self.ctx.tools,
            sender=channel.address,
            sender_name=channel.name,
            reply_to=reply_to,
            return_path=return_path(channel.address, message.id),
            key=key,
        )

    async def _parcel(self, message: OutboundMessage) -> Parcel:
        return Parcel(
            id=message.id,
            message_id=message.message_id,
            to=message.recipient,
            subject=message.subject,
            text=message.body,
            at=now(),
            answers=message.answers,
            automatic=message.is_automatic,
            files=await self._files(message) if message.kind is ChannelKind.EMAIL else (),
        )

    async def _files(self, message: OutboundMessage) -> list[tuple[str, str, bytes]]:
        """Those that are clean and there, up to 20 MB together."""
        found: list[tuple[str, str, bytes]] = []
        size, files = 0, FileService(self.ctx)
        for document_id in message.document_ids:
            try:
                sheet = (await files.get(document_id)).value
                if size + sheet.size > MOST_FILE_BYTES:
                    raise NotCarried("files_too_large", permanent=True)
                content = await files.read(document_id)
            except (NotFound, FileNotClean) as error:
                raise NotCarried("file_not_sendable", permanent=True) from error
            size += len(content)
            found.append((sheet.name, sheet.media_type, content))
        return found


async def queue(ctx: Context, message_id: UUID) -> None:
    await enqueue(ctx, SEND, {"outbound_message_id": message_id}, dedupe_key=str(message_id))


async def opened(ctx: Context, row: Any, name: str) -> str:
    """A secret of a sealed row, for the house itself: nobody sees it."""
    fields = (
        (await vault_of(ctx)).open(row.sealed, table=row.__tablename__, row_id=row.id) if row.sealed else {}
    )
    return str(fields.get(name) or "")


async def secret_of(ctx: Context, channel: InboxChannel) -> str:
    return await opened(ctx, channel, "secret")


def _domain(channel: InboxChannel) -> str:
    """Of the addresses of a mail channel; other channels' messages are named by their kind."""
    return (
        channel.address.rpartition("@")[2] if channel.kind is ChannelKind.EMAIL else f"{channel.kind}.local"
    )
