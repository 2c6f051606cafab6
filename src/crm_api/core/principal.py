"""Who acts. Made once per request (and remembered for seconds), read by every service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Literal
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
    must_enrol: bool = False
    """Signed in without the second factor that the role asks for: good for nothing but enrolling it."""
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


def snapshot(principal: Principal) -> dict[str, Any]:
    """With what rights somebody says go: long work is done with these, whatever becomes of them meanwhile."""
    return {
        "id": str(principal.id),
        "kind": principal.kind,
        "scopes": sorted(principal.scopes),
        "data_scope": str(principal.data_scope),
        "agency_id": principal.agency_id and str(principal.agency_id),
        "agency_ids": [str(id) for id in principal.agency_ids],
    }


def restored(organization_id: UUID, kept: Mapping[str, Any]) -> Principal:
    """Who said go, as `snapshot` kept them."""
    return Principal(
        id=UUID(kept["id"]),
        organization_id=organization_id,
        scopes=frozenset(kept["scopes"]),
        kind=kept["kind"],
        data_scope=DataScope(kept["data_scope"]),
        agency_id=UUID(kept["agency_id"]) if kept["agency_id"] else None,
        agency_ids=tuple(UUID(id) for id in kept["agency_ids"]),
    )
