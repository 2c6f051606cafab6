from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.roles.errors import GroupCodeTaken, GroupInUse, RoleCodeTaken, RoleInUse
from crm_api.roles.models import Group, GroupMember, Role
from crm_api.roles.schemas import GroupRead, RoleRead


class RoleRepository(Repository[Role, RoleRead]):
    model, read = Role, RoleRead
    refusals = {
        "uq_roles_code": RoleCodeTaken,
        "fk_invitations_role": RoleInUse,
        "fk_saved_views_role": RoleInUse,
        "fk_users_role": RoleInUse,
    }

    async def by_id(self, role_id: UUID) -> Role | None:
        return await self.ctx.session.scalar(select(Role).where(Role.id == role_id))

    async def by_code(self, code: str) -> Role | None:
        return await self.ctx.session.scalar(select(Role).where(Role.code == code))


class GroupRepository(Repository[Group, GroupRead]):
    model, read = Group, GroupRead
    refusals = {
        "uq_groups_code": GroupCodeTaken,
        "uq_groups_name": GroupCodeTaken,
        "fk_discussions_group": GroupInUse,
        "fk_inboxes_group": GroupInUse,
        "fk_tasks_group": GroupInUse,
        "fk_ticket_categories_group": GroupInUse,
        "fk_ticket_macros_group": GroupInUse,
        "fk_ticket_rules_group": GroupInUse,
        "fk_tickets_group": GroupInUse,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        groups, members = table_of(Group), GroupMember.__table__.alias("member")
        count = (
            select(func.count())
            .select_from(members)
            .where(members.c.organization_id == groups.c.organization_id, members.c.group_id == groups.c.id)
            .scalar_subquery()
        )
        return {**super().columns(), "member_count": count}

    async def codes(self) -> set[str]:
        return set(await self.ctx.session.scalars(select(Group.code)))

    async def with_ids(self, ids: Collection[UUID]) -> Sequence[Group]:
        return (await self.ctx.session.scalars(select(Group).where(Group.id.in_(ids)))).all()

    async def ids_of(self, user_id: UUID) -> set[UUID]:
        """Which groups that user is in."""
        found = select(GroupMember.group_id).where(GroupMember.user_id == user_id)
        return set(await self.ctx.session.scalars(found))

    async def put(self, user_id: UUID, group_ids: Collection[UUID]) -> None:
        """In these groups, and in no other."""
        await self.ctx.session.execute(delete(GroupMember).where(GroupMember.user_id == user_id))
        self.ctx.session.add_all(GroupMember(group_id=group_id, user_id=user_id) for group_id in group_ids)
        await self.ctx.session.flush()
