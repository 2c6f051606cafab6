"""How colleagues come in: by an agency's number and an e-mail address (domain.md B-5)."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most
from crm_api.core.principal import DataScope
from crm_api.kit.states import machine


class InvitationStatus(StrEnum):
    """Whether an invitation waits, was accepted, was taken back, or ran out."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


INVITATION = machine("invitation", "pending: accepted revoked expired")
LASTS = timedelta(days=7)
MOST_RESENT_A_DAY = 5


class Invitation(Entity):
    """One e-mail address asked to join, once at a time. Only the mail carries the token."""

    __tablename__ = "invitations"
    label = "invitation"
    private = frozenset({"token_hash"})
    personal = frozenset({"email"})
    __table_args__ = (
        Index(
            "uq_invitations_open",
            "organization_id",
            "email",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "uq_invitations_token",
            "organization_id",
            "token_hash",
            unique=True,
            postgresql_where=text("token_hash IS NOT NULL"),
        ),
        Index("ix_invitations_expiry", "organization_id", "status", "expires_at"),
        Index("ix_invitations_newest", "organization_id", "created_at", "id"),
        ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_invitations_agency",
        ),
        ForeignKeyConstraint(
            ["organization_id", "role_id"], ["roles.organization_id", "roles.id"], name="fk_invitations_role"
        ),
        at_most("message", 500),
    )

    email: Mapped[str]
    agency_id: Mapped[UUID]
    agency_code: Mapped[str]
    role_id: Mapped[UUID]
    group_ids: Mapped[list[UUID]] = mapped_column(default=list)
    data_scope: Mapped[DataScope | None]
    message: Mapped[str | None]
    status: Mapped[InvitationStatus] = mapped_column(default=InvitationStatus.PENDING)
    token_hash: Mapped[str | None]
    expires_at: Mapped[datetime]
    resent_on: Mapped[date | None]
    resent_that_day: Mapped[int] = mapped_column(server_default="0", default=0)
    accepted_user_id: Mapped[UUID | None]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
