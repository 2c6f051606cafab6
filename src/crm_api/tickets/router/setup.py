from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json
from crm_api.tickets.categories import TicketCategoryService
from crm_api.tickets.choosing import TicketSettingsService
from crm_api.tickets.errors import (
    TicketCategoryCodeTaken,
    TicketCategoryTooDeep,
    TicketStatusCodeTaken,
    TicketStatusNeeded,
)
from crm_api.tickets.router.doors import Manager, Reader, categories, settings_router, statuses
from crm_api.tickets.schemas.settings import TicketSettingsPut, TicketSettingsRead
from crm_api.tickets.schemas.setup import (
    TicketCategoryCreate,
    TicketCategoryPage,
    TicketCategoryPatch,
    TicketCategoryQuery,
    TicketCategoryRead,
    TicketStatusCreate,
    TicketStatusPage,
    TicketStatusPatch,
    TicketStatusQuery,
    TicketStatusRead,
)
from crm_api.tickets.statuses import TicketStatusService


@statuses.get("")
async def list_ticket_statuses(
    ctx: Reader, query: Annotated[TicketStatusQuery, Query()]
) -> Json[TicketStatusPage]:
    """List the statuses of tickets, as your organization calls them."""
    return await TicketStatusService(ctx).page(query)


@statuses.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(TicketStatusCodeTaken))
async def create_ticket_status(ctx: Manager, body: TicketStatusCreate) -> Json[TicketStatusRead]:
    """Add a status of tickets.

    Its category says how the clocks run in it, and never changes.
    """
    return await TicketStatusService(ctx).create(body)


@statuses.get("/{ticket_status_id}")
async def get_ticket_status(ctx: Reader, ticket_status_id: UUID) -> Json[TicketStatusRead]:
    """Read a status of tickets."""
    return await TicketStatusService(ctx).get(ticket_status_id)


@statuses.patch("/{ticket_status_id}", openapi_extra=refusals(TicketStatusNeeded))
async def update_ticket_status(
    ctx: Manager,
    ticket_status_id: UUID,
    body: Annotated[TicketStatusPatch, MergePatch],
    version: IfMatch,
) -> Json[TicketStatusRead]:
    """Change a status of tickets, or use it no longer."""
    return await TicketStatusService(ctx).update(ticket_status_id, body, version)


@categories.get("")
async def list_ticket_categories(
    ctx: Reader, query: Annotated[TicketCategoryQuery, Query()]
) -> Json[TicketCategoryPage]:
    """List the categories of tickets: a tree of three levels."""
    return await TicketCategoryService(ctx).page(query)


@categories.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(TicketCategoryCodeTaken, TicketCategoryTooDeep),
)
async def create_ticket_category(ctx: Manager, body: TicketCategoryCreate) -> Json[TicketCategoryRead]:
    """Add a category of tickets."""
    return await TicketCategoryService(ctx).create(body)


@categories.get("/{ticket_category_id}")
async def get_ticket_category(ctx: Reader, ticket_category_id: UUID) -> Json[TicketCategoryRead]:
    """Read a category of tickets."""
    return await TicketCategoryService(ctx).get(ticket_category_id)


@categories.patch("/{ticket_category_id}", openapi_extra=refusals(TicketCategoryTooDeep))
async def update_ticket_category(
    ctx: Manager,
    ticket_category_id: UUID,
    body: Annotated[TicketCategoryPatch, MergePatch],
    version: IfMatch,
) -> Json[TicketCategoryRead]:
    """Change a category of tickets, or use it no longer."""
    return await TicketCategoryService(ctx).update(ticket_category_id, body, version)


@settings_router.get("")
async def get_ticket_settings(ctx: Reader) -> TicketSettingsRead:
    """Read how your organization handles tickets."""
    return await TicketSettingsService(ctx).read()


@settings_router.put("")
async def put_ticket_settings(ctx: Manager, body: TicketSettingsPut, version: IfMatch) -> TicketSettingsRead:
    """Say how your organization handles tickets.

    Delays of reopening, closing and reminding, the matrix of priorities, who is a customer of the first rank.
    `If-Match: "0"` while nobody chose anything.
    """
    return await TicketSettingsService(ctx).put(body, version)
