"""What upper floors hear of visits; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class WebVisitorIdentified(Event):
    """A visitor became somebody; `sessions` earlier visits are theirs now."""

    kind: ClassVar = "web_visitor.identified"

    visitor_id: UUID
    contact_id: UUID
    sessions: int
