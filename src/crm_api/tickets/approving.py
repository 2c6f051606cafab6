"""Approvals and time of a ticket."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.notifications.models import NotificationKind
from crm_api.tickets.errors import NotYourTicket, OwnTicketApproval
from crm_api.tickets.events import TicketApprovalAsked, TicketApprovalDecided
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.models.words import WatcherRole
from crm_api.tickets.models.work import (
    TICKET_APPROVAL,
    TicketApproval,
    TicketApprovalStatus,
    TicketTimeEntry,
)
from crm_api.tickets.repository.parts import TicketTies
from crm_api.tickets.repository.work import TicketApprovalRepository, TicketTimeEntryRepository
from crm_api.tickets.schemas.work import (
    TicketApprovalCreate,
    TicketApprovalDecide,
    TicketApprovalPage,
    TicketApprovalQuery,
    TicketApprovalRead,
    TicketTimeEntryCreate,
    TicketTimeEntryPage,
    TicketTimeEntryQuery,
    TicketTimeEntryRead,
)
from crm_api.tickets.telling import TicketTeller


class TicketApprovals:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.teller = TicketDesk(ctx), TicketTeller(ctx)
        self.approvals = TicketApprovalRepository(ctx)

    async def page(self, ticket_id: UUID, query: TicketApprovalQuery) -> Json[TicketApprovalPage]:
        await self.desk.tickets.get(ticket_id)
        return await self.approvals.page_within(ticket_id, query, TicketApprovalPage)

    async def get(self, ticket_id: UUID, approval_id: UUID) -> Json[TicketApprovalRead]:
        return await self.approvals.get_of(ticket_id, approval_id)

    async def ask(self, ticket_id: UUID, data: TicketApprovalCreate) -> Json[TicketApprovalRead]:
        """Raises OwnTicketApproval, TicketClosed, UnknownTicketAssignee."""
        ticket = await self.desk.take_unclosed(ticket_id)
        if data.approver_user_id == self.ctx.principal.id:
            raise OwnTicketApproval
        await self.desk.refuse_unfit(data.approver_user_id)
        row = await self.approvals.save(TicketApproval(**dict(data), id=new_id(), ticket_id=ticket_id))
        await TicketTies(self.ctx).watch(ticket_id, [data.approver_user_id], WatcherRole.FOLLOWER)
        kind = NotificationKind.APPROVAL_REQUEST
        await self.teller.say([data.approver_user_id], kind, "ticket_approval_asked", ticket)
        asked = TicketApprovalAsked(ticket_id, ticket.number, row.id, data.approver_user_id)
        await self.desk.keep(ticket, [asked])
        return await self.approvals.get(row.id)

    async def decide(
        self, ticket_id: UUID, approval_id: UUID, data: TicketApprovalDecide, version: int
    ) -> Json[TicketApprovalRead]:
        """By whom it was asked of. Raises NotYourTicket, InvalidTransition."""
        wanted = TicketApprovalStatus.APPROVED if data.approved else TicketApprovalStatus.REFUSED
        row = await self._stepping(ticket_id, approval_id, version, wanted)
        if row.approver_user_id != self.ctx.principal.id:
            raise NotYourTicket
        row.comment = data.comment
        return await self._ended(row)

    async def withdraw(self, ticket_id: UUID, approval_id: UUID, version: int) -> Json[TicketApprovalRead]:
        """By who asked. Raises NotYourTicket, InvalidTransition."""
        row = await self._stepping(ticket_id, approval_id, version, TicketApprovalStatus.WITHDRAWN)
        if row.created_by_id != self.ctx.principal.id:
            raise NotYourTicket
        return await self._ended(row)

    async def _stepping(
        self, ticket_id: UUID, approval_id: UUID, version: int, wanted: TicketApprovalStatus
    ) -> TicketApproval:
        row = await self.approvals.held(ticket_id, approval_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        TICKET_APPROVAL.check(row.status, wanted)
        row.status, row.decided_at = wanted, now()
        return row

    async def _ended(self, row: TicketApproval) -> Json[TicketApprovalRead]:
        ticket = await self.desk.take(row.ticket_id)
        await self.approvals.save(row)
        if row.status is not TicketApprovalStatus.WITHDRAWN:
            key = "ticket_approved" if row.status is TicketApprovalStatus.APPROVED else "ticket_refused"
            await self.teller.say([row.created_by_id], NotificationKind.DECISION, key, ticket)
        decided = TicketApprovalDecided(ticket.id, ticket.number, row.id, row.status)
        await self.desk.keep(ticket, [decided])
        return await self.approvals.get(row.id)


class TicketTime:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.entries = TicketDesk(ctx), TicketTimeEntryRepository(ctx)

    async def page(self, ticket_id: UUID, query: TicketTimeEntryQuery) -> Json[TicketTimeEntryPage]:
        await self.desk.tickets.get(ticket_id)
        return await self.entries.page_within(ticket_id, query, TicketTimeEntryPage)

    async def get(self, ticket_id: UUID, entry_id: UUID) -> Json[TicketTimeEntryRead]:
        return await self.entries.get_of(ticket_id, entry_id)

    async def add(self, ticket_id: UUID, data: TicketTimeEntryCreate) -> Json[TicketTimeEntryRead]:
        """Of a closed ticket too: time is often written down afterwards. Raises NotYourTicket."""
        await self.desk.take(ticket_id)
        return await self.entries.get((await self.spent(ticket_id, data)).id)

    async def spent(self, ticket_id: UUID, data: TicketTimeEntryCreate) -> TicketTimeEntry:
        me = self.ctx.principal
        if not me.is_person:
            raise NotYourTicket
        row = TicketTimeEntry(
            id=new_id(),
            ticket_id=ticket_id,
            user_id=me.id,
            worked_on=data.worked_on or today(),
            minutes=data.minutes,
            note=data.note,
        )
        return await self.entries.save(row)

    async def remove(self, ticket_id: UUID, entry_id: UUID, version: int) -> None:
        """One's own only. Raises NotYourTicket."""
        row = await self.entries.held(ticket_id, entry_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        if row.user_id != self.ctx.principal.id:
            raise NotYourTicket
        await self.entries.remove(row)
