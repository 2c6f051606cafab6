from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from pydantic import MISSING, BaseModel

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, ValidationFailed, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.roles.service import GroupService
from crm_api.users.access import UserAccess
from crm_api.users.errors import SuccessorUnfit, UnknownUser, UserHasLeft
from crm_api.users.events import UserActivated, UserDeactivated, UserRoleChanged, UserSuspended
from crm_api.users.granting import RIGHTS, Granting
from crm_api.users.models import USER, User, UserStatus
from crm_api.users.repository import UserRepository
from crm_api.users.schemas import (
    Deactivation,
    Denials,
    Members,
    MePatch,
    MeRead,
    NotificationPreferences,
    UserPage,
    UserPatch,
    UserPermissions,
    UserQuery,
    UserRead,
)


class UserService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.users, self.granting = UserRepository(ctx), Granting(ctx)

    async def page(self, query: UserQuery) -> Json[UserPage]:
        return await self.users.page(query, UserPage)

    async def get(self, user_id: UUID) -> Json[UserRead]:
        return await self.users.get(user_id)

    async def works_here(self, email: str) -> bool:
        """Whether a user who has not left has this address."""
        return await self.users.with_email(email)

    async def refuse_unknown(self, user_ids: Collection[UUID], pointer: str) -> None:
        """Whoever names users names colleagues. Raises ValidationFailed."""
        if set(user_ids) - await self.users.present([*user_ids]):
            raise ValidationFailed.at(pointer, "unknown_user", "There is no such user here.")

    async def update(self, user_id: UUID, data: UserPatch, version: int) -> Json[UserRead]:
        """What decides their rights needs a recent proof of identity, and is never more than one's own."""
        given = _given(data)
        user = await self._managed(user_id, version)
        if user.status is UserStatus.DEACTIVATED:
            raise UserHasLeft
        rights = {name: given.pop(name) for name in RIGHTS & given.keys()}
        if rights:
            await self.granting.change_rights(user, rights)
        await self._change(user, given, new_rights=bool(rights))
        return await self.users.get(user_id)

    async def permissions(self, user_id: UUID) -> UserPermissions:
        user = (await self.users.get(user_id)).value
        authority = await UserAccess(self.ctx).authority(user_id)
        return UserPermissions(
            role=authority.role_code,
            permissions=sorted(authority.scopes),
            denials=await self.users.denials(user_id),
            data_scope=authority.data_scope,
            agency_ids=list(authority.agency_ids),
            mfa_required=authority.mfa_required,
            version=user.version,
        )

    async def withhold(self, user_id: UUID, data: Denials, version: int) -> UserPermissions:
        user = await self._managed(user_id, version)
        await self.granting.withhold(user, data.permissions)
        await self._change(user, {}, new_rights=True)
        return await self.permissions(user_id)

    # --- states

    async def suspend(self, user_id: UUID, version: int) -> Json[UserRead]:
        return await self._move(user_id, version, UserStatus.SUSPENDED, event=UserSuspended(user_id))

    async def resume(self, user_id: UUID, version: int) -> Json[UserRead]:
        return await self._move(
            user_id, version, UserStatus.ACTIVE, UserStatus.SUSPENDED, event=UserActivated(user_id)
        )

    async def unlock(self, user_id: UUID, version: int) -> Json[UserRead]:
        return await self._move(
            user_id, version, UserStatus.ACTIVE, UserStatus.LOCKED, event=UserActivated(user_id)
        )

    async def deactivate(self, user_id: UUID, data: Deactivation, version: int) -> Json[UserRead]:
        """For good: the logins are free again, and whoever holds work of theirs hands it to the other."""
        await self._managed(user_id, version)  # before any word about the other
        await self._refuse_unfit(data.reassign_to, user_id)
        event = UserDeactivated(user_id, data.reassign_to)
        return await self._move(
            user_id,
            version,
            UserStatus.DEACTIVATED,
            event=event,
            deactivated_at=now(),
            reassigned_to_id=data.reassign_to,
        )

    async def _move(
        self,
        user_id: UUID,
        version: int,
        status: UserStatus,
        only_from: UserStatus | None = None,
        *,
        event: Event,
        **stamps: Any,
    ) -> Json[UserRead]:
        user = await self._managed(user_id, version)
        USER.check(user.status, status)
        if only_from not in (None, user.status):  # the way to this state is another one: verifying, unlocking
            raise USER.refusal(user.status, status)
        if status is not UserStatus.ACTIVE:
            await self.granting.refuse_without_administrator(user)
        if status is UserStatus.DEACTIVATED:
            for login in filter(None, (user.email, user.username)):
                await self.users.release(login)
        await self._change(user, {"status": status, "locked_until": None, "failed_login_count": 0, **stamps})
        await publish(self.ctx, event)
        return await self.users.get(user_id)

    # --- oneself

    async def me(self) -> MeRead:
        """Raises NotFound for who is no user: an API client."""
        user_id = self.ctx.principal.id
        sheet = (await self.users.get(user_id)).value
        address, preferences, accepted_at, terms = await self.users.own_page(user_id)
        authority = await UserAccess(self.ctx).authority(user_id)
        return MeRead(
            **dict(sheet),
            address=address,
            notification_preferences=NotificationPreferences.model_validate_json(preferences),
            permissions=sorted(authority.scopes),
            effective_data_scope=authority.data_scope,
            agency_ids=list(authority.agency_ids),
            mfa_required=authority.mfa_required,
            terms_accepted_at=accepted_at,
            terms_version=terms,
        )

    async def update_me(self, data: MePatch, version: int) -> MeRead:
        user = await self._loaded(self.ctx.principal.id, version)
        given = _given(data)
        if (substitute := given.get("substitute_user_id")) is not None:
            await self._refuse_unfit(substitute, self.ctx.principal.id)
        await self._change(user, given)
        return await self.me()

    async def _refuse_unfit(self, user_id: UUID, instead_of: UUID) -> None:
        """Who takes over or stands in must be there, active, and another one."""
        try:
            other = (await self.users.get(user_id)).value
        except NotFound as error:
            raise UnknownUser from error
        if user_id == instead_of or other.status is not UserStatus.ACTIVE:
            raise SuccessorUnfit

    # --- members of groups

    async def members(self, group_id: UUID, query: UserQuery) -> Json[UserPage]:
        await GroupService(self.ctx).get(group_id)
        return await self.users.page(query.model_copy(update={"group_id": [group_id]}), UserPage)

    async def put_in(self, group_id: UUID, data: Members) -> None:
        await GroupService(self.ctx).get(group_id)
        for user_id in sorted({*data.user_ids}):  # in one order, so that two requests cannot block each other
            await self._regroup(user_id, lambda known: known | {group_id})

    async def take_out(self, group_id: UUID, user_id: UUID) -> None:
        await GroupService(self.ctx).get(group_id)
        if group_id not in await GroupService(self.ctx).ids_of(user_id):
            raise NotFound
        await self._regroup(user_id, lambda known: known - {group_id})

    async def _regroup(self, user_id: UUID, change: Callable[[set[UUID]], set[UUID]]) -> None:
        user = await self._managed(user_id, ANY_VERSION)
        known = await GroupService(self.ctx).ids_of(user_id)
        await self.granting.change_rights(user, {"group_ids": change(known)})
        await self._change(user, {}, new_rights=True)

    # --- all of them

    async def _change(self, user: User, fields: Mapping[str, Any], *, new_rights: bool = False) -> None:
        """Writes the user, a new version even when only groups or denials changed.

        Who holds sessions listens: new rights are felt within five seconds.
        """
        if "username" in fields and fields["username"] != user.username:
            if fields["username"] is not None:
                await self.users.claim(fields["username"], user.id)
            if user.username is not None:
                await self.users.release(user.username)
        for name, value in fields.items():
            setattr(user, name, value.model_dump() if isinstance(value, BaseModel) else value)
        user.updated_at = now()
        await self.users.save(user)
        if new_rights:
            await publish(self.ctx, UserRoleChanged(user.id))

    async def _managed(self, user_id: UUID, version: int) -> User:
        user = await self._loaded(user_id, version)
        await self.granting.refuse_stranger(user)
        return user

    async def _loaded(self, user_id: UUID, version: int) -> User:
        user = await self.users.load(user_id)
        if version not in (user.version, ANY_VERSION):
            raise VersionConflict(current_version=user.version)
        return user


def _given(data: BaseModel) -> dict[str, Any]:
    return {name: value for name, value in data if value is not MISSING}
