"""What is done with a quote, by staff, by the policy system, and by the customer who has the link."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.money import Money
from crm_api.kit.schemas import Email, Input, Output, Timestamp
from crm_api.products.schemas.words import CatalogueAmount, CoverageCode, PlanCode, PlanLabel, ProductCode
from crm_api.quotes.models import DeclineReason, QuoteStatus, SendingWay
from crm_api.quotes.schemas.quote import PremiumShown, Risk
from crm_api.quotes.schemas.words import (
    Comment,
    DiscountRate,
    DiscountReason,
    Number,
    ObjectLabel,
    PersonName,
    QuoteLine,
    RatingVersion,
    ReferralReason,
    Why,
)
from crm_api.reference.models import LabelLanguage


class PlanComparison(Risk):
    """A risk whose formulas are to be compared."""


class ComparedPlan(Output):
    """One formula, priced; or why it is not."""

    plan_code: PlanCode
    """Which formula."""
    label: PlanLabel
    """What people read, in French."""
    coverages: list[QuoteLine] = Field(max_length=40)
    """What it covers, and for how much."""
    premium: PremiumShown | None
    """What it costs; null where it is refused."""
    referrals: list[ReferralReason] = Field(max_length=50)
    """What an underwriter would have to decide."""
    refusals: list[ReferralReason] = Field(max_length=50)
    """Why it is not sold for this risk."""


class ComparedPlans(Output):
    """All formulas of a product, side by side."""

    product_code: ProductCode
    """Which product."""
    effective_on: date = Field(examples=["2026-12-01"])
    """First day of cover: it decides which figures count."""
    plans: list[ComparedPlan] = Field(max_length=50)
    """In the order of the catalogue."""


class QuoteDiscount(Input):
    """A discount on the coverages that no law imposes."""

    rate: DiscountRate
    """What share is taken off; 0 takes the discount back."""
    reason: DiscountReason
    """Why."""


class ReferralDecision(Input):
    """What whoever decides has to say."""

    reason: Why
    """Why so."""


class QuoteSend(Input):
    """How the customer gets the quote."""

    by: SendingWay = SendingWay.EMAIL
    """A link by mail, or the paper handed over."""
    email: Email | None = None
    """To which address; that of the person, the lead or the customer when left out."""
    language: LabelLanguage = LabelLanguage.FR
    """Of the mail; the paper is French."""


class QuoteAcceptance(Input):
    """The customer's yes, recorded by a colleague."""

    name: PersonName
    """Who said it."""
    document_id: UUID
    """What they signed."""


class QuoteDecline(Input):
    """The customer's no."""

    reason: DeclineReason
    """Why."""
    comment: Comment | None = None
    """In words."""


class QuoteLink(Output):
    """The address under which the customer sees the quote."""

    url: str = Field(max_length=400, examples=["https://crm.alliance.dz/quote#token=AZOt9x"])
    """Whoever has it can read and answer the quote."""
    expires_at: Timestamp
    """Until when."""


class ExternalLine(Input):
    """One coverage, as the policy system prices it."""

    code: CoverageCode
    """Which."""
    net: CatalogueAmount
    """For the term."""
    sum_insured: CatalogueAmount | None = None
    """For how much."""
    limit: CatalogueAmount | None = None
    """The most that is paid."""
    deductible: CatalogueAmount | None = None
    """What stays with the insured."""


class ExternalRating(Input):
    """The premium as the policy system worked it out."""

    rating_version: RatingVersion
    """What it calls its tariff."""
    coverages: list[ExternalLine] = Field(min_length=1, max_length=40)
    """Line by line; they add up to the net premium."""
    surcharge: CatalogueAmount = Money.of(0)
    """Charged beside the net premium."""
    policy_fee: CatalogueAmount = Money.of(0)
    """Accessoires."""
    vat: CatalogueAmount = Money.of(0)
    """Value added tax."""
    fga: CatalogueAmount = Money.of(0)
    """Contribution to the motor guarantee fund."""
    dimension_stamp: CatalogueAmount = Money.of(0)
    """Timbre de dimension."""
    graduated_stamp: CatalogueAmount = Money.of(0)
    """Timbre gradué."""
    vehicle_tax: CatalogueAmount = Money.of(0)
    """Annual vehicle tax."""
    total_premium: CatalogueAmount
    """What is to pay: the sum of all that."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        named = {each.code for each in self.coverages}
        if len(named) < len(self.coverages):
            raise PydanticCustomError("named_twice", "A coverage stands once in a quote")
        parts = (
            *(each.net for each in self.coverages),
            *(self.surcharge, self.policy_fee, self.vat, self.fga),
            *(self.dimension_stamp, self.graduated_stamp, self.vehicle_tax),
        )
        if sum(part.centimes for part in parts) != self.total_premium.centimes:
            raise PydanticCustomError("premium_disagrees", "The total is not the sum of the lines")
        return self


def _digits(code: str) -> str:
    return code.replace(" ", "")


AcceptanceCode = Annotated[
    str,
    Field(pattern=r"^[0-9 ]{6,8}$", max_length=8, examples=["482193"]),
    AfterValidator(_digits),
]


class CustomerAcceptance(Input):
    """The customer's yes, by the link."""

    name: PersonName
    """Who says it."""
    code: AcceptanceCode | None = None
    """What we mailed; left out, a code is mailed and nothing is accepted yet."""


class CustomerDecline(QuoteDecline):
    """The customer's no, by the link."""


class CustomerQuote(PremiumShown):
    """A quote as whoever has its link sees it."""

    number: Number
    """Its number."""
    revision: int = Field(ge=1, examples=[1])
    """Which revision."""
    status: QuoteStatus
    """How far it has come."""
    organization: str | None = Field(max_length=160, examples=["Alliance Assurances SPA"])
    """Who offers it."""
    product: str = Field(max_length=120, examples=["Automobile Particuliers"])
    """What it is, in French."""
    plan: PlanLabel
    """Which formula."""
    object_label: ObjectLabel | None
    """What is insured."""
    effective_on: date = Field(examples=["2026-12-01"])
    """First day of cover."""
    expires_on: date = Field(examples=["2027-12-01"])
    """First day without cover."""
    valid_until: date = Field(examples=["2026-12-31"])
    """Last day on which it may be accepted."""
    is_estimate: bool = Field(examples=[True])
    """true: the contract may cost something else (devis indicatif)."""
    coverages: list[QuoteLine] = Field(max_length=40)
    """What is covered, and for how much."""
    code_sent: bool = Field(default=False, examples=[False])
    """Whether a code was mailed just now, with which the quote is accepted."""
