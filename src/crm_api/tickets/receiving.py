"""What channels bring: to the ticket it belongs to, to a new one, and each message once."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.messaging import Messaging, follow_up_of
from crm_api.tickets.models.words import TicketLinkKind
from crm_api.tickets.opening import Opening
from crm_api.tickets.schemas.content import TicketAsked
from crm_api.tickets.schemas.messages import Incoming, Received

_NO_SUBJECT = "Sans objet"
_LONGEST = 200


class Receiving:
    """Acts for whoever calls: usually the house itself, which sees every ticket."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.messaging = TicketDesk(ctx), Messaging(ctx)

    async def receive(self, ticket_id: UUID | None, incoming: Incoming) -> Received:
        """Into that ticket, or a new one. Brought again, nothing happens.

        One solved within the days of the settings opens again; one solved longer ago, or closed, stays, and a
        ticket linked to it is opened. Raises NotFound for an unknown ticket.
        """
        self.ctx.begin()
        key = incoming.external_message_id
        if key is not None:
            await self.desk.tickets.lock_name(f"message {incoming.channel} {key}")
            known = await self.messaging.messages.brought(incoming.channel, key)
            if known is not None:
                return Received(known[0], known[1], known=True, opened=False)
        if ticket_id is None:
            return await self._opened(self._asked(incoming), incoming, None)
        ticket = await self.desk.survivor(ticket_id)
        if not incoming.is_automatic and not await self.messaging.takes(ticket):
            follow_up = TicketAsked.model_validate(follow_up_of(ticket, incoming))
            return await self._opened(follow_up, incoming, ticket.id)
        message = await self.messaging.brought(ticket, incoming)
        return Received(ticket.id, message.id, known=False, opened=False)

    async def _opened(self, data: TicketAsked, incoming: Incoming, follows: UUID | None) -> Received:
        ticket = await Opening(self.ctx).opened(data, incoming=incoming)
        if follows is not None:
            await self.messaging.ties.link(ticket.id, follows, TicketLinkKind.FOLLOW_UP)
        message_id = await self.messaging.messages.last_of(ticket.id)
        if message_id is None:  # an automatic one: nothing else stands there
            message_id = await self.messaging.messages.first_of(ticket.id)
        return Received(ticket.id, message_id, known=False, opened=True)

    def _asked(self, incoming: Incoming) -> TicketAsked:
        subject = " ".join(incoming.subject.split())[:_LONGEST]
        return TicketAsked(
            subject=subject if len(subject) >= 3 else _NO_SUBJECT,
            description=incoming.body,
            type=incoming.type,
            channel=incoming.channel,
            language=incoming.language,
            requester_contact_id=incoming.author_contact_id,
            portal_user_id=incoming.portal_user_id,
            anonymous_party=incoming.anonymous_party,
            source_message_id=incoming.external_message_id,
            document_ids=incoming.document_ids,
        )
