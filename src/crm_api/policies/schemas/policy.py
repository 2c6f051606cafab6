"""A contract as it is shown, and the lists of contracts."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import BigInteger, ColumnElement, bindparam, type_coerce

from crm_api.core.words import tagged, words
from crm_api.kit.listing import (
    FieldOf,
    Filter,
    ListQuery,
    Page,
    at_least,
    below,
    equals,
    is_null,
    one_of,
)
from crm_api.kit.money import Amount, Money, to_centimes
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.kit.tags import Tag, Tags
from crm_api.policies.models.policy import (
    PaymentPlan,
    Policy,
    PolicyChannel,
    PolicyStatus,
    PriceChangeReason,
    RenewalType,
    TerminationReason,
)
from crm_api.policies.schemas.contents import PolicyCoverageRead, PolicyPartyRead, PolicySuspensionRead
from crm_api.policies.schemas.objects import DoubleInsurance, InsuredObjectRead
from crm_api.policies.schemas.words import (
    BonusMalus,
    BranchCode,
    NoticeDays,
    PlanCode,
    PolicyNumber,
    PolicyReason,
    ProductCode,
    SourceSystem,
    TermMonths,
)

total: Any = type_coerce(Policy.total_premium, BigInteger)
"""As PostgreSQL keeps it: whole centimes."""


def _centimes(operator: str) -> Filter:
    def build(name: str, _: Any) -> ColumnElement[bool]:
        asked: Any = bindparam(name, type_=BigInteger())
        condition: ColumnElement[bool] = total >= asked if operator == "gte" else total < asked
        return condition

    return Filter(operator, None, build, bound=lambda amount: to_centimes(Decimal(amount)), reads=Amount)


class PolicyRead(Output):
    """A contract of insurance."""

    id: UUID
    """Identifier."""
    number: PolicyNumber
    """The number on the paper."""
    source_system: SourceSystem
    """Who keeps it: `crm` when it was issued here, else the policy system that tells us of it."""
    external_id: str | None = Field(max_length=80, examples=["POL-889120"])
    """What that system calls it, where that is not its number."""
    as_of: Timestamp
    """The moment at which the source knew what stands here."""
    synced_at: Timestamp | None
    """When the source last told us; null for a contract of ours."""
    account_id: UUID
    """The customer."""
    policyholder_contact_id: UUID | None
    """The person who signed; null where a company did and nobody is named."""
    product_code: ProductCode
    """The product."""
    plan_code: PlanCode | None
    """The formula of the product."""
    branch_code: BranchCode
    """The branch of the product."""
    channel: PolicyChannel
    """Where it was sold."""
    agency_id: UUID
    """The agency that issued it."""
    producer_user_id: UUID | None
    """Who sold it."""
    quote_id: UUID | None
    """The quote it came from."""
    opportunity_id: UUID | None
    """The sale it came from."""
    subscribed_on: date = Field(examples=["2026-11-25"])
    """The day it was signed."""
    effective_at: Timestamp
    """When it takes effect."""
    expires_at: Timestamp
    """When it ends; that moment is no longer covered."""
    term_months: TermMonths
    """How long; 0 for terms counted in days."""
    renewal_type: RenewalType
    """What happens at the expiry."""
    notice_days: NoticeDays
    """Notice to give before the expiry."""
    previous_policy_id: UUID | None
    """The contract it goes on from."""
    next_policy_id: UUID | None
    """The contract that goes on from it."""
    price_change_reason: PriceChangeReason | None
    """Why it costs another premium than the contract that it goes on from."""
    version_no: int = Field(ge=1, examples=[1])
    """Of the contract: 1, and one more for each endorsement that was applied."""
    net_premium: Money
    """Premium of the term before fee, taxes and stamps; what endorsements added pro rata is in it."""
    term_net_premium: Money
    """What the whole term would cost net, as the contract stands now."""
    policy_fee: Money
    """Coût de police."""
    vat: Money
    """Value added tax."""
    fga: Money
    """Contribution to the motor guarantee fund."""
    dimension_stamp: Money
    """Timbre de dimension."""
    graduated_stamp: Money
    """Timbre gradué."""
    vehicle_tax: Money
    """Annual tax on the vehicle."""
    total_premium: Money
    """The sum of the lines above."""
    annual_net_premium: Money
    """The net premium of twelve months: what portfolios are compared by."""
    payment_plan: PaymentPlan
    """In how many parts a year's premium is paid."""
    bonus_malus_coefficient: BonusMalus | None
    """Of a motor contract."""
    status: PolicyStatus
    """Where it stands in its life."""
    status_reason: PolicyReason | None
    """Why it stands there, where somebody said so."""
    status_since: Timestamp
    """Since when."""
    first_paid_at: Timestamp | None
    """When the first premium was paid: cover waits for it."""
    in_force_since: Timestamp | None
    """When cover first began."""
    suspended_at: Timestamp | None
    """Since when it is suspended."""
    reinstates_at: Timestamp | None
    """Suspended and paid: when cover resumes."""
    terminated_at: Timestamp | None
    """When it ended before its expiry."""
    termination_reason: TerminationReason | None
    """Why."""
    tags: Tags
    """Words put on it."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who recorded it."""


class PolicyTold(PolicyRead):
    """A contract, and what is worth knowing about it."""

    warnings: list[DoubleInsurance] = Field(default=[], max_length=20)
    """Other living contracts on the same vehicles at the same time: not refused, and worth knowing."""


PolicyPart = Literal["parties", "objects", "coverages", "suspensions"]


class PolicyInclude(Input):
    """Which parts of a contract to read with it."""

    include: list[PolicyPart] = Field(default=[], max_length=4, examples=[["parties", "coverages"]])
    """Parts of it (repeat the parameter)."""


