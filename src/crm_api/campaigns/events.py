"""What others hear of campaigns; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class CampaignSubmitted(Event):
    """Somebody asks for approval."""

    kind: ClassVar = "campaign.submitted"

    campaign_id: UUID
    number: str
    audience: int


@dataclass(frozen=True, slots=True)
class CampaignApproved(Event):
    """It may be launched."""

    kind: ClassVar = "campaign.approved"

    campaign_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class CampaignStarted(Event):
    """Its audience is frozen and its messages are queued."""

    kind: ClassVar = "campaign.started"

    campaign_id: UUID
    number: str
    targeted: int


@dataclass(frozen=True, slots=True)
class CampaignPaused(Event):
    """Nothing more is sent until it is resumed."""

    kind: ClassVar = "campaign.paused"

    campaign_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class CampaignCompleted(Event):
    """It is over."""

    kind: ClassVar = "campaign.completed"

    campaign_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class CampaignWinnerChosen(Event):
    """Its test ended; without a winner where nothing is proven."""

    kind: ClassVar = "campaign.winner_chosen"

    campaign_id: UUID
    number: str
    outcome: str
    variant: str | None
