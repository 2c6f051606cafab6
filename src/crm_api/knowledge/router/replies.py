"""Canned responses, and automatic replies."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json
from crm_api.knowledge.canned import CannedService
from crm_api.knowledge.ruling import AutoReplyRules
from crm_api.knowledge.schemas.replies import (
    AutoReplyCreate,
    AutoReplyPage,
    AutoReplyPatch,
    AutoReplyQuery,
    AutoReplyRead,
    AutoReplyTried,
    AutoReplyTry,
    CannedFill,
    CannedPreview,
    CannedResponseCreate,
    CannedResponsePage,
    CannedResponsePatch,
    CannedResponseQuery,
    CannedResponseRead,
    FilledText,
)

canned = Router("canned-responses")
auto = Router("auto-replies")
Reader = Annotated[Context, requires("tickets:read")]
Writer = Annotated[Context, requires("canned:write")]
Keeper = Annotated[Context, requires("automations_support:manage")]


@canned.get("")
async def list_canned_responses(
    ctx: Reader, query: Annotated[CannedResponseQuery, Query()]
) -> Json[CannedResponsePage]:
    """List canned responses: yours, those of your agency, those for everybody."""
    return await CannedService(ctx).page(query)


@canned.post("", status_code=status.HTTP_201_CREATED)
async def create_canned_response(ctx: Writer, body: CannedResponseCreate) -> Json[CannedResponseRead]:
    """Keep an answer. Variables that do not exist are refused."""
    return await CannedService(ctx).create(body)


@canned.post("/preview")
async def preview_canned_response(ctx: Writer, body: CannedPreview) -> FilledText:
    """Fill in a text that is being written, without keeping it."""
    return await CannedService(ctx).preview(body)


@canned.get("/{canned_response_id}")
async def get_canned_response(ctx: Reader, canned_response_id: UUID) -> Json[CannedResponseRead]:
    """Read a canned response."""
    return await CannedService(ctx).get(canned_response_id)


@canned.patch("/{canned_response_id}")
async def update_canned_response(
    ctx: Writer,
    canned_response_id: UUID,
    body: Annotated[CannedResponsePatch, MergePatch],
    version: IfMatch,
) -> Json[CannedResponseRead]:
    """Change a canned response."""
    return await CannedService(ctx).update(canned_response_id, body, version)


@canned.delete("/{canned_response_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_canned_response(ctx: Writer, canned_response_id: UUID, version: IfMatch) -> None:
    """Throw a canned response away."""
    await CannedService(ctx).delete(canned_response_id, version)


@canned.post("/{canned_response_id}/use")
async def use_canned_response(ctx: Reader, canned_response_id: UUID, body: CannedFill) -> FilledText:
    """Fill a canned response in, to read it over and send it; counts that it was used."""
    return await CannedService(ctx).use(canned_response_id, body)


@auto.get("")
async def list_auto_replies(ctx: Keeper, query: Annotated[AutoReplyQuery, Query()]) -> Json[AutoReplyPage]:
    """List automatic replies, in the order in which they are considered."""
    return await AutoReplyRules(ctx).page(query)


@auto.post("", status_code=status.HTTP_201_CREATED)
async def create_auto_reply(ctx: Keeper, body: AutoReplyCreate) -> Json[AutoReplyRead]:
    """Write an automatic reply."""
    return await AutoReplyRules(ctx).create(body)


@auto.post("/try")
async def try_auto_replies(ctx: Keeper, body: AutoReplyTry) -> AutoReplyTried:
    """See what would answer a message; nobody is answered.

    A message of a machine (Auto-Submitted, lists, no-reply) is never answered.
    """
    return await AutoReplyRules(ctx).attempt(body)


@auto.get("/{auto_reply_id}")
async def get_auto_reply(ctx: Keeper, auto_reply_id: UUID) -> Json[AutoReplyRead]:
    """Read an automatic reply."""
    return await AutoReplyRules(ctx).get(auto_reply_id)


@auto.patch("/{auto_reply_id}")
async def update_auto_reply(
    ctx: Keeper, auto_reply_id: UUID, body: Annotated[AutoReplyPatch, MergePatch], version: IfMatch
) -> Json[AutoReplyRead]:
    """Change an automatic reply, or switch it on or off."""
    return await AutoReplyRules(ctx).update(auto_reply_id, body, version)


@auto.delete("/{auto_reply_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_auto_reply(ctx: Keeper, auto_reply_id: UUID, version: IfMatch) -> None:
    """Delete an automatic reply."""
    await AutoReplyRules(ctx).delete(auto_reply_id, version)
