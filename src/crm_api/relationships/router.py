from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.core.openapi import refusals
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json
from crm_api.relationships.schemas import (
    RelationshipCreate,
    RelationshipPage,
    RelationshipPatch,
    RelationshipQuery,
    RelationshipRead,
)
from crm_api.relationships.service import RelationshipService

router = Router("relationships")
Reader = Annotated[Context, requires("contacts:read")]
Writer = Annotated[Context, requires("contacts:write")]


@router.get("", openapi_extra=refusals(NotFound))
async def list_relationships(
    ctx: Reader, query: Annotated[RelationshipQuery, Query()]
) -> Json[RelationshipPage]:
    """List the relationships of a person or account, at either end.

    `warnings` tells when a minor has no guardian.
    """
    return await RelationshipService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_relationship(ctx: Writer, body: RelationshipCreate) -> Json[RelationshipRead]:
    """Record what one party is to another.

    It reads from left to right: `from` is `type` `to`. The way back is computed, never recorded.
    """
    return await RelationshipService(ctx).create(body)


@router.get("/{relationship_id}")
async def get_relationship(ctx: Reader, relationship_id: UUID) -> Json[RelationshipRead]:
    """Read a relationship."""
    return await RelationshipService(ctx).get(relationship_id)


@router.patch("/{relationship_id}")
async def update_relationship(
    ctx: Writer, relationship_id: UUID, body: Annotated[RelationshipPatch, MergePatch], version: IfMatch
) -> Json[RelationshipRead]:
    """Change the dates of a relationship."""
    return await RelationshipService(ctx).update(relationship_id, body, version)


@router.delete("/{relationship_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_relationship(ctx: Writer, relationship_id: UUID, version: IfMatch) -> None:
    """Remove a relationship that should never have been recorded."""
    await RelationshipService(ctx).delete(relationship_id, version)


ROUTERS = (router,)
