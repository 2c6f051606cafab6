from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json
from crm_api.tickets.errors import AnsweredMeanwhile, TicketClosed, TicketMerged
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.router.doors import Reader, Writer, router
from crm_api.tickets.schemas.messages import (
    TicketMessageCreate,
    TicketMessagePage,
    TicketMessageQuery,
    TicketMessageRead,
)
from crm_api.tickets.service import TicketService


@router.get("/{ticket_id}/messages")
async def list_ticket_messages(
    ctx: Reader, ticket_id: UUID, query: Annotated[TicketMessageQuery, Query()]
) -> Json[TicketMessagePage]:
    """List the messages of a ticket, public and internal."""
    return await Messaging(ctx).page(ticket_id, query)


@router.post(
    "/{ticket_id}/messages",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(TicketClosed, TicketMerged, AnsweredMeanwhile),
)
async def create_ticket_message(
    ctx: Writer, ticket_id: UUID, body: TicketMessageCreate
) -> Json[TicketMessageRead]:
    """Write on a ticket: an answer to the customer, or a word to colleagues.

    A public message stops the clock of the first response and of the next one. `last_seen_message_id` keeps
    two colleagues from answering at once: whoever comes second is refused, and nothing is sent.
    """
    return await TicketService(ctx).answer(ticket_id, body)


@router.get("/{ticket_id}/messages/{ticket_message_id}")
async def get_ticket_message(
    ctx: Reader, ticket_id: UUID, ticket_message_id: UUID
) -> Json[TicketMessageRead]:
    """Read a message of a ticket."""
    return await Messaging(ctx).get(ticket_id, ticket_message_id)
