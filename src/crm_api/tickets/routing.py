"""Whose a ticket is: given by hand, or by the rules of the organization."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event
from crm_api.tickets.categories import TicketCategoryService
from crm_api.tickets.events import TicketAssigned
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.rules import TicketRules
from crm_api.tickets.telling import TicketTeller


class Routing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk = TicketDesk(ctx)

    async def given(self, ticket: Ticket, owner_id: UUID | None, group_id: UUID | None) -> list[Event]:
        """To a colleague, or to a group until one of its members takes it; the facts of it."""
        before = ticket.owner_user_id if ticket.first_assigned_at else None
        if before is not None and owner_id is not None and before != owner_id:
            ticket.handoff_count += 1
        ticket.owner_user_id = owner_id
        ticket.group_id = group_id or ticket.group_id
        ticket.first_assigned_at = ticket.first_assigned_at or now()
        events: list[Event] = [
            TicketAssigned(ticket.id, ticket.number, ticket.owner_user_id, ticket.group_id)
        ]
        if owner_id is not None:
            events += await self.desk.begin(ticket)
            if owner_id != before:
                await TicketTeller(self.ctx).given(ticket)
        return events

    async def route(self, ticket: Ticket, manager_id: UUID | None) -> list[Event]:
        """By the rules; where none fits, into the queue of the group of its category."""
        done = await TicketRules(self.ctx).choice(ticket, manager_id)
        owner_id, group_id = done.owner_id, done.group_id
        if done.rule is None and ticket.category_id is not None:
            group_id = await TicketCategoryService(self.ctx).group_of(ticket.category_id)
        if owner_id is None and group_id is None:
            return []
        return await self.given(ticket, owner_id, group_id)
