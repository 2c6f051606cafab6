"""Who is told what about a claim."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.claims.models.claim import Claim
from crm_api.core.context import Context
from crm_api.kit.errors import NotFound
from crm_api.notifications.models import NotificationKind
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message


class ClaimTeller:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def given(self, claim: Claim) -> None:
        await self._tell(
            [claim.owner_user_id], NotificationKind.ASSIGNMENT, "claim_given", claim.id, claim.number
        )

    async def document_came(self, claim: Claim) -> None:
        await self._tell(
            [claim.owner_user_id],
            NotificationKind.CLAIM_STATUS,
            "claim_document_came",
            claim.id,
            claim.number,
        )

    async def decision_waits(self, claim: Claim) -> None:
        """The manager of its agency, where it has one who is not the author."""
        if claim.agency_id is None:
            return
        try:
            manager_id = (await AgencyService(self.ctx).get(claim.agency_id)).value.manager_user_id
        except NotFound:
            return
        if manager_id != self.ctx.principal.id:
            key = "claim_decision_waits"
            await self._tell([manager_id], NotificationKind.APPROVAL_REQUEST, key, claim.id, claim.number)

    async def decided(self, claim: Claim, author_id: UUID, *, confirmed: bool) -> None:
        key = "claim_decision_confirmed" if confirmed else "claim_decision_turned_down"
        await self._tell([author_id], NotificationKind.DECISION, key, claim.id, claim.number)

    async def due(
        self, claim_id: UUID, number: str, to: UUID | None, due_at: datetime, *, late: bool
    ) -> None:
        if late:
            kind, title = NotificationKind.SLA_BREACH, Message("claim_late", number=number, due=due_at)
        else:
            kind, title = NotificationKind.SLA_WARNING, Message("claim_risk", number=number, due=due_at)
        await self._say([to], kind, title, claim_id)

    async def _tell(
        self,
        to: Collection[UUID | None],
        kind: NotificationKind,
        key: str,
        claim_id: UUID,
        number: str,
    ) -> None:
        await self._say(to, kind, Message(key, number=number), claim_id)

    async def _say(
        self, to: Collection[UUID | None], kind: NotificationKind, title: Message, claim_id: UUID
    ) -> None:
        users = [user_id for user_id in to if user_id is not None]
        if users:
            await NotificationService(self.ctx).notify(
                users, kind, title=title, object_type=Claim.label, object_id=claim_id
            )
