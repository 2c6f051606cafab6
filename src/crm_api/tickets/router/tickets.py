from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.batch import BatchGet, Found
from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.tickets.errors import (
    NotYourTicket,
    TicketCategoryRetired,
    TicketClosed,
    TicketMerged,
    TicketPartsOpen,
    UnknownTicketAssignee,
)
from crm_api.tickets.router.doors import Assigner, Deleter, Reader, Writer, router
from crm_api.tickets.schemas.content import TicketAssign, TicketCreate, TicketMove, TicketPatch
from crm_api.tickets.schemas.ticket import TicketFilter, TicketPage, TicketQuery, TicketRead
from crm_api.tickets.service import TicketService
from crm_api.tickets.steps import TicketSteps


@router.get("")
async def list_tickets(ctx: Reader, query: Annotated[TicketQuery, Query()]) -> Json[TicketPage]:
    """List tickets: yours, those of your agencies and groups, those you follow, those of your customers.

    The queue of a colleague: `is_open=true&owner_user_id=...&sort=next_due_at`, the next breach first.
    """
    return await TicketService(ctx).page(query)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(TicketCategoryRetired, UnknownTicketAssignee),
)
async def create_ticket(ctx: Writer, body: TicketCreate) -> Json[TicketRead]:
    """Open a ticket.

    Its priority follows from impact and urgency, a step more for customers of the first rank. Where nobody is
    named, the routing rules of the organization say whose it is. What is asked is its first message.
    """
    return await TicketService(ctx).open(body)


@router.get("/count")
async def count_tickets(ctx: Reader, query: Annotated[TicketFilter, Query()]) -> Count:
    """Count tickets."""
    return await TicketService(ctx).count(query)


@router.post("/search")
async def search_tickets(ctx: Reader, body: Search) -> Json[TicketPage]:
    """Search tickets by a filter in the body: all of, any of."""
    return await TicketService(ctx).search(body)


@router.post("/batch-get")
async def batch_get_tickets(ctx: Reader, body: BatchGet) -> Json[Found[TicketRead]]:
    """Read up to 100 tickets by their keys, in the order asked for."""
    return await TicketService(ctx).get_many(body.ids)


@router.get("/{ticket_id}")
async def get_ticket(ctx: Reader, ticket_id: UUID) -> Json[TicketRead]:
    """Read a ticket."""
    return await TicketService(ctx).get(ticket_id)


@router.patch("/{ticket_id}", openapi_extra=refusals(TicketClosed, TicketMerged, TicketCategoryRetired))
async def update_ticket(
    ctx: Writer, ticket_id: UUID, body: Annotated[TicketPatch, MergePatch], version: IfMatch
) -> Json[TicketRead]:
    """Change a ticket.

    Impact and urgency change its priority, unless somebody chose one; type and priority change its targets,
    the time that has passed stays.
    """
    return await TicketService(ctx).update(ticket_id, body, version)


@router.delete("/{ticket_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_ticket(ctx: Deleter, ticket_id: UUID, version: IfMatch) -> None:
    """Put spam in the bin.

    Nothing else goes there: what was asked in earnest is solved and closed.
    """
    await TicketService(ctx).delete(ticket_id, version)


@router.post("/{ticket_id}/restore")
async def restore_ticket(ctx: Deleter, ticket_id: UUID) -> Json[TicketRead]:
    """Take a ticket out of the bin: it was no spam."""
    return await TicketService(ctx).restore(ticket_id)


@router.post("/{ticket_id}/move", openapi_extra=refusals(TicketMerged, TicketPartsOpen))
async def move_ticket(ctx: Writer, ticket_id: UUID, body: TicketMove, version: IfMatch) -> Json[TicketRead]:
    """Move a ticket into another status.

    A status belongs to one of six categories; which category may follow which is the same everywhere. One
    that is solved opens again here; one that is closed never does.
    """
    return await TicketSteps(ctx).move(ticket_id, body, version)


@router.post("/{ticket_id}/assign", openapi_extra=refusals(TicketClosed, TicketMerged, UnknownTicketAssignee))
async def assign_ticket(
    ctx: Assigner, ticket_id: UUID, body: TicketAssign, version: IfMatch
) -> Json[TicketRead]:
    """Give a ticket to a colleague or a group."""
    return await TicketSteps(ctx).assign(ticket_id, body, version)


@router.post("/{ticket_id}/take", openapi_extra=refusals(TicketClosed, TicketMerged, NotYourTicket))
async def take_ticket(ctx: Writer, ticket_id: UUID, version: IfMatch) -> Json[TicketRead]:
    """Take a ticket: you work on it from now on."""
    return await TicketSteps(ctx).take(ticket_id, version)
