"""How an organization arranges its tickets: statuses, categories, settings, routing rules, skills, macros."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most
from crm_api.policies.models.policy import refers
from crm_api.tickets.models.words import TicketStatus

DEEPEST = 3
"""Levels of the tree of categories (domain.md B-30)."""


class TicketStatusOption(Entity):
    """A status as the organization calls it.

    Its category is part of a key that tickets refer to, so it never changes: their clocks hang on it.
    """

    __tablename__ = "ticket_statuses"
    label = "ticket_status"
    __table_args__ = (
        Index("uq_ticket_statuses_code", "organization_id", "code", unique=True),
        Index(
            "uq_ticket_statuses_default",
            "organization_id",
            "category",
            unique=True,
            postgresql_where=text("is_default"),
        ),
        UniqueConstraint("organization_id", "id", "category", name="uq_ticket_statuses_category"),
        Index("ix_ticket_statuses_position", "organization_id", "position", "id"),
        CheckConstraint("NOT is_default OR is_active", name="default_is_active"),
        at_most("code", 40),
        at_most("name", 80),
        at_most("name_ar", 80),
    )

    code: Mapped[str]
    name: Mapped[str]
    name_ar: Mapped[str | None]
    category: Mapped[TicketStatus]
    position: Mapped[int] = mapped_column(default=0)
    is_default: Mapped[bool] = mapped_column(default=False)
    """The status of its category when nobody says which."""
    is_active: Mapped[bool] = mapped_column(default=True)


class TicketCategory(Entity):
    """What a ticket is about: a tree of three levels at most."""

    __tablename__ = "ticket_categories"
    label = "ticket_category"
    __table_args__ = (
        Index("uq_ticket_categories_code", "organization_id", "code", unique=True),
        Index("ix_ticket_categories_parent", "organization_id", "parent_id"),
        Index("ix_ticket_categories_position", "organization_id", "position", "id"),
        refers("ticket_categories", "parent_id", "ticket_categories", "parent"),
        refers("ticket_categories", "group_id", "groups", "group"),
        CheckConstraint(f"level BETWEEN 1 AND {DEEPEST}", name="level_range"),
        CheckConstraint("(level = 1) = (parent_id IS NULL)", name="roots_have_no_parent"),
        at_most("code", 40),
        at_most("name", 80),
        at_most("name_ar", 80),
    )

    code: Mapped[str]
    name: Mapped[str]
    name_ar: Mapped[str | None]
    parent_id: Mapped[UUID | None]
    level: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    group_id: Mapped[UUID | None]
    """Who answers, where no rule says otherwise."""
    is_active: Mapped[bool] = mapped_column(default=True)


class TicketSettings(Entity):
    """How an organization handles tickets; without a row, as the defaults of the schema say."""

    __tablename__ = "ticket_settings"
    label = "ticket_settings"
    __table_args__ = (Index("uq_ticket_settings_one", "organization_id", unique=True),)

    content: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)


class TicketRoutingStrategy(StrEnum):
    """How a rule finds the one who gets the ticket."""

    USER = "user"
    ACCOUNT_MANAGER = "account_manager"
    LEAST_BUSY = "least_busy"
    ROUND_ROBIN = "round_robin"
    QUEUE = "queue"


class TicketRule(Entity):
    """A routing rule: which tickets, and who gets them. The first that fits wins."""

    __tablename__ = "ticket_rules"
    label = "ticket_rule"
    __table_args__ = (
        Index("uq_ticket_rules_name", "organization_id", "name", unique=True),
        Index("ix_ticket_rules_position", "organization_id", "position", "id"),
        refers("ticket_rules", "user_id", "users", "user"),
        refers("ticket_rules", "group_id", "groups", "group"),
        CheckConstraint("(strategy = 'user') = (user_id IS NOT NULL)", name="user_of_its_strategy"),
        CheckConstraint(
            "strategy NOT IN ('least_busy', 'round_robin', 'queue') OR group_id IS NOT NULL",
            name="group_of_its_strategy",
        ),
        at_most("name", 80),
    )

    name: Mapped[str]
    position: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)
    conditions: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    strategy: Mapped[TicketRoutingStrategy]
    user_id: Mapped[UUID | None]
    group_id: Mapped[UUID | None]
    same_agency: Mapped[bool] = mapped_column(default=False)
    """Only colleagues of the ticket's agency."""
    skills: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    """Only colleagues who have all of these."""
    speaks: Mapped[bool] = mapped_column(default=False)
    """Only colleagues who speak the ticket's language."""


class TicketAgent(Entity):
    """What a colleague can do for tickets: languages and skills."""

    __tablename__ = "ticket_agents"
    label = "ticket_agent"
    __table_args__ = (
        Index("uq_ticket_agents_user", "organization_id", "user_id", unique=True),
        refers("ticket_agents", "user_id", "users", "user"),
    )

    user_id: Mapped[UUID]
    languages: Mapped[list[str]] = mapped_column(server_default=text("'{fr}'"), default=lambda: ["fr"])
    skills: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)


class MacroScope(StrEnum):
    """Who may use a macro."""

    PERSONAL = "personal"
    TEAM = "team"
    ALL = "all"


class TicketMacro(Entity):
    """Several changes and an answer under one name."""

    __tablename__ = "ticket_macros"
    label = "ticket_macro"
    __table_args__ = (
        Index("ix_ticket_macros_name", "organization_id", "name", "id"),
        refers("ticket_macros", "owner_user_id", "users", "owner"),
        refers("ticket_macros", "group_id", "groups", "group"),
        CheckConstraint("(scope = 'personal') = (owner_user_id IS NOT NULL)", name="owner_of_its_scope"),
        CheckConstraint("(scope = 'team') = (group_id IS NOT NULL)", name="group_of_its_scope"),
        at_most("name", 80),
    )

    name: Mapped[str]
    scope: Mapped[MacroScope]
    owner_user_id: Mapped[UUID | None]
    group_id: Mapped[UUID | None]
    actions: Mapped[dict[str, Any]]
    """As `TicketMacroActions` says."""
    is_active: Mapped[bool] = mapped_column(default=True)
    usage_count: Mapped[int] = mapped_column(server_default="0", default=0)
