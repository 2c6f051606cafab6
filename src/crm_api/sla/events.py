"""What upper floors hear of clocks: thresholds crossed, each once. Who keeps one knows its work."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class SlaCrossed:
    """A share of a target has passed while the promise was still owed.

    `notify`, `group_id` and `raise_priority` are what the policy's rules of that threshold ask for.
    """

    clock_id: UUID
    metric: str
    instance: int
    percent: int
    due_at: datetime | None
    policy_id: UUID | None
    notify: list[str]
    group_id: UUID | None
    raise_priority: bool


@dataclass(frozen=True, slots=True)
class SlaWarned(SlaCrossed, Event):
    """Before the target: 50, 75, 90 % and what the policy names."""

    kind: ClassVar = "sla.warned"


@dataclass(frozen=True, slots=True)
class SlaBreached(SlaCrossed, Event):
    """The target has passed."""

    kind: ClassVar = "sla.breached"


@dataclass(frozen=True, slots=True)
class SlaEscalated(SlaCrossed, Event):
    """Long past the target, where the policy says so."""

    kind: ClassVar = "sla.escalated"
