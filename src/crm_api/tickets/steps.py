"""The steps of a ticket that say no word to the customer: its status, and whose it is."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.events import Event
from crm_api.kit.schemas import Json
from crm_api.tickets.errors import NotYourTicket
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.routing import Routing
from crm_api.tickets.schemas.content import TicketAssign, TicketMove
from crm_api.tickets.schemas.ticket import TicketRead


class TicketSteps:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.messaging = TicketDesk(ctx), Messaging(ctx)

    async def move(self, ticket_id: UUID, data: TicketMove, version: int) -> Json[TicketRead]:
        """Raises InvalidTransition, UnknownTicketStatus, TicketPartsOpen."""
        ticket = await self.desk.take(ticket_id, version)
        option = await self.desk.statuses.chosen(data.status, data.status_id)
        events = await self.desk.move(ticket, option)
        if data.reason is not None:
            await self.messaging.note(ticket, data.reason)
        return await self.desk.kept(ticket, events)

    async def assign(self, ticket_id: UUID, data: TicketAssign, version: int) -> Json[TicketRead]:
        """To a colleague or a group. Raises TicketClosed, UnknownTicketAssignee."""
        ticket = await self.desk.take_unclosed(ticket_id, version)
        if data.owner_user_id is not None:
            await self.desk.refuse_unfit(data.owner_user_id)
        if data.group_id is not None:
            await self.desk.refuse_unknown_group(data.group_id)
        if data.reason is not None:
            await self.messaging.note(ticket, data.reason)
        events = await Routing(self.ctx).given(ticket, data.owner_user_id, data.group_id)
        return await self.desk.kept(ticket, events)

    async def take(self, ticket_id: UUID, version: int) -> Json[TicketRead]:
        """The one who asks works on it from now on. Raises TicketClosed, NotYourTicket."""
        ticket = await self.desk.take_unclosed(ticket_id, version)
        me = self.ctx.principal
        if not me.is_person:
            raise NotYourTicket
        events: list[Event] = []
        if ticket.owner_user_id != me.id:
            events = await Routing(self.ctx).given(ticket, me.id, None)
        return await self.desk.kept(ticket, events)
