"""A quote as it is made and shown, and the lists of quotes."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import BigInteger, ColumnElement, bindparam, type_coerce

from crm_api.kit.listing import Filter, ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.money import Amount, Money, Rate, to_centimes
from crm_api.kit.schemas import Day, Email, Input, Moment, Output, Timestamp
from crm_api.products.schemas.words import BranchCode, PlanCode, ProductCode
from crm_api.quotes.models import DeclineReason, Quote, QuoteChannel, QuoteStatus, RatedBy, SendingWay
from crm_api.quotes.schemas.words import (
    AnswerMap,
    Chosen,
    Comment,
    Days,
    DiscountReason,
    Months,
    Number,
    ObjectLabel,
    PersonName,
    QuoteLine,
    RatingVersion,
    ReferralReason,
    Why,
)
from crm_api.reference.models import ObjectKind

_total: Any = type_coerce(Quote.total_premium, BigInteger)


def _centimes(operator: str) -> Filter:
    def build(name: str, _: Any) -> ColumnElement[bool]:
        asked: Any = bindparam(name, type_=BigInteger())
        condition: ColumnElement[bool] = _total >= asked if operator == "gte" else _total < asked
        return condition

    return Filter(operator, None, build, bound=lambda amount: to_centimes(Decimal(amount)), reads=Amount)


class Risk(Input):
    """What is to be insured, and for how long."""

    product_code: ProductCode
    """Which product."""
    inputs: AnswerMap
    """The answers to its questionnaire."""
    term_months: Months | None = None
    """For so many months; 12 when neither is given."""
    term_days: Days | None = None
    """Or for so many days."""
    effective_on: Day = Field(examples=["2026-12-01"])
    """First day of cover, today at the earliest and 90 days ahead at most."""

    @model_validator(mode="after")
    def _one_term(self) -> Self:
        if self.term_months is not None and self.term_days is not None:
            raise PydanticCustomError("one_term", "Either months or days")
        return self


class QuoteCreate(Risk):
    """A quote to make."""

    plan_code: PlanCode
    """Which formula."""
    add_coverages: Chosen = []
    """Coverages that the formula leaves open, and that are wanted."""
    leave_out: Chosen = []
    """Coverages of the formula that are not wanted."""
    account_id: UUID | None = None
    """For which customer."""
    contact_id: UUID | None = None
    """For which person."""
    lead_id: UUID | None = None
    """Or for which lead."""
    opportunity_id: UUID | None = None
    """The sale that it belongs to."""
    agency_id: UUID | None = None
    """The agency that sells; that of the seller when left out."""
    seller_user_id: UUID | None = None
    """Who sells; whoever asks when left out."""
    channel: QuoteChannel = QuoteChannel.AGENCY
    """Where it is made."""
    object_label: ObjectLabel | None = None
    """What people call the thing."""

    @model_validator(mode="after")
    def _for_somebody(self) -> Self:
        if not (self.account_id or self.contact_id or self.lead_id):
            raise PydanticCustomError("for_nobody", "Name an account, a contact or a lead")
        return self


class QuotePatch(Input):
    """What to change in a draft, or in the revision that takes the place of a quote; the rest stays."""

    plan_code: PlanCode | MISSING = MISSING
    """Which formula."""
    add_coverages: Chosen | MISSING = MISSING
    """Coverages that the formula leaves open, and that are wanted."""
    leave_out: Chosen | MISSING = MISSING
    """Coverages of the formula that are not wanted."""
    inputs: AnswerMap | MISSING = MISSING
    """Answers: those given replace those recorded, null removes one."""
    term_months: Months | MISSING = MISSING
    """For so many months."""
    term_days: Days | MISSING = MISSING
    """Or for so many days."""
    effective_on: Day | MISSING = MISSING
    """First day of cover."""
    opportunity_id: UUID | None | MISSING = MISSING
    """The sale that it belongs to."""
    object_label: ObjectLabel | None | MISSING = MISSING
    """What people call the thing."""

    @model_validator(mode="after")
    def _one_term(self) -> Self:
        if self.term_months is not MISSING and self.term_days is not MISSING:
            raise PydanticCustomError("one_term", "Either months or days")
        return self


class PremiumShown(Output):
    """A premium, line by line; the total is their sum."""

    net_premium: Money
    """The coverages, discounts taken off."""
    discount: Money
    """What was taken off; for information."""
    surcharge: Money
    """What is charged beside the net premium."""
    policy_fee: Money
    """Accessoires."""
    vat: Money
    """Value added tax."""
    fga: Money
    """Contribution to the motor guarantee fund."""
    dimension_stamp: Money
    """Timbre de dimension."""
    graduated_stamp: Money
    """Timbre gradué."""
    vehicle_tax: Money
    """Annual vehicle tax."""
    total_premium: Money
    """What is to pay."""


class QuoteRead(PremiumShown):
    """One revision of a quote (devis)."""

    id: UUID
    """Identifier."""
    number: Number
    """The number people say on the phone; the same for all revisions."""
    revision: int = Field(ge=1, examples=[1])
    """Which revision."""
    supersedes_id: UUID | None
    """The revision whose place it takes."""
    status: QuoteStatus
    """How far it has come."""
    account_id: UUID | None
    """For which customer."""
    contact_id: UUID | None
    """For which person."""
    lead_id: UUID | None
    """For which lead."""
    opportunity_id: UUID | None
    """The sale that it belongs to."""
    product_code: ProductCode
    """Which product."""
    plan_code: PlanCode
    """Which formula."""
    branch_code: BranchCode
    """Its branch."""
    added_coverages: Chosen
    """Coverages that were added."""
    left_out_coverages: Chosen
    """Coverages that were left out."""
    inputs: AnswerMap
    """The answers, those of class P3 masked."""
    object_kind: ObjectKind | None
    """What is insured."""
    object_label: ObjectLabel | None
    """What people call it."""
    term_months: Months | None
    """For so many months."""
    term_days: Days | None
    """Or for so many days."""
    effective_on: date = Field(examples=["2026-12-01"])
    """First day of cover."""
    expires_on: date = Field(examples=["2027-12-01"])
    """First day without cover."""
    channel: QuoteChannel
    """Where it was made."""
    agency_id: UUID
    """The agency that sells."""
    seller_user_id: UUID | None
    """Who sells."""
    coverages: list[QuoteLine] = Field(max_length=40)
    """The coverages and their prices; empty in a draft."""
    rated_by: RatedBy | None
    """Who priced it: `internal` is an estimate (devis indicatif)."""
    rating_version: RatingVersion | None
    """By which tariff."""
    rated_at: Timestamp | None
    """When."""
    valid_until: date = Field(examples=["2026-12-31"])
    """Last day on which it may be accepted; counted anew when it is priced."""
    discount_rate: Rate
    """What share is taken off the coverages that no law imposes."""
    discount_reason: DiscountReason | None
    """Why."""
    referral_reasons: list[ReferralReason] = Field(max_length=50)
    """Why somebody else has to decide."""
    referred_by_id: UUID | None
    """Who asked for it."""
    referred_at: Timestamp | None
    """When."""
    decided_by_id: UUID | None
    """Who decided."""
    decided_at: Timestamp | None
    """When."""
    decision_reason: Why | None
    """Why so."""
    sent_by: SendingWay | None
    """How the customer got it."""
    sent_to: Email | None
    """To which address."""
    sent_at: Timestamp | None
    """When."""
    document_id: UUID | None
    """The paper as it was sent."""
    viewed_at: Timestamp | None
    """When the customer first opened it."""
    accepted_at: Timestamp | None
    """When it was accepted."""
    accepted_name: PersonName | None
    """By whom."""
    signature_document_id: UUID | None
    """What the customer signed."""
    declined_at: Timestamp | None
    """When it was declined."""
    decline_reason: DeclineReason | None
    """Why."""
    decline_comment: Comment | None
    """In words."""
    converted_at: Timestamp | None
    """When a contract came of it."""
    policy_id: UUID | None
    """Which contract."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who made it."""


