"""Ways to look at a list that people keep (domain.md B-46): columns, filter, sort."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, SoftDeleted, at_most


class ViewVisibility(StrEnum):
    """Who may use a saved view: its owner alone, a role, an agency, or everybody."""

    PRIVATE = "private"
    ROLE = "role"
    TEAM = "team"
    ALL = "all"


class SavedView(SoftDeleted, Entity):
    __tablename__ = "saved_views"
    label = "saved_view"
    __table_args__ = (
        Index(
            "uq_saved_views_name",
            "organization_id",
            "owner_user_id",
            "entity",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_saved_views_name", "organization_id", "entity", "name", "id"),
        ForeignKeyConstraint(
            ["organization_id", "role_id"], ["roles.organization_id", "roles.id"], name="fk_saved_views_role"
        ),
        ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_saved_views_agency",
        ),
        CheckConstraint("(visibility = 'role') = (role_id IS NOT NULL)", name="role_for_role"),
        CheckConstraint("(visibility = 'team') = (agency_id IS NOT NULL)", name="agency_for_team"),
        at_most("name", 80),
        at_most("entity", 60),
        at_most("group_by", 60),
    )

    owner_user_id: Mapped[UUID]
    entity: Mapped[str]
    name: Mapped[str]
    columns: Mapped[list[str]]
    filters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sort: Mapped[list[str]] = mapped_column(default=list)
    group_by: Mapped[str | None]
    visibility: Mapped[ViewVisibility] = mapped_column(default=ViewVisibility.PRIVATE)
    role_id: Mapped[UUID | None]
    """Who has this role sees it."""
    agency_id: Mapped[UUID | None]
    """Who works there sees it."""


class DefaultView(Ledger):
    """With which view one user begins a list."""

    __tablename__ = "saved_view_defaults"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "view_id"],
            ["saved_views.organization_id", "saved_views.id"],
            name="fk_saved_view_defaults_view",
            ondelete="CASCADE",
        ),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(primary_key=True)
    view_id: Mapped[UUID]
