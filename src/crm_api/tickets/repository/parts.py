"""What hangs on a ticket: seen by whoever sees the ticket."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Text, Uuid, bindparam, delete, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.context import Context
from crm_api.core.db import Entity
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import Variant, variant_of
from crm_api.kit.errors import NotFound
from crm_api.kit.listing import Chosen, Filter, ListQuery, Page, equals
from crm_api.kit.schemas import Json
from crm_api.tickets.errors import TicketMessageKnown
from crm_api.tickets.models.ticket import Ticket, TicketLink, TicketMessage, TicketWatcher
from crm_api.tickets.models.words import TicketChannel, TicketLinkKind, WatcherRole
from crm_api.tickets.schemas.messages import TicketMessagePage, TicketMessageQuery, TicketMessageRead
from crm_api.tickets.sight import seen_tickets

M = TypeVar("M", bound=Entity)
R = TypeVar("R", bound=BaseModel)
P = TypeVar("P", bound=Page[Any])


@cache
def _of_ticket(model: Any) -> Filter:
    return equals(model.ticket_id)


class OfTicket(Repository[M, R]):
    """Rows with a `ticket_id`."""

    visibility: Variant

    def __init__(self, ctx: Context) -> None:
        self.visibility = variant_of(ctx.principal)
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        own, of_ticket = super().visible(), table_of(self.model)
        if self.visibility == "all":
            return own
        tickets = table_of(Ticket)
        seen: Any = select(literal_column("true")).where(
            tickets.c.organization_id == of_ticket.c.organization_id,
            tickets.c.id == of_ticket.c.ticket_id,
            *seen_tickets(self.visibility),
        )
        row: ColumnElement[bool] = seen.correlate(of_ticket).limit(literal_column("1")).scalar_subquery()
        return [*own, row.is_not(None)]

    async def page_within(self, ticket_id: UUID, query: ListQuery, page: type[P]) -> Json[P]:
        """Of that ticket."""
        chosen = query.selection()
        own = (Chosen(_of_ticket(self.model), "within_ticket_id", ticket_id),)
        return await self.page(replace(chosen, groups=(*chosen.groups, own)), page)

    async def get_of(self, ticket_id: UUID, id: UUID) -> Json[R]:
        """Raises NotFound where the ticket has no such row."""
        found = await self.find(id=id, ticket_id=ticket_id)
        if found is None:
            raise NotFound(id=str(id))
        return found

    async def held(self, ticket_id: UUID, id: UUID) -> M:
        """Locked. Raises NotFound where the ticket has no such row."""
        row = await self.load(id)
        if row.ticket_id != ticket_id:  # type: ignore[attr-defined]
            raise NotFound(id=str(id))
        return row


class TicketMessageRepository(OfTicket[TicketMessage, TicketMessageRead]):
    model, read = TicketMessage, TicketMessageRead
    refusals = {"uq_ticket_messages_external": TicketMessageKnown}

    async def brought(self, channel: TicketChannel, key: str) -> tuple[UUID, UUID] | None:
        """The ticket and the message that the channel brought under this key, whoever sees it."""
        rows = await self.rows(
            "brought",
            lambda: select(TicketMessage.ticket_id, TicketMessage.id).where(
                TicketMessage.organization_id == bindparam("organization_id"),
                TicketMessage.channel == bindparam("channel", type_=TicketMessage.channel.type),
                TicketMessage.external_message_id == bindparam("key", type_=Text()),
            ),
            {"channel": channel, "key": key},
        )
        return (rows[0][0], rows[0][1]) if rows else None

    async def page_of(self, ticket_id: UUID, query: TicketMessageQuery) -> Json[TicketMessagePage]:
        return await self.page_within(ticket_id, query, TicketMessagePage)

    async def first_of(self, ticket_id: UUID) -> UUID:
        """The message it began with, machine or not."""
        found = select(TicketMessage.id).where(
            TicketMessage.organization_id == self.ctx.organization_id, TicketMessage.ticket_id == ticket_id
        )
        first = found.order_by(TicketMessage.created_at, TicketMessage.id).limit(1)
        return (await self.ctx.session.scalars(first)).one()

    async def last_of(self, ticket_id: UUID) -> UUID | None:
        """The newest message that no machine wrote."""
        rows = await self.rows(
            "last of",
            lambda: (
                select(TicketMessage.id)
                .where(
                    TicketMessage.organization_id == bindparam("organization_id"),
                    TicketMessage.ticket_id == bindparam("ticket_id", type_=Uuid()),
                    TicketMessage.is_automatic.is_(literal_column("false")),
                )
                .order_by(TicketMessage.created_at.desc(), TicketMessage.id.desc())
                .limit(literal_column("1"))
            ),
            {"ticket_id": ticket_id},
        )
        return rows[0][0] if rows else None


class TicketTies:
    """Who follows a ticket, and which tickets belong to it."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def watch(self, ticket_id: UUID, user_ids: Sequence[UUID], role: WatcherRole) -> None:
        """They follow it from now on; a collaborator stays one."""
        if not user_ids:
            return
        rows = [
            {
                "organization_id": self.ctx.organization_id,
                "ticket_id": ticket_id,
                "user_id": user_id,
                "role": role,
            }
            for user_id in dict.fromkeys(user_ids)
        ]
        adding = insert(TicketWatcher).values(rows)
        keys = ["organization_id", "ticket_id", "user_id"]
        if role is WatcherRole.COLLABORATOR:
            adding = adding.on_conflict_do_update(index_elements=keys, set_={"role": role})
        else:
            adding = adding.on_conflict_do_nothing(index_elements=keys)
        await self.ctx.session.execute(adding)

    async def unwatch(self, ticket_id: UUID, user_id: UUID) -> bool:
        gone = delete(TicketWatcher).where(
            TicketWatcher.organization_id == self.ctx.organization_id,
            TicketWatcher.ticket_id == ticket_id,
            TicketWatcher.user_id == user_id,
        )
        result = await self.ctx.session.execute(gone.returning(TicketWatcher.user_id))
        return result.first() is not None

    async def watchers(self, ticket_id: UUID) -> Sequence[TicketWatcher]:
        found = select(TicketWatcher).where(
            TicketWatcher.organization_id == self.ctx.organization_id, TicketWatcher.ticket_id == ticket_id
        )
        rows = await self.ctx.session.scalars(found.order_by(TicketWatcher.since, TicketWatcher.user_id))
        return rows.all()

    async def link(self, ticket_id: UUID, other_id: UUID, kind: TicketLinkKind) -> None:
        """The one belongs to the other; said once."""
        row = {
            "organization_id": self.ctx.organization_id,
            "ticket_id": ticket_id,
            "other_id": other_id,
            "kind": kind,
        }
        keys = ["organization_id", "ticket_id", "other_id"]
        adding = insert(TicketLink).values(row)
        await self.ctx.session.execute(adding.on_conflict_do_update(index_elements=keys, set_={"kind": kind}))

    async def unlink(self, ticket_id: UUID, other_id: UUID) -> bool:
        """Whichever of the two was linked to the other."""
        pair = (TicketLink.ticket_id == ticket_id) & (TicketLink.other_id == other_id)
        turned = (TicketLink.ticket_id == other_id) & (TicketLink.other_id == ticket_id)
        own = TicketLink.organization_id == self.ctx.organization_id
        gone = delete(TicketLink).where(own, pair | turned).returning(TicketLink.ticket_id)
        return (await self.ctx.session.execute(gone)).first() is not None
