"""What the steps of an opportunity's life are told."""

from uuid import UUID

from pydantic import Field

from crm_api.kit.schemas import Day, Input
from crm_api.opportunities.models.opportunity import LossReason
from crm_api.opportunities.schemas.words import Comment, PolicyNumber, Probability, Reason, StageCode


class OpportunityMove(Input):
    """Where it goes."""

    stage: StageCode
    """An open stage."""
    pipeline_id: UUID | None = None
    """Another pipeline to go on in; the stage must then be one where opportunities may begin."""


class OpportunityWin(Input):
    """What proves the sale."""

    policy_number: PolicyNumber
    """The number of the policy in the system that issued it."""
    closed_on: Day | None = Field(default=None, examples=["2026-11-23"])
    """The day it was signed; today when left out, never later."""


class OpportunityLose(Input):
    """Why it is lost."""

    reason: LossReason
    """For statistics."""
    comment: Comment | None = None
    """More about it."""
    competitor: str | None = Field(default=None, min_length=2, max_length=120, examples=["SAA"])
    """Who got it; marked among the competitors, or added to them."""


class OpportunityReopen(Input):
    """How it goes on."""

    close_date: Day = Field(examples=["2026-12-31"])
    """When it is now expected to close."""
    reason: Reason
    """Goes to the audit log."""
    stage: StageCode | None = None
    """An open stage; the last one it stood in when left out."""


class ProbabilityOverride(Input):
    """How likely it is, where somebody knows better than the stage."""

    probability: Probability | None
    """Holds until the next move; null goes back to that of the stage."""
    reason: Reason
    """Why."""


class ApprovalRefusal(Input):
    """Why it may not enter the stage."""

    reason: Reason
    """Goes to the audit log."""
