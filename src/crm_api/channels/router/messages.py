"""What came in and went out, message by message."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from crm_api.channels.correspondence import InboundDesk, OutboundDesk
from crm_api.channels.errors import RawMessageGone
from crm_api.channels.router.doors import Manager, Reader, inward, outward
from crm_api.channels.schemas.messages import (
    InboundPage,
    InboundQuery,
    InboundRead,
    OutboundPage,
    OutboundQuery,
    OutboundRead,
)
from crm_api.core.http import IfMatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json

RAW: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The mail, byte for byte.",
        "content": {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@inward.get("")
async def list_inbound_messages(ctx: Reader, query: Annotated[InboundQuery, Query()]) -> Json[InboundPage]:
    """List what came in, also what became no ticket: from machines, in a flood, without a sender."""
    return await InboundDesk(ctx).page(query)


@inward.get("/{inbound_message_id}")
async def get_inbound_message(ctx: Reader, inbound_message_id: UUID) -> Json[InboundRead]:
    """Read what became of a message."""
    return await InboundDesk(ctx).get(inbound_message_id)


@inward.get(
    "/{inbound_message_id}/raw",
    response_class=StreamingResponse,
    responses=RAW,
    openapi_extra=refusals(RawMessageGone),
)
async def download_inbound_message(
    ctx: Manager, inbound_message_id: UUID, request: Request
) -> StreamingResponse:
    """Download a mail as it came; kept for 180 days. Who did is in the audit log."""
    headers = {
        "Content-Disposition": 'attachment; filename="message.eml"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    chunks = await InboundDesk(ctx).raw(inbound_message_id)
    return StreamingResponse(chunks, media_type="message/rfc822", headers=headers)


@inward.post("/{inbound_message_id}/file")
async def file_inbound_message(ctx: Manager, inbound_message_id: UUID, version: IfMatch) -> Json[InboundRead]:
    """Let a message that was held, ignored or failed become a ticket after all; it does a moment later."""
    return await InboundDesk(ctx).file_after_all(inbound_message_id, version)


@inward.post("/{inbound_message_id}/dismiss")
async def dismiss_inbound_message(
    ctx: Manager, inbound_message_id: UUID, version: IfMatch
) -> Json[InboundRead]:
    """Put aside a message that waits; it stays on the list."""
    return await InboundDesk(ctx).dismiss(inbound_message_id, version)


@outward.get("")
async def list_outbound_messages(ctx: Reader, query: Annotated[OutboundQuery, Query()]) -> Json[OutboundPage]:
    """List what went out, and what did not arrive."""
    return await OutboundDesk(ctx).page(query)


@outward.get("/{outbound_message_id}")
async def get_outbound_message(ctx: Reader, outbound_message_id: UUID) -> Json[OutboundRead]:
    """Read how far a message has come."""
    return await OutboundDesk(ctx).get(outbound_message_id)


@outward.post("/{outbound_message_id}/send")
async def send_outbound_message_again(
    ctx: Manager, outbound_message_id: UUID, version: IfMatch
) -> Json[OutboundRead]:
    """Send a message again that failed or came back."""
    return await OutboundDesk(ctx).send_again(outbound_message_id, version)
