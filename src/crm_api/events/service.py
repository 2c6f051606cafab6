from datetime import timedelta

from crm_api.core import opaque
from crm_api.core.authority import Listener
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.event_stream import Subscriber
from crm_api.core.feed import read
from crm_api.core.principal import Principal, system
from crm_api.core.streams import LONGEST
from crm_api.events.repository import TicketRepository
from crm_api.events.schemas import EventLog, EventLogQuery, EventRead, StreamQuery, StreamTicketRead
from crm_api.kit.errors import AddressNotAllowed, InsufficientScope, Unauthenticated

TICKET = "et"
TICKET_LASTS = timedelta(seconds=60)
LISTEN = "notifications:read"
"""What everybody needs who listens; each fact asks for the scope of its object besides."""


class EventLogService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def read(self, query: EventLogQuery) -> EventLog:
        found = await read(self.ctx, query.cursor, query.kind or (), query.limit)
        return EventLog(
            data=[EventRead.model_validate(fact) for fact in found.facts],
            next_cursor=found.cursor,
            has_more=found.has_more,
        )


class StreamService:
    """For somebody whose credential is looked at anew, whatever was remembered of it."""

    def __init__(self, listener: Listener) -> None:
        self.listener, self.tools = listener, listener.tools

    async def ticket(self) -> StreamTicketRead:
        principal, _ = await self._known(self.listener.credential)
        text, digest = opaque.make(TICKET, principal.organization_id)
        expires_at = now() + TICKET_LASTS
        sealed = opaque.under(text, self.listener.credential or "")
        await TicketRepository(self.listener.enter(principal)).keep(digest, sealed, expires_at)
        return StreamTicketRead(ticket=text, expires_at=expires_at)

    async def open(self, query: StreamQuery) -> Subscriber:
        """Raises Unauthenticated, InsufficientScope, TooManyStreams, Unavailable."""
        credential = await self._redeemed(query.ticket) if query.ticket else self.listener.credential
        principal, lasts = await self._known(credential)
        types = frozenset(query.resource) if query.resource else None
        subscriber = Subscriber(principal, types, min(LONGEST, lasts))
        await self.listener.streams.join(subscriber, self.listener.last_event_id)
        return subscriber

    async def _redeemed(self, ticket: str) -> str:
        organization_id, digest = opaque.parse(ticket, TICKET)
        sealed = await TicketRepository(self.listener.enter(system(organization_id))).take(digest)
        if sealed is None:
            raise Unauthenticated
        return opaque.opened(ticket, sealed)

    async def _known(self, credential: str | None) -> tuple[Principal, float]:
        """Not from memory: a stream would live on what was revoked a moment ago."""
        lookup = self.tools.identity.lookup
        if credential is None or lookup is None:
            raise Unauthenticated
        principal, lasts = await lookup(credential)
        if LISTEN not in principal.scopes:
            raise InsufficientScope(required_scopes=[LISTEN])
        if not principal.may_call_from(self.listener.origin.ip):
            raise AddressNotAllowed
        return principal, lasts
