from typing import Annotated, Any

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.event_stream import EventStream
from crm_api.core.http import Listener, Router, requires, requires_credential
from crm_api.events.schemas import EventLog, EventLogQuery, StreamedEvent, StreamQuery, StreamTicketRead
from crm_api.events.service import LISTEN, EventLogService, StreamService

router = Router("events")
Reader = Annotated[Context, requires("events:read")]
Known = Annotated[Listener, requires_credential(LISTEN)]
Listening = Annotated[Listener, requires_credential(LISTEN, ticket=True)]
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The stream: `id` is a cursor of the log, `event` the kind, `data` a StreamedEvent.",
        "model": StreamedEvent,
    }
}


@router.get("", response_class=EventStream, responses=STREAM)
async def stream_events(ctx: Listening, query: Annotated[StreamQuery, Query()]) -> EventStream:
    """Be told at once of what you may read (server-sent events).

    Each event holds ids only: `{type, resource, id, version, occurred_at}`; read the object to see how it is
    now. What another agency owns is not told to who does not see it, and a notification only to its
    recipient. `Last-Event-ID` (an EventSource sends it by itself) makes up for what was missed;
    `event: reset` says that this cannot be done (`reason`: too_old, unknown, slow): read your lists anew.
    A comment comes every 15 seconds. After ten minutes at most, or when your rights change, the stream ends:
    come back.
    """
    return EventStream(await StreamService(ctx).open(query))


@router.post("/ticket", openapi_extra={"x-idempotency": "none"})
async def create_event_ticket(ctx: Known) -> StreamTicketRead:
    """Get a ticket for a stream: for browsers, whose EventSource sends no Authorization header.

    It opens one stream, once, within 60 seconds, with the rights of who asked for it.
    """
    return await StreamService(ctx).ticket()


@router.get("/log")
async def read_event_log(ctx: Reader, query: Annotated[EventLogQuery, Query()]) -> EventLog:
    """Follow everything that happens in the organization.

    Facts come once each and none is skipped, however long its transaction took; they hold ids and public
    values only. Keep `next_cursor` and come back with it.
    """
    return await EventLogService(ctx).read(query)


ROUTERS = (router,)
