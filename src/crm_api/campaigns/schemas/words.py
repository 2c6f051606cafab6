"""The parts of a campaign: money, hours, links, what is said, and what is tested."""

import re
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.campaigns.words import CampaignMetric, CampaignModel, CampaignTie, CampaignWinner
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input

_URL = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{2,5})?(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)


def _dinars(amount: Money) -> Money:
    if amount.currency != "DZD" or not 0 <= amount.centimes <= 10**14:
        raise PydanticCustomError("dinars_expected", "An amount of dinars, not below zero")
    return amount


def _link(url: str) -> str:
    if not _URL.fullmatch(url):
        raise PydanticCustomError("campaign_link", "A whole link that begins with https://")
    return url


Dinars = Annotated[Money, AfterValidator(_dinars)]
Title = Annotated[str, Field(min_length=3, max_length=120, examples=["Renouvellement auto, décembre"])]
LandingUrl = Annotated[
    str,
    Field(max_length=500, pattern=r"^https://", examples=["https://www.example.com/renouveler"]),
    AfterValidator(_link),
]
VariantCode = Literal["A", "B", "C", "D", "E"]
Utm = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,80}$", max_length=80, examples=["newsletter"])]


class CampaignUtm(Input):
    """What links carry for statistics of visits. What is left out is filled in: source and medium from the
    channel, campaign from the number."""

    source: Utm | None = None
    """utm_source."""
    medium: Utm | None = Field(default=None, examples=["email"])
    """utm_medium."""
    campaign: Utm | None = Field(default=None, examples=["renouvellement-2026-12"])
    """utm_campaign."""
    term: Utm | None = Field(default=None, examples=["auto"])
    """utm_term."""


class CampaignAttribution(Input):
    """How revenue is credited to the campaign (D-35)."""

    model: CampaignModel = CampaignModel.LAST
    """How a sale is shared among the touches before it."""
    window_days: int = Field(default=30, ge=1, le=365, examples=[30])
    """A touch counts so many days before a sale."""
    half_life_days: int = Field(default=7, ge=1, le=90, examples=[7])
    """Of time_decay: after so many days a touch counts half."""


class CampaignTest(Input):
    """An A/B test on a part of the audience before the rest (D-45)."""

    metric: CampaignMetric
    """By what variants are compared; SMS know no opening."""
    sample_percent: int = Field(ge=1, le=100, examples=[20])
    """So much of the audience takes part."""
    duration_hours: int = Field(ge=1, le=720, examples=[24])
    """So long after the launch it is judged, once."""
    min_sample: int = Field(default=100, ge=30, le=1_000_000, examples=[500])
    """With fewer people in an arm nothing is proven."""
    winner: CampaignWinner = CampaignWinner.AUTO
    """auto: the winner of D-45 goes to the rest; manual: somebody chooses."""
    when_inconclusive: CampaignTie = CampaignTie.MANUAL
    """What the rest gets when nothing is proven: split among the variants, or what somebody chooses."""


class CampaignContent(Input):
    """What a variant says by one channel in one language."""

    channel: Literal["email", "sms"]
    """By which channel."""
    language: Literal["fr", "ar", "en"]
    """For people of this language; who has another gets the first language of the variant."""
    template_version_id: UUID
    """The version of a template."""
    subject: str | None = Field(
        default=None, min_length=1, max_length=200, examples=["Votre contrat arrive à échéance"]
    )
    """Instead of the subject of the template."""


class CampaignVariant(Input):
    """One way to say it."""

    code: VariantCode
    """A to E."""
    weight: int = Field(ge=1, le=100, examples=[50])
    """Percent of people who get it; all weights sum to 100."""
    contents: list[CampaignContent] = Field(default=[], max_length=6)
    """What it says, by channel and language."""

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({(one.channel, one.language) for one in self.contents}) < len(self.contents):
            raise PydanticCustomError("campaign_content_twice", "A channel and language stand once.")
        return self


def _weighed(variants: list[CampaignVariant]) -> list[CampaignVariant]:
    if len({one.code for one in variants}) < len(variants):
        raise PydanticCustomError("campaign_variant_twice", "A variant stands once.")
    if variants and sum(one.weight for one in variants) != 100:
        raise PydanticCustomError("campaign_weights", "The weights of the variants sum to 100.")
    return sorted(variants, key=lambda one: one.code)


Variants = Annotated[list[CampaignVariant], Field(max_length=5), AfterValidator(_weighed)]