class QuotePage(Page[QuoteRead]):
    """One page of quotes."""


QuoteSort = Literal[
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "valid_until",
    "-valid_until",
    "total_premium",
    "-total_premium",
]


class QuoteFilter(ListQuery):
    """What lists and counts of quotes are filtered by."""

    sortable: ClassVar = {
        "created_at": Quote.created_at,
        "updated_at": Quote.updated_at,
        "valid_until": Quote.valid_until,
        "total_premium": Quote.total_premium,
    }

    sort: QuoteSort = "-created_at"
    """Sort key; a leading `-` means descending."""
    number: Annotated[Number | None, equals(Quote.number)] = None
    """All revisions of this number."""
    status: Annotated[list[QuoteStatus] | None, one_of(Quote.status)] = Field(default=None, max_length=12)
    """One or several states."""
    product_code: Annotated[list[ProductCode] | None, one_of(Quote.product_code)] = Field(
        default=None, max_length=50
    )
    """Of one or several products."""
    account_id: Annotated[UUID | None, equals(Quote.account_id)] = None
    """For this customer."""
    contact_id: Annotated[UUID | None, equals(Quote.contact_id)] = None
    """For this person."""
    lead_id: Annotated[UUID | None, equals(Quote.lead_id)] = None
    """For this lead."""
    opportunity_id: Annotated[UUID | None, equals(Quote.opportunity_id)] = None
    """Of this sale."""
    agency_id: Annotated[list[UUID] | None, one_of(Quote.agency_id)] = Field(default=None, max_length=50)
    """Of one or several agencies."""
    seller_user_id: Annotated[list[UUID] | None, one_of(Quote.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Of one or several sellers."""
    channel: Annotated[list[QuoteChannel] | None, one_of(Quote.channel)] = Field(default=None, max_length=7)
    """Made in one or several ways."""
    total_premium_gte: Annotated[Amount | None, _centimes("gte")] = None
    """So much to pay or more, in dinars."""
    total_premium_lt: Annotated[Amount | None, _centimes("lt")] = None
    """Less than so much to pay, in dinars."""
    valid_until_gte: Annotated[Day | None, at_least(Quote.valid_until)] = Field(
        default=None, examples=["2026-12-01"]
    )
    """Valid on this day or longer."""
    valid_until_lt: Annotated[Day | None, below(Quote.valid_until)] = Field(
        default=None, examples=["2026-12-31"]
    )
    """No longer valid on this day."""
    created_at_gte: Annotated[Moment | None, at_least(Quote.created_at)] = None
    """Made at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Quote.created_at)] = None
    """Made before this moment."""


class QuoteQuery(QuoteFilter):
    """Which quotes."""
