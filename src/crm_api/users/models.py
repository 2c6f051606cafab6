"""Who works here (domain.md B-3), what they are denied, and the logins of the whole installation."""

from collections.abc import Hashable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Uuid,
    any_,
    bindparam,
    exists,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Base, Entity, Ledger, at_most, folded
from crm_api.core.principal import DataScope
from crm_api.kit.states import machine
from crm_api.roles.models import GroupMember


class UserStatus(StrEnum):
    """Whether a colleague may sign in, and what still stands in the way."""

    INVITED = "invited"
    PENDING_VERIFICATION = "pending_verification"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LOCKED = "locked"
    DEACTIVATED = "deactivated"


class UserLanguage(StrEnum):
    """The language of the screens and letters of a colleague."""

    FR = "fr"
    EN = "en"
    AR = "ar"


class DisplayMode(StrEnum):
    """Whether screens are light, dark, or as the device says."""

    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


class Availability(StrEnum):
    """Whether work may be routed to a colleague at the moment."""

    AVAILABLE = "available"
    BUSY = "busy"
    AWAY = "away"
    OFFLINE = "offline"


USER = machine(
    "user",
    """
    invited: active deactivated
    pending_verification: active deactivated
    active: suspended locked deactivated
    suspended: active deactivated
    locked: active deactivated
    """,
    entry=("invited", "pending_verification"),
)
PRESENT = text("status <> 'deactivated'")
"""Who has left may come back: as another user."""
REMEMBERED_PASSWORDS = 5
"""So many earlier passwords are refused."""


class User(Entity):
    """A member of staff. Never deleted: deactivated, the work handed to somebody else."""

    __tablename__ = "users"
    label = "user"
    private = frozenset({"password_hash", "previous_password_hashes"})
    personal = frozenset({"email", "phone", "address", "last_login_at"})
    __table_args__ = (
        Index("uq_users_email", "organization_id", "email", unique=True, postgresql_where=PRESENT),
        Index("uq_users_username", "organization_id", "username", unique=True, postgresql_where=PRESENT),
        Index("ix_users_newest", "organization_id", "created_at", "id"),
        Index("ix_users_name", "organization_id", "name_folded", "id"),
        Index("ix_users_role", "organization_id", "role_id", "status"),
        Index("ix_users_agency", "organization_id", "agency_id"),
        ForeignKeyConstraint(
            ["organization_id", "role_id"], ["roles.organization_id", "roles.id"], name="fk_users_role"
        ),
        ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_users_agency",
        ),
        ForeignKeyConstraint(
            ["organization_id", "substitute_user_id"],
            ["users.organization_id", "users.id"],
            name="fk_users_substitute",
        ),
        CheckConstraint("email = lower(email)", name="email_in_small_letters"),
        CheckConstraint("username ~ '^[a-z0-9._-]{3,40}$'", name="username_form"),
        CheckConstraint("max_open_tickets BETWEEN 0 AND 1000", name="max_open_tickets_range"),
        CheckConstraint("substitute_user_id <> id", name="not_its_own_substitute"),
        at_most("first_name", 80),
        at_most("last_name", 80),
        at_most("job_title", 120),
    )

    email: Mapped[str]
    username: Mapped[str | None]
    first_name: Mapped[str]
    last_name: Mapped[str]
    first_name_ar: Mapped[str | None]
    last_name_ar: Mapped[str | None]
    name_folded: Mapped[str] = folded("last_name", "first_name")
    phone: Mapped[str | None]
    address: Mapped[str | None]
    job_title: Mapped[str | None]
    agency_id: Mapped[UUID | None]
    role_id: Mapped[UUID]
    data_scope: Mapped[DataScope | None]
    """Null: what the role and the groups say."""
    status: Mapped[UserStatus]
    password_hash: Mapped[str | None]
    previous_password_hashes: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    email_verified_at: Mapped[datetime | None]
    language: Mapped[UserLanguage] = mapped_column(default=UserLanguage.FR)
    display_mode: Mapped[DisplayMode] = mapped_column(default=DisplayMode.SYSTEM)
    notification_preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    last_login_at: Mapped[datetime | None]
    failed_login_count: Mapped[int] = mapped_column(server_default="0", default=0)
    locked_until: Mapped[datetime | None]
    availability: Mapped[Availability] = mapped_column(default=Availability.AVAILABLE)
    out_of_office_until: Mapped[datetime | None]
    substitute_user_id: Mapped[UUID | None]
    max_open_tickets: Mapped[int] = mapped_column(default=25)
    terms_accepted_at: Mapped[datetime | None]
    terms_version: Mapped[str | None]
    deactivated_at: Mapped[datetime | None]
    reassigned_to_id: Mapped[UUID | None]


class UserPermissionDenial(Ledger):
    """A scope that this user does not get, whatever role and groups say."""

    __tablename__ = "user_permission_denials"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "user_id"], ["users.organization_id", "users.id"]),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    permission: Mapped[str] = mapped_column(primary_key=True)


def in_one_of_the_groups(name: str, _: Hashable) -> ColumnElement[bool]:
    """The condition of the list's filter `group_id`."""
    wanted = bindparam(name, type_=ARRAY(Uuid()))
    return exists().where(
        GroupMember.organization_id == User.organization_id,
        GroupMember.user_id == User.id,
        GroupMember.group_id == any_(wanted),
    )


class IdentityLine(Base):
    """Whose login an address or user name is, in the whole installation: unique there, so that one form
    signs everybody in. Reached only through functions, so that nobody can list it."""

    __tablename__ = "identities"
    __table_args__ = {
        "info": {
            "closed": True,
            "ddl": (
                """CREATE OR REPLACE FUNCTION crm_find_identity(
                    wanted text, OUT organization_id uuid, OUT user_id uuid
                ) RETURNS SETOF record
                LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
                AS $$ SELECT i.organization_id, i.user_id FROM public.identities i
                      WHERE i.login = lower(trim(wanted)) $$""",
                """CREATE OR REPLACE FUNCTION crm_claim_identity(wanted text, owner uuid)
                RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
                AS $$ INSERT INTO public.identities (login, organization_id, user_id)
                      VALUES (lower(trim(wanted)), public.crm_organization(), owner) $$""",
                """CREATE OR REPLACE FUNCTION crm_release_identity(wanted text)
                RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
                AS $$ DELETE FROM public.identities i WHERE i.login = lower(trim(wanted))
                      AND i.organization_id = public.crm_organization() $$""",
                *(
                    statement
                    for function in (
                        "crm_find_identity(text)",
                        "crm_claim_identity(text, uuid)",
                        "crm_release_identity(text)",
                    )
                    for statement in (
                        f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC",
                        f"GRANT EXECUTE ON FUNCTION {function} TO crm_app",
                    )
                ),
            ),
        }
    }

    login: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    user_id: Mapped[UUID]
