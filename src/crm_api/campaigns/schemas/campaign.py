"""Campaigns as they are written, listed and read."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.calendars.schemas import Zone
from crm_api.campaigns.models import Campaign
from crm_api.campaigns.schemas.words import (
    CampaignAttribution,
    CampaignTest,
    CampaignUtm,
    CampaignVariant,
    Dinars,
    LandingUrl,
    Title,
    VariantCode,
    Variants,
)
from crm_api.campaigns.words import CampaignChannel, CampaignObjective, CampaignOutcome, CampaignStatus
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of, starts_with
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Moment, Output, Timestamp

Description = Annotated[
    str, Field(min_length=1, max_length=2000, examples=["Relance des contrats auto à échéance."])
]
Channels = Annotated[list[CampaignChannel], Field(min_length=1, max_length=10, examples=[["email", "sms"]])]
SegmentIds = Annotated[list[UUID], Field(max_length=20)]


def refuse_unsound(given: dict[str, Any]) -> None:
    """Raises PydanticCustomError: dates in order, nothing named twice, a test of two variants at least."""
    starts, ends = given.get("starts_at"), given.get("ends_at")
    if isinstance(starts, datetime) and isinstance(ends, datetime) and ends <= starts:
        raise PydanticCustomError("campaign_order", "A campaign ends after it starts.")
    channels = given.get("channels") or []
    if len(set(channels)) < len(channels):
        raise PydanticCustomError("campaign_channel_twice", "A channel stands once.")
    named = [*(given.get("segment_ids") or []), *(given.get("exclusion_segment_ids") or [])]
    if len(set(named)) < len(named):
        raise PydanticCustomError("campaign_segment_twice", "A segment stands once.")
    if given.get("test") and given.get("variants") is not None and len(given["variants"]) == 1:
        raise PydanticCustomError("campaign_test_alone", "A test compares two variants at least.")


class CampaignCreate(Input):
    """A campaign to prepare."""

    name: Title
    """What it is called."""
    description: Description | None = None
    """What it is about."""
    objective: CampaignObjective
    """What it is for."""
    channels: Channels
    """By what people are reached, in the order in which it is tried for each of them."""
    budget_amount: Dinars
    """What it may cost."""
    segment_ids: SegmentIds = []
    """Whom it reaches: the members of any of these."""
    exclusion_segment_ids: SegmentIds = []
    """Whom it leaves out."""
    starts_at: Moment | None = Field(default=None, examples=["2026-12-06T09:00:00+01:00"])
    """When it is to start."""
    ends_at: Moment | None = Field(default=None, examples=["2026-12-31T23:00:00Z"])
    """When it is over."""
    timezone: Zone = "Africa/Algiers"
    """Whose hours these are."""
    throttle_per_minute: int | None = Field(default=None, ge=1, le=60_000, examples=[600])
    """At most so many messages a minute; null: what the providers allow."""
    respects_hours: bool = True
    """Nothing from 20 to 8 h, nor on Fridays from 11 to 15 h; SMS keep 8 to 21 h whatever is said here."""
    utm: CampaignUtm = Field(default_factory=CampaignUtm)
    """What its links carry."""
    landing_url: LandingUrl | None = None
    """Where its links lead."""
    attribution: CampaignAttribution = Field(default_factory=CampaignAttribution)
    """How revenue is credited."""
    holdout_percent: int = Field(default=0, ge=0, le=50, examples=[5])
    """So much of the audience is never contacted, to measure what the campaign changes."""
    variants: Variants = []
    """What it says."""
    test: CampaignTest | None = None
    """null: everybody gets their variant at once."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        refuse_unsound(dict(self))
        return self


class CampaignPatch(Input):
    """What to change of a draft; a field left out stays."""

    name: Title | MISSING = MISSING
    """What it is called."""
    description: Description | None | MISSING = MISSING
    """What it is about."""
    objective: CampaignObjective | MISSING = MISSING
    """What it is for."""
    channels: Channels | MISSING = MISSING
    """By what people are reached."""
    budget_amount: Dinars | MISSING = MISSING
    """What it may cost."""
    segment_ids: SegmentIds | MISSING = MISSING
    """Whom it reaches."""
    exclusion_segment_ids: SegmentIds | MISSING = MISSING
    """Whom it leaves out."""
    starts_at: Moment | None | MISSING = Field(default=MISSING, examples=["2026-12-06T09:00:00+01:00"])
    """When it is to start."""
    ends_at: Moment | None | MISSING = Field(default=MISSING, examples=["2026-12-31T23:00:00Z"])
    """When it is over."""
    timezone: Zone | MISSING = MISSING
    """Whose hours these are."""
    throttle_per_minute: int | None | MISSING = Field(default=MISSING, ge=1, le=60_000, examples=[600])
    """At most so many messages a minute."""
    respects_hours: bool | MISSING = MISSING
    """Whether it keeps quiet hours."""
    utm: CampaignUtm | MISSING = MISSING
    """What its links carry."""
    landing_url: LandingUrl | None | MISSING = MISSING
    """Where its links lead."""
    attribution: CampaignAttribution | MISSING = MISSING
    """How revenue is credited."""
    holdout_percent: int | MISSING = Field(default=MISSING, ge=0, le=50, examples=[5])
    """So much of the audience is never contacted."""
    variants: Variants | MISSING = MISSING
    """All of them anew."""
    test: CampaignTest | None | MISSING = MISSING
    """null: no test."""


