"""Who is told what about a ticket."""

from collections.abc import Collection
from uuid import UUID

from crm_api.core.context import Context
from crm_api.notifications.models import NotificationKind
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.tickets.models.ticket import Ticket


class TicketTeller:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def given(self, ticket: Ticket) -> None:
        await self.say([ticket.owner_user_id], NotificationKind.ASSIGNMENT, "ticket_given", ticket)

    async def mentioned(self, ticket: Ticket, user_ids: Collection[UUID]) -> None:
        await self.say(user_ids, NotificationKind.MENTION, "ticket_mention", ticket)

    async def customer_wrote(self, ticket: Ticket, watchers: Collection[UUID]) -> None:
        """Who works on it and who follows it; in the application only: such mails would be many."""
        to = {ticket.owner_user_id, *watchers}
        await self.say(to, NotificationKind.SYSTEM, "ticket_customer_wrote", ticket, by_mail=False)

    async def say(
        self,
        to: Collection[UUID | None],
        kind: NotificationKind,
        key: str,
        ticket: Ticket,
        *,
        by_mail: bool = True,
        once: str | None = None,
    ) -> None:
        """`once`: nobody is told twice under this key."""
        users = [user_id for user_id in to if user_id is not None]
        if users:
            await NotificationService(self.ctx).notify(
                users,
                kind,
                title=Message(key, number=ticket.number),
                object_type=Ticket.label,
                object_id=ticket.id,
                by_mail=by_mail,
                dedupe_key=once,
            )
