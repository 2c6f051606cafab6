"""Sub-requests: what is asked of an expert, a garage, an agency, a colleague; with a clock of its own."""

from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.notifications.models import NotificationKind
from crm_api.tickets.errors import UnknownTicketPart
from crm_api.tickets.events import TicketSubRequestEnded, TicketSubRequestSent
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.models.words import WatcherRole
from crm_api.tickets.models.work import SUB_REQUEST, SubRequestStatus, TicketSubRequest
from crm_api.tickets.repository.parts import TicketTies
from crm_api.tickets.repository.work import TicketSubRequestRepository
from crm_api.tickets.schemas.work import (
    TicketSubRequestCreate,
    TicketSubRequestPage,
    TicketSubRequestQuery,
    TicketSubRequestRead,
)
from crm_api.tickets.telling import TicketTeller


class SubRequests:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.teller = TicketDesk(ctx), TicketTeller(ctx)
        self.requests = TicketSubRequestRepository(ctx)

    async def page(self, ticket_id: UUID, query: TicketSubRequestQuery) -> Json[TicketSubRequestPage]:
        await self.desk.tickets.get(ticket_id)
        return await self.requests.page_within(ticket_id, query, TicketSubRequestPage)

    async def get(self, ticket_id: UUID, request_id: UUID) -> Json[TicketSubRequestRead]:
        return await self.requests.get_of(ticket_id, request_id)

    async def send(self, ticket_id: UUID, data: TicketSubRequestCreate) -> Json[TicketSubRequestRead]:
        """Raises TicketClosed, UnknownTicketPart, UnknownTicketAssignee."""
        ticket = await self.desk.take_unclosed(ticket_id)
        moment = now()
        told = [data.user_id] if data.user_id else []
        if data.user_id is not None:
            await self.desk.refuse_unfit(data.user_id)
            await TicketTies(self.ctx).watch(ticket_id, [data.user_id], WatcherRole.COLLABORATOR)
        if data.agency_id is not None and (manager := await self._manager(data.agency_id)) is not None:
            told.append(manager)
            await TicketTies(self.ctx).watch(ticket_id, [manager], WatcherRole.COLLABORATOR)
        calendar = await CalendarService(self.ctx).for_agency(ticket.agency_id)
        row = TicketSubRequest(
            **dict(data),
            id=new_id(),
            ticket_id=ticket_id,
            due_at=calendar.add_minutes(moment, data.target_minutes),
        )
        await self.requests.save(row)
        if data.pauses:
            ticket.pausing_count += 1
            if ticket.pausing_count == 1:
                await self.desk.clock.held(ticket, moment)
        await self.teller.say(told, NotificationKind.ASSIGNMENT, "ticket_asked", ticket)
        sent = TicketSubRequestSent(ticket_id, ticket.number, row.id, row.kind, row.pauses)
        await self.desk.keep(ticket, [*await self.desk.begin(ticket), sent])
        return await self.requests.get(row.id)

    async def answer(
        self, ticket_id: UUID, request_id: UUID, answer: str, version: int
    ) -> Json[TicketSubRequestRead]:
        """Raises InvalidTransition."""
        return await self._end(ticket_id, request_id, version, SubRequestStatus.ANSWERED, answer)

    async def cancel(self, ticket_id: UUID, request_id: UUID, version: int) -> Json[TicketSubRequestRead]:
        """Raises InvalidTransition."""
        return await self._end(ticket_id, request_id, version, SubRequestStatus.CANCELLED, None)

    async def tell_late(self) -> None:
        """Who works on the ticket, of each that is late; once."""
        for row in await self.requests.newly_late():
            row.late_told_at = now()
            await self.requests.save(row)
            ticket = await self.desk.tickets.loaded_anyhow(row.ticket_id)
            if ticket is not None:
                to = [ticket.owner_user_id or row.created_by_id]
                await self.teller.say(to, NotificationKind.SLA_BREACH, "ticket_sub_request_late", ticket)

    async def _end(
        self, ticket_id: UUID, request_id: UUID, version: int, wanted: SubRequestStatus, answer: str | None
    ) -> Json[TicketSubRequestRead]:
        """The clocks of the ticket go on once none that pauses is out."""
        ticket = await self.desk.take(ticket_id)
        row = await self.requests.held(ticket_id, request_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        SUB_REQUEST.check(row.status, wanted)
        moment = now()
        row.status, row.answer = wanted, answer
        row.answered_at = moment if wanted is SubRequestStatus.ANSWERED else None
        await self.requests.save(row)
        if row.pauses:
            ticket.pausing_count -= 1
            if ticket.pausing_count == 0:
                await self.desk.clock.released(ticket, moment)
        if wanted is SubRequestStatus.ANSWERED:
            await self._tell_answered(ticket, row)
        ended = TicketSubRequestEnded(ticket_id, ticket.number, row.id, wanted)
        await self.desk.keep(ticket, [ended])
        return await self.requests.get(row.id)

    async def _tell_answered(self, ticket: Ticket, row: TicketSubRequest) -> None:
        to = {ticket.owner_user_id, row.created_by_id} - {self.ctx.principal.id}
        await self.teller.say(to, NotificationKind.SYSTEM, "ticket_sub_request_answered", ticket)

    async def _manager(self, agency_id: UUID) -> UUID | None:
        try:
            return (await AgencyService(self.ctx).get(agency_id)).value.manager_user_id
        except NotFound as unknown:
            raise UnknownTicketPart(what="agency", id=str(agency_id)) from unknown
