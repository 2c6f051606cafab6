"""Who is told what about a complaint."""

from collections.abc import Collection
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.complaints.models import Complaint
from crm_api.core.context import Context
from crm_api.kit.errors import NotFound
from crm_api.notifications.models import NotificationKind
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message


class ComplaintTeller:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def answer_waits(self, complaint: Complaint) -> None:
        """The manager of the agency, unless they wrote it themselves."""
        manager_id = await self._manager(complaint)
        if manager_id != self.ctx.principal.id:
            await self._say(
                [manager_id], NotificationKind.APPROVAL_REQUEST, "complaint_answer_waits", complaint
            )

    async def answer_judged(self, complaint: Complaint, author_id: UUID | None, *, approved: bool) -> None:
        key = "complaint_answer_approved" if approved else "complaint_answer_sent_back"
        await self._say([author_id], NotificationKind.DECISION, key, complaint)

    async def escalated(self, complaint: Complaint) -> None:
        """Who handles it and the manager of its agency."""
        to = [complaint.owner_user_id, await self._manager(complaint)]
        await self._say(to, NotificationKind.SLA_BREACH, "complaint_escalated", complaint)

    async def _manager(self, complaint: Complaint) -> UUID | None:
        if complaint.agency_id is None:
            return None
        try:
            return (await AgencyService(self.ctx).get(complaint.agency_id)).value.manager_user_id
        except NotFound:
            return None

    async def _say(
        self, to: Collection[UUID | None], kind: NotificationKind, key: str, complaint: Complaint
    ) -> None:
        users = [user_id for user_id in to if user_id is not None]
        if users:
            await NotificationService(self.ctx).notify(
                users,
                kind,
                title=Message(key, number=complaint.number),
                object_type=Complaint.label,
                object_id=complaint.id,
            )
