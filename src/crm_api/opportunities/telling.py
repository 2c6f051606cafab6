"""Who is told what about a sale: its new owner, who must agree to a move, and who asked for it."""

from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.kit.errors import NotFound
from crm_api.notifications.models import NotificationKind
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.opportunities.models.opportunity import Opportunity


class Teller:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def given(self, opportunity_id: UUID, number: str, owner_id: UUID | None) -> None:
        """To somebody else than who gave it."""
        message = Message("opportunity_given", number=number)
        await self._tell(owner_id, NotificationKind.ASSIGNMENT, opportunity_id, message)

    async def asked(self, sale: Opportunity, stage: str) -> None:
        """The manager of its agency, where it has one."""
        if sale.agency_id is None:
            return
        try:
            manager_id = (await AgencyService(self.ctx).get(sale.agency_id)).value.manager_user_id
        except NotFound:
            return
        message = Message("opportunity_approval_asked", number=sale.number)
        body = Message("opportunity_stage_wanted", stage=stage)
        await self._tell(manager_id, NotificationKind.APPROVAL_REQUEST, sale.id, message, body)

    async def decided(self, sale: Opportunity, asked_by: UUID | None, *, approved: bool) -> None:
        key = "opportunity_move_approved" if approved else "opportunity_move_refused"
        message = Message(key, number=sale.number)
        await self._tell(asked_by, NotificationKind.DECISION, sale.id, message)

    async def stands_still(self, opportunity_id: UUID, number: str, owner_id: UUID | None) -> None:
        message = Message("opportunity_stagnant", number=number)
        await self._tell(owner_id, NotificationKind.REMINDER, opportunity_id, message)

    async def _tell(
        self,
        user_id: UUID | None,
        kind: NotificationKind,
        opportunity_id: UUID,
        title: Message,
        body: Message | None = None,
    ) -> None:
        if user_id is None:
            return
        await NotificationService(self.ctx).notify(
            [user_id], kind, title=title, body=body, object_type="opportunity", object_id=opportunity_id
        )
