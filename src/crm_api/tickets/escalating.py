"""What a ticket does when one of its targets comes near, passes, or is long past (E-6)."""

from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event
from crm_api.kit.errors import NotFound
from crm_api.notifications.models import NotificationKind
from crm_api.sla.events import SlaCrossed, SlaWarned
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.models.words import PRIORITIES, UNFINISHED
from crm_api.tickets.routing import Routing
from crm_api.tickets.telling import TicketTeller


class Escalating:
    """Acts for the house: the news comes from a job."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk = TicketDesk(ctx)

    async def crossed(self, event: SlaCrossed) -> None:
        """What the policy asks for; of a target that is missed who works on it is told in any case."""
        ticket = await self.desk.tickets.with_clock(event.clock_id)
        if ticket is None or ticket.status not in UNFINISHED:
            return
        warned = isinstance(event, SlaWarned)
        if not warned:
            ticket.sla_breached_at = ticket.sla_breached_at or now()
        await self._tell(ticket, event, warned)
        if event.raise_priority and ticket.priority is not PRIORITIES[-1]:
            ticket.priority = PRIORITIES[PRIORITIES.index(ticket.priority) + 1]
            ticket.priority_set = True
            await self.desk.clock.reclassified(ticket, now())
        events: list[Event] = []
        if event.group_id is not None and event.group_id != ticket.group_id:
            events = await Routing(self.ctx).given(ticket, None, event.group_id)
        await self.desk.keep(ticket, events)

    async def _tell(self, ticket: Ticket, event: SlaCrossed, warned: bool) -> None:
        to: set[UUID | None] = set()
        if "assignee" in event.notify or not warned:
            to.add(ticket.owner_user_id)
        if "manager" in event.notify or (not warned and ticket.owner_user_id is None):
            to.add(await self._manager(ticket))
        if "group" in event.notify and ticket.group_id is not None:
            to |= set(await self.desk.tickets.members_of(ticket.group_id))
        if "supervisors" in event.notify:
            to |= set(await self.desk.tickets.supervisors())
        kind = NotificationKind.SLA_WARNING if warned else NotificationKind.SLA_BREACH
        key = "ticket_due_soon" if warned else "ticket_overdue"
        once = f"sla:{event.clock_id}:{event.metric}:{event.instance}:{event.percent}"
        await TicketTeller(self.ctx).say(to, kind, key, ticket, once=once)

    async def _manager(self, ticket: Ticket) -> UUID | None:
        if ticket.agency_id is None:
            return None
        try:
            return (await AgencyService(self.ctx).get(ticket.agency_id)).value.manager_user_id
        except NotFound:
            return None
