"""Around a ticket: who follows it, what belongs to it, its history, and who is at it now."""

from datetime import timedelta
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.errors import NotFound
from crm_api.sla.schemas.clocks import SlaExplanation
from crm_api.sla.service import SlaService
from crm_api.tickets.errors import UnknownTicketPart
from crm_api.tickets.events import TicketPresenceChanged
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.models.words import PresenceState, TicketLinkKind
from crm_api.tickets.repository.around import AroundTicket, Presences
from crm_api.tickets.repository.parts import TicketTies
from crm_api.tickets.schemas.around import (
    TicketChangeRead,
    TicketHistory,
    TicketLinkCreate,
    TicketLinkList,
    TicketLinkRead,
    TicketPresenceList,
    TicketPresenceRead,
    TicketWatch,
    TicketWatcherList,
    TicketWatcherRead,
)
from crm_api.users.service import UserService

PRESENT = timedelta(seconds=60)
"""So long somebody is believed to be there who says nothing more."""
FORGOTTEN = timedelta(hours=1)


class Around:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.ties = TicketDesk(ctx), TicketTies(ctx)
        self.kept = AroundTicket(ctx)

    # --- who follows

    async def watchers(self, ticket_id: UUID) -> TicketWatcherList:
        await self.kept.get(ticket_id)
        rows = await self.ties.watchers(ticket_id)
        return TicketWatcherList(data=[TicketWatcherRead.model_validate(row) for row in rows])

    async def watch(self, ticket_id: UUID, data: TicketWatch) -> TicketWatcherList:
        """They see it from now on, wherever its customer is. Raises ValidationFailed for unknown ones."""
        await self.desk.take(ticket_id)
        await UserService(self.ctx).refuse_unknown(data.user_ids, "/user_ids")
        await self.ties.watch(ticket_id, data.user_ids, data.role)
        self.ctx.note(
            "ticket.watched", "ticket", ticket_id, changes={"user_ids": list(map(str, data.user_ids))}
        )
        return await self.watchers(ticket_id)

    async def unwatch(self, ticket_id: UUID, user_id: UUID) -> None:
        """Raises NotFound where they do not follow it."""
        await self.desk.take(ticket_id)
        if not await self.ties.unwatch(ticket_id, user_id):
            raise NotFound(id=str(user_id))
        self.ctx.note("ticket.unwatched", "ticket", ticket_id, changes={"user_ids": [str(user_id)]})

    # --- what belongs to it

    async def links(self, ticket_id: UUID) -> TicketLinkList:
        await self.kept.get(ticket_id)
        names = "ticket_id", "number", "subject", "status", "kind", "outgoing"
        rows = [dict(zip(names, row, strict=True)) for row in await self.kept.linked(ticket_id)]
        return TicketLinkList(data=[TicketLinkRead.model_validate(row) for row in rows])

    async def link(self, ticket_id: UUID, data: TicketLinkCreate) -> TicketLinkList:
        """Raises UnknownTicketPart for a ticket out of sight, and for itself."""
        await self.desk.take(ticket_id)
        if data.other_id == ticket_id or not await self.kept.seen([data.other_id]):
            raise UnknownTicketPart(what="ticket", id=str(data.other_id))
        await self.ties.link(ticket_id, data.other_id, TicketLinkKind(data.kind))
        self.ctx.note("ticket.linked", "ticket", ticket_id, changes={"other_id": str(data.other_id)})
        return await self.links(ticket_id)

    async def unlink(self, ticket_id: UUID, other_id: UUID) -> None:
        await self.desk.take(ticket_id)
        if not await self.ties.unlink(ticket_id, other_id):
            raise NotFound(id=str(other_id))
        self.ctx.note("ticket.unlinked", "ticket", ticket_id, changes={"other_id": str(other_id)})

    # --- its history

    async def history(self, ticket_id: UUID) -> TicketHistory:
        await self.kept.get(ticket_id)
        rows = await self.kept.history(ticket_id)
        return TicketHistory(data=[TicketChangeRead.model_validate(row) for row in rows])

    # --- why it is due when it is

    async def clock(self, ticket_id: UUID) -> SlaExplanation:
        """Interval by interval. Raises NotFound."""
        ticket = (await self.kept.get(ticket_id)).value
        if ticket.sla_clock_id is None:
            raise NotFound(id=str(ticket_id))
        return await SlaService(self.ctx).explain(ticket.sla_clock_id)

    # --- who is at it now

    async def presences(self, ticket_id: UUID) -> TicketPresenceList:
        """The others."""
        await self.kept.get(ticket_id)
        rows = await Presences(self.ctx).others(ticket_id, now() - PRESENT)
        return TicketPresenceList(data=[TicketPresenceRead.model_validate(row) for row in rows])

    async def be_present(self, ticket_id: UUID, state: PresenceState) -> TicketPresenceList:
        """Streams are told only of what changed: that somebody came, began to type, went."""
        await self.kept.get(ticket_id)
        self.ctx.begin()
        presences, moment = Presences(self.ctx), now()
        before = await presences.said(ticket_id)
        there = before is not None and before[1] >= moment - PRESENT
        await presences.say(ticket_id, state, moment)
        if not (there and before and before[0] is state):
            await publish(self.ctx, TicketPresenceChanged(ticket_id, self.ctx.principal.id, state))
        return await self.presences(ticket_id)

    async def forget_presences(self) -> None:
        """Rows of those who left without a word."""
        await Presences(self.ctx).forget(now() - FORGOTTEN)
