"""Which messages of tickets are sent, and what became of them is told back."""

from uuid import UUID

from crm_api.channels.inbox import InboxDesk
from crm_api.channels.sending import Sending
from crm_api.core.context import Context
from crm_api.tickets.events import TicketMessageAdded
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.models.words import MessageAuthor, MessageVisibility

_OURS = frozenset({MessageAuthor.USER.value, MessageAuthor.SYSTEM.value, MessageAuthor.BOT.value})


class Answering:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def hear(self, event: TicketMessageAdded) -> UUID | None:
        """The message that carries it; None for internal words, and where no channel leads back."""
        if event.visibility != MessageVisibility.PUBLIC or event.author_type not in _OURS:
            return None
        message = (await Messaging(self.ctx).messages.get(event.message_id)).value
        sent = await Sending(self.ctx).follow(
            event.ticket_id,
            event.message_id,
            message.body,
            document_ids=message.document_ids,
            automatic=event.is_automatic,
        )
        if not event.is_automatic:
            await InboxDesk(self.ctx).answered(event.ticket_id)
        return sent
