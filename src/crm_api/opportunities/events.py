"""What upper floors hear of opportunities; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class OpportunityStageChanged(Event):
    kind: ClassVar = "opportunity.stage_changed"

    opportunity_id: UUID
    pipeline_id: UUID
    from_stage: str
    to_stage: str


@dataclass(frozen=True, slots=True)
class OpportunityApprovalAsked(Event):
    """It may enter the stage once a second person agrees."""

    kind: ClassVar = "opportunity.approval_asked"

    opportunity_id: UUID
    stage: str
    asked_by_id: UUID


@dataclass(frozen=True, slots=True)
class OpportunityApprovalRefused(Event):
    kind: ClassVar = "opportunity.approval_refused"

    opportunity_id: UUID
    stage: str
    asked_by_id: UUID


@dataclass(frozen=True, slots=True)
class OpportunityWon(Event):
    kind: ClassVar = "opportunity.won"

    opportunity_id: UUID
    account_id: UUID
    amount_centimes: int


@dataclass(frozen=True, slots=True)
class OpportunityLost(Event):
    kind: ClassVar = "opportunity.lost"

    opportunity_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class OpportunityReopened(Event):
    kind: ClassVar = "opportunity.reopened"

    opportunity_id: UUID
    stage: str


@dataclass(frozen=True, slots=True)
class OpportunityStagnant(Event):
    """Nothing was done about it for too long; told once until something is."""

    kind: ClassVar = "opportunity.stagnant"

    opportunity_id: UUID
    owner_user_id: UUID | None
