from collections.abc import Collection
from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.principal import DataScope
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.kit.schemas import Json
from crm_api.roles.catalogue import ADMINISTRATOR, BASE_ROLES, permissions, seed_groups
from crm_api.roles.errors import SystemRoleUnchangeable, UnknownGroup, UnknownRole
from crm_api.roles.granting import refuse_to_grant
from crm_api.roles.models import Group, Role
from crm_api.roles.repository import GroupRepository, RoleRepository
from crm_api.roles.schemas import (
    GroupCreate,
    GroupPage,
    GroupPatch,
    GroupQuery,
    GroupRead,
    MaxAmounts,
    PermissionList,
    PermissionRead,
    RoleCreate,
    RolePage,
    RolePatch,
    RoleQuery,
    RoleRead,
)


def catalogue() -> PermissionList:
    """Every scope that exists."""
    return PermissionList(data=[PermissionRead.model_validate(p) for p in permissions().values()])


class RoleService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.roles = RoleRepository(ctx)

    async def page(self, query: RoleQuery) -> Json[RolePage]:
        return await self.roles.page(query, RolePage)

    async def get(self, role_id: UUID) -> Json[RoleRead]:
        return await self.roles.get(role_id)

    async def with_code(self, code: str) -> Role:
        """Raises UnknownRole."""
        role = await self.roles.by_code(code)
        if role is None:
            raise UnknownRole
        return role

    async def with_id(self, role_id: UUID) -> Role:
        """Raises UnknownRole."""
        role = await self.roles.by_id(role_id)
        if role is None:
            raise UnknownRole
        return role

    async def create(self, data: RoleCreate) -> Json[RoleRead]:
        """A copy of another role, with its own scopes. What the maker lacks cannot be in it."""
        base = await self.with_code(data.based_on)
        scopes = base.permissions if data.permissions is MISSING else data.permissions
        reach = base.data_scope_default if data.data_scope_default is MISSING else data.data_scope_default
        # Segregated scopes live in groups only: whoever holds a role could give them to himself.
        refuse_to_grant(self.ctx.principal, scopes, reach, to_himself=True)
        role = Role(
            code=data.code,
            label_fr=data.label_fr,
            base_code=base.base_code,
            based_on_id=base.id,
            permissions=list(scopes),
            data_scope_default=reach,
        )
        await self.roles.save(role)
        return await self.roles.get(role.id)

    async def update(self, role_id: UUID, data: RolePatch, version: int) -> Json[RoleRead]:
        role = await self._own(role_id, version)
        if data.permissions is not MISSING:
            refuse_to_grant(self.ctx.principal, {*data.permissions} - {*role.permissions}, to_himself=True)
            role.permissions = data.permissions
        if data.data_scope_default is not MISSING:
            refuse_to_grant(self.ctx.principal, (), data.data_scope_default, to_himself=True)
            role.data_scope_default = data.data_scope_default
        if data.label_fr is not MISSING:
            role.label_fr = data.label_fr
        await self.roles.save(role)
        return await self.roles.get(role_id)

    async def delete(self, role_id: UUID, version: int) -> None:
        """Raises RoleInUse while somebody has it, or is invited to."""
        await self.roles.remove(await self._own(role_id, version))

    async def seed(self) -> UUID:
        """The four base roles, where they are missing; the id of the administrator's."""
        made = {base.code: await self._seeded(base.code) for base in BASE_ROLES}
        return made[ADMINISTRATOR]

    async def _seeded(self, code: str) -> UUID:
        base = next(base for base in BASE_ROLES if base.code == code)
        known = await self.roles.by_code(code)
        role = known or Role(
            code=code,
            label_fr=base.label_fr,
            is_system=True,
            base_code=code,
            permissions=base.permissions,
            data_scope_default=base.data_scope_default,
        )
        return (await self.roles.save(role)).id

    async def _own(self, role_id: UUID, version: int) -> Role:
        role = await self.roles.load(role_id)
        if version not in (role.version, ANY_VERSION):
            raise VersionConflict(current_version=role.version)
        if role.is_system:
            raise SystemRoleUnchangeable
        return role


class GroupService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.groups = GroupRepository(ctx)

    async def page(self, query: GroupQuery) -> Json[GroupPage]:
        return await self.groups.page(query, GroupPage)

    async def get(self, group_id: UUID) -> Json[GroupRead]:
        return await self.groups.get(group_id)

    async def create(self, data: GroupCreate) -> Json[GroupRead]:
        """Nobody is in it yet, so it may hold what is kept from its maker."""
        refuse_to_grant(self.ctx.principal, data.permissions, data.data_scope_override, to_himself=False)
        return await self.groups.add(data)

    async def update(self, group_id: UUID, data: GroupPatch, version: int) -> Json[GroupRead]:
        """What it gains, its members gain: nothing that the one who changes it lacks."""
        self.ctx.begin()
        group = await self._loaded(group_id, version)
        gained = set() if data.permissions is MISSING else {*data.permissions} - {*group.permissions}
        reach = data.data_scope_override if isinstance(data.data_scope_override, DataScope) else None
        mine = group_id in await self.groups.ids_of(self.ctx.principal.id)
        refuse_to_grant(self.ctx.principal, gained, reach, to_himself=mine)
        return await self.groups.edit(group_id, data, version)

    async def delete(self, group_id: UUID, version: int) -> None:
        """Its members lose what it added."""
        await self.groups.remove(await self._loaded(group_id, version))

    async def with_ids(self, ids: Collection[UUID]) -> list[Group]:
        """Raises UnknownGroup when one of them is not there."""
        found = await self.groups.with_ids(ids)
        if len(found) != len(set(ids)):
            raise UnknownGroup
        return list(found)

    async def id_with_code(self, code: str) -> UUID | None:
        """None where nobody made it, or somebody deleted it since."""
        found = await self.groups.find(code=code)
        return None if found is None else found.value.id

    async def still_there(self, ids: Collection[UUID]) -> list[UUID]:
        """Those of the groups that nobody has deleted since."""
        return [group.id for group in await self.groups.with_ids(ids)]

    async def ids_of(self, user_id: UUID) -> set[UUID]:
        """Which groups that user is in."""
        return await self.groups.ids_of(user_id)

    async def put(self, user_id: UUID, group_ids: Collection[UUID]) -> None:
        """That user, in these groups and in no other. Whether this may be given is asked by the caller."""
        await self.groups.put(user_id, group_ids)

    async def seed(self) -> None:
        """The groups every organization starts with, where they are missing; they may be changed at will."""
        known = await self.groups.codes()
        for seed in seed_groups():
            if seed.code not in known:
                await self.groups.save(
                    Group(
                        code=seed.code,
                        name=seed.name,
                        description=seed.description,
                        permissions=seed.permissions,
                        data_scope_override=seed.data_scope_override,
                        max_amounts=MaxAmounts(**seed.max_amounts).model_dump(),
                    )
                )

    async def _loaded(self, group_id: UUID, version: int) -> Group:
        group = await self.groups.load(group_id)
        if version not in (group.version, ANY_VERSION):
            raise VersionConflict(current_version=group.version)
        return group
