"""The assistant: for the staff, and for the programs through which customers ask it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.assistant.schemas import (
    AssistantAsk,
    AssistantFigures,
    AssistantFiguresQuery,
    AssistantHandOver,
    AssistantReply,
    AssistantSessionBegun,
    AssistantSessionCreate,
    AssistantSessionPage,
    AssistantSessionQuery,
    AssistantSessionRead,
    AssistantSessionShown,
    AssistantVerdict,
)
from crm_api.assistant.service import AssistantService
from crm_api.core.context import Context
from crm_api.core.http import Audience, Router, requires
from crm_api.kit.schemas import Json

router = Router("assistant/sessions", tag="assistant")
figures = Router("assistant/figures", tag="assistant")
Asker = Annotated[Context, requires("assistant:use")]
Overseer = Annotated[Context, requires("assistant:read")]
SITES = {"x-audience": [Audience.STAFF, Audience.PARTNER]}


@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra=SITES)
async def begin_assistant_session(ctx: Asker, body: AssistantSessionCreate) -> AssistantSessionBegun:
    """Begin a conversation with the assistant.

    Show `disclosure` first: that a machine answers, and how to reach a person. A colleague is answered from
    every approved article, a program from those for the public.
    """
    return await AssistantService(ctx).begin(body)


@router.get("")
async def list_assistant_sessions(
    ctx: Asker, query: Annotated[AssistantSessionQuery, Query()]
) -> Json[AssistantSessionPage]:
    """List conversations: yours; all of them with `assistant:read`."""
    return await AssistantService(ctx).page(query)


@router.get("/{assistant_session_id}", openapi_extra=SITES)
async def get_assistant_session(ctx: Asker, assistant_session_id: UUID) -> AssistantSessionShown:
    """Read a conversation, with all that was said and what was quoted."""
    return await AssistantService(ctx).get(assistant_session_id)


@router.post("/{assistant_session_id}/ask", openapi_extra=SITES)
async def ask_assistant(ctx: Asker, assistant_session_id: UUID, body: AssistantAsk) -> AssistantReply:
    """Ask the assistant.

    It answers from approved articles and names them. It decides on no liability, cover or compensation, and
    hands over to a person where one is asked for, at a complaint, an injury or a death, and after two
    questions without an answer: then there is a ticket with the transcript.
    """
    return await AssistantService(ctx).ask(assistant_session_id, body)


@router.post("/{assistant_session_id}/hand-over", openapi_extra=SITES)
async def hand_assistant_session_over(
    ctx: Asker, assistant_session_id: UUID, body: AssistantHandOver
) -> Json[AssistantSessionRead]:
    """Hand a conversation over to a person: a ticket with the transcript."""
    return await AssistantService(ctx).hand_over(assistant_session_id, body)


@router.post("/{assistant_session_id}/verdict", openapi_extra=SITES)
async def judge_assistant_session(
    ctx: Asker, assistant_session_id: UUID, body: AssistantVerdict
) -> Json[AssistantSessionRead]:
    """Say whether the question is answered; the conversation is closed."""
    return await AssistantService(ctx).judge(assistant_session_id, body)


@figures.get("")
async def get_assistant_figures(
    ctx: Overseer, query: Annotated[AssistantFiguresQuery, Query()]
) -> AssistantFigures:
    """Read how far the assistant gets by itself (containment, D-58)."""
    return await AssistantService(ctx).figures(query)


ROUTERS = (router, figures)
