"""What conversations do when something is said in a ticket."""

from crm_api.channels.events import InboundMessageFiled
from crm_api.channels.models.inboxes import ChannelKind
from crm_api.conversations.hearing import Hearing
from crm_api.core.context import Context
from crm_api.tickets.events import TicketMessageAdded


async def write_into_conversation(ctx: Context, event: TicketMessageAdded) -> None:
    await Hearing(ctx).hear(event)


async def find_who_answers(ctx: Context, event: InboundMessageFiled) -> None:
    """The manager of the account, or who stands in for them (domain.md E-8)."""
    if event.channel_kind == ChannelKind.PORTAL_MESSAGE and not event.is_automatic:
        await Hearing(ctx).have_answered(event.ticket_id)
