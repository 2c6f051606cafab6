from uuid import UUID

from crm_api.core.context import Context
from crm_api.roles.catalogue import ADMINISTRATOR, BASE_ROLES, seed_groups
from crm_api.roles.models import Group, Role
from crm_api.roles.repository import GroupRepository, RoleRepository


class RoleService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.roles = RoleRepository(ctx)

    async def seed(self) -> UUID:
        """The four base roles, where they are missing; the id of the administrator's."""
        administrator: UUID | None = None
        for base in BASE_ROLES:
            role = await self.roles.by_code(base.code) or await self.roles.save(
                Role(
                    code=base.code,
                    label_fr=base.label_fr,
                    is_system=True,
                    permissions=base.permissions,
                    data_scope_default=base.data_scope_default,
                )
            )
            if base.code == ADMINISTRATOR:
                administrator = role.id
        assert administrator is not None  # noqa: S101 - it is one of the four
        return administrator


class GroupService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.groups = GroupRepository(ctx)

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
                        max_amounts=seed.max_amounts,
                    )
                )
