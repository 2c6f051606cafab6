"""What becomes of tickets that nobody touches: closed after a week, solved after two reminders (B-30)."""

from datetime import timedelta

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.tickets.choosing import TicketSettingsService
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.models.words import TicketLanguage, TicketStatus
from crm_api.tickets.repository.following import FollowingTickets

_REMINDER = {
    TicketLanguage.FR: "Bonjour, nous attendons votre réponse pour traiter votre demande {number}."
    " Sans nouvelles de votre part, elle sera considérée comme résolue.",
    TicketLanguage.AR: "مرحبا، ننتظر ردكم لمعالجة طلبكم {number}. دون رد منكم سيعتبر محلولا.",
    TicketLanguage.EN: "Hello, we are waiting for your answer on your request {number}."
    " Without news from you, it will be considered solved.",
}


class Aging:
    """Safe to run twice: each step changes what made it due."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.following = TicketDesk(ctx), FollowingTickets(ctx)

    async def close_solved(self) -> int:
        """Solved so long ago that nobody comes back to it; how many."""
        days = (await TicketSettingsService(self.ctx).chosen()).close_days
        option = await self.desk.statuses.default(TicketStatus.CLOSED)
        before = now() - timedelta(days=days)
        closed = await self.following.standing_since(TicketStatus.SOLVED, before)
        for ticket in closed:
            await self.desk.keep(ticket, await self.desk.move(ticket, option))
        return len(closed)

    async def remind_pending(self) -> int:
        """Customers who do not answer: reminded twice, then the ticket is solved by itself; how many."""
        settings = await TicketSettingsService(self.ctx).chosen()
        moment, done = now(), 0
        for told, days in enumerate(settings.pending_reminder_days):
            before = moment - timedelta(days=days)
            waiting = await self.following.standing_since(
                TicketStatus.PENDING, before, pending_reminders=told
            )
            for ticket in waiting:
                await self._remind(ticket)
            done += len(waiting)
        given_up = await self.following.standing_since(
            TicketStatus.PENDING,
            moment - timedelta(days=settings.pending_days),
            pending_reminders=len(settings.pending_reminder_days),
        )
        option = await self.desk.statuses.default(TicketStatus.SOLVED)
        for ticket in given_up:
            await self.desk.keep(ticket, await self.desk.move(ticket, option, by_itself=True))
        return done + len(given_up)

    async def _remind(self, ticket: Ticket) -> None:
        await Messaging(self.ctx).say(ticket, _REMINDER[ticket.language].format(number=ticket.number))
        ticket.pending_reminders += 1
        await self.desk.keep(ticket)
