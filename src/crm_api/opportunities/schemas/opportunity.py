"""An opportunity as it is shown, and the lists of opportunities."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, func, not_, type_coerce

from crm_api.core.external_ids import ExternalIds
from crm_api.core.words import tagged, words
from crm_api.kit.listing import (
    Bin,
    FieldOf,
    Filter,
    ListQuery,
    Page,
    at_least,
    below,
    equals,
    is_null,
    one_of,
    starts_with,
)
from crm_api.kit.money import Amount, Money, Rate, to_centimes
from crm_api.kit.schemas import Day, Moment, Output, Timestamp
from crm_api.kit.tags import Tag, Tags
from crm_api.opportunities.models.opportunity import LossReason, Opportunity, OpportunitySource
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityOutcome, OpportunityType
from crm_api.opportunities.schemas.words import (
    BranchCode,
    Comment,
    Competitor,
    CustomValues,
    Name,
    NextStep,
    Number,
    OpportunityLineRead,
    PolicyNumber,
    ProductCode,
    Reason,
    StageCode,
)

centimes: Any = type_coerce(Opportunity.amount, BigInteger)
"""As PostgreSQL keeps it: whole centimes."""


def is_stagnant() -> ColumnElement[bool]:
    """Open, and nothing happened for too long."""
    return func.coalesce(Opportunity.stagnant_at < func.now(), False)


def _stagnant() -> Filter:
    def build(_: str, wanted: Any) -> ColumnElement[bool]:
        late = and_(Opportunity.stagnant_at.is_not(None), Opportunity.stagnant_at < func.now())
        return late if wanted else not_(is_stagnant())

    return Filter("eq", None, build, bool, reads=bool)


def _centimes(operator: str) -> Filter:
    def build(name: str, _: Any) -> ColumnElement[bool]:
        asked: Any = bindparam(name, type_=BigInteger())
        condition: ColumnElement[bool] = centimes >= asked if operator == "gte" else centimes < asked
        return condition

    return Filter(operator, None, build, bound=lambda amount: to_centimes(Decimal(amount)), reads=Amount)


class CompetitorRead(Competitor):
    """Another insurer after the same sale."""


class OpportunityRead(Output):
    """A sale that may come about."""

    id: UUID
    """Identifier."""
    number: Number
    """The number people say on the phone."""
    name: Name
    """Title in lists."""
    account_id: UUID
    """The customer, or who may become one."""
    contact_id: UUID | None
    """Whom one talks to."""
    type: OpportunityType
    """What kind of sale."""
    product_code: ProductCode
    """The main product."""
    branch_code: BranchCode
    """Its branch."""
    pipeline_id: UUID
    """The way it goes."""
    stage: StageCode
    """How far it has come."""
    status: OpportunityOutcome
    """What the stage makes of it."""
    stage_entered_at: Timestamp
    """Since when it stands there."""
    pending_stage: StageCode | None
    """The stage it enters once a second person agrees."""
    pending_by_id: UUID | None
    """Who asked for it."""
    amount: Money
    """Annual net premium expected, without taxes."""
    probability: Rate
    """How likely it is."""
    probability_reason: Reason | None
    """Why it differs from that of the stage."""
    weighted_amount: Money
    """Amount times probability, rounded to the centime."""
    forecast_category: ForecastCategory
    """How the forecast counts it."""
    close_date: date = Field(examples=["2026-12-31"])
    """Expected while it is open, then actual."""
    source: OpportunitySource | None
    """Where it came from."""
    campaign_id: UUID | None
    """The campaign that brought it."""
    lead_id: UUID | None
    """The lead it was opened with."""
    owner_user_id: UUID | None
    """Who follows it."""
    agency_id: UUID | None
    """The agency that follows it."""
    next_step: NextStep | None
    """What is to be done next."""
    next_step_at: Timestamp | None
    """When."""
    lines: list[OpportunityLineRead] = Field(max_length=50)
    """The products of the sale, where there are several."""
    competitors: list[CompetitorRead] = Field(max_length=20)
    """Who else is after it."""
    stagnant: bool
    """Open, and longer in its stage than expected or without activity for 14 days."""
    last_activity_at: Timestamp
    """When something was last done about it."""
    closed_at: Timestamp | None
    """When it was won or lost."""
    policy_number: PolicyNumber | None
    """The policy it became, in the system that issued it."""
    loss_reason: LossReason | None
    """Why it was lost."""
    loss_comment: Comment | None
    """More about why."""
    tags: Tags
    """Words put on it."""
    custom_fields: CustomValues
    """Values of the fields that your organization defined, by key."""
    external_ids: ExternalIds
    """What other systems call it."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was opened."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who opened it."""
    deleted_at: Timestamp | None
    """When it went to the bin."""


class OpportunityPage(Page[OpportunityRead]):
    """One page of opportunities."""


OpportunitySort = Literal[
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "name",
    "-name",
    "close_date",
    "-close_date",
    "amount",
    "-amount",
]


class OpportunityFilter(ListQuery):
    """What lists and counts of opportunities are filtered by."""

    sortable: ClassVar = {
        "created_at": Opportunity.created_at,
        "updated_at": Opportunity.updated_at,
        "name": Opportunity.name_folded,
        "close_date": Opportunity.close_date,
        "amount": centimes,
    }

    status: Annotated[list[OpportunityOutcome] | None, one_of(Opportunity.status)] = Field(
        default=None, max_length=3
    )
    """Open, won or lost ones (repeat the parameter)."""
    pipeline_id: Annotated[list[UUID] | None, one_of(Opportunity.pipeline_id)] = Field(
        default=None, max_length=50
    )
    """One or several pipelines."""
    stage: Annotated[list[StageCode] | None, one_of(Opportunity.stage)] = Field(default=None, max_length=30)
    """One or several stages."""
    type: Annotated[list[OpportunityType] | None, one_of(Opportunity.type)] = Field(
        default=None, max_length=5
    )
    """One or several types."""
    product_code: Annotated[list[ProductCode] | None, one_of(Opportunity.product_code)] = Field(
        default=None, max_length=50
    )
    """One or several products."""
    branch_code: Annotated[list[BranchCode] | None, one_of(Opportunity.branch_code)] = Field(
        default=None, max_length=20
    )
    """One or several branches."""
    account_id: Annotated[list[UUID] | None, one_of(Opportunity.account_id)] = Field(
        default=None, max_length=50
    )
    """One or several accounts."""
    contact_id: Annotated[UUID | None, equals(Opportunity.contact_id)] = None
    """Those where one talks to this person."""
    lead_id: Annotated[UUID | None, equals(Opportunity.lead_id)] = None
    """The one opened with this lead."""
    owner_user_id: Annotated[list[UUID] | None, one_of(Opportunity.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """One or several owners."""
    owner_user_id_null: Annotated[bool | None, is_null(Opportunity.owner_user_id)] = None
    """true: those nobody follows."""
    agency_id: Annotated[list[UUID] | None, one_of(Opportunity.agency_id)] = Field(
        default=None, max_length=50
    )
    """One or several agencies."""
    source: Annotated[list[OpportunitySource] | None, one_of(Opportunity.source)] = Field(
        default=None, max_length=14
    )
    """One or several origins."""
    campaign_id: Annotated[list[UUID] | None, one_of(Opportunity.campaign_id)] = Field(
        default=None, max_length=50
    )
    """One or several campaigns."""
    forecast_category: Annotated[list[ForecastCategory] | None, one_of(Opportunity.forecast_category)] = (
        Field(default=None, max_length=5)
    )
    """One or several categories of the forecast."""
    loss_reason: Annotated[list[LossReason] | None, one_of(Opportunity.loss_reason)] = Field(
        default=None, max_length=8
    )
    """One or several reasons of loss."""
    number: Annotated[Number | None, equals(Opportunity.number)] = None
    """One number."""
    stagnant: Annotated[bool | None, _stagnant()] = None
    """true: open ones, longer in their stage than expected or without activity for 14 days."""
    pending_stage_null: Annotated[bool | None, is_null(Opportunity.pending_stage)] = None
    """false: those that wait for a second person."""
    next_step_null: Annotated[bool | None, is_null(Opportunity.next_step)] = None
    """true: those without a next step."""
    amount_gte: Annotated[Amount | None, _centimes("gte")] = None
    """This amount or more, in dinars."""
    amount_lt: Annotated[Amount | None, _centimes("lt")] = None
    """Less than this amount, in dinars."""
    close_date_gte: Annotated[Day | None, at_least(Opportunity.close_date)] = Field(
        default=None, examples=["2026-12-01"]
    )
    """Closes on this day or later."""
    close_date_lt: Annotated[Day | None, below(Opportunity.close_date)] = Field(
        default=None, examples=["2027-01-01"]
    )
    """Closes before this day."""
    next_step_at_lt: Annotated[Moment | None, below(Opportunity.next_step_at)] = None
    """The next step is due before this moment."""
    last_activity_at_lt: Annotated[Moment | None, below(Opportunity.last_activity_at)] = None
    """Nothing done about it since this moment."""
    name_prefix: Annotated[str | None, starts_with(Opportunity.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["flotte"]
    )
    """Beginning of the name, accents and case ignored."""
    q: Annotated[str | None, words(Opportunity)] = Field(
        default=None, min_length=2, max_length=100, examples=["flotte atlas"]
    )
    """Words that begin words of its name, next step, number or tags."""
    tag: Annotated[list[Tag] | None, tagged(Opportunity)] = Field(default=None, max_length=5)
    """Has all of these tags."""
    created_at_gte: Annotated[Moment | None, at_least(Opportunity.created_at)] = None
    """Opened at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Opportunity.created_at)] = None
    """Opened before this moment."""
    updated_at_gte: Annotated[Moment | None, at_least(Opportunity.updated_at)] = None
    """Changed at this moment or later."""
    updated_at_lt: Annotated[Moment | None, below(Opportunity.updated_at)] = None
    """Changed before this moment."""
    deleted: Bin = "without"
    """Those in the bin: left out, mixed in, or alone."""

    sort: OpportunitySort = "-created_at"
    """Sort key; a leading `-` means descending."""


class OpportunityQuery(OpportunityFilter):
    """Which opportunities."""

    fields: list[Annotated[str, FieldOf(OpportunityRead)]] | None = Field(
        default=None, max_length=60, examples=[["id", "name"]]
    )
    """Only these fields."""


class StageStay(Output):
    """One stay in one stage."""

    pipeline_id: UUID
    """The pipeline."""
    stage: StageCode
    """The stage."""
    status: OpportunityOutcome
    """Whether it was open, won or lost there."""
    entered_at: Timestamp
    """When it came."""
    left_at: Timestamp | None
    """When it left; null: it is still there."""
    days: int = Field(ge=0, le=100_000, examples=[12])
    """Whole days it stayed, up to now where it still does."""
    entered_by_id: UUID | None
    """Who moved it there."""
    approved_by_id: UUID | None
    """Who agreed, where the stage asks for a second person."""
    amount: Money
    """The amount when it came."""
    probability: Rate
    """The probability when it came."""
    close_date: date = Field(examples=["2026-12-31"])
    """The expected date when it came."""


class StageHistory(Output):
    """Every stage an opportunity stood in."""

    data: list[StageStay] = Field(max_length=1000)
    """Oldest first."""
