"""Tickets after facts of the floors below and with time passing: whoever sees them, many at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select, update

from crm_api.core.plain import table_of
from crm_api.core.progress import JobRun
from crm_api.sla.models import SlaClock
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.models.words import IS_UNFINISHED, TicketStatus
from crm_api.tickets.repository.tickets import AT_ONCE, TicketRepository

RECOUNT = "recount_sla"
RECOUNTED = timedelta(minutes=5)


class FollowingTickets(TicketRepository):
    """What follows from facts below, with its lines in the journal."""

    async def move_unfinished(self, from_agency_id: UUID, to_agency_id: UUID) -> None:
        t = table_of(Ticket)
        await self.edit_all(
            "of agency",
            lambda: [t.c.agency_id == bindparam("closing"), t.c.status != TicketStatus.CLOSED],
            {"closing": from_agency_id},
            {"agency_id": to_agency_id},
        )

    async def hand_over(self, user_id: UUID, to_user_id: UUID) -> None:
        t = table_of(Ticket)
        await self.edit_all(
            "of owner",
            lambda: [t.c.owner_user_id == bindparam("leaving"), t.c.status != TicketStatus.CLOSED],
            {"leaving": user_id},
            {"owner_user_id": to_user_id},
        )

    async def has_tickets(self, account_id: UUID) -> bool:
        """Whether the account has any, in or out of sight."""
        held = select(Ticket.id).where(self._mine(), Ticket.account_id == account_id)
        return await self.ctx.session.scalar(held.limit(1)) is not None

    # --- with time

    async def standing_since(self, status: TicketStatus, before: datetime, **more: Any) -> Sequence[Ticket]:
        """Locked; those that others work on just now are left for the next time."""
        found = select(Ticket).where(
            self._mine(),
            Ticket.status == status,
            Ticket.status_since <= before,
            Ticket.deleted_at.is_(None),
            *(getattr(Ticket, name) == value for name, value in more.items()),
        )
        found = found.order_by(Ticket.status_since, Ticket.id).limit(AT_ONCE)
        return (await self.ctx.session.scalars(found.with_for_update(skip_locked=True))).all()

    async def clocks_were_recounted(self, moment: datetime) -> bool:
        """Whether every clock was, or is being, counted anew."""
        run = select(JobRun.id).where(
            JobRun.organization_id == self.ctx.organization_id,
            JobRun.kind == RECOUNT,
            JobRun.updated_at > moment - RECOUNTED,
        )
        return await self.ctx.session.scalar(run.limit(1)) is not None

    async def follow_clocks(self) -> int:
        """When the next target is due, as the clocks say: one statement; how many had it otherwise.

        A copy that lists are sorted by, not a change of the ticket: no line in the journal, no new version.
        """
        t, clocks = table_of(Ticket), SlaClock.__table__
        stale = (
            select(t.c.id, clocks.c.next_due_at)
            .join(
                clocks, (clocks.c.organization_id == t.c.organization_id) & (clocks.c.id == t.c.sla_clock_id)
            )
            .where(
                t.c.organization_id == self.ctx.organization_id,
                literal_column(IS_UNFINISHED),
                t.c.deleted_at.is_(None),
                t.c.next_due_at.is_distinct_from(clocks.c.next_due_at),
            )
            .with_for_update(of=t, skip_locked=True)
            .cte("stale")
        )
        change = (
            update(t)
            .where(t.c.organization_id == self.ctx.organization_id, t.c.id == stale.c.id)
            .values(next_due_at=stale.c.next_due_at)
            .returning(t.c.id)
        )
        return len((await self.ctx.session.execute(change)).all())
