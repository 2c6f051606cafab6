"""What people are told about mission orders."""

from collections.abc import Collection
from uuid import UUID

from crm_api.core.context import Context
from crm_api.missions.models import MissionOrder
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message


class Telling:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def issued(self, order: MissionOrder) -> None:
        where = Message("mission_issued_where", place=order.place, start=order.starts_on, end=order.ends_on)
        await self._tell([order.owner_user_id], "assignment", "mission_issued", order, where)

    async def completed(self, order: MissionOrder) -> None:
        await self._tell([order.issued_by_id], "approval_request", "mission_completed", order)

    async def approved(self, order: MissionOrder) -> None:
        await self._tell([order.owner_user_id], "decision", "mission_approved", order)

    async def sent_back(self, order: MissionOrder) -> None:
        why = Message("mission_why", reason=order.send_back_reason or "")
        await self._tell([order.owner_user_id], "decision", "mission_sent_back", order, why)

    async def cancelled(self, order: MissionOrder) -> None:
        why = Message("mission_why", reason=order.cancel_reason or "")
        await self._tell([order.owner_user_id], "decision", "mission_cancelled", order, why)

    async def overdue(self, order: MissionOrder) -> None:
        since = Message("mission_overdue_since", end=order.ends_on)
        both = [order.owner_user_id, order.issued_by_id]
        await self._tell(both, "deadline", "mission_overdue", order, since, once="overdue")

    async def _tell(
        self,
        to: Collection[UUID | None],
        kind: str,
        key: str,
        order: MissionOrder,
        body: Message | None = None,
        *,
        once: str | None = None,
    ) -> None:
        await NotificationService(self.ctx).notify(
            [user_id for user_id in to if user_id is not None],
            kind,
            title=Message(key, number=order.number),
            body=body,
            object_type=MissionOrder.label,
            object_id=order.id,
            dedupe_key=f"{MissionOrder.label}|{order.id}|{once}" if once else None,
        )
