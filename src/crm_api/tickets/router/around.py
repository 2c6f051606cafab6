from uuid import UUID

from fastapi import status

from crm_api.sla.schemas.clocks import SlaExplanation
from crm_api.tickets.around import Around
from crm_api.tickets.router.doors import Reader, Writer, router
from crm_api.tickets.schemas.around import (
    TicketHistory,
    TicketLinkCreate,
    TicketLinkList,
    TicketPresenceList,
    TicketPresencePut,
    TicketUnwatch,
    TicketWatch,
    TicketWatcherList,
)


@router.get("/{ticket_id}/watchers")
async def list_ticket_watchers(ctx: Reader, ticket_id: UUID) -> TicketWatcherList:
    """List who follows a ticket."""
    return await Around(ctx).watchers(ticket_id)


@router.post("/{ticket_id}/watchers")
async def watch_ticket(ctx: Writer, ticket_id: UUID, body: TicketWatch) -> TicketWatcherList:
    """Have colleagues follow a ticket, or work on it too.

    They see it from now on, wherever its customer is.
    """
    return await Around(ctx).watch(ticket_id, body)


@router.post("/{ticket_id}/unwatch", status_code=status.HTTP_204_NO_CONTENT)
async def unwatch_ticket(ctx: Writer, ticket_id: UUID, body: TicketUnwatch) -> None:
    """Have a colleague follow a ticket no longer."""
    await Around(ctx).unwatch(ticket_id, body.user_id)


@router.get("/{ticket_id}/links")
async def list_ticket_links(ctx: Reader, ticket_id: UUID) -> TicketLinkList:
    """List the tickets that belong to one, as far as you see them."""
    return await Around(ctx).links(ticket_id)


@router.post("/{ticket_id}/links")
async def link_ticket(ctx: Writer, ticket_id: UUID, body: TicketLinkCreate) -> TicketLinkList:
    """Say that two tickets belong together."""
    return await Around(ctx).link(ticket_id, body)


@router.post("/{ticket_id}/unlink", status_code=status.HTTP_204_NO_CONTENT)
async def unlink_ticket(ctx: Writer, ticket_id: UUID, body: TicketLinkCreate) -> None:
    """Say that two tickets do not belong together."""
    await Around(ctx).unlink(ticket_id, body.other_id)


@router.get("/{ticket_id}/history")
async def get_ticket_history(ctx: Reader, ticket_id: UUID) -> TicketHistory:
    """Read the history of every field of a ticket.

    Whichever way it was changed: by a colleague, a rule, a job, a merge.
    """
    return await Around(ctx).history(ticket_id)


@router.get("/{ticket_id}/clock")
async def explain_ticket_clock(ctx: Reader, ticket_id: UUID) -> SlaExplanation:
    """Explain why a ticket is due when it is.

    Which policy rules it and why those before did not, what happened, and of each target the intervals in
    which it ran, stood still, and when the calendar was closed.
    """
    return await Around(ctx).clock(ticket_id)


@router.get("/{ticket_id}/presence")
async def list_ticket_presence(ctx: Reader, ticket_id: UUID) -> TicketPresenceList:
    """List which colleagues are at a ticket now, and who types."""
    return await Around(ctx).presences(ticket_id)


@router.post("/{ticket_id}/presence")
async def tell_ticket_presence(ctx: Reader, ticket_id: UUID, body: TicketPresencePut) -> TicketPresenceList:
    """Tell that you look at a ticket, type an answer, or leave it; who else is there comes back.

    Streams hear `ticket.presence_changed` when somebody comes, types or goes. Who says nothing for a minute
    is not there any more.
    """
    return await Around(ctx).be_present(ticket_id, body.state)
