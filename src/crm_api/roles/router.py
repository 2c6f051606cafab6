from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json
from crm_api.roles.schemas import (
    GroupCreate,
    GroupPage,
    GroupPatch,
    GroupQuery,
    GroupRead,
    PermissionList,
    RoleCreate,
    RolePage,
    RolePatch,
    RoleQuery,
    RoleRead,
)
from crm_api.roles.service import GroupService, RoleService, catalogue

permissions = Router("permissions", tag="roles")
roles = Router("roles")
groups = Router("groups", tag="roles")
Reader = Annotated[Context, requires("users:read")]
RoleManager = Annotated[Context, requires("roles:manage", step_up=True)]
GroupManager = Annotated[Context, requires("groups:manage", step_up=True)]


@permissions.get("")
async def list_permissions(ctx: Reader) -> PermissionList:
    """List the scopes that exist, with the words that people read for them."""
    return catalogue()


@roles.get("")
async def list_roles(ctx: Reader, query: Annotated[RoleQuery, Query()]) -> Json[RolePage]:
    """List the roles: the four base roles and your own."""
    return await RoleService(ctx).page(query)


@roles.post("", status_code=status.HTTP_201_CREATED)
async def create_role(ctx: RoleManager, body: RoleCreate) -> Json[RoleRead]:
    """Make a role of your own, copied from another one.

    It cannot hold a scope that you lack.
    """
    return await RoleService(ctx).create(body)


@roles.get("/{role_id}")
async def get_role(ctx: Reader, role_id: UUID) -> Json[RoleRead]:
    """Read a role."""
    return await RoleService(ctx).get(role_id)


@roles.patch("/{role_id}")
async def update_role(
    ctx: RoleManager, role_id: UUID, body: Annotated[RolePatch, MergePatch], version: IfMatch
) -> Json[RoleRead]:
    """Change a role of your own; who has it feels it within five seconds."""
    return await RoleService(ctx).update(role_id, body, version)


@roles.delete("/{role_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_role(ctx: RoleManager, role_id: UUID, version: IfMatch) -> None:
    """Delete a role of your own that nobody has."""
    await RoleService(ctx).delete(role_id, version)


@groups.get("")
async def list_groups(ctx: Reader, query: Annotated[GroupQuery, Query()]) -> Json[GroupPage]:
    """List the groups."""
    return await GroupService(ctx).page(query)


@groups.post("", status_code=status.HTTP_201_CREATED)
async def create_group(ctx: GroupManager, body: GroupCreate) -> Json[GroupRead]:
    """Make a group; its scopes come on top of its members' roles."""
    return await GroupService(ctx).create(body)


@groups.get("/{group_id}")
async def get_group(ctx: Reader, group_id: UUID) -> Json[GroupRead]:
    """Read a group."""
    return await GroupService(ctx).get(group_id)


@groups.patch("/{group_id}")
async def update_group(
    ctx: GroupManager, group_id: UUID, body: Annotated[GroupPatch, MergePatch], version: IfMatch
) -> Json[GroupRead]:
    """Change a group; its members feel it within five seconds."""
    return await GroupService(ctx).update(group_id, body, version)


@groups.delete("/{group_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_group(ctx: GroupManager, group_id: UUID, version: IfMatch) -> None:
    """Delete a group; its members lose what it added."""
    await GroupService(ctx).delete(group_id, version)


ROUTERS = (permissions, roles, groups)
