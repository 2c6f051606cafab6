"""What upper floors hear of contracts and their endorsements; ids and public facts only."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class PolicyIssued(Event):
    """The contract is signed; its premium is due, its cover waits for it.

    `source_system` is `crm` where it was issued here: only then is the premium ours to ask for.
    """

    kind: ClassVar = "policy.issued"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str
    effective_at: datetime
    source_system: str = "crm"


@dataclass(frozen=True, slots=True)
class PolicyInForce(Event):
    """Cover begins."""

    kind: ClassVar = "policy.in_force"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class PolicySuspended(Event):
    """Cover stops; the contract goes on."""

    kind: ClassVar = "policy.suspended"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class PolicyReinstatementDue(Event):
    """Paid while suspended: cover resumes at `reinstates_at`."""

    kind: ClassVar = "policy.reinstatement_due"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str
    reinstates_at: datetime


@dataclass(frozen=True, slots=True)
class PolicyReinstated(Event):
    """Cover has resumed."""

    kind: ClassVar = "policy.reinstated"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str


@dataclass(frozen=True, slots=True)
class PolicyExpiring(Event):
    """Its renewal is to be prepared: said once, sixty days ahead unless configured otherwise."""

    kind: ClassVar = "policy.expiring"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PolicyExpired(Event):
    """It ran to its end and was not renewed."""

    kind: ClassVar = "policy.expired"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str


@dataclass(frozen=True, slots=True)
class PolicyRenewed(Event):
    """Another contract goes on from it."""

    kind: ClassVar = "policy.renewed"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str
    next_policy_id: UUID


@dataclass(frozen=True, slots=True)
class PolicyTerminated(Event):
    """It ended before its expiry; `refund_*` centimes of its premium are given back, pro rata by day."""

    kind: ClassVar = "policy.terminated"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str
    reason: str
    terminated_at: datetime
    refund_net: int = 0
    refund_vat: int = 0
    refund_fga: int = 0
    source_system: str = "crm"


@dataclass(frozen=True, slots=True)
class PolicyCancelled(Event):
    """It never was (annulation): void from the beginning, nothing of its premium is owed."""

    kind: ClassVar = "policy.cancelled"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str
    source_system: str = "crm"


@dataclass(frozen=True, slots=True)
class PolicySynced(Event):
    """Its source told something newer."""

    kind: ClassVar = "policy.synced"

    policy_id: UUID
    number: str
    account_id: UUID
    product_code: str
    source_system: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class EndorsementRequested(Event):
    """A change was asked for."""

    kind: ClassVar = "endorsement.requested"

    endorsement_id: UUID
    number: str
    policy_id: UUID
    type: str


@dataclass(frozen=True, slots=True)
class EndorsementApplied(Event):
    """The contract has a new version. `premium_delta` centimes, net: to pay, or to give back when negative;
    `total_delta` is what it is with its taxes. The refund of a termination is told by `PolicyTerminated`."""

    kind: ClassVar = "endorsement.applied"

    endorsement_id: UUID
    number: str
    policy_id: UUID
    type: str
    policy_version: int
    premium_delta: int
    vat_delta: int = 0
    fga_delta: int = 0
    total_delta: int = 0


@dataclass(frozen=True, slots=True)
class EndorsementRefused(Event):
    """The change was refused."""

    kind: ClassVar = "endorsement.refused"

    endorsement_id: UUID
    number: str
    policy_id: UUID
    type: str
