"""A campaign that the house proposes, and why it is as it is."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.campaigns.schemas.campaign import CampaignRead
from crm_api.campaigns.schemas.words import LandingUrl
from crm_api.kit.schemas import Input, Output


class CampaignGoal(Input):
    """What a campaign is to reach: in words, or chosen."""

    goal: str | None = Field(
        default=None, min_length=3, max_length=500, examples=["Renouveler les contrats auto de décembre"]
    )
    """In French, Arabic or English."""
    objective: Literal["renewal", "win_back", "cross_sell", "prevention"] | None = None
    """Chosen; it counts before the words."""
    landing_url: LandingUrl | None = None
    """Where its links lead."""

    @model_validator(mode="after")
    def _said(self) -> Self:
        if self.goal is None and self.objective is None:
            raise PydanticCustomError("campaign_goal", "Say what it is to reach, or choose.")
        return self


class CampaignReason(Output):
    """One figure or choice of the proposal, and where it comes from."""

    figure: str = Field(max_length=40, examples=["expected_clicks"])
    """Which one."""
    value: str = Field(max_length=200, examples=["52"])
    """What it is."""
    low: str | None = Field(max_length=40, examples=["31"])
    """Nine outcomes of ten are above this."""
    high: str | None = Field(max_length=40, examples=["78"])
    """And below this."""
    reason: str = Field(max_length=400, examples=["388 clics sur 9 700 messages remis."])
    """Why, in French."""


class CampaignProposal(Output):
    """A draft for somebody to look at: it is approved and launched as any other."""

    campaign: CampaignRead
    """The draft: its segment, variants, test, hour and budget."""
    reasons: list[CampaignReason] = Field(max_length=20)
    """Figure by figure."""
