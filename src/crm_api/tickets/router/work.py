from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.http import IfMatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json
from crm_api.tickets.approving import TicketApprovals, TicketTime
from crm_api.tickets.asking import SubRequests
from crm_api.tickets.errors import (
    NotYourTicket,
    OwnTicketApproval,
    TicketClosed,
    TicketMacroUnusable,
    TicketMergeOver,
    TicketsOfOthers,
    UnknownTicketAssignee,
    UnknownTicketMessage,
)
from crm_api.tickets.macros import TicketMacros
from crm_api.tickets.merging import TicketMerging
from crm_api.tickets.router.doors import Merger, Reader, Writer, router
from crm_api.tickets.schemas.macros import TicketMacroUse
from crm_api.tickets.schemas.merging import TicketMergeCreate, TicketSplit
from crm_api.tickets.schemas.ticket import TicketRead
from crm_api.tickets.schemas.work import (
    TicketApprovalCreate,
    TicketApprovalDecide,
    TicketApprovalPage,
    TicketApprovalQuery,
    TicketApprovalRead,
    TicketSubRequestAnswer,
    TicketSubRequestCreate,
    TicketSubRequestPage,
    TicketSubRequestQuery,
    TicketSubRequestRead,
    TicketTimeEntryCreate,
    TicketTimeEntryPage,
    TicketTimeEntryQuery,
    TicketTimeEntryRead,
)


@router.post("/{ticket_id}/merge", openapi_extra=refusals(TicketsOfOthers, TicketClosed))
async def merge_ticket(
    ctx: Merger, ticket_id: UUID, body: TicketMergeCreate, version: IfMatch
) -> Json[TicketRead]:
    """Have another ticket of the same requester go into this one.

    Its messages, parts and followers come along; what the customer writes to it arrives here. It can be taken
    back for thirty days.
    """
    return await TicketMerging(ctx).merge(ticket_id, body, version)


@router.post("/{ticket_id}/unmerge", openapi_extra=refusals(TicketMergeOver))
async def unmerge_ticket(ctx: Merger, ticket_id: UUID, version: IfMatch) -> Json[TicketRead]:
    """Have a ticket that went into another one stand by itself again.

    What it brought along goes back with it; what was written since stays where it was written.
    """
    return await TicketMerging(ctx).unmerge(ticket_id, version)


@router.post(
    "/{ticket_id}/split",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(UnknownTicketMessage),
)
async def split_ticket(ctx: Writer, ticket_id: UUID, body: TicketSplit, version: IfMatch) -> Json[TicketRead]:
    """Make a ticket of its own of some messages.

    Of the same requester, linked to this one.
    """
    return await TicketMerging(ctx).split(ticket_id, body, version)


@router.post("/{ticket_id}/use-macro", openapi_extra=refusals(TicketMacroUnusable, TicketClosed))
async def use_ticket_macro(
    ctx: Writer, ticket_id: UUID, body: TicketMacroUse, version: IfMatch
) -> Json[TicketRead]:
    """Use a macro on a ticket: all that it does, or nothing."""
    return await TicketMacros(ctx).use(ticket_id, body.macro_id, version)


@router.get("/{ticket_id}/sub-requests")
async def list_ticket_sub_requests(
    ctx: Reader, ticket_id: UUID, query: Annotated[TicketSubRequestQuery, Query()]
) -> Json[TicketSubRequestPage]:
    """List what was asked of others for a ticket."""
    return await SubRequests(ctx).page(ticket_id, query)


@router.post(
    "/{ticket_id}/sub-requests",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(TicketClosed, UnknownTicketAssignee),
)
async def send_ticket_sub_request(
    ctx: Writer, ticket_id: UUID, body: TicketSubRequestCreate
) -> Json[TicketSubRequestRead]:
    """Ask something of an expert, a garage, an agency or a colleague.

    It has a clock of its own. While one that `pauses` is out, the clocks of the ticket stand still.
    """
    return await SubRequests(ctx).send(ticket_id, body)


@router.get("/{ticket_id}/sub-requests/{ticket_sub_request_id}")
async def get_ticket_sub_request(
    ctx: Reader, ticket_id: UUID, ticket_sub_request_id: UUID
) -> Json[TicketSubRequestRead]:
    """Read what was asked of somebody for a ticket."""
    return await SubRequests(ctx).get(ticket_id, ticket_sub_request_id)


