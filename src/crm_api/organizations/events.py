from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class OrganizationActivated(Event):
    """The sheet is complete and an administrator's address is proved: the house is furnished now."""

    kind: ClassVar = "organization.activated"

    organization_id: UUID
