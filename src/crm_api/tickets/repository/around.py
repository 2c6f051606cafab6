"""The history of a ticket, the tickets that belong to it, and who is at it now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, case, delete, literal_column, or_, select
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.tickets.models.ticket import Ticket, TicketChange, TicketLink
from crm_api.tickets.models.words import PresenceState
from crm_api.tickets.models.work import TicketPresence
from crm_api.tickets.repository.tickets import TicketRepository

MOST = 1000
_SHOWN: ColumnElement[int] = literal_column("200")


class AroundTicket(TicketRepository):
    """Rows that are no entities; who asks has seen the ticket."""

    async def history(self, ticket_id: UUID) -> Sequence[TicketChange]:
        found = select(TicketChange).where(
            TicketChange.organization_id == self.ctx.organization_id, TicketChange.ticket_id == ticket_id
        )
        return (await self.ctx.session.scalars(found.order_by(TicketChange.id.desc()).limit(MOST))).all()

    async def linked(self, ticket_id: UUID) -> Sequence[Sequence[Any]]:
        """id, number, subject, status, kind, outgoing of those in sight, the newest first."""
        t, links = table_of(Ticket), TicketLink.__table__
        here = bindparam("ticket_id", type_=Uuid())
        return await self.rows(
            "linked",
            lambda: (
                self.select(
                    t.c.id, t.c.number, t.c.subject, t.c.status, links.c.kind, links.c.ticket_id == here
                )
                .join_from(
                    t,
                    links,
                    (links.c.organization_id == t.c.organization_id)
                    & (
                        t.c.id == case((links.c.ticket_id == here, links.c.other_id), else_=links.c.ticket_id)
                    ),
                )
                .where(
                    links.c.organization_id == bindparam("organization_id"),
                    or_(links.c.ticket_id == here, links.c.other_id == here),
                )
                .order_by(links.c.linked_at.desc(), t.c.id)
                .limit(_SHOWN)
            ),
            {"ticket_id": ticket_id},
        )


class Presences:
    """Who is at which ticket."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def said(self, ticket_id: UUID) -> tuple[PresenceState, datetime] | None:
        """What the one who asks said last of that ticket."""
        row = await self.ctx.session.get(
            TicketPresence, (self.ctx.organization_id, ticket_id, self.ctx.principal.id)
        )
        return (row.state, row.seen_at) if row else None

    async def say(self, ticket_id: UUID, state: PresenceState, moment: datetime) -> None:
        me = self.ctx.principal.id
        key = {"organization_id": self.ctx.organization_id, "ticket_id": ticket_id, "user_id": me}
        said = {"state": state, "seen_at": moment}
        writing = insert(TicketPresence).values(**key, **said)
        await self.ctx.session.execute(writing.on_conflict_do_update(index_elements=[*key], set_=said))

    async def others(self, ticket_id: UUID, since: datetime) -> Sequence[TicketPresence]:
        """Who said something since then, and has not gone."""
        found = select(TicketPresence).where(
            TicketPresence.organization_id == self.ctx.organization_id,
            TicketPresence.ticket_id == ticket_id,
            TicketPresence.user_id != self.ctx.principal.id,
            TicketPresence.state != PresenceState.GONE,
            TicketPresence.seen_at >= since,
        )
        first = found.order_by(TicketPresence.state.desc(), TicketPresence.user_id).limit(_SHOWN)
        fresh = {"populate_existing": True}
        return (await self.ctx.session.scalars(first, execution_options=fresh)).all()

    async def forget(self, before: datetime) -> None:
        """What nobody said again for so long."""
        gone = delete(TicketPresence).where(
            TicketPresence.organization_id == self.ctx.organization_id, TicketPresence.seen_at < before
        )
        await self.ctx.session.execute(gone)