@router.post("/{ticket_id}/sub-requests/{ticket_sub_request_id}/answer")
async def answer_ticket_sub_request(
    ctx: Writer,
    ticket_id: UUID,
    ticket_sub_request_id: UUID,
    body: TicketSubRequestAnswer,
    version: IfMatch,
) -> Json[TicketSubRequestRead]:
    """Write down what came back."""
    return await SubRequests(ctx).answer(ticket_id, ticket_sub_request_id, body.answer, version)


@router.post("/{ticket_id}/sub-requests/{ticket_sub_request_id}/cancel")
async def cancel_ticket_sub_request(
    ctx: Writer, ticket_id: UUID, ticket_sub_request_id: UUID, version: IfMatch
) -> Json[TicketSubRequestRead]:
    """Need it no longer."""
    return await SubRequests(ctx).cancel(ticket_id, ticket_sub_request_id, version)


@router.get("/{ticket_id}/approvals")
async def list_ticket_approvals(
    ctx: Reader, ticket_id: UUID, query: Annotated[TicketApprovalQuery, Query()]
) -> Json[TicketApprovalPage]:
    """List what was to be approved about a ticket."""
    return await TicketApprovals(ctx).page(ticket_id, query)


@router.post(
    "/{ticket_id}/approvals",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(TicketClosed, OwnTicketApproval, UnknownTicketAssignee),
)
async def ask_ticket_approval(
    ctx: Writer, ticket_id: UUID, body: TicketApprovalCreate
) -> Json[TicketApprovalRead]:
    """Ask a colleague to approve something."""
    return await TicketApprovals(ctx).ask(ticket_id, body)


@router.get("/{ticket_id}/approvals/{ticket_approval_id}")
async def get_ticket_approval(
    ctx: Reader, ticket_id: UUID, ticket_approval_id: UUID
) -> Json[TicketApprovalRead]:
    """Read what was to be approved."""
    return await TicketApprovals(ctx).get(ticket_id, ticket_approval_id)


@router.post("/{ticket_id}/approvals/{ticket_approval_id}/decide", openapi_extra=refusals(NotYourTicket))
async def decide_ticket_approval(
    ctx: Reader, ticket_id: UUID, ticket_approval_id: UUID, body: TicketApprovalDecide, version: IfMatch
) -> Json[TicketApprovalRead]:
    """Say yes or no, where it was asked of you."""
    return await TicketApprovals(ctx).decide(ticket_id, ticket_approval_id, body, version)


@router.post("/{ticket_id}/approvals/{ticket_approval_id}/withdraw", openapi_extra=refusals(NotYourTicket))
async def withdraw_ticket_approval(
    ctx: Writer, ticket_id: UUID, ticket_approval_id: UUID, version: IfMatch
) -> Json[TicketApprovalRead]:
    """Ask no longer, where you asked."""
    return await TicketApprovals(ctx).withdraw(ticket_id, ticket_approval_id, version)


@router.get("/{ticket_id}/time-entries")
async def list_ticket_time_entries(
    ctx: Reader, ticket_id: UUID, query: Annotated[TicketTimeEntryQuery, Query()]
) -> Json[TicketTimeEntryPage]:
    """List the time that was spent on a ticket."""
    return await TicketTime(ctx).page(ticket_id, query)


@router.post(
    "/{ticket_id}/time-entries",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(NotYourTicket),
)
async def add_ticket_time_entry(
    ctx: Writer, ticket_id: UUID, body: TicketTimeEntryCreate
) -> Json[TicketTimeEntryRead]:
    """Write down time that you spent on a ticket."""
    return await TicketTime(ctx).add(ticket_id, body)


@router.get("/{ticket_id}/time-entries/{ticket_time_entry_id}")
async def get_ticket_time_entry(
    ctx: Reader, ticket_id: UUID, ticket_time_entry_id: UUID
) -> Json[TicketTimeEntryRead]:
    """Read an entry of time."""
    return await TicketTime(ctx).get(ticket_id, ticket_time_entry_id)


@router.delete(
    "/{ticket_id}/time-entries/{ticket_time_entry_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=refusals(NotYourTicket),
)
async def delete_ticket_time_entry(
    ctx: Writer, ticket_id: UUID, ticket_time_entry_id: UUID, version: IfMatch
) -> None:
    """Take back an entry of time that you wrote."""
    await TicketTime(ctx).remove(ticket_id, ticket_time_entry_id, version)
