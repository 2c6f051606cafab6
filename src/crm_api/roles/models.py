"""What people may do: a role each, groups that add to it (domain.md B-4)."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most, folded
from crm_api.core.principal import DataScope


class Role(Entity):
    """The base of what a user may do. The four system roles are the same in every organization."""

    __tablename__ = "roles"
    label = "role"
    __table_args__ = (
        Index("uq_roles_code", "organization_id", "code", unique=True),
        ForeignKeyConstraint(
            ["organization_id", "based_on_id"],
            ["roles.organization_id", "roles.id"],
            name="fk_roles_based_on",
            ondelete="SET NULL (based_on_id)",
        ),
        at_most("code", 40),
        at_most("label_fr", 80),
    )

    code: Mapped[str]
    label_fr: Mapped[str]
    is_system: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    base_code: Mapped[str]
    """The system role it descends from: what that one must do (a second factor), this one must do too."""
    based_on_id: Mapped[UUID | None]
    permissions: Mapped[list[str]]
    data_scope_default: Mapped[DataScope]


class Group(Entity):
    """A finer job: it adds scopes, and may widen what is seen."""

    __tablename__ = "groups"
    label = "group"
    __table_args__ = (
        Index("uq_groups_code", "organization_id", "code", unique=True),
        Index("uq_groups_name", "organization_id", "name_folded", unique=True),
        at_most("code", 40),
        at_most("name", 80),
        at_most("description", 300),
    )

    code: Mapped[str]
    name: Mapped[str]
    name_folded: Mapped[str] = folded("name")
    description: Mapped[str | None]
    permissions: Mapped[list[str]] = mapped_column(default=list)
    data_scope_override: Mapped[DataScope | None]
    max_amounts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class GroupMember(Ledger):
    """Who is in which group."""

    __tablename__ = "group_members"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "group_id"], ["groups.organization_id", "groups.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["users.organization_id", "users.id"],
            name="fk_group_members_user",
        ),
        Index("ix_group_members_user", "organization_id", "user_id"),
    )

    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
