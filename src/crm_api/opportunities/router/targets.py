from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.http import IfMatch, MergePatch
from crm_api.kit.schemas import Json
from crm_api.opportunities.router.doors import Forecaster, Manager, target_router
from crm_api.opportunities.schemas.targets import (
    SalesTargetCreate,
    SalesTargetPage,
    SalesTargetPatch,
    SalesTargetQuery,
    SalesTargetRead,
)
from crm_api.opportunities.targets import SalesTargetService


@target_router.get("")
async def list_sales_targets(
    ctx: Forecaster, query: Annotated[SalesTargetQuery, Query()]
) -> Json[SalesTargetPage]:
    """List sales targets, what is allocated of each, and what is reached."""
    return await SalesTargetService(ctx).page(query)


@target_router.post("", status_code=status.HTTP_201_CREATED)
async def create_sales_target(ctx: Manager, body: SalesTargetCreate) -> Json[SalesTargetRead]:
    """Set a target.

    When the targets of one level together exceed the one above them, it is refused with the difference,
    unless `accept_excess` says that it is meant.
    """
    return await SalesTargetService(ctx).set(body)


@target_router.get("/{target_id}")
async def get_sales_target(ctx: Forecaster, target_id: UUID) -> Json[SalesTargetRead]:
    """Read a target."""
    return await SalesTargetService(ctx).get(target_id)


@target_router.patch("/{target_id}")
async def update_sales_target(
    ctx: Manager, target_id: UUID, body: Annotated[SalesTargetPatch, MergePatch], version: IfMatch
) -> Json[SalesTargetRead]:
    """Change the amount of a target."""
    return await SalesTargetService(ctx).change(target_id, body, version)


@target_router.delete("/{target_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_sales_target(ctx: Manager, target_id: UUID, version: IfMatch) -> None:
    """Remove a target; those below stay."""
    await SalesTargetService(ctx).remove(target_id, version)
