"""The steps of a mission: each checks the table of states and who may, does its work, and says so."""

from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.missions.calendar import MissionCalendar
from crm_api.missions.errors import (
    MissionReportClosed,
    MissionReportMissing,
    NotTheAssignee,
    OwnMissionOrder,
)
from crm_api.missions.events import (
    MissionOrderAcknowledged,
    MissionOrderApproved,
    MissionOrderCancelled,
    MissionOrderCompleted,
    MissionOrderIssued,
    MissionOrderSentBack,
    MissionOrderStarted,
)
from crm_api.missions.models import MISSION_ORDER, MissionOrder, MissionStatus
from crm_api.missions.repository import MissionOrderRepository
from crm_api.missions.schemas import MissionOrderRead, MissionOrderTold, MissionReport, Refusal
from crm_api.missions.service import MissionService
from crm_api.missions.telling import Telling

_REPORTING = frozenset({MissionStatus.ACKNOWLEDGED, MissionStatus.IN_PROGRESS})


class MissionSteps:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.orders, self.service = MissionOrderRepository(ctx), MissionService(ctx)
        self.telling = Telling(ctx)

    # --- who sends

    async def issue(self, mission_order_id: UUID, version: int) -> Json[MissionOrderTold]:
        """Who is sent is told, and it stands in their calendar."""
        order = await self._stepping(mission_order_id, version, MissionStatus.ISSUED)
        order.issued_by_id, order.issued_at = self.ctx.principal.id, now()
        await self.orders.save(order)
        assert order.owner_user_id is not None  # noqa: S101 - a CHECK says so
        await publish(self.ctx, MissionOrderIssued(order.id, order.number, order.owner_user_id))
        await MissionCalendar(self.ctx).enter(order)
        await self.telling.issued(order)
        return await self.service.told(order)

    async def approve(self, mission_order_id: UUID, version: int) -> Json[MissionOrderRead]:
        order = await self._judging(mission_order_id, version, MissionStatus.APPROVED)
        order.approved_by_id, order.approved_at = self.ctx.principal.id, now()
        answer = await self._done(order, MissionOrderApproved(order.id, order.number))
        await self.telling.approved(order)
        return answer

    async def send_back(self, mission_order_id: UUID, data: Refusal, version: int) -> Json[MissionOrderRead]:
        """The report is not enough: the mission is in progress again."""
        order = await self._judging(mission_order_id, version, MissionStatus.IN_PROGRESS)
        order.send_back_reason, order.completed_at = data.reason, None
        answer = await self._done(order, MissionOrderSentBack(order.id, order.number))
        await self.telling.sent_back(order)
        return answer

    async def cancel(self, mission_order_id: UUID, data: Refusal, version: int) -> Json[MissionOrderRead]:
        """The order is kept; the calendar is free again."""
        order = await self._stepping(mission_order_id, version, MissionStatus.CANCELLED)
        was_issued = order.issued_at is not None
        order.cancel_reason, order.cancelled_at = data.reason, now()
        answer = await self._done(order, MissionOrderCancelled(order.id, order.number))
        if was_issued:
            await MissionCalendar(self.ctx).clear(order, data.reason)
            await self.telling.cancelled(order)
        return answer

    # --- who is sent

    async def acknowledge(self, mission_order_id: UUID, version: int) -> Json[MissionOrderRead]:
        order = await self._own_step(mission_order_id, version, MissionStatus.ACKNOWLEDGED)
        order.acknowledged_at = now()
        return await self._done(order, MissionOrderAcknowledged(order.id, order.number))

    async def start(self, mission_order_id: UUID, version: int) -> Json[MissionOrderRead]:
        order = await self._own(mission_order_id, version)
        if order.status is MissionStatus.COMPLETED:  # back into progress it is only sent
            raise MISSION_ORDER.refusal(order.status, MissionStatus.IN_PROGRESS)
        MISSION_ORDER.check(order.status, MissionStatus.IN_PROGRESS)
        order.status, order.started_at = MissionStatus.IN_PROGRESS, now()
        return await self._done(order, MissionOrderStarted(order.id, order.number))

    async def report(
        self, mission_order_id: UUID, data: MissionReport, version: int
    ) -> Json[MissionOrderRead]:
        """Written as the mission goes."""
        order = await self._own(mission_order_id, version)
        if order.status not in _REPORTING:
            raise MissionReportClosed
        await self._reported(order, data)
        return await self._done(order)

    async def complete(
        self, mission_order_id: UUID, data: MissionReport, version: int
    ) -> Json[MissionOrderRead]:
        order = await self._own(mission_order_id, version)
        MISSION_ORDER.check(order.status, MissionStatus.COMPLETED)
        await self._reported(order, data)
        if order.report_text is None:
            raise MissionReportMissing
        order.status, order.completed_at = MissionStatus.COMPLETED, now()
        answer = await self._done(order, MissionOrderCompleted(order.id, order.number))
        await self.telling.completed(order)
        return answer

    async def _reported(self, order: MissionOrder, data: MissionReport) -> None:
        given = {name: value for name, value in data if value is not MISSING}
        await self.service.refuse_unknown(given)
        if "expenses" in given:
            lines: list[Any] = given["expenses"]
            order.expense_amount = Money.of(sum(line.amount.centimes for line in lines))
            given["expenses"] = [line.model_dump(mode="json") for line in lines]
        for name, value in given.items():
            setattr(order, name, value)

    # --- who may

    async def _stepping(self, mission_order_id: UUID, version: int, wanted: MissionStatus) -> MissionOrder:
        order = await self.service.loaded(mission_order_id, version)
        MISSION_ORDER.check(order.status, wanted)
        order.status = wanted
        return order

    async def _judging(self, mission_order_id: UUID, version: int, wanted: MissionStatus) -> MissionOrder:
        """Of a report that was handed in, by another than who wrote it."""
        order = await self.service.loaded(mission_order_id, version)
        if order.owner_user_id == self.ctx.principal.id:
            raise OwnMissionOrder
        if order.status is not MissionStatus.COMPLETED:
            raise MISSION_ORDER.refusal(order.status, wanted)
        order.status = wanted
        return order

    async def _own(self, mission_order_id: UUID, version: int) -> MissionOrder:
        order = await self.service.loaded(mission_order_id, version)
        if order.owner_user_id != self.ctx.principal.id:
            raise NotTheAssignee
        return order

    async def _own_step(self, mission_order_id: UUID, version: int, wanted: MissionStatus) -> MissionOrder:
        order = await self._own(mission_order_id, version)
        MISSION_ORDER.check(order.status, wanted)
        order.status = wanted
        return order

    async def _done(self, order: MissionOrder, *events: Event) -> Json[MissionOrderRead]:
        await self.orders.save(order)
        for event in events:
            await publish(self.ctx, event)
        return await self.orders.get(order.id)
