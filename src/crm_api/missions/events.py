"""What upper floors hear of mission orders; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class MissionOrderIssued(Event):
    kind: ClassVar = "mission_order.issued"

    mission_order_id: UUID
    number: str
    assignee_user_id: UUID


@dataclass(frozen=True, slots=True)
class MissionOrderAcknowledged(Event):
    kind: ClassVar = "mission_order.acknowledged"

    mission_order_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class MissionOrderStarted(Event):
    kind: ClassVar = "mission_order.started"

    mission_order_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class MissionOrderCompleted(Event):
    kind: ClassVar = "mission_order.completed"

    mission_order_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class MissionOrderApproved(Event):
    kind: ClassVar = "mission_order.approved"

    mission_order_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class MissionOrderSentBack(Event):
    kind: ClassVar = "mission_order.sent_back"

    mission_order_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class MissionOrderCancelled(Event):
    kind: ClassVar = "mission_order.cancelled"

    mission_order_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class MissionOrderOverdue(Event):
    kind: ClassVar = "mission_order.overdue"

    mission_order_id: UUID
    number: str
