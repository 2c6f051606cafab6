"""What waits in the inbox of a team."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from crm_api.channels.inbox import InboxDesk
from crm_api.channels.router.doors import Agent, Worker, items
from crm_api.channels.schemas.items import (
    InboxBulk,
    InboxBulkDone,
    InboxItemFilter,
    InboxItemPage,
    InboxItemQuery,
    InboxItemRead,
)
from crm_api.core.http import IfMatch
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json


@items.get("")
async def list_inbox_items(ctx: Agent, query: Annotated[InboxItemQuery, Query()]) -> Json[InboxItemPage]:
    """List what is in the inboxes: of your groups, of your agencies, and what you have in hand."""
    return await InboxDesk(ctx).page(query)


@items.get("/count")
async def count_inbox_items(ctx: Agent, query: Annotated[InboxItemFilter, Query()]) -> Count:
    """Count what is in the inboxes; with `is_unread=true`, what you have not read."""
    return await InboxDesk(ctx).count(query)


@items.post("/bulk")
async def change_inbox_items(ctx: Worker, body: InboxBulk) -> InboxBulkDone:
    """Do the same with up to 200 items; what cannot be done is skipped and named."""
    return await InboxDesk(ctx).bulk(body)


@items.get("/{inbox_item_id}")
async def get_inbox_item(ctx: Agent, inbox_item_id: UUID) -> Json[InboxItemRead]:
    """Read an item."""
    return await InboxDesk(ctx).get(inbox_item_id)


@items.post("/{inbox_item_id}/read")
async def mark_inbox_item_read(ctx: Agent, inbox_item_id: UUID) -> Json[InboxItemRead]:
    """Say that you have read it; others are not touched."""
    return await InboxDesk(ctx).read(inbox_item_id)


@items.post("/{inbox_item_id}/unread")
async def mark_inbox_item_unread(ctx: Agent, inbox_item_id: UUID) -> Json[InboxItemRead]:
    """Say that you have not read it after all."""
    return await InboxDesk(ctx).unread(inbox_item_id)


@items.post("/{inbox_item_id}/done")
async def finish_inbox_item(ctx: Worker, inbox_item_id: UUID, version: IfMatch) -> Json[InboxItemRead]:
    """Be done with it: it waits again when the customer writes."""
    return await InboxDesk(ctx).move(inbox_item_id, "done", version)


@items.post("/{inbox_item_id}/reopen")
async def reopen_inbox_item(ctx: Worker, inbox_item_id: UUID, version: IfMatch) -> Json[InboxItemRead]:
    """Let it wait again: it was not done, or is no spam."""
    return await InboxDesk(ctx).move(inbox_item_id, "reopen", version)


@items.post("/{inbox_item_id}/spam")
async def mark_inbox_item_spam(ctx: Worker, inbox_item_id: UUID, version: IfMatch) -> Json[InboxItemRead]:
    """Put it aside as spam: it waits no more, whatever still comes."""
    return await InboxDesk(ctx).move(inbox_item_id, "spam", version)
