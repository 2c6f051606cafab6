"""Who acts. Made once per request (and remembered for seconds), read by every service."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Literal
from uuid import UUID

SYSTEM_ID = UUID(int=0)
STEP_UP_LASTS = timedelta(minutes=5)
"""So long is a proof of identity recent enough for a sensitive action."""
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
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Where an API client may call from; empty: from anywhere."""

    @property
    def is_person(self) -> bool:
        return self.kind == "user"

    @property
    def may_act_sensitively(self) -> bool:
        """People prove who they are shortly before; machines did with their secret."""
        if not self.is_person:
            return True
        return self.confirmed_at is not None and datetime.now(UTC) - self.confirmed_at < STEP_UP_LASTS

    def may_call_from(self, ip: str | None) -> bool:
        """Always true for whom no network is named; an address that cannot be read is in none."""
        if not self.networks:
            return True
        try:
            address = ip_address(ip or "")
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self.networks)


def system(organization_id: UUID, scopes: frozenset[str] = frozenset()) -> Principal:
    """The house itself acting for an organization: jobs, seeds, public doors."""
    return Principal(SYSTEM_ID, organization_id, scopes, kind="system")
