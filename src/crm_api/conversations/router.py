from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.conversations.errors import ConversationOver
from crm_api.conversations.schemas import (
    ConversationAnswer,
    ConversationMessagePage,
    ConversationMessageQuery,
    ConversationMessageRead,
    ConversationPage,
    ConversationQuery,
    ConversationRead,
)
from crm_api.conversations.service import ConversationService
from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json

router = Router("conversations")
Reader = Annotated[Context, requires("tickets:read")]
Writer = Annotated[Context, requires("tickets:write")]


@router.get("")
async def list_conversations(
    ctx: Reader, query: Annotated[ConversationQuery, Query()]
) -> Json[ConversationPage]:
    """List conversations with customers: those you answer, and those of your agencies."""
    return await ConversationService(ctx).page(query)


@router.get("/{conversation_id}")
async def get_conversation(ctx: Reader, conversation_id: UUID) -> Json[ConversationRead]:
    """Read how a conversation stands."""
    return await ConversationService(ctx).get(conversation_id)


@router.get("/{conversation_id}/messages")
async def list_conversation_messages(
    ctx: Reader, conversation_id: UUID, query: Annotated[ConversationMessageQuery, Query()]
) -> Json[ConversationMessagePage]:
    """Read what was said: only what the customer reads too."""
    return await ConversationService(ctx).messages_of(conversation_id, query)


@router.post(
    "/{conversation_id}/messages",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(ConversationOver),
)
async def answer_conversation(
    ctx: Writer, conversation_id: UUID, body: ConversationAnswer
) -> Json[ConversationMessageRead]:
    """Write to the customer; it is a public message of the ticket, whose clocks hear it."""
    return await ConversationService(ctx).answer(conversation_id, body)


@router.post("/{conversation_id}/read")
async def mark_conversation_read(ctx: Writer, conversation_id: UUID) -> Json[ConversationRead]:
    """Say that what the customer wrote has been read."""
    return await ConversationService(ctx).read(conversation_id)


ROUTERS = (router,)
