from sqlalchemy import select

from crm_api.core.repository import Repository
from crm_api.roles.errors import GroupCodeTaken, RoleCodeTaken, RoleInUse, UnknownBaseRole, UnknownMember
from crm_api.roles.models import Group, Role
from crm_api.roles.schemas import GroupRead, RoleRead


class RoleRepository(Repository[Role, RoleRead]):
    model, read = Role, RoleRead
    refusals = {
        "uq_roles_code": RoleCodeTaken,
        "fk_roles_organization_id_based_on_id": UnknownBaseRole,
        "fk_users_role": RoleInUse,
        "fk_invitations_role": RoleInUse,
    }

    async def by_code(self, code: str) -> Role | None:
        return await self.ctx.session.scalar(select(Role).where(Role.code == code))


class GroupRepository(Repository[Group, GroupRead]):
    model, read = Group, GroupRead
    refusals = {
        "uq_groups_code": GroupCodeTaken,
        "uq_groups_name": GroupCodeTaken,
        "fk_group_members_user": UnknownMember,
    }

    async def codes(self) -> set[str]:
        return set(await self.ctx.session.scalars(select(Group.code)))
