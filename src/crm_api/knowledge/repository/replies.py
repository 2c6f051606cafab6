from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.principal import DataScope
from crm_api.core.repository import Repository
from crm_api.knowledge.errors import UnknownCannedAgency
from crm_api.knowledge.models.replies import (
    AutoReply,
    AutoReplySending,
    AutoReplyTrigger,
    CannedResponse,
    CannedScope,
)
from crm_api.knowledge.schemas.replies import AutoReplyRead, CannedResponseRead


class CannedResponseRepository(Repository[CannedResponse, CannedResponseRead]):
    model, read = CannedResponse, CannedResponseRead
    refusals = {"fk_canned_responses_agency": UnknownCannedAgency}

    def __init__(self, ctx: Context) -> None:
        self.visibility = (
            "everything" if ctx.principal.data_scope is DataScope.ALL else "mine and my agency's"
        )
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        """What is for everybody; a personal one for who wrote it only; a team's for its agency."""
        canned = table_of(CannedResponse)
        mine = and_(
            canned.c.scope == CannedScope.PERSONAL,
            canned.c.owner_id == bindparam("actor_id", type_=canned.c.owner_id.type),
        )
        team: ColumnElement[bool] = canned.c.scope == CannedScope.TEAM
        if self.visibility != "everything":
            team = and_(team, canned.c.agency_id == bindparam("team_id", type_=canned.c.agency_id.type))
        return [*super().visible(), or_(canned.c.scope == CannedScope.ALL, mine, team)]

    async def used(self, response_id: UUID) -> None:
        """Counted beside the version: who edits it meanwhile is not disturbed."""
        await self.ctx.session.execute(
            update(CannedResponse)
            .where(
                CannedResponse.organization_id == self.ctx.organization_id, CannedResponse.id == response_id
            )
            .values(usage_count=CannedResponse.usage_count + 1, version=CannedResponse.version)
        )


class AutoReplyRepository(Repository[AutoReply, AutoReplyRead]):
    model, read = AutoReply, AutoReplyRead

    async def active(self, triggers: Sequence[AutoReplyTrigger]) -> list[AutoReply]:
        """Those that answer, in their order."""
        mine = AutoReply.organization_id == self.ctx.organization_id
        statement = select(AutoReply).where(mine, AutoReply.is_active, AutoReply.trigger.in_(triggers))
        return list(
            await self.ctx.session.scalars(statement.order_by(AutoReply.position, AutoReply.id).limit(200))
        )

    async def may_send(self, reply: AutoReply, requester: bytes, at: datetime, since: datetime) -> bool:
        """Claims the sending, at once and for one of several workers; False while it is cooling down."""
        row = insert(AutoReplySending).values(
            organization_id=self.ctx.organization_id, auto_reply_id=reply.id, requester=requester, sent_at=at
        )
        claimed = row.on_conflict_do_update(
            index_elements=["organization_id", "auto_reply_id", "requester"],
            set_={"sent_at": row.excluded.sent_at},
            where=AutoReplySending.sent_at <= since,
        )
        answer = await self.ctx.session.execute(claimed.returning(AutoReplySending.sent_at))
        if answer.first() is None:
            return False
        await self.ctx.session.execute(
            text(
                """UPDATE auto_replies SET sent_count = sent_count + 1
                WHERE organization_id = :organization_id AND id = :id"""
            ),
            {"organization_id": self.ctx.organization_id, "id": reply.id},
        )
        return True

    async def is_cooling(self, reply_id: UUID, requesters: Sequence[bytes], since: datetime) -> bool:
        """Whether it was sent to one of these after `since`."""
        mine = AutoReplySending.organization_id == self.ctx.organization_id
        statement = select(AutoReplySending.sent_at).where(
            mine,
            AutoReplySending.auto_reply_id == reply_id,
            AutoReplySending.requester.in_(requesters),
            AutoReplySending.sent_at > since,
        )
        return (await self.ctx.session.scalars(statement.limit(1))).first() is not None

    async def forget_before(self, moment: datetime) -> None:
        """Sendings that cool nothing down any more."""
        await self.ctx.session.execute(
            text(
                "DELETE FROM auto_reply_sendings WHERE organization_id = :organization_id AND sent_at < :at"
            ),
            {"organization_id": self.ctx.organization_id, "at": moment},
        )
