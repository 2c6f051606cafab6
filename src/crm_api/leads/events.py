"""What upper floors hear of leads; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class LeadAssigned(Event):
    kind: ClassVar = "lead.assigned"

    lead_id: UUID
    owner_user_id: UUID | None
    agency_id: UUID | None
    rule_id: UUID | None = None
    """The routing rule that decided; None when a person did."""


@dataclass(frozen=True, slots=True)
class LeadContacted(Event):
    kind: ClassVar = "lead.contacted"

    lead_id: UUID
    channel: str
    first: bool


@dataclass(frozen=True, slots=True)
class LeadQualified(Event):
    kind: ClassVar = "lead.qualified"

    lead_id: UUID
    score: int


@dataclass(frozen=True, slots=True)
class LeadNurtured(Event):
    kind: ClassVar = "lead.nurtured"

    lead_id: UUID


@dataclass(frozen=True, slots=True)
class LeadDisqualified(Event):
    kind: ClassVar = "lead.disqualified"

    lead_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class LeadReopened(Event):
    kind: ClassVar = "lead.reopened"

    lead_id: UUID


@dataclass(frozen=True, slots=True)
class LeadConverted(Event):
    kind: ClassVar = "lead.converted"

    lead_id: UUID
    account_id: UUID
    contact_id: UUID
    opportunity_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LeadConversionUndone(Event):
    kind: ClassVar = "lead.conversion_undone"

    lead_id: UUID


@dataclass(frozen=True, slots=True)
class LeadDuplicateDetected(Event):
    kind: ClassVar = "lead.duplicate_detected"

    lead_id: UUID
    candidate_type: str
    candidate_id: UUID
    score: int
    linked: bool


@dataclass(frozen=True, slots=True)
class LeadScoreChanged(Event):
    kind: ClassVar = "lead.score_changed"

    lead_id: UUID
    score: int
    score_band: str


@dataclass(frozen=True, slots=True)
class LeadMerged(Event):
    kind: ClassVar = "lead.merged"

    lead_id: UUID
    other_id: UUID


@dataclass(frozen=True, slots=True)
class LeadUnmerged(Event):
    kind: ClassVar = "lead.unmerged"

    lead_id: UUID
    other_id: UUID


@dataclass(frozen=True, slots=True)
class LeadAnonymised(Event):
    kind: ClassVar = "lead.anonymised"

    lead_id: UUID
