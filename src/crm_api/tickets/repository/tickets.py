"""Tickets: what is seen of them, and the ways to find one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, any_, bindparam, func, literal_column, or_, select

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import Variant, variant_of
from crm_api.roles.models import GroupMember, Role
from crm_api.tickets.errors import TicketMessageKnown, UnknownTicketAssignee, UnknownTicketPart
from crm_api.tickets.models.ticket import Ticket, TicketMessage
from crm_api.tickets.models.words import IS_UNFINISHED, TicketChannel, TicketStatus
from crm_api.tickets.models.work import (
    SubRequestStatus,
    TicketApproval,
    TicketApprovalStatus,
    TicketSubRequest,
)
from crm_api.tickets.schemas.ticket import TicketRead
from crm_api.tickets.sight import seen_tickets
from crm_api.users.models import User, UserStatus

SUPERVISOR = "supervisor"
AT_ONCE = 1000
"""Tickets that one run of a job works on."""


class TicketRepository(Repository[Ticket, TicketRead]):
    model, read = Ticket, TicketRead
    refusals = {
        "fk_tickets_requester": UnknownTicketPart,
        "fk_tickets_account": UnknownTicketPart,
        "fk_tickets_category": UnknownTicketPart,
        "fk_tickets_group": UnknownTicketPart,
        "fk_tickets_agency": UnknownTicketPart,
        "fk_tickets_claim": UnknownTicketPart,
        "fk_tickets_policy": UnknownTicketPart,
        "fk_tickets_parent": UnknownTicketPart,
        "fk_tickets_incident": UnknownTicketPart,
        "fk_tickets_assignee": UnknownTicketAssignee,
        "uq_ticket_messages_external": TicketMessageKnown,
    }
    visibility: Variant

    def __init__(self, ctx: Context) -> None:
        self.visibility = variant_of(ctx.principal)
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        own = table_of(Ticket).c.organization_id == bindparam("organization_id")
        return [own, *seen_tickets(self.visibility)]

    # --- ways to find one, whoever sees it

    async def with_number(self, number: str) -> UUID | None:
        return await self.ctx.session.scalar(select(Ticket.id).where(self._mine(), Ticket.number == number))

    async def of_messages(self, channel: TicketChannel, keys: Sequence[str]) -> UUID | None:
        """The ticket of the newest message that the channel calls by one of these keys."""
        found = (
            select(TicketMessage.ticket_id)
            .where(
                TicketMessage.organization_id == self.ctx.organization_id,
                TicketMessage.channel == channel,
                TicketMessage.external_message_id == any_(bindparam("keys", list(keys), ARRAY(Text()))),
            )
            .order_by(TicketMessage.created_at.desc(), TicketMessage.id.desc())
        )
        return await self.ctx.session.scalar(found.limit(1))

    async def latest_of(
        self,
        *,
        solved_after: datetime,
        contact_id: UUID | None,
        account_id: UUID | None,
        phone: str | None,
        email: str | None,
        channel: TicketChannel | None,
    ) -> UUID | None:
        """The newest that is unfinished, or was solved after that moment, of whoever it is."""
        asks = [
            *([Ticket.requester_contact_id == contact_id] if contact_id else []),
            *([Ticket.account_id == account_id] if account_id and not contact_id else []),
            *([Ticket.anonymous_party["phone"].astext == phone] if phone else []),
            *([Ticket.anonymous_party["email"].astext == email] if email else []),
        ]
        if not asks:
            return None
        waits: ColumnElement[bool] = literal_column(IS_UNFINISHED)
        late = (Ticket.status == TicketStatus.SOLVED) & (Ticket.solved_at > solved_after)
        found = select(Ticket.id).where(
            self._mine(), or_(*asks), or_(waits, late), Ticket.deleted_at.is_(None)
        )
        if channel is not None:
            found = found.where(Ticket.channel == channel)
        return await self.ctx.session.scalar(
            found.order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(1)
        )

    async def loaded_anyhow(self, ticket_id: UUID) -> Ticket | None:
        """Locked, whoever sees it: for channels and jobs, that act for nobody."""
        found = select(Ticket).where(self._mine(), Ticket.id == ticket_id).with_for_update()
        fresh = {"populate_existing": True}
        return await self.ctx.session.scalar(found, execution_options=fresh)

    async def with_those_above(self, ticket_id: UUID) -> set[UUID]:
        """It, and the tickets that it is a part of."""
        found: set[UUID] = set()
        next_id: UUID | None = ticket_id
        while next_id is not None and next_id not in found:
            found.add(next_id)
            above = select(Ticket.parent_ticket_id).where(self._mine(), Ticket.id == next_id)
            next_id = await self.ctx.session.scalar(above)
        return found

    # --- who may work on it

    async def active_colleague(self, user_id: UUID) -> tuple[UUID | None, bool] | None:
        """The agency of an active user, and whether they are there; None where there is none."""
        rows = await self.rows(
            "colleague",
            lambda: select(
                User.agency_id, func.coalesce(User.out_of_office_until < func.now(), literal_column("true"))
            ).where(
                User.organization_id == bindparam("organization_id"),
                User.id == bindparam("user_id", type_=Uuid()),
                User.status == UserStatus.ACTIVE,
            ),
            {"user_id": user_id},
        )
        return (rows[0][0], rows[0][1]) if rows else None

    async def members_of(self, group_id: UUID) -> Sequence[UUID]:
        """The active colleagues of a group."""
        found = (
            select(User.id)
            .join(
                GroupMember,
                (GroupMember.organization_id == User.organization_id) & (GroupMember.user_id == User.id),
            )
            .where(
                User.organization_id == self.ctx.organization_id,
                GroupMember.group_id == group_id,
                User.status == UserStatus.ACTIVE,
            )
        )
        return (await self.ctx.session.scalars(found)).all()

    async def supervisors(self) -> Sequence[UUID]:
        """The active colleagues whose role is, or comes from, that of a supervisor."""
        found = (
            select(User.id)
            .join(Role, (Role.organization_id == User.organization_id) & (Role.id == User.role_id))
            .where(
                User.organization_id == self.ctx.organization_id,
                Role.base_code == SUPERVISOR,
                User.status == UserStatus.ACTIVE,
            )
        )
        return (await self.ctx.session.scalars(found)).all()

    async def with_clock(self, clock_id: UUID) -> Ticket | None:
        """Locked, whoever sees it."""
        found = select(Ticket).where(self._mine(), Ticket.sla_clock_id == clock_id).with_for_update()
        fresh = {"populate_existing": True}
        return await self.ctx.session.scalar(found, execution_options=fresh)

    # --- one at a time

    async def lock_name(self, name: str) -> None:
        """Equal names wait for each other until the end of the use case."""
        whole = f"{self.ctx.organization_id}|ticket|{name}"
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(whole, 0))))

    async def under_way(self, ticket_id: UUID) -> tuple[int, int, int]:
        """Its parts that are not solved, its sub-requests that are out, its approvals that wait."""
        waits: ColumnElement[bool] = literal_column(IS_UNFINISHED)
        own = self.ctx.organization_id
        parts = select(func.count()).where(
            self._mine(), Ticket.parent_ticket_id == ticket_id, waits, Ticket.deleted_at.is_(None)
        )
        out = select(func.count()).where(
            TicketSubRequest.organization_id == own,
            TicketSubRequest.ticket_id == ticket_id,
            TicketSubRequest.status == SubRequestStatus.SENT,
        )
        waiting = select(func.count()).where(
            TicketApproval.organization_id == own,
            TicketApproval.ticket_id == ticket_id,
            TicketApproval.status == TicketApprovalStatus.WAITING,
        )
        counts = select(*(each.scalar_subquery() for each in (parts, out, waiting)))
        row = (await self.ctx.session.execute(counts)).one()
        return row[0], row[1], row[2]

    def _mine(self) -> Any:
        return Ticket.organization_id == self.ctx.organization_id
