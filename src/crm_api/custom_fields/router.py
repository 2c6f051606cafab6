from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.custom_fields.schemas import (
    CustomFieldCreate,
    CustomFieldPage,
    CustomFieldPatch,
    CustomFieldQuery,
    CustomFieldRead,
)
from crm_api.custom_fields.service import CustomFieldService
from crm_api.kit.schemas import Json

router = Router("custom-fields")
Reader = Annotated[Context, requires("organization:read")]
Manager = Annotated[Context, requires("settings:manage")]


@router.get("")
async def list_custom_fields(
    ctx: Reader, query: Annotated[CustomFieldQuery, Query()]
) -> Json[CustomFieldPage]:
    """List the fields that the organization defined for itself."""
    return await CustomFieldService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_custom_field(ctx: Manager, body: CustomFieldCreate) -> Json[CustomFieldRead]:
    """Define a field.

    Its key and type never change. A kind of object has 100 such fields at most, retired ones included.
    """
    return await CustomFieldService(ctx).define(body)


@router.get("/{field_id}")
async def get_custom_field(ctx: Reader, field_id: UUID) -> Json[CustomFieldRead]:
    """Read the definition of a field."""
    return await CustomFieldService(ctx).get(field_id)


@router.patch("/{field_id}")
async def update_custom_field(
    ctx: Manager, field_id: UUID, body: Annotated[CustomFieldPatch, MergePatch], version: IfMatch
) -> Json[CustomFieldRead]:
    """Change the definition of a field; values that are stored already stay as they are."""
    return await CustomFieldService(ctx).update(field_id, body, version)


@router.delete("/{field_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_custom_field(ctx: Manager, field_id: UUID, version: IfMatch) -> None:
    """Retire a field: its values stay readable, nobody can write new ones.

    The same as changing `status` to `retired`; changing it back to `active` undoes it.
    """
    await CustomFieldService(ctx).retire(field_id, version)


ROUTERS = (router,)
