from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_api.core.batch import Found, found
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.custom_fields.service import CustomFieldService
from crm_api.kit.errors import VersionConflict
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.tickets.choosing import TicketSettingsService
from crm_api.tickets.errors import UnknownTicketPart
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.models.words import MessageDelivery, TicketChannel, TicketStatus
from crm_api.tickets.opening import Opening, is_vip
from crm_api.tickets.receiving import Receiving
from crm_api.tickets.schemas.content import TicketCreate, TicketPatch
from crm_api.tickets.schemas.messages import Incoming, Received, TicketMessageCreate, TicketMessageRead
from crm_api.tickets.schemas.settings import priority_of
from crm_api.tickets.schemas.ticket import TicketFilter, TicketPage, TicketQuery, TicketRead

_RANKED = frozenset({"impact", "urgency", "priority", "account_id"})
_CLOCKED = frozenset({"priority", "type", "customer_tier", "agency_id", "product_code", "branch_code"})


class TicketService:
    """The ways in for other domains, too: `open`, `receive`, `answer`, `find_open_for`."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk = TicketDesk(ctx)
        self.tickets = self.desk.tickets

    # --- reads

    async def page(self, query: TicketQuery) -> Json[TicketPage]:
        return await self.tickets.page(query, TicketPage)

    async def count(self, query: TicketFilter) -> Count:
        return await self.tickets.count(query)

    async def search(self, body: Search) -> Json[TicketPage]:
        own = await CustomFieldService(self.ctx).searchable(Ticket.label, Ticket.custom_fields)
        return await self.tickets.page(body.selection(TicketQuery, own), TicketPage)

    async def get(self, ticket_id: UUID) -> Json[TicketRead]:
        return await self.tickets.get(ticket_id)

    async def get_many(self, ids: list[UUID]) -> Json[Found[TicketRead]]:
        return found(TicketRead, await self.tickets.get_many(ids))

    # --- for channels and other domains

    async def open(self, data: TicketCreate) -> Json[TicketRead]:
        """Raises UnknownTicketPart, UnknownTicketAssignee, TicketCategoryRetired."""
        return await Opening(self.ctx).open(data)

    async def receive(self, ticket_id: UUID | None, incoming: Incoming) -> Received:
        """What a channel brings; see `Receiving.receive`."""
        return await Receiving(self.ctx).receive(ticket_id, incoming)

    async def answer(self, ticket_id: UUID, data: TicketMessageCreate) -> Json[TicketMessageRead]:
        """A colleague writes; see `Messaging.answer`."""
        return await Messaging(self.ctx).answer(ticket_id, data)

    async def say(self, ticket_id: UUID, body: str) -> UUID:
        """A machine writes to the customer, in public: it stops no clock. The message."""
        self.ctx.begin()
        ticket = await self.desk.survivor(ticket_id)
        return (await Messaging(self.ctx).say(ticket, body)).id

    async def with_number(self, number: str) -> UUID | None:
        """The ticket that people call so; whoever sees it."""
        return await self.tickets.with_number(number)

    async def of_messages(self, channel: TicketChannel, keys: list[str]) -> UUID | None:
        """The ticket of the newest message that the channel calls by one of these keys (References)."""
        return await self.tickets.of_messages(channel, keys) if keys else None

    async def find_open_for(
        self,
        *,
        contact_id: UUID | None = None,
        account_id: UUID | None = None,
        phone: str | None = None,
        email: str | None = None,
        channel: TicketChannel | None = None,
    ) -> UUID | None:
        """The newest ticket of whoever it is that a message may still belong to; of that channel only."""
        days = (await TicketSettingsService(self.ctx).chosen()).reopen_days
        return await self.tickets.latest_of(
            solved_after=now() - timedelta(days=days),
            contact_id=contact_id,
            account_id=account_id,
            phone=phone,
            email=email,
            channel=channel,
        )

    async def mark_delivery(
        self, message_id: UUID, delivery: MessageDelivery, external_message_id: str | None = None
    ) -> None:
        """What became of a message on its way, and what the channel calls it. Raises NotFound."""
        messages = Messaging(self.ctx).messages
        message = await messages.load(message_id)
        message.delivery = delivery
        if external_message_id is not None:
            message.external_message_id = external_message_id
        await messages.save(message)

    # --- changes

    async def update(self, ticket_id: UUID, data: TicketPatch, version: int) -> Json[TicketRead]:
        """Raises TicketClosed, UnknownTicketPart."""
        ticket = await self.desk.take_unclosed(ticket_id, version)
        given = data.given()
        await Opening(self.ctx).refuse_unknown(given)
        await self._refuse_circle(ticket_id, given.get("parent_ticket_id"))
        if "custom_fields" in given:
            given["custom_fields"] = await CustomFieldService(self.ctx).validated(
                Ticket.label, given["custom_fields"], ticket.custom_fields
            )
        before = {name: getattr(ticket, name) for name in _CLOCKED}
        chosen = given.pop("priority", ticket.priority) if "priority" in given else None
        touched = _RANKED & data.given().keys()
        for name, value in given.items():
            setattr(ticket, name, value)
        if touched:
            await self._rank(ticket, data.given(), chosen)
        if any(getattr(ticket, name) != value for name, value in before.items()):
            await self.desk.clock.reclassified(ticket, now())
        return await self.desk.kept(ticket)

    async def _refuse_circle(self, ticket_id: UUID, parent_id: UUID | None) -> None:
        """Nothing is a part of itself: two that wait for each other would never be solved."""
        if parent_id is not None and ticket_id in await self.tickets.with_those_above(parent_id):
            raise UnknownTicketPart(what="parent_ticket", id=str(parent_id))

    async def _rank(self, ticket: Ticket, given: dict[str, Any], chosen: Any) -> None:
        """The priority, after something that it follows from changed."""
        settings = await TicketSettingsService(self.ctx).chosen()
        if "account_id" in given:
            account_id = given["account_id"]
            account = None if account_id is None else await Opening(self.ctx).account(account_id)
            ticket.is_vip = is_vip(account, settings)
            ticket.customer_tier = account.tier if account else None
        if "priority" in given:
            ticket.priority_set = chosen is not None
        if chosen is not None:
            ticket.priority = chosen
        elif not ticket.priority_set:
            ticket.priority = priority_of(settings, ticket.impact, ticket.urgency, vip=ticket.is_vip)

    async def delete(self, ticket_id: UUID, version: int) -> None:
        """Spam goes to the bin; its clocks stop."""
        ticket = await self.tickets.load(ticket_id)
        if version not in (ticket.version, ANY_VERSION):
            raise VersionConflict(current_version=ticket.version)
        if ticket.status is not TicketStatus.CLOSED:
            await self.desk.clock.dropped(ticket, now())
            await self.tickets.save(ticket)
        await self.tickets.discard(ticket_id, ticket.version)

    async def restore(self, ticket_id: UUID) -> Json[TicketRead]:
        """It was no spam; its clocks go on."""
        self.ctx.begin()
        await self.tickets.restore(ticket_id)
        ticket = await self.desk.take(ticket_id)
        await self.desk.clock.moved(ticket, now())
        return await self.desk.kept(ticket)
