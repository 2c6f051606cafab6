from crm_api.assistant.service import AssistantService
from crm_api.core.context import Context
from crm_api.tickets.events import TicketOpened
from crm_api.tickets.service import TicketService


async def notice_ticket(ctx: Context, event: TicketOpened) -> None:
    """Who asked the assistant and opens a ticket within a day was not helped by it."""
    contact_id = (await TicketService(ctx).get(event.ticket_id)).value.requester_contact_id
    if contact_id is not None:
        await AssistantService(ctx).ticket_followed(contact_id, event.ticket_id)
