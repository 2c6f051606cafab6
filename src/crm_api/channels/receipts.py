"""What others tell about messages of ours: delivered, delayed, never arrived."""

import re
from contextlib import suppress
from uuid import UUID

from crm_api.channels.events import OutboundMessageFailed
from crm_api.channels.mail.bounces import Bounce, Delivery
from crm_api.channels.models.messages import OUTBOUND, OutboundMessage, OutboundStatus
from crm_api.channels.repository.messages import OutboundRepository
from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.kit.errors import NotFound
from crm_api.tickets.models.words import MessageDelivery
from crm_api.tickets.service import TicketService

_BACK = re.compile(r"\+b-([0-9a-f]{32})@", re.I)
_BECOMES = {Delivery.FAILED: OutboundStatus.BOUNCED, Delivery.DELIVERED: OutboundStatus.DELIVERED}


def return_path(address: str, id: UUID) -> str:
    """Where a mail that cannot be delivered goes back to: it says itself which one it is."""
    local, _, domain = address.rpartition("@")
    return f"{local}+b-{id.hex}@{domain}"


class Receipts:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.sent = OutboundRepository(ctx)

    async def bounced(self, bounce: Bounce, envelope_to: str | None) -> OutboundMessage | None:
        """Which mail of ours it is about, with what became of it; None for none of ours."""
        message = None
        if found := _BACK.search(envelope_to or ""):
            message = await self.sent.taken(UUID(found[1]))
        if message is None and bounce.original_id is not None:
            message = await self.sent.named(message_id=bounce.original_id)
        if message is None:
            return None
        becomes = _BECOMES.get(bounce.delivery)
        if becomes is not None:
            await self.became(message, becomes, bounce.status or "bounced")
        return message

    async def became(self, message: OutboundMessage, status: OutboundStatus, code: str | None) -> None:
        """Told twice, or late, it changes nothing."""
        if status not in OUTBOUND.allowed(message.status):
            return
        message.status = status
        if status is not OutboundStatus.DELIVERED:
            message.failure_code = (code or "failed")[:80]
            await publish(
                self.ctx,
                OutboundMessageFailed(
                    message.id, message.kind.value, message.ticket_id, message.failure_code
                ),
            )
        await self.sent.save(message)
        if message.ticket_message_id is not None:
            arrived = status is OutboundStatus.DELIVERED
            delivery = MessageDelivery.DELIVERED if arrived else MessageDelivery.FAILED
            with suppress(NotFound):  # it is gone since
                await TicketService(self.ctx).mark_delivery(message.ticket_message_id, delivery)
