"""Tickets that become one, stand by themselves again, or become two."""

from datetime import timedelta
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.tickets.errors import TicketMergeOver, TicketsOfOthers, UnknownTicketMessage, UnknownTicketPart
from crm_api.tickets.events import TicketMergeUndone, TicketWentInto
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.models.ticket import Ticket, TicketMessage
from crm_api.tickets.models.words import MessageAuthor, MessageVisibility, TicketLinkKind, TicketStatus
from crm_api.tickets.models.work import TicketMerge
from crm_api.tickets.opening import Opening
from crm_api.tickets.repository.parts import TicketTies
from crm_api.tickets.repository.work import TicketMerges
from crm_api.tickets.schemas.content import TicketAsked
from crm_api.tickets.schemas.merging import TicketMergeCreate, TicketSplit
from crm_api.tickets.schemas.ticket import TicketRead

UNDONE_WITHIN = timedelta(days=30)
_KEPT = (
    *("type", "channel", "category_id", "product_code", "branch_code", "language", "account_id"),
    *("requester_contact_id", "portal_user_id", "anonymous_party", "claim_id", "policy_id"),
    *("impact", "urgency", "owner_user_id", "group_id", "incident_id"),
)


class TicketMerging:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.merges = TicketDesk(ctx), TicketMerges(ctx)

    async def merge(self, ticket_id: UUID, data: TicketMergeCreate, version: int) -> Json[TicketRead]:
        """The other one goes into this one. Raises TicketsOfOthers, UnknownTicketPart, TicketClosed."""
        ticket, other = await self._both(ticket_id, data.other_id, version)
        if not same_requester(ticket, other):
            raise TicketsOfOthers
        moment = now()
        moved = {
            "messages": await self.merges.move_messages(other.id, ticket.id, None, moment),
            "parts": await self.merges.move_parts(other.id, ticket.id),
            "watchers": await self.merges.copy_watchers(other.id, ticket.id),
        }
        await self.merges.keep(
            TicketMerge(
                id=new_id(),
                ticket_id=other.id,
                survivor_id=ticket.id,
                merged_at=moment,
                merged_by_id=self.ctx.principal.id,
                status_id_before=other.status_id,
                moved={name: [str(id) for id in ids] for name, ids in moved.items()},
            )
        )
        _count(ticket, other, 1)
        ticket.first_response_at = ticket.first_response_at or other.first_response_at
        closed = await self.desk.statuses.default(TicketStatus.CLOSED)
        # No step of the table: what went into another ticket is neither answered nor given up.
        other.status, other.status_id, other.status_since = closed.category, closed.id, moment
        other.closed_at, other.merged_into_id = moment, ticket.id
        await self.desk.clock.dropped(other, moment)
        await self.desk.keep(other, [TicketWentInto(other.id, other.number, ticket.id)])
        return await self.desk.kept(ticket)

    async def unmerge(self, ticket_id: UUID, version: int) -> Json[TicketRead]:
        """It stands by itself again, as it was; what was written meanwhile stays. Raises TicketMergeOver."""
        other = await self.desk.tickets.load(ticket_id)
        if version not in (other.version, -1):
            raise VersionConflict(current_version=other.version)
        merge, moment = await self.merges.last_of(ticket_id), now()
        if merge is None or other.merged_into_id is None or moment - merge.merged_at > UNDONE_WITHIN:
            raise TicketMergeOver
        ticket = await self.desk.tickets.loaded_anyhow(merge.survivor_id)
        if ticket is None:
            raise TicketMergeOver
        moved = {name: [UUID(id) for id in ids] for name, ids in merge.moved.items()}
        await self.merges.move_messages(ticket.id, other.id, moved["messages"], moment)
        await self.merges.move_parts(ticket.id, other.id, moved["parts"])
        await self.merges.drop_watchers(ticket.id, moved["watchers"])
        merge.undone_at = moment
        before = await self.desk.statuses.statuses.load(merge.status_id_before)
        other.status, other.status_id, other.status_since = before.category, before.id, moment
        other.closed_at, other.merged_into_id = None, None
        if before.category is TicketStatus.CLOSED:
            other.closed_at = moment
        _count(ticket, other, -1)
        await self.desk.clock.moved(other, moment)
        await self.desk.keep(ticket)
        return await self.desk.kept(other, [TicketMergeUndone(other.id, other.number, ticket.id)])

    async def split(self, ticket_id: UUID, data: TicketSplit, version: int) -> Json[TicketRead]:
        """Some messages become a ticket of their own, linked to this one. Raises UnknownTicketMessage."""
        ticket = await self.desk.take(ticket_id, version)
        messaging = Messaging(self.ctx)
        rows = [await self._message(messaging, ticket_id, id) for id in dict.fromkeys(data.message_ids)]
        rows.sort(key=lambda row: (row.created_at, row.id))
        kept = {name: getattr(ticket, name) for name in _KEPT}
        if data.type is not None:
            kept["type"] = data.type
        asked = TicketAsked.model_validate(
            kept | {"subject": data.subject, "description": rows[0].body, "priority": data.priority}
        )
        new = await Opening(self.ctx).opened(asked, agency_id=ticket.agency_id, without_message=True)
        await self.merges.move_messages(ticket_id, new.id, [row.id for row in rows], now())
        new.customer_message_count = sum(_is_customers(row) for row in rows)
        new.reply_count = sum(_is_answer(row) for row in rows)
        ticket.customer_message_count -= new.customer_message_count
        ticket.reply_count -= new.reply_count
        await TicketTies(self.ctx).link(new.id, ticket_id, TicketLinkKind.SPLIT)
        await self.desk.keep(ticket)
        return await self.desk.kept(new)

    async def _both(self, ticket_id: UUID, other_id: UUID, version: int) -> tuple[Ticket, Ticket]:
        """Locked in one order, so that two merges cannot block each other."""
        if ticket_id == other_id:
            raise UnknownTicketPart(what="ticket", id=str(other_id))
        await self.desk.tickets.get(ticket_id)
        held: dict[UUID, Ticket] = {}
        for id in sorted((ticket_id, other_id)):
            try:
                held[id] = await self.desk.take_unclosed(id, version if id == ticket_id else None)
            except NotFound as unknown:
                raise UnknownTicketPart(what="ticket", id=str(id)) from unknown
        return held[ticket_id], held[other_id]

    async def _message(self, messaging: Messaging, ticket_id: UUID, message_id: UUID) -> TicketMessage:
        try:
            return await messaging.messages.held(ticket_id, message_id)
        except NotFound as unknown:
            raise UnknownTicketMessage from unknown


def same_requester(one: Ticket, other: Ticket) -> bool:
    """The same person; else, where no person is named, the same account, portal user or party."""
    if one.requester_contact_id or other.requester_contact_id:
        return one.requester_contact_id == other.requester_contact_id
    if one.account_id or other.account_id:
        return one.account_id == other.account_id
    if one.portal_user_id or other.portal_user_id:
        return one.portal_user_id == other.portal_user_id
    mine, theirs = one.anonymous_party or {}, other.anonymous_party or {}
    return any(mine.get(key) and mine.get(key) == theirs.get(key) for key in ("email", "phone"))


def _count(ticket: Ticket, other: Ticket, sign: int) -> None:
    ticket.customer_message_count = max(
        0, ticket.customer_message_count + sign * other.customer_message_count
    )
    ticket.reply_count = max(0, ticket.reply_count + sign * other.reply_count)


def _is_customers(row: TicketMessage) -> bool:
    return row.author_type in (MessageAuthor.CONTACT, MessageAuthor.PORTAL_USER) and not row.is_automatic


def _is_answer(row: TicketMessage) -> bool:
    return row.author_type is MessageAuthor.USER and row.visibility is MessageVisibility.PUBLIC
