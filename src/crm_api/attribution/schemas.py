"""What campaigns came to."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.campaigns.words import CampaignModel
from crm_api.kit.money import Rate
from crm_api.kit.schemas import Input, Output, Timestamp

Number = Annotated[str, Field(max_length=24, examples=["1.4745"])]


class CampaignFigure(Output):
    """One figure, with what it was made of; null where there was nothing to divide by."""

    code: str = Field(max_length=40, examples=["campaign_roi"])
    """Its name in the KPI book."""
    value: Number | None
    """The figure; null without data, never 0 for that."""
    unit: Literal["count", "dzd", "ratio"]
    """count, dinars, or a ratio (0.25 is 25 %)."""
    numerator: Number | None
    """What was divided."""
    denominator: Number | None
    """By what."""
    status: Literal["ok", "no_data"]
    """no_data: there is nothing to say it from."""


class CampaignLift(Output):
    """How much more often those who were written to bought than the control group: difference of rates."""

    value: Number | None
    """Null without a control group."""
    low: Number | None
    """Lower bound, 95 % sure (Newcombe)."""
    high: Number | None
    """Upper bound."""
    treated: int = Field(ge=0, examples=[9500])
    """People who were written to."""
    treated_bought: int = Field(ge=0, examples=[380])
    """Of these: who bought."""
    control: int = Field(ge=0, examples=[500])
    """People of the control group."""
    control_bought: int = Field(ge=0, examples=[12])
    """Of these: who bought."""


class CampaignResults(Output):
    """What a campaign came to."""

    campaign_id: UUID
    """Which campaign."""
    name: str = Field(max_length=120, examples=["Renouvellement auto"])
    """What it is called."""
    model: CampaignModel
    """The model its own figures go by."""
    reckoned_at: Timestamp | None
    """When touches and sales were last reckoned; null: not yet. Messages are as of now."""
    figures: list[CampaignFigure] = Field(max_length=60)
    """D-31 to D-44, and the revenue by each of the five models."""
    lift: CampaignLift
    """Beside the control group."""


class CampaignResultsQuery(Input):
    """By which model, and with which margin."""

    model: CampaignModel | None = None
    """Another model than the campaign's."""
    margin_rate: Rate | None = None
    """What is left of a dinar of premium: gives margin_roi."""


class CampaignComparisonQuery(CampaignResultsQuery):
    """Which campaigns side by side."""

    campaign_id: list[UUID] = Field(min_length=1, max_length=20)
    """Up to 20."""


class CampaignsSideBySide(Output):
    """Campaigns side by side, all by the same model where one is named."""

    data: list[CampaignResults] = Field(max_length=20)
    """In the order that was asked for."""


class CampaignDayRead(Output):
    """What happened to a campaign on one day."""

    day: date = Field(examples=["2026-11-23"])
    """In Algiers."""
    opens: int = Field(ge=0, examples=[120])
    """Messages opened by people, and not clicked."""
    clicks: int = Field(ge=0, examples=[31])
    """Messages clicked by people."""
    sessions: int = Field(ge=0, examples=[44])
    """Visits of known people that no message led to."""
    forms: int = Field(ge=0, examples=[2])
    """Leads that became customers, on the day they came."""


class CampaignDays(Output):
    """A campaign day by day."""

    campaign_id: UUID
    """Which campaign."""
    timezone: str = Field(max_length=40, examples=["Africa/Algiers"])
    """Whose days these are."""
    data: list[CampaignDayRead] = Field(max_length=1100)
    """The newest day first; days on which nothing happened are left out."""
