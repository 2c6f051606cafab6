from typing import Annotated

from fastapi import Path, Query

from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.kit.schemas import Json
from crm_api.metadata.schemas import Entity, EntityDetail, EntityList, MetadataQuery
from crm_api.metadata.service import MetadataService

router = Router("metadata")
Anybody = Annotated[Context, requires("session:self")]
EntityName = Annotated[Entity, Path(description="The label of the kind of object.")]


@router.get("/entities")
async def list_metadata_entities(ctx: Anybody) -> EntityList:
    """List the kinds of object that you may read, and what you may do with each."""
    return MetadataService(ctx).list()


@router.get("/entities/{entity}")
async def get_metadata_entity(
    ctx: Anybody, entity: EntityName, query: Annotated[MetadataQuery, Query()]
) -> Json[EntityDetail]:
    """Read the fields of a kind of object: what a screen needs to draw its form and its list.

    It is read off the schemas of the API itself, with the fields of your organization and with what you may
    change. Keep it with its `ETag`: with `If-None-Match` the answer is a 304 until something has changed.
    """
    return await MetadataService(ctx).get(entity, query)


ROUTERS = (router,)
