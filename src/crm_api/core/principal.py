"""Who acts. Made once per request (and remembered for seconds), read by every service."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

SYSTEM_ID = UUID(int=0)
Actor = Literal["user", "client", "system", "anonymous"]


class DataScope(StrEnum):
    """Which rows of the organization a principal sees; wider as it goes down."""

    OWN = "own"
    AGENCY = "agency"
    REGION = "region"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Principal:
    """An actor of one organization, with what it may do (`scopes`) and to which rows (`data_scope`)."""

    id: UUID
    organization_id: UUID
    scopes: frozenset[str]
    kind: Actor = "user"
    data_scope: DataScope = DataScope.ALL
    agency_id: UUID | None = None
    agency_ids: tuple[UUID, ...] = field(default=())
    """The agencies whose rows `agency` and `region` open to this principal."""
    session_id: UUID | None = None
    confirmed_at: datetime | None = None
    """When this person last proved who they are; sensitive actions ask for a recent proof."""
    requests_per_minute: int | None = None
    """A limit of its own, for API clients."""

    @property
    def is_person(self) -> bool:
        return self.kind == "user"


def system(organization_id: UUID, scopes: frozenset[str] = frozenset()) -> Principal:
    """The house itself acting for an organization: jobs, seeds, public doors."""
    return Principal(SYSTEM_ID, organization_id, scopes, kind="system")
