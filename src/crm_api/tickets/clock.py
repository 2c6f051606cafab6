"""The clocks of a ticket, as this domain speaks to them: they know no ticket, and answer how they stand."""

from datetime import datetime

from crm_api.core.context import Context
from crm_api.sla.service import SlaCategory, SlaFacts, SlaService
from crm_api.tickets.models.ticket import Ticket


class TicketClock:
    """What happens to a ticket, told to its clock; when the next target is due comes back onto it."""

    def __init__(self, ctx: Context) -> None:
        self.sla = SlaService(ctx)

    async def start(self, ticket: Ticket, at: datetime, *, answered: bool) -> None:
        """`answered`: a colleague opened it while talking to the customer."""
        category = SlaCategory(ticket.status)
        clock = await self.sla.start(facts_of(ticket), at, category=category, answered=answered)
        ticket.sla_clock_id, ticket.next_due_at = clock.id, clock.next_due_at

    async def moved(self, ticket: Ticket, at: datetime) -> None:
        """Its status is of another category."""
        if ticket.sla_clock_id is not None:
            clock = await self.sla.moved(ticket.sla_clock_id, SlaCategory(ticket.status), at)
            ticket.next_due_at = clock.next_due_at

    async def customer_wrote(self, ticket: Ticket, at: datetime) -> None:
        """They wait for an answer."""
        if ticket.sla_clock_id is not None:
            ticket.next_due_at = (await self.sla.customer_wrote(ticket.sla_clock_id, at)).next_due_at

    async def agent_answered(self, ticket: Ticket, at: datetime) -> None:
        """In public, and no machine did."""
        if ticket.sla_clock_id is not None:
            ticket.next_due_at = (await self.sla.agent_answered(ticket.sla_clock_id, at)).next_due_at

    async def reclassified(self, ticket: Ticket, at: datetime) -> None:
        """Another policy may rule it now; the time that has passed is kept."""
        if ticket.sla_clock_id is not None:
            clock = await self.sla.reclassify(ticket.sla_clock_id, facts_of(ticket), at)
            ticket.next_due_at = clock.next_due_at

    async def held(self, ticket: Ticket, at: datetime) -> None:
        """A sub-request that pauses is out."""
        if ticket.sla_clock_id is not None:
            ticket.next_due_at = (await self.sla.held(ticket.sla_clock_id, at)).next_due_at

    async def released(self, ticket: Ticket, at: datetime) -> None:
        """None is any more."""
        if ticket.sla_clock_id is not None:
            ticket.next_due_at = (await self.sla.released(ticket.sla_clock_id, at)).next_due_at

    async def dropped(self, ticket: Ticket, at: datetime) -> None:
        """It is nobody's any more: spam, or merged away."""
        if ticket.sla_clock_id is not None:
            clock = await self.sla.moved(ticket.sla_clock_id, SlaCategory.CLOSED, at)
            ticket.next_due_at = clock.next_due_at


def facts_of(ticket: Ticket) -> SlaFacts:
    """What its policy is chosen by."""
    return SlaFacts(
        type=ticket.type,
        priority=ticket.priority,
        channel=ticket.channel,
        tier=ticket.customer_tier,
        agency_id=ticket.agency_id,
        product_code=ticket.product_code,
        branch_code=ticket.branch_code,
    )