class PolicyWhole(PolicyRead):
    """A contract with the parts of it that were asked for; the others are null."""

    parties: list[PolicyPartyRead] | None = Field(max_length=500)
    """Who has, or had, a part in it; with `include=parties`."""
    objects: list[InsuredObjectRead] | None = Field(max_length=200)
    """What it covers now; with `include=objects`."""
    coverages: list[PolicyCoverageRead] | None = Field(max_length=200)
    """Of its present version; with `include=coverages`."""
    suspensions: list[PolicySuspensionRead] | None = Field(max_length=500)
    """Times without cover; with `include=suspensions`."""


class PolicyPage(Page[PolicyRead]):
    """One page of contracts."""


PolicySort = Literal[
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "number",
    "-number",
    "effective_at",
    "-effective_at",
    "expires_at",
    "-expires_at",
    "total_premium",
    "-total_premium",
]


class PolicyFilter(ListQuery):
    """What lists and counts of contracts are filtered by."""

    sortable: ClassVar = {
        "created_at": Policy.created_at,
        "updated_at": Policy.updated_at,
        "number": Policy.number,
        "effective_at": Policy.effective_at,
        "expires_at": Policy.expires_at,
        "total_premium": total,
    }

    status: Annotated[list[PolicyStatus] | None, one_of(Policy.status)] = Field(default=None, max_length=8)
    """One or several states (repeat the parameter)."""
    number: Annotated[PolicyNumber | None, equals(Policy.number)] = None
    """The number, exactly."""
    source_system: Annotated[list[SourceSystem] | None, one_of(Policy.source_system)] = Field(
        default=None, max_length=10
    )
    """One or several systems; `crm` are the contracts issued here."""
    account_id: Annotated[list[UUID] | None, one_of(Policy.account_id)] = Field(default=None, max_length=50)
    """One or several customers."""
    policyholder_contact_id: Annotated[UUID | None, equals(Policy.policyholder_contact_id)] = None
    """Those that this person signed."""
    product_code: Annotated[list[ProductCode] | None, one_of(Policy.product_code)] = Field(
        default=None, max_length=50
    )
    """One or several products."""
    branch_code: Annotated[list[BranchCode] | None, one_of(Policy.branch_code)] = Field(
        default=None, max_length=20
    )
    """One or several branches."""
    agency_id: Annotated[list[UUID] | None, one_of(Policy.agency_id)] = Field(default=None, max_length=50)
    """One or several agencies."""
    producer_user_id: Annotated[list[UUID] | None, one_of(Policy.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Sold by one of these."""
    channel: Annotated[list[PolicyChannel] | None, one_of(Policy.channel)] = Field(default=None, max_length=7)
    """Sold there."""
    quote_id: Annotated[UUID | None, equals(Policy.quote_id)] = None
    """The one made of this quote."""
    opportunity_id: Annotated[UUID | None, equals(Policy.opportunity_id)] = None
    """Those of this sale."""
    previous_policy_id: Annotated[UUID | None, equals(Policy.previous_policy_id)] = None
    """The one that goes on from this contract."""
    next_policy_id_null: Annotated[bool | None, is_null(Policy.next_policy_id)] = None
    """true: those that nothing goes on from yet."""
    termination_reason: Annotated[list[TerminationReason] | None, one_of(Policy.termination_reason)] = Field(
        default=None, max_length=9
    )
    """Ended for one of these reasons."""
    renewal_type: Annotated[list[RenewalType] | None, one_of(Policy.renewal_type)] = Field(
        default=None, max_length=3
    )
    """One or several ways of renewal."""
    payment_plan: Annotated[list[PaymentPlan] | None, one_of(Policy.payment_plan)] = Field(
        default=None, max_length=4
    )
    """One or several plans of payment."""
    effective_at_gte: Annotated[Moment | None, at_least(Policy.effective_at)] = None
    """Takes effect at this moment or later."""
    effective_at_lt: Annotated[Moment | None, below(Policy.effective_at)] = None
    """Takes effect before this moment."""
    expires_at_gte: Annotated[Moment | None, at_least(Policy.expires_at)] = None
    """Ends at this moment or later."""
    expires_at_lt: Annotated[Moment | None, below(Policy.expires_at)] = None
    """Ends before this moment."""
    total_premium_gte: Annotated[Amount | None, _centimes("gte")] = None
    """This total premium or more, in dinars."""
    total_premium_lt: Annotated[Amount | None, _centimes("lt")] = None
    """Less than this total premium, in dinars."""
    q: Annotated[str | None, words(Policy)] = Field(
        default=None, min_length=2, max_length=100, examples=["16012.2026.11"]
    )
    """Words that begin words of its number or tags."""
    tag: Annotated[list[Tag] | None, tagged(Policy)] = Field(default=None, max_length=5)
    """Has all of these tags."""
    created_at_gte: Annotated[Moment | None, at_least(Policy.created_at)] = None
    """Recorded at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Policy.created_at)] = None
    """Recorded before this moment."""
    updated_at_gte: Annotated[Moment | None, at_least(Policy.updated_at)] = None
    """Changed at this moment or later."""
    updated_at_lt: Annotated[Moment | None, below(Policy.updated_at)] = None
    """Changed before this moment."""

    sort: PolicySort = "-created_at"
    """Sort key; a leading `-` means descending."""


class PolicyQuery(PolicyFilter):
    """Which contracts."""

    fields: list[Annotated[str, FieldOf(PolicyRead)]] | None = Field(
        default=None, max_length=60, examples=[["id", "number"]]
    )
    """Only these fields."""
