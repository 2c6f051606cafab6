from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class AgencyClosed(Event):
    """Whoever holds rows of this agency moves the open ones to the other."""

    kind: ClassVar = "agency.closed"

    agency_id: UUID
    transfer_to_agency_id: UUID
