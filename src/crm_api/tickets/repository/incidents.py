"""Mass incidents, and their tickets."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, literal_column, select

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.models.words import IS_UNFINISHED, TicketStatus
from crm_api.tickets.models.work import TicketIncident
from crm_api.tickets.repository.tickets import TicketRepository
from crm_api.tickets.schemas.incidents import TicketIncidentRead

MOST = 20_000
"""Tickets that one answer reaches."""


class TicketIncidentRepository(Repository[TicketIncident, TicketIncidentRead]):
    model, read = TicketIncident, TicketIncidentRead


class TicketsOfIncident(TicketRepository):
    async def attach(self, incident_id: UUID, ticket_ids: Sequence[UUID]) -> list[UUID]:
        """Those in sight that are not closed; which."""
        seen = sorted(await self.seen(ticket_ids))
        t = table_of(Ticket)
        return await self.edit_all(
            "of these",
            lambda: [
                t.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
                t.c.status != literal_column(f"'{TicketStatus.CLOSED}'"),
                t.c.deleted_at.is_(None),
            ],
            {"ids": seen},
            {"incident_id": incident_id},
        )

    async def unfinished_of(self, incident_id: UUID) -> list[UUID]:
        """Those in sight that somebody still has to do something about, the oldest first."""
        t = table_of(Ticket)
        waits: ColumnElement[bool] = literal_column(IS_UNFINISHED)
        rows = await self.rows(
            "unfinished of incident",
            lambda: (
                self.select(t.c.id)
                .where(
                    t.c.incident_id == bindparam("incident_id", type_=Uuid()), waits, t.c.deleted_at.is_(None)
                )
                .order_by(t.c.created_at, t.c.id)
                .limit(literal_column(str(MOST)))
            ),
            {"incident_id": incident_id},
        )
        return [row[0] for row in rows]

    async def open_one(self, incident_id: UUID) -> bool:
        """Whether there is such an incident, and it goes on."""
        found = select(TicketIncident.id).where(
            TicketIncident.organization_id == self.ctx.organization_id,
            TicketIncident.id == incident_id,
            TicketIncident.status == literal_column("'open'"),
        )
        return await self.ctx.session.scalar(found) is not None
