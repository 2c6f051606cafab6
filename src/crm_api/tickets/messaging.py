"""Messages of a ticket: what colleagues write, what channels bring, and what follows from either."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.objects import seen_objects
from crm_api.files.schemas import ObjectName
from crm_api.files.service import FileService
from crm_api.interactions.html import cleaned
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.tickets.approving import TicketTime
from crm_api.tickets.choosing import TicketSettingsService
from crm_api.tickets.errors import AnsweredMeanwhile, TicketClosed, UnknownTicketPart
from crm_api.tickets.events import TicketMessageAdded, TicketReplied
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.models.ticket import Ticket, TicketMessage
from crm_api.tickets.models.words import (
    SPOKEN,
    MessageAuthor,
    MessageDelivery,
    MessageVisibility,
    TicketChannel,
    TicketStatus,
    WatcherRole,
)
from crm_api.tickets.repository.parts import TicketMessageRepository, TicketTies
from crm_api.tickets.schemas.messages import (
    Incoming,
    TicketMessageCreate,
    TicketMessagePage,
    TicketMessageQuery,
    TicketMessageRead,
)
from crm_api.tickets.schemas.work import TicketTimeEntryCreate
from crm_api.tickets.telling import TicketTeller
from crm_api.users.service import UserService

_WAITED = frozenset({TicketStatus.PENDING, TicketStatus.ON_HOLD})


class Messaging:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.ties = TicketDesk(ctx), TicketTies(ctx)
        self.messages = TicketMessageRepository(ctx)

    async def page(self, ticket_id: UUID, query: TicketMessageQuery) -> Json[TicketMessagePage]:
        """Raises NotFound for a ticket out of sight."""
        await self.desk.tickets.get(ticket_id)
        return await self.messages.page_of(ticket_id, query)

    async def get(self, ticket_id: UUID, message_id: UUID) -> Json[TicketMessageRead]:
        return await self.messages.get_of(ticket_id, message_id)

    # --- the first one

    async def began(
        self, ticket: Ticket, documents: Sequence[UUID], incoming: Incoming | None = None
    ) -> TicketMessage:
        """What was asked, as the first message of its ticket."""
        moment = now()
        by = MessageAuthor.PORTAL_USER if ticket.portal_user_id else MessageAuthor.CONTACT
        party = ticket.anonymous_party or {}
        message = TicketMessage(
            id=new_id(),
            ticket_id=ticket.id,
            author_type=incoming.author_type if incoming else by,
            author_id=ticket.portal_user_id or ticket.requester_contact_id,
            author_name=party.get("name"),
            body=ticket.description,
            body_html=_harmless(incoming.body_html if incoming else None),
            visibility=MessageVisibility.PUBLIC,
            channel=ticket.channel,
            external_message_id=ticket.source_message_id,
            sent_at=(incoming and incoming.sent_at) or moment,
            is_automatic=bool(incoming and incoming.is_automatic),
            delivery=MessageDelivery.RECEIVED,
            document_ids=await self._documents(documents),
        )
        ticket.customer_message_count = 1
        ticket.last_customer_message_at = moment
        await self._add(message)
        return message

    # --- colleagues

    async def answer(self, ticket_id: UUID, data: TicketMessageCreate) -> Json[TicketMessageRead]:
        """Public or internal. Raises TicketClosed, AnsweredMeanwhile, InvalidTransition."""
        ticket = await self.desk.take(ticket_id)
        public = data.visibility is MessageVisibility.PUBLIC
        if ticket.status is TicketStatus.CLOSED and public:
            raise TicketClosed
        await self._refuse_unseen(ticket_id, data.last_seen_message_id)
        if data.mentions:
            await UserService(self.ctx).refuse_unknown(data.mentions, "/mentions")
        channel = data.channel or ticket.channel
        sends = public and channel not in SPOKEN
        message = await self._written(ticket, data, channel, sends)
        events: list[Event] = [] if ticket.status is TicketStatus.CLOSED else await self.desk.begin(ticket)
        if public:
            events.append(TicketReplied(ticket.id, ticket.number, message.id))
            await self._answered(ticket)
        if data.status is not None or data.status_id is not None:
            option = await self.desk.statuses.chosen(data.status, data.status_id)
            if option.id != ticket.status_id:
                events += await self.desk.move(ticket, option)
        if data.minutes is not None:
            await TicketTime(self.ctx).spent(ticket.id, TicketTimeEntryCreate(minutes=data.minutes))
        await self.ties.watch(ticket.id, data.mentions, WatcherRole.FOLLOWER)
        await TicketTeller(self.ctx).mentioned(ticket, data.mentions)
        await self.desk.keep(ticket, events)
        return await self.messages.get(message.id)

    async def _written(
        self, ticket: Ticket, data: TicketMessageCreate, channel: TicketChannel, sends: bool
    ) -> TicketMessage:
        who = self.ctx.principal
        message = TicketMessage(
            id=new_id(),
            ticket_id=ticket.id,
            author_type=MessageAuthor.USER if who.kind in ("user", "client") else MessageAuthor.SYSTEM,
            author_id=who.id,
            body=data.body,
            body_html=_harmless(data.body_html),
            visibility=data.visibility,
            channel=channel,
            sent_at=now(),
            delivery=MessageDelivery.QUEUED if sends else MessageDelivery.NONE,
            mentions=list(data.mentions),
            document_ids=await self._documents(data.document_ids),
        )
        await self._add(message)
        return message

    async def _answered(self, ticket: Ticket) -> None:
        moment = now()
        ticket.first_response_at = ticket.first_response_at or moment
        ticket.last_agent_message_at = moment
        ticket.reply_count += 1
        await self.desk.clock.agent_answered(ticket, moment)

    async def _refuse_unseen(self, ticket_id: UUID, seen: UUID | None) -> None:
        if seen is None:
            return
        last = await self.messages.last_of(ticket_id)
        if last != seen:
            raise AnsweredMeanwhile(message_id=str(last))

    async def note(self, ticket: Ticket, body: str) -> None:
        """A word for colleagues, by whoever acts."""
        data = TicketMessageCreate(body=body, visibility=MessageVisibility.INTERNAL)
        await self._written(ticket, data, ticket.channel, sends=False)

    async def say(self, ticket: Ticket, body: str, *, automatic: bool = True) -> TicketMessage:
        """A machine writes to the customer: it stops no clock."""
        message = TicketMessage(
            id=new_id(),
            ticket_id=ticket.id,
            author_type=MessageAuthor.SYSTEM,
            body=body,
            visibility=MessageVisibility.PUBLIC,
            channel=ticket.channel,
            sent_at=now(),
            is_automatic=automatic,
            delivery=MessageDelivery.NONE if ticket.channel in SPOKEN else MessageDelivery.QUEUED,
        )
        await self._add(message)
        return message

    # --- the customer

    async def brought(self, ticket: Ticket, incoming: Incoming) -> TicketMessage:
        """A message that a channel brings to a ticket that takes it: see `Receiving`."""
        moment = now()
        party = incoming.anonymous_party
        message = TicketMessage(
            id=new_id(),
            ticket_id=ticket.id,
            author_type=incoming.author_type,
            author_id=incoming.author_contact_id or incoming.portal_user_id,
            author_name=party.name if party else None,
            body=incoming.body,
            body_html=_harmless(incoming.body_html),
            visibility=MessageVisibility.PUBLIC,
            channel=incoming.channel,
            external_message_id=incoming.external_message_id,
            sent_at=incoming.sent_at or moment,
            is_automatic=incoming.is_automatic,
            delivery=MessageDelivery.RECEIVED,
            document_ids=await self._documents(incoming.document_ids),
        )
        await self._add(message)
        if not incoming.is_automatic and incoming.author_type in (
            MessageAuthor.CONTACT,
            MessageAuthor.PORTAL_USER,
        ):
            await self._customer_wrote(ticket)
        return message

    async def _customer_wrote(self, ticket: Ticket) -> None:
        """What was solved or waited for them is open again; their clock runs."""
        moment = now()
        ticket.customer_message_count += 1
        ticket.last_customer_message_at = moment
        events: list[Event] = []
        if ticket.status is TicketStatus.SOLVED or ticket.status in _WAITED:
            option = await self.desk.statuses.default(TicketStatus.OPEN)
            events = await self.desk.move(ticket, option, by_customer=True)
        await self.desk.clock.customer_wrote(ticket, moment)
        followers = [row.user_id for row in await self.ties.watchers(ticket.id)]
        await TicketTeller(self.ctx).customer_wrote(ticket, followers)
        await self.desk.keep(ticket, events)

    async def takes(self, ticket: Ticket) -> bool:
        """Whether what the customer writes now still belongs to it: never to one solved too long ago."""
        if ticket.status is TicketStatus.CLOSED or ticket.deleted_at is not None:
            return False
        if ticket.status is not TicketStatus.SOLVED or ticket.solved_at is None:
            return True
        days = (await TicketSettingsService(self.ctx).chosen()).reopen_days
        return now() - ticket.solved_at <= timedelta(days=days)

    # --- every one

    async def _add(self, message: TicketMessage) -> None:
        await self.messages.save(message)
        for document_id in message.document_ids:
            name = ObjectName(object_type="ticket", object_id=message.ticket_id)
            await FileService(self.ctx).link(document_id, name)
        added = TicketMessageAdded(
            message.ticket_id,
            message.id,
            message.author_type,
            message.visibility,
            message.channel,
            message.is_automatic,
        )
        await publish(self.ctx, added)

    async def _documents(self, ids: Sequence[UUID]) -> list[UUID]:
        """Raises UnknownTicketPart where one is not there, or out of sight."""
        wanted = list(dict.fromkeys(ids))
        if wanted and set(wanted) - await seen_objects(self.ctx, "document", wanted):
            raise UnknownTicketPart(what="document")
        return wanted


def _harmless(html: str | None) -> str | None:
    """Without whatever could act or load; None where nothing else is left."""
    return (cleaned(html) or None) if html else None


def follow_up_of(ticket: Ticket, incoming: Incoming) -> dict[str, Any]:
    """What a new ticket takes over from the one it follows."""
    return {
        "subject": ticket.subject,
        "description": incoming.body,
        "type": ticket.type,
        "channel": incoming.channel,
        "category_id": ticket.category_id,
        "product_code": ticket.product_code,
        "branch_code": ticket.branch_code,
        "language": ticket.language,
        "requester_contact_id": incoming.author_contact_id or ticket.requester_contact_id,
        "account_id": ticket.account_id,
        "portal_user_id": incoming.portal_user_id or ticket.portal_user_id,
        "anonymous_party": incoming.anonymous_party or ticket.anonymous_party,
        "claim_id": ticket.claim_id,
        "policy_id": ticket.policy_id,
        "agency_id": ticket.agency_id,
        "group_id": ticket.group_id,
        "source_message_id": incoming.external_message_id,
        "document_ids": incoming.document_ids,
    }
