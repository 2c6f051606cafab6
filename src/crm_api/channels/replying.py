"""What a customer hears at once, from nobody in particular: that the message came, or when we open again."""

from crm_api.channels.models.inboxes import InboxChannel
from crm_api.core.context import Context
from crm_api.knowledge.answering import AutoReplyService, Received
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.schemas.messages import Incoming
from crm_api.tickets.schemas.ticket import TicketRead
from crm_api.tickets.service import TicketService


async def reply_at_once(
    ctx: Context, channel: InboxChannel, ticket: Ticket | TicketRead, incoming: Incoming, *, opened: bool
) -> None:
    """The automatic reply that answers, if one does; it goes out with the message's own transaction.

    Only for what a person wrote: a machine is never answered, or two would write to each other for ever.
    """
    party = incoming.anonymous_party
    sender = incoming.author_contact_id or (party and (party.email or party.phone))
    if incoming.is_automatic or not sender:
        return
    reply = await AutoReplyService(ctx).reply_to(
        Received(
            sender=str(sender),
            text=f"{incoming.subject}\n{incoming.body}",
            channel=channel.kind.value,
            opens_ticket=opened,
            ticket_type=str(ticket.type),
            agency_id=ticket.agency_id,
            values={"ticket.number": ticket.number, "ticket.subject": ticket.subject},
        )
    )
    if reply is not None:
        await TicketService(ctx).say(ticket.id, reply.text)
