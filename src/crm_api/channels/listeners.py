"""What channels do when something happens to a ticket."""

from crm_api.channels.answering import Answering
from crm_api.channels.inbox import InboxDesk
from crm_api.channels.models.inboxes import InboxItemStatus
from crm_api.core.context import Context
from crm_api.tickets.events import TicketAssigned, TicketMessageAdded, TicketReopened, TicketSolved


async def send_answer(ctx: Context, event: TicketMessageAdded) -> None:
    """What a colleague or the house says in public goes to the customer, by the way they wrote."""
    await Answering(ctx).hear(event)


async def hand_item_over(ctx: Context, event: TicketAssigned) -> None:
    await InboxDesk(ctx).handed(event.ticket_id, event.owner_user_id)


async def finish_item(ctx: Context, event: TicketSolved) -> None:
    await InboxDesk(ctx).settled(event.ticket_id, InboxItemStatus.DONE)


async def reopen_item(ctx: Context, event: TicketReopened) -> None:
    await InboxDesk(ctx).settled(event.ticket_id, InboxItemStatus.OPEN)
