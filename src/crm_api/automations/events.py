"""What other floors and other systems hear of automations; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class AutomationActivated(Event):
    """An automation takes people in."""

    kind: ClassVar = "automation.activated"

    automation_id: UUID
    revision: int
