from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, select, update

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.invitations.errors import InvitationOpen
from crm_api.invitations.models import Invitation, InvitationStatus
from crm_api.invitations.schemas import InvitationRead
from crm_api.roles.models import Role


class InvitationRepository(Repository[Invitation, InvitationRead]):
    model, read = Invitation, InvitationRead
    refusals = {"uq_invitations_open": InvitationOpen}

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        invitations, roles = table_of(Invitation), table_of(Role).alias("role")
        role = (
            select(roles.c.code)
            .where(
                roles.c.organization_id == invitations.c.organization_id, roles.c.id == invitations.c.role_id
            )
            .scalar_subquery()
        )
        return {**super().columns(), "role": role}

    async def with_token(self, digest: str) -> Invitation | None:
        """Locked."""
        return await self.ctx.session.scalar(
            select(Invitation).where(Invitation.token_hash == digest).with_for_update()
        )

    async def overdue(self, before: datetime, email: str | None = None) -> Sequence[Invitation]:
        """Open ones whose time was over by then, locked; those that somebody works on are left out."""
        statement = select(Invitation).where(
            Invitation.status == InvitationStatus.PENDING, Invitation.expires_at <= before
        )
        if email is not None:
            statement = statement.where(Invitation.email == email)
        return (await self.ctx.session.scalars(statement.with_for_update(skip_locked=True).limit(1000))).all()

    async def put_token(self, invitation_id: UUID, digest: str) -> bool:
        """Whether the invitation is still open. No new version: what people read of it stays the same."""
        table = table_of(Invitation)
        statement = self._statement(
            "token",
            lambda: (
                update(table)
                .where(
                    *self.visible(),
                    table.c.id == bindparam("invitation_id"),
                    table.c.status == InvitationStatus.PENDING,
                )
                .values(token_hash=bindparam("digest", type_=Text()))
                .returning(table.c.id)
            ),
        )
        rows = await self.ctx.write(statement, {"invitation_id": invitation_id, "digest": digest})
        await self.ctx.refresh(Invitation, invitation_id)
        return bool(rows)
