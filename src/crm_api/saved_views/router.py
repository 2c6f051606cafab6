from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json
from crm_api.saved_views.schemas import (
    SavedViewCreate,
    SavedViewPage,
    SavedViewPatch,
    SavedViewQuery,
    SavedViewRead,
)
from crm_api.saved_views.service import SavedViewService

router = Router("saved-views")
Anybody = Annotated[Context, requires("session:self")]


@router.get("")
async def list_saved_views(ctx: Anybody, query: Annotated[SavedViewQuery, Query()]) -> Json[SavedViewPage]:
    """List your views, and those that are shared with your role, your agency or everybody."""
    return await SavedViewService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_saved_view(ctx: Anybody, body: SavedViewCreate) -> Json[SavedViewRead]:
    """Keep a way to look at a list: its columns, filter and sort.

    What the list does not know is refused and named. To share with a role or with all you need
    `settings:manage`; a view shows nobody more rows than they see anyway.
    """
    return await SavedViewService(ctx).keep(body)


@router.get("/{saved_view_id}")
async def get_saved_view(ctx: Anybody, saved_view_id: UUID) -> Json[SavedViewRead]:
    """Read a view."""
    return await SavedViewService(ctx).get(saved_view_id)


@router.patch("/{saved_view_id}")
async def update_saved_view(
    ctx: Anybody, saved_view_id: UUID, body: Annotated[SavedViewPatch, MergePatch], version: IfMatch
) -> Json[SavedViewRead]:
    """Change a view of yours."""
    return await SavedViewService(ctx).update(saved_view_id, body, version)


@router.delete("/{saved_view_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_saved_view(ctx: Anybody, saved_view_id: UUID, version: IfMatch) -> None:
    """Put a view of yours into the bin."""
    await SavedViewService(ctx).discard(saved_view_id, version)


@router.post("/{saved_view_id}/restore")
async def restore_saved_view(ctx: Anybody, saved_view_id: UUID) -> Json[SavedViewRead]:
    """Take a view of yours out of the bin."""
    return await SavedViewService(ctx).restore(saved_view_id)


@router.post("/{saved_view_id}/make-default")
async def make_saved_view_default(ctx: Anybody, saved_view_id: UUID) -> Json[SavedViewRead]:
    """Begin the list with this view, you alone; the one before no longer is your default."""
    return await SavedViewService(ctx).begin_with(saved_view_id)


@router.delete(
    "/{saved_view_id}/default",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra={"x-unversioned": "a default is chosen or not; it has no versions"},
)
async def clear_saved_view_default(ctx: Anybody, saved_view_id: UUID) -> None:
    """Begin the list without this view again."""
    await SavedViewService(ctx).begin_plain(saved_view_id)


ROUTERS = (router,)
