"""What stands between a campaign and its audience, and what became of its test."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from crm_api.campaigns.schemas.words import VariantCode
from crm_api.campaigns.words import CampaignMetric, CampaignOutcome
from crm_api.kit.money import Money
from crm_api.kit.schemas import Output, Timestamp


class CampaignCheckCode(StrEnum):
    """What is looked at before a launch."""

    AUDIENCE = "audience"
    CONSENT = "consent"
    SUPPRESSION = "suppression"
    VARIANTS = "variants"
    TEMPLATES = "templates"
    VARIABLES = "variables"
    LINKS = "links"
    FOOTER = "footer"
    SENDER = "sender"
    DATES = "dates"
    BUDGET = "budget"
    APPROVAL = "approval"


class CampaignCheckState(StrEnum):
    """Whether a check is passed; a warning stops nobody."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"


class CampaignCheck(Output):
    """One line of the checklist."""

    code: CampaignCheckCode
    """What was looked at."""
    state: CampaignCheckState
    """What was found."""
    detail: str = Field(max_length=400, examples=["780 personnes n'ont pas consenti."])
    """In the language of the reader."""


class CampaignReadiness(Output):
    """The checklist of a launch."""

    campaign_id: UUID
    """Of which campaign."""
    ready: bool
    """Whether it can be launched: nothing failed."""
    checks: list[CampaignCheck] = Field(max_length=20)
    """Line by line."""
    checked_at: Timestamp
    """When it was looked at."""


class CampaignCost(Output):
    """What the messages of one channel and language cost."""

    channel: str = Field(max_length=20, examples=["sms"])
    """By which channel."""
    language: str = Field(max_length=2, examples=["ar"])
    """In which language."""
    recipients: int = Field(ge=0, examples=[1200])
    """How many get it."""
    parts: int = Field(ge=1, examples=[2])
    """Parts of one message; an Arabic or accented letter outside GSM-7 makes each part shorter."""
    encoding: str | None = Field(max_length=10, examples=["UCS-2"])
    """Of SMS: GSM-7 or UCS-2."""
    amount: Money
    """For all of them."""


class CampaignAudience(Output):
    """Who would be written to if it were launched now; nothing is written down."""

    campaign_id: UUID
    """Of which campaign."""
    targeted: int = Field(ge=0, examples=[5000])
    """People of the segments, less those of the exclusions."""
    reachable: int = Field(ge=0, examples=[4200])
    """Those who can be written to by one of the channels."""
    held_out: int = Field(ge=0, examples=[210])
    """Those of them who are not, to compare with."""
    sample: int = Field(ge=0, examples=[800])
    """Those who take part in the test."""
    left_out: dict[str, int] = Field(max_length=20, examples=[{"not_granted": 780, "no_address": 20}])
    """Those who cannot, by reason."""
    by_channel: dict[str, int] = Field(max_length=10, examples=[{"email": 3000, "sms": 1200}])
    """By which channel they are reached."""
    by_language: dict[str, int] = Field(max_length=10, examples=[{"fr": 3100, "ar": 1100}])
    """Their languages."""
    by_variant: dict[str, int] = Field(max_length=5, examples=[{"A": 400, "B": 400}])
    """How many get each variant at once."""
    costs: list[CampaignCost] = Field(max_length=60)
    """What SMS cost, by language."""
    cost: Money
    """All together."""
    computed_at: Timestamp
    """When it was counted."""


class CampaignArm(Output):
    """What became of one variant in the test."""

    variant: VariantCode
    """Which one."""
    recipients: int = Field(ge=0, examples=[1500])
    """People of the sample who got it assigned."""
    delivered: int = Field(ge=0, examples=[1500])
    """Those whom it reached: what the share counts."""
    successes: int = Field(ge=0, examples=[360])
    """Those who opened, clicked or bought; robots not counted."""
    share: str | None = Field(max_length=12, examples=["0.2400"])
    """successes / delivered; null where nothing was delivered."""


class CampaignComparison(Output):
    """The best variant against another (two-proportion z test)."""

    best: VariantCode
    """The one with the greatest share."""
    other: VariantCode
    """The one it is compared with."""
    z: str = Field(max_length=12, examples=["2.644"])
    """How many standard errors they are apart."""
    p: str = Field(max_length=12, examples=["0.0082"])
    """How probable such a difference is among equals."""
    uplift: str | None = Field(max_length=12, examples=["0.2000"])
    """How much better: 0.2 is +20 %."""


class CampaignTestResult(Output):
    """An A/B test: counts at any time; the verdict once, at its planned end (no peeking)."""

    campaign_id: UUID
    """Of which campaign."""
    metric: CampaignMetric
    """By what variants are compared."""
    arms: list[CampaignArm] = Field(max_length=5)
    """Variant by variant; after the verdict, as they were then."""
    ends_at: Timestamp | None
    """When it is judged; null before the launch."""
    outcome: CampaignOutcome | None
    """null until it is judged."""
    label: str | None = Field(max_length=40, examples=["Non concluant"])
    """The outcome in the language of the reader."""
    winner: VariantCode | None
    """The variant that the rest gets."""
    why: str | None = Field(max_length=20, examples=["not_proven"])
    """proven, not_proven, too_few (an arm has fewer than min_sample people), or chosen."""
    comparisons: list[CampaignComparison] = Field(max_length=4)
    """Empty until it is judged."""
    judged_at: Timestamp | None
    """When it was judged."""
    rest_sent_at: Timestamp | None
    """When the rest was queued."""
