"""What every use case of a ticket begins and ends with: the ticket locked, its version and state checked."""

from collections.abc import Sequence
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import Deleted, NotFound, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.roles.service import GroupService
from crm_api.tickets.clock import TicketClock
from crm_api.tickets.errors import (
    TicketClosed,
    TicketMerged,
    TicketPartsOpen,
    UnknownTicketAssignee,
    UnknownTicketPart,
)
from crm_api.tickets.events import (
    TicketClosedForGood,
    TicketMoved,
    TicketPending,
    TicketReopened,
    TicketSolved,
)
from crm_api.tickets.models.setup import TicketStatusOption
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.models.words import TICKET, TicketStatus
from crm_api.tickets.repository.tickets import TicketRepository
from crm_api.tickets.schemas.ticket import TicketRead
from crm_api.tickets.statuses import TicketStatusService


class TicketDesk:
    """The ticket on the desk."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.tickets, self.clock = TicketRepository(ctx), TicketClock(ctx)
        self.statuses = TicketStatusService(ctx)

    async def take(self, ticket_id: UUID, version: int | None = None) -> Ticket:
        """Locked. Raises NotFound, Deleted, TicketMerged, VersionConflict."""
        ticket = await self.tickets.load(ticket_id)
        if ticket.deleted_at is not None:
            raise Deleted(id=str(ticket_id))
        if version not in (None, ticket.version, ANY_VERSION):
            raise VersionConflict(current_version=ticket.version)
        if ticket.merged_into_id is not None:
            raise TicketMerged(merged_into_id=str(ticket.merged_into_id))
        return ticket

    async def take_unclosed(self, ticket_id: UUID, version: int | None = None) -> Ticket:
        """`take`, of one that is not closed. Raises TicketClosed."""
        ticket = await self.take(ticket_id, version)
        if ticket.status is TicketStatus.CLOSED:
            raise TicketClosed
        return ticket

    async def survivor(self, ticket_id: UUID) -> Ticket:
        """For channels and jobs: the ticket, or what it went into; whoever sees it. Raises NotFound."""
        for _ in range(10):
            ticket = await self.tickets.loaded_anyhow(ticket_id)
            if ticket is None:
                break
            if ticket.merged_into_id is None:
                return ticket
            ticket_id = ticket.merged_into_id
        raise NotFound(id=str(ticket_id))

    async def move(
        self,
        ticket: Ticket,
        option: TicketStatusOption,
        *,
        by_itself: bool = False,
        by_customer: bool = False,
    ) -> list[Event]:
        """Into that status; another one of the same category is no transition. Raises InvalidTransition and,
        of what is solved by somebody, TicketPartsOpen.
        """
        moment, before = now(), ticket.status
        if option.category is before:
            if option.id == ticket.status_id or before is TicketStatus.CLOSED:
                raise TICKET.refusal(before, option.category)
            ticket.status_id = option.id
            return [TicketMoved(ticket.id, ticket.number, before, option.id)]
        TICKET.check(before, option.category)
        if option.category is TicketStatus.SOLVED and not by_itself:
            await self._refuse_open_parts(ticket)
        wanted = option.category
        ticket.status, ticket.status_id, ticket.status_since = wanted, option.id, moment
        ticket.pending_reminders = 0
        events: list[Event] = [TicketMoved(ticket.id, ticket.number, wanted, option.id)]
        if wanted is TicketStatus.SOLVED:
            ticket.solved_at = moment
            events.append(_solved(ticket, by_itself))
        elif wanted is TicketStatus.CLOSED:
            ticket.closed_at = moment
            events.append(TicketClosedForGood(ticket.id, ticket.number, ticket.account_id))
        elif wanted is TicketStatus.PENDING:
            events.append(TicketPending(ticket.id, ticket.number))
        if before is TicketStatus.SOLVED and wanted is TicketStatus.OPEN:
            ticket.solved_at = None
            ticket.reopen_count += 1
            events.append(TicketReopened(ticket.id, ticket.number, by_customer))
        await self.clock.moved(ticket, moment)
        return events

    async def begin(self, ticket: Ticket) -> list[Event]:
        """Somebody does something about it: what was new is open."""
        if ticket.status is not TicketStatus.NEW:
            return []
        return await self.move(ticket, await self.statuses.default(TicketStatus.OPEN))

    async def _refuse_open_parts(self, ticket: Ticket) -> None:
        """Nothing of it may be under way when somebody solves it. Raises TicketPartsOpen."""
        parts, out, waiting = await self.tickets.under_way(ticket.id)
        if parts or out or waiting:
            raise TicketPartsOpen(tickets=parts, sub_requests=out, approvals=waiting)

    async def refuse_unfit(self, user_id: UUID) -> None:
        """Raises UnknownTicketAssignee."""
        if await self.tickets.active_colleague(user_id) is None:
            raise UnknownTicketAssignee

    async def refuse_unknown_group(self, group_id: UUID) -> None:
        """Raises UnknownTicketPart."""
        if not await GroupService(self.ctx).still_there([group_id]):
            raise UnknownTicketPart(what="group", id=str(group_id))

    async def keep(self, ticket: Ticket, events: Sequence[Event] = ()) -> None:
        await self.tickets.save(ticket)
        for event in events:
            await publish(self.ctx, event)

    async def kept(self, ticket: Ticket, events: Sequence[Event] = ()) -> Json[TicketRead]:
        """`keep`, and the answer."""
        await self.keep(ticket, events)
        return await self.tickets.get(ticket.id)


def _solved(ticket: Ticket, by_itself: bool) -> TicketSolved:
    return TicketSolved(
        ticket.id,
        ticket.number,
        ticket.account_id,
        ticket.requester_contact_id,
        ticket.owner_user_id,
        ticket.agency_id,
        by_itself,
    )
