"""Sub-requests, approvals, time and merges of tickets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.tickets.errors import UnknownTicketAssignee, UnknownTicketPart
from crm_api.tickets.models.ticket import Ticket, TicketMessage, TicketWatcher
from crm_api.tickets.models.work import (
    SubRequestStatus,
    TicketApproval,
    TicketMerge,
    TicketSubRequest,
    TicketTimeEntry,
)
from crm_api.tickets.repository.parts import OfTicket
from crm_api.tickets.schemas.work import TicketApprovalRead, TicketSubRequestRead, TicketTimeEntryRead

AT_ONCE = 1000


class TicketSubRequestRepository(OfTicket[TicketSubRequest, TicketSubRequestRead]):
    model, read = TicketSubRequest, TicketSubRequestRead
    refusals = {
        "fk_ticket_sub_requests_agency": UnknownTicketPart,
        "fk_ticket_sub_requests_user": UnknownTicketAssignee,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        t = table_of(TicketSubRequest).c
        out = t.status == literal_column("'sent'")
        return {**super().columns(), "is_late": out & (t.due_at < func.now())}

    async def newly_late(self) -> Sequence[TicketSubRequest]:
        """Those that are out, whose moment has passed, and of which nobody was told; whoever sees them."""
        found = (
            select(TicketSubRequest)
            .where(
                TicketSubRequest.organization_id == self.ctx.organization_id,
                TicketSubRequest.status == SubRequestStatus.SENT,
                TicketSubRequest.late_told_at.is_(None),
                TicketSubRequest.due_at < func.now(),
            )
            .order_by(TicketSubRequest.due_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        return (await self.ctx.session.scalars(found)).all()


class TicketApprovalRepository(OfTicket[TicketApproval, TicketApprovalRead]):
    model, read = TicketApproval, TicketApprovalRead
    refusals = {"fk_ticket_approvals_approver": UnknownTicketAssignee}


class TicketTimeEntryRepository(OfTicket[TicketTimeEntry, TicketTimeEntryRead]):
    model, read = TicketTimeEntry, TicketTimeEntryRead


class TicketMerges:
    """What went where, for the way back."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def keep(self, merge: TicketMerge) -> None:
        self.ctx.session.add(merge)
        await self.ctx.session.flush()

    async def last_of(self, ticket_id: UUID) -> TicketMerge | None:
        """The merge that took that ticket away and was not undone; locked."""
        found = select(TicketMerge).where(
            TicketMerge.organization_id == self.ctx.organization_id,
            TicketMerge.ticket_id == ticket_id,
            TicketMerge.undone_at.is_(None),
        )
        newest = found.order_by(TicketMerge.merged_at.desc()).limit(1).with_for_update()
        return await self.ctx.session.scalar(newest)

    async def move_messages(
        self, from_id: UUID, to_id: UUID, ids: Sequence[UUID] | None, moment: datetime
    ) -> list[UUID]:
        """Of `ids`, or all of them; which. One that comes home remembers no other place."""
        t = table_of(TicketMessage)
        change = update(t).where(t.c.organization_id == self.ctx.organization_id, t.c.ticket_id == from_id)
        if ids is not None:
            change = change.where(t.c.id == any_(bindparam("ids", list(ids), ARRAY(Uuid()))))
        home = func.nullif(func.coalesce(t.c.moved_from_id, t.c.ticket_id), to_id)
        change = change.values(
            ticket_id=to_id, moved_from_id=home, updated_at=moment, version=t.c.version + 1
        )
        return [row[0] for row in await self.ctx.session.execute(change.returning(t.c.id))]

    async def move_parts(self, from_id: UUID, to_id: UUID, ids: Sequence[UUID] | None = None) -> list[UUID]:
        """Tickets that are parts of the one become parts of the other; which."""
        t = table_of(Ticket)
        change = update(t).where(
            t.c.organization_id == self.ctx.organization_id, t.c.parent_ticket_id == from_id
        )
        if ids is not None:
            change = change.where(t.c.id == any_(bindparam("ids", list(ids), ARRAY(Uuid()))))
        change = change.where(t.c.id != to_id).values(parent_ticket_id=to_id, version=t.c.version + 1)
        return [row[0] for row in await self.ctx.session.execute(change.returning(t.c.id))]

    async def copy_watchers(self, from_id: UUID, to_id: UUID) -> list[UUID]:
        """Who follows the one follows the other too; who did not before."""
        theirs = select(TicketWatcher).where(
            TicketWatcher.organization_id == self.ctx.organization_id,
            TicketWatcher.ticket_id == any_(bindparam("both", [from_id, to_id], ARRAY(Uuid()))),
        )
        rows = (await self.ctx.session.scalars(theirs)).all()
        there = {row.user_id for row in rows if row.ticket_id == to_id}
        new = [row for row in rows if row.ticket_id == from_id and row.user_id not in there]
        self.ctx.session.add_all(
            TicketWatcher(ticket_id=to_id, user_id=row.user_id, role=row.role) for row in new
        )
        await self.ctx.session.flush()
        return [row.user_id for row in new]

    async def drop_watchers(self, ticket_id: UUID, user_ids: Sequence[UUID]) -> None:
        gone = delete(TicketWatcher).where(
            TicketWatcher.organization_id == self.ctx.organization_id,
            TicketWatcher.ticket_id == ticket_id,
            TicketWatcher.user_id == any_(bindparam("ids", list(user_ids), ARRAY(Uuid()))),
        )
        await self.ctx.session.execute(gone)
