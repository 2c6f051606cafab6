"""/v1/api-clients: the programs that act for the organization."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.auth.client_schemas import (
    ApiClientCreate,
    ApiClientPage,
    ApiClientPatch,
    ApiClientQuery,
    ApiClientRead,
    ApiClientSecrets,
)
from crm_api.auth.clients import ApiClientService
from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json

router = Router("api-clients", tag="auth")
Reader = Annotated[Context, requires("api_clients:manage")]
Keeper = Annotated[Context, requires("api_clients:manage", step_up=True)]


@router.get("")
async def list_api_clients(ctx: Reader, query: Annotated[ApiClientQuery, Query()]) -> Json[ApiClientPage]:
    """List the API clients."""
    return await ApiClientService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_api_client(ctx: Keeper, body: ApiClientCreate) -> ApiClientSecrets:
    """Create an API client; its secrets are shown this once.

    A `service` gets a client id and secret for the grant client_credentials, and an API key. A `capture`
    client gets a write key for web forms, which can hand in leads and nothing else.
    """
    return await ApiClientService(ctx).create(body)


@router.get("/{api_client_id}")
async def get_api_client(ctx: Reader, api_client_id: UUID) -> Json[ApiClientRead]:
    """Read an API client."""
    return await ApiClientService(ctx).get(api_client_id)


@router.patch("/{api_client_id}")
async def update_api_client(
    ctx: Keeper, api_client_id: UUID, body: Annotated[ApiClientPatch, MergePatch], version: IfMatch
) -> Json[ApiClientRead]:
    """Change an API client."""
    return await ApiClientService(ctx).update(api_client_id, body, version)


@router.post("/{api_client_id}/rotate")
async def rotate_api_client(ctx: Keeper, api_client_id: UUID, version: IfMatch) -> ApiClientSecrets:
    """Give an API client new secrets; the old ones stop working at once."""
    return await ApiClientService(ctx).rotate(api_client_id, version)


@router.post("/{api_client_id}/suspend")
async def suspend_api_client(ctx: Keeper, api_client_id: UUID, version: IfMatch) -> Json[ApiClientRead]:
    """Keep an API client out for a while."""
    return await ApiClientService(ctx).suspend(api_client_id, version)


@router.post("/{api_client_id}/resume")
async def resume_api_client(ctx: Keeper, api_client_id: UUID, version: IfMatch) -> Json[ApiClientRead]:
    """Let a suspended API client in again."""
    return await ApiClientService(ctx).resume(api_client_id, version)


@router.post("/{api_client_id}/revoke")
async def revoke_api_client(ctx: Keeper, api_client_id: UUID, version: IfMatch) -> Json[ApiClientRead]:
    """Keep an API client out for good."""
    return await ApiClientService(ctx).revoke(api_client_id, version)


ROUTERS = (router,)
