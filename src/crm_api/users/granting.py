"""Changing what a user may do: role, groups, denials, data scope, agency (domain.md B-4)."""

from collections.abc import Collection, Mapping, Set
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.principal import DataScope
from crm_api.kit.errors import StepUpRequired
from crm_api.roles.catalogue import ADMINISTRATOR, of_kind
from crm_api.roles.granting import refuse_to_grant, widest
from crm_api.roles.models import Role
from crm_api.roles.service import GroupService, RoleService
from crm_api.users.access import UserAccess
from crm_api.users.errors import BeyondYourAuthority, LastAdministrator, OutsideYourAgencies
from crm_api.users.models import User, UserStatus
from crm_api.users.repository import UserRepository

RIGHTS = frozenset({"role", "group_ids", "data_scope", "agency_id"})
"""Fields of a user that decide what they may do and see."""


class Granting:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.users, self.roles, self.groups = UserRepository(ctx), RoleService(ctx), GroupService(ctx)

    async def refuse_stranger(self, user: User) -> None:
        """Raises unless this user is of the actor's agencies, and may do no more than the actor."""
        self.refuse_agency(user.agency_id)
        if user.id != self.ctx.principal.id:
            theirs = await UserAccess(self.ctx).authority(user.id)
            if theirs.scopes - self.ctx.principal.scopes - of_kind("segregated"):
                raise BeyondYourAuthority

    def refuse_agency(self, agency_id: UUID | None) -> None:
        """Who does not see the whole organization places people in his own agencies only."""
        principal = self.ctx.principal
        if principal.data_scope is not DataScope.ALL and agency_id not in principal.agency_ids:
            raise OutsideYourAgencies

    async def refuse_without_administrator(self, user: User) -> None:
        """Raises LastAdministrator if nobody else could take this user's place."""
        active = user.status is UserStatus.ACTIVE and await self.users.is_administrator(user)
        if active and not await self.users.other_administrators(user.id):
            raise LastAdministrator

    async def refuse_to_give(
        self,
        role: Role,
        group_ids: Collection[UUID],
        data_scope: DataScope | None,
        *,
        to_himself: bool,
        known: Set[str] = frozenset(),
    ) -> None:
        """Raises CannotGrant, UnknownGroup. `known`: scopes that the user has already."""
        groups = await self.groups.with_ids(group_ids)
        scopes = {*role.permissions, *(code for group in groups for code in group.permissions)} - known
        reach = data_scope or widest([role.data_scope_default, *(g.data_scope_override for g in groups)])
        refuse_to_grant(self.ctx.principal, scopes, reach, to_himself=to_himself)

    async def change_rights(self, user: User, given: Mapping[str, Any]) -> None:
        """The ones of RIGHTS that are given. Groups change at once, the user's columns when it is saved."""
        if not self.ctx.principal.may_act_sensitively:
            raise StepUpRequired
        role = (
            await self.roles.with_code(given["role"])
            if "role" in given
            else await self.roles.with_id(user.role_id)
        )
        earlier = await self.groups.ids_of(user.id)
        groups = {*given.get("group_ids", earlier)}
        data_scope = given.get("data_scope", user.data_scope)
        if "agency_id" in given:
            self.refuse_agency(given["agency_id"])
        if given.keys() - {"agency_id"}:
            himself = user.id == self.ctx.principal.id
            known = (await UserAccess(self.ctx).authority(user.id)).scopes
            await self.refuse_to_give(role, groups, data_scope, to_himself=himself, known=known)
        if role.code != ADMINISTRATOR:
            await self.refuse_without_administrator(user)
        if groups != earlier:
            await self.groups.put(user.id, groups)
            changes = {"group_ids": [sorted(map(str, earlier)), sorted(map(str, groups))]}
            self.ctx.note("user.groups_changed", "user", user.id, changes=changes)
        user.role_id, user.data_scope = role.id, data_scope
        user.agency_id = given.get("agency_id", user.agency_id)

    async def withhold(self, user: User, permissions: Collection[str]) -> None:
        """These scopes, and no others; giving one back is granting it."""
        earlier = await self.users.denials(user.id)
        himself = user.id == self.ctx.principal.id
        refuse_to_grant(self.ctx.principal, {*earlier} - {*permissions}, to_himself=himself)
        if permissions:
            await self.refuse_without_administrator(user)
        await self.users.put_denials(user.id, permissions)
        self.ctx.note("user.denials_changed", "user", user.id, changes={"denials": [earlier, [*permissions]]})