class CampaignRead(Output):
    """A campaign."""

    id: UUID
    """Identifier."""
    number: str = Field(max_length=20, examples=["CMP-2026-000012"])
    """What people call it on the telephone."""
    name: Title
    """What it is called."""
    description: Description | None
    """What it is about."""
    objective: CampaignObjective
    """What it is for."""
    status: CampaignStatus
    """How far it has come."""
    channels: Channels
    """By what people are reached."""
    budget_amount: Money
    """What it may cost."""
    planned_amount: Money
    """Sum of its budget lines."""
    spent_amount: Money
    """Sum of its spend lines: what ROI and cost per contact count."""
    segment_ids: SegmentIds
    """Whom it reaches."""
    exclusion_segment_ids: SegmentIds
    """Whom it leaves out."""
    starts_at: Timestamp | None
    """When it is to start."""
    ends_at: Timestamp | None
    """When it is over."""
    timezone: Zone
    """Whose hours these are."""
    throttle_per_minute: int | None = Field(ge=1, le=60_000, examples=[600])
    """At most so many messages a minute."""
    respects_hours: bool
    """Whether it keeps quiet hours: 20 to 8 h, and Fridays from 11 to 15 h."""
    utm: CampaignUtm
    """What its links carry."""
    landing_url: LandingUrl | None
    """Where its links lead."""
    attribution: CampaignAttribution
    """How revenue is credited."""
    holdout_percent: int = Field(ge=0, le=50, examples=[5])
    """So much of the audience is never contacted."""
    variants: list[CampaignVariant] = Field(max_length=5)
    """What it says."""
    test: CampaignTest | None
    """null: there is none."""
    test_ends_at: Timestamp | None
    """When the test is judged."""
    test_outcome: CampaignOutcome | None
    """How the test ended: winner, inconclusive (non concluant), chosen; null: not yet."""
    winner: VariantCode | None
    """Which variant the rest gets; null: none, or not known yet."""
    audience_estimate: int | None = Field(ge=0, examples=[4200])
    """How many could be written to when it was submitted."""
    targeted: int | None = Field(ge=0, examples=[5000])
    """How many people the segments had when it was launched; null before."""
    held_out: int | None = Field(ge=0, examples=[250])
    """How many of those who could be written to are not, to compare with."""
    left_out: dict[str, int] = Field(max_length=20, examples=[{"not_granted": 780, "no_address": 20}])
    """How many are not written to, by reason."""
    submitted_by_id: UUID | None
    """Who handed it in."""
    submitted_at: Timestamp | None
    """When."""
    approved_by_id: UUID | None
    """Who approved it; above 1,000 people never who wrote or submitted it."""
    approved_at: Timestamp | None
    """When."""
    decision_comment: str | None = Field(max_length=500, examples=["Objet trop long en arabe."])
    """What was said when it was approved or sent back."""
    launch_job_id: UUID | None
    """The job that freezes the audience."""
    launched_at: Timestamp | None
    """Since when it runs."""
    paused_at: Timestamp | None
    """Since when it is paused."""
    completed_at: Timestamp | None
    """Since when it is over."""
    is_generated: bool
    """Whether it was proposed by the house."""
    created_by_id: UUID | None
    """Who wrote it."""
    created_at: Timestamp
    """When."""
    updated_at: Timestamp
    """When it last changed."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class CampaignPage(Page[CampaignRead]):
    """One page of campaigns."""


class CampaignQuery(ListQuery):
    """Which campaigns."""

    sortable: ClassVar = {
        "created_at": Campaign.created_at,
        "updated_at": Campaign.updated_at,
        "name": Campaign.name_folded,
    }

    sort: Literal["created_at", "-created_at", "updated_at", "-updated_at", "name", "-name"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[CampaignStatus] | None, one_of(Campaign.status)] = Field(
        default=None, max_length=9
    )
    """One or several states."""
    objective: Annotated[list[CampaignObjective] | None, one_of(Campaign.objective)] = Field(
        default=None, max_length=8
    )
    """One or several purposes."""
    number: Annotated[str | None, equals(Campaign.number)] = Field(
        default=None, max_length=20, examples=["CMP-2026-000012"]
    )
    """That of this number."""
    name_prefix: Annotated[str | None, starts_with(Campaign.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["renouvellement"]
    )
    """Beginning of the name, accents and case ignored."""
    starts_from: Annotated[Moment | None, at_least(Campaign.starts_at)] = Field(
        default=None, examples=["2026-12-01T00:00:00Z"]
    )
    """That start at this moment or later."""
    starts_before: Annotated[Moment | None, below(Campaign.starts_at)] = Field(
        default=None, examples=["2027-01-01T00:00:00Z"]
    )
    """That start before this moment."""


class CampaignDecision(Input):
    """What an approver says."""

    comment: str | None = Field(default=None, min_length=1, max_length=500, examples=["Bon pour envoi."])
    """To whoever wrote it."""


class CampaignRefusal(Input):
    """Why a campaign is sent back or given up."""

    comment: str = Field(min_length=3, max_length=500, examples=["Objet trop long en arabe."])
    """To whoever wrote it."""


class CampaignSchedule(Input):
    """When a campaign is to start by itself."""

    starts_at: Moment = Field(examples=["2026-12-06T09:00:00+01:00"])
    """In the future."""


class CampaignChoice(Input):
    """Which variant the rest gets."""

    variant: VariantCode
    """One of those of the test."""
