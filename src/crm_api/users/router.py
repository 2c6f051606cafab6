from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json
from crm_api.users.schemas import (
    Deactivation,
    Denials,
    Members,
    MePatch,
    MeRead,
    UserPage,
    UserPatch,
    UserPermissions,
    UserQuery,
    UserRead,
)
from crm_api.users.service import UserService

router = Router("users")
members = Router("groups", tag="roles")
Anybody = Annotated[Context, requires("session:self")]
Reader = Annotated[Context, requires("users:read")]
Writer = Annotated[Context, requires("users:write")]
Confirmed = Annotated[Context, requires("users:write", step_up=True)]


@router.get("")
async def list_users(ctx: Reader, query: Annotated[UserQuery, Query()]) -> Json[UserPage]:
    """List the users of the organization."""
    return await UserService(ctx).page(query)


@router.get("/me")
async def get_me(ctx: Anybody) -> MeRead:
    """Read yourself: your sheet, your preferences, and what you may do."""
    return await UserService(ctx).me()


@router.patch("/me")
async def update_me(ctx: Anybody, body: Annotated[MePatch, MergePatch], version: IfMatch) -> MeRead:
    """Change your own sheet and preferences."""
    return await UserService(ctx).update_me(body, version)


@router.get("/{user_id}")
async def get_user(ctx: Reader, user_id: UUID) -> Json[UserRead]:
    """Read a user."""
    return await UserService(ctx).get(user_id)


@router.patch("/{user_id}")
async def update_user(
    ctx: Writer, user_id: UUID, body: Annotated[UserPatch, MergePatch], version: IfMatch
) -> Json[UserRead]:
    """Change a user.

    Role, groups, data scope and agency need a recent proof of identity, and nobody gives more than he holds
    himself; sessions of that user feel it within five seconds. The last active administrator stays one.
    """
    return await UserService(ctx).update(user_id, body, version)


@router.get("/{user_id}/permissions")
async def get_user_permissions(ctx: Reader, user_id: UUID) -> UserPermissions:
    """Read what a user may do: role and groups together, without the denials."""
    return await UserService(ctx).permissions(user_id)


@router.put("/{user_id}/denials")
async def put_user_denials(ctx: Confirmed, user_id: UUID, body: Denials, version: IfMatch) -> UserPermissions:
    """Withhold scopes from a user, whatever role and groups say; the list replaces the one before."""
    return await UserService(ctx).withhold(user_id, body, version)


@router.post("/{user_id}/suspend")
async def suspend_user(ctx: Writer, user_id: UUID, version: IfMatch) -> Json[UserRead]:
    """Suspend an active user; their sessions end."""
    return await UserService(ctx).suspend(user_id, version)


@router.post("/{user_id}/resume")
async def resume_user(ctx: Writer, user_id: UUID, version: IfMatch) -> Json[UserRead]:
    """Let a suspended user in again."""
    return await UserService(ctx).resume(user_id, version)


@router.post("/{user_id}/unlock")
async def unlock_user(ctx: Writer, user_id: UUID, version: IfMatch) -> Json[UserRead]:
    """Open an account that was locked after too many wrong passwords."""
    return await UserService(ctx).unlock(user_id, version)


@router.post("/{user_id}/deactivate")
async def deactivate_user(
    ctx: Confirmed, user_id: UUID, body: Deactivation, version: IfMatch
) -> Json[UserRead]:
    """Close the account of somebody who leaves, for good, and hand their open work to another user."""
    return await UserService(ctx).deactivate(user_id, body, version)


@members.get("/{group_id}/members")
async def list_group_members(
    ctx: Reader, group_id: UUID, query: Annotated[UserQuery, Query()]
) -> Json[UserPage]:
    """List the users of a group."""
    return await UserService(ctx).members(group_id, query)


@members.post("/{group_id}/members", status_code=status.HTTP_204_NO_CONTENT)
async def add_group_members(ctx: Confirmed, group_id: UUID, body: Members) -> None:
    """Put users into a group: all of them, or none."""
    await UserService(ctx).put_in(group_id, body)


@members.delete(
    "/{group_id}/members/{user_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra={"x-unversioned": "a membership is there or not; it has no versions"},
)
async def remove_group_member(ctx: Confirmed, group_id: UUID, user_id: UUID) -> None:
    """Take a user out of a group."""
    await UserService(ctx).take_out(group_id, user_id)


ROUTERS = (router, members)
