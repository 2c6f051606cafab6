"""What gateways tell us: messages and receipts, signed by the secret of their channel."""

from base64 import urlsafe_b64decode
from time import time
from uuid import UUID

from crm_api.channels.attaching import Attaching
from crm_api.channels.errors import ChannelSignatureWrong
from crm_api.channels.mail.reading import Attached
from crm_api.channels.models.inboxes import FLOWING, ChannelKind, InboxChannel
from crm_api.channels.models.messages import InboundSource, OutboundStatus
from crm_api.channels.receipts import Receipts
from crm_api.channels.receiving import Receiving, Told
from crm_api.channels.repository.messages import OutboundRepository
from crm_api.channels.repository.setup import InboxChannelRepository
from crm_api.channels.schemas.messages import Taken, ToldMessage, ToldReceipt
from crm_api.channels.sending import secret_of
from crm_api.channels.signing import is_signed
from crm_api.core.context import Context
from crm_api.kit.phones import to_e164

_NUMBERED = frozenset({ChannelKind.SMS, ChannelKind.WHATSAPP, ChannelKind.PHONE})


def parts_of(key: str) -> tuple[UUID, UUID]:
    """Organization and channel, as the address says. Raises ChannelSignatureWrong."""
    try:
        raw = urlsafe_b64decode(key + "=" * (-len(key) % 4))
        return UUID(bytes=raw[:16]), UUID(bytes=raw[16:])
    except ValueError as error:
        raise ChannelSignatureWrong from error


class Gateway:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def proved(
        self, channel_id: UUID, timestamp: str | None, signature: str | None, body: bytes
    ) -> InboxChannel:
        """The channel of whom it was signed by. Raises ChannelSignatureWrong, whatever is wrong."""
        channel = await InboxChannelRepository(self.ctx).row(channel_id)
        if channel is None or not channel.is_active or channel.kind is ChannelKind.EMAIL:
            raise ChannelSignatureWrong
        secret = await secret_of(self.ctx, channel)
        if not secret or not is_signed(secret, timestamp, signature, body, time()):
            raise ChannelSignatureWrong
        return channel

    async def message(self, channel: InboxChannel, data: ToldMessage, size: int) -> Taken:
        """Kept, with the job that files it; told again, it is the same."""
        sender = data.sender.address
        if channel.kind in _NUMBERED:
            sender = to_e164(sender) or sender
        attached = await Attaching(self.ctx).kept([Attached(file.name, file.content) for file in data.files])
        text = "\n\n".join(part for part in (data.text, attached.said) if part)
        told = Told(
            external_id=data.external_id,
            sender=sender,
            sender_name=data.sender.name,
            subject=data.subject,
            thread_key=data.thread or (sender if channel.kind in FLOWING else None),
            content={
                "text": text,
                "sent_at": data.sent_at and data.sent_at.isoformat(),
                "document_ids": [str(id) for id in attached.document_ids],
            },
            size=size,
        )
        accepted = await Receiving(self.ctx).told(channel, told, InboundSource.API)
        return Taken(id=accepted.id, duplicate=accepted.duplicate)

    async def receipt(self, channel: InboxChannel, data: ToldReceipt) -> None:
        """Of a message we know; told twice, or of none of ours, nothing happens."""
        self.ctx.begin()
        message = await OutboundRepository(self.ctx).named(provider=(channel.id, data.provider_id))
        if message is not None:
            status = OutboundStatus.DELIVERED if data.status == "delivered" else OutboundStatus.BOUNCED
            await Receipts(self.ctx).became(message, status, data.failure_code)
