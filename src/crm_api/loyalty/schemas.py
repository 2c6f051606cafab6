"""The programme, accounts, movements, rewards and orders, as they travel."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.loyalty.models import (
    LoyaltyAccount,
    LoyaltyMovement,
    LoyaltyOrigin,
    LoyaltyRedemption,
    LoyaltyReward,
    LoyaltyStatus,
    LoyaltyTier,
    LoyaltyTransaction,
    RedemptionStatus,
    RewardKind,
)

Points = Annotated[int, Field(ge=0, le=1_000_000_000, examples=[666])]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,39}$", max_length=40, examples=["assistance-plus"])]
Coverage = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,11}$", max_length=12, examples=["BDG"])]


class LoyaltyProgramRead(Output):
    """The rules of the programme."""

    id: UUID
    """Identifier."""
    name: str = Field(max_length=80, examples=["Eden"])
    """What customers call it."""
    active: bool
    """false: nobody earns or spends."""
    dinars_per_point: int = Field(ge=1, le=100_000, examples=[100])
    """So many dinars of net premium collected are one point."""
    no_claim_points: Points
    """For a year of contract without a claim."""
    referral_points: Points
    """For somebody whom one referred and who became a customer."""
    silver_from: Points
    """Points earned in twelve months that make silver."""
    gold_from: Points
    """Those that make gold."""
    platinum_from: Points
    """Those that make platinum."""
    validity_months: int = Field(ge=1, le=120, examples=[24])
    """Points run out after so many months, the oldest first."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class LoyaltyProgramPatch(Input):
    """What to change; a field left out stays. Points that were earned stay as they were."""

    name: str | MISSING = Field(default=MISSING, min_length=1, max_length=80, examples=["Eden"])
    """What customers call it."""
    active: bool | MISSING = MISSING
    """false: nobody earns or spends."""
    dinars_per_point: int | MISSING = Field(default=MISSING, ge=1, le=100_000, examples=[100])
    """So many dinars of net premium collected are one point."""
    no_claim_points: int | MISSING = Field(default=MISSING, ge=0, le=100_000, examples=[200])
    """For a year of contract without a claim."""
    referral_points: int | MISSING = Field(default=MISSING, ge=0, le=100_000, examples=[100])
    """For a referral."""
    silver_from: int | MISSING = Field(default=MISSING, ge=1, le=100_000_000, examples=[1000])
    """Points that make silver."""
    gold_from: int | MISSING = Field(default=MISSING, ge=1, le=100_000_000, examples=[5000])
    """Those that make gold."""
    platinum_from: int | MISSING = Field(default=MISSING, ge=1, le=100_000_000, examples=[15000])
    """Those that make platinum."""
    validity_months: int | MISSING = Field(default=MISSING, ge=1, le=120, examples=[24])
    """Months after which points run out."""


class LoyaltyAccountCreate(Input):
    """Somebody who takes part."""

    contact_id: UUID
    """Who."""
    consent_id: UUID
    """The line of the ledger in which they agreed."""


class LoyaltyAccountRead(Output):
    """Somebody's points."""

    id: UUID
    """Identifier."""
    contact_id: UUID
    """Whose."""
    consent_id: UUID
    """The line of the ledger in which they agreed."""
    status: LoyaltyStatus
    """Whether it is open."""
    balance: Points
    """Points that can be spent."""
    owed: Points
    """Points spent before what earned them was taken back; the next ones pay them."""
    tier: LoyaltyTier
    """By the points of twelve months."""
    tier_until: Day | None
    """Until when at least."""
    enrolled_at: Timestamp
    """Since when."""
    created_at: Timestamp
    """When it was opened."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class LoyaltyAccountPage(Page[LoyaltyAccountRead]):
    """One page of accounts."""


class LoyaltyAccountQuery(ListQuery):
    """Which accounts."""

    sortable: ClassVar = {"created_at": LoyaltyAccount.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    contact_id: Annotated[UUID | None, equals(LoyaltyAccount.contact_id)] = None
    """That of this person."""
    tier: Annotated[list[LoyaltyTier] | None, one_of(LoyaltyAccount.tier)] = Field(default=None, max_length=4)
    """One or several tiers."""


class LoyaltyAdjustment(Input):
    """Points given or taken by hand."""

    points: int = Field(ge=-1_000_000, le=1_000_000, examples=[50])
    """Given, or taken (negative); not 0."""
    reason: str = Field(min_length=3, max_length=200, examples=["Geste commercial après réclamation"])
    """Why."""

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.points == 0:
            raise PydanticCustomError("loyalty_nothing", "Nothing would move.")
        return self


class LoyaltyTransactionRead(Output):
    """Points that came or went."""

    id: UUID
    """Identifier."""
    loyalty_account_id: UUID
    """Of which account."""
    type: LoyaltyMovement
    """Why."""
    origin: LoyaltyOrigin
    """What it comes of."""
    points: int = Field(ge=-1_000_000_000, le=1_000_000_000, examples=[666])
    """How many; negative: they went."""
    shortfall: Points
    """What was to be taken back and was not there."""
    source_id: UUID | None
    """The contract, order or person it comes of."""
    expires_on: Day | None
    """When they run out, if nothing was spent before."""
    reason: str | None = Field(max_length=200, examples=["Geste commercial"])
    """Why, for what was given by hand."""
    created_at: Timestamp
    """When."""
    created_by_id: UUID | None
    """By whom; zeros: by the house."""
    version: int = Field(ge=1, examples=[1])
    """Always 1."""


class LoyaltyTransactionPage(Page[LoyaltyTransactionRead]):
    """One page of movements."""


class LoyaltyTransactionQuery(ListQuery):
    """Which movements."""

    sortable: ClassVar = {"created_at": LoyaltyTransaction.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    loyalty_account_id: Annotated[UUID | None, equals(LoyaltyTransaction.loyalty_account_id)] = None
    """Of this account."""
    type: Annotated[list[LoyaltyMovement] | None, one_of(LoyaltyTransaction.type)] = Field(
        default=None, max_length=5
    )
    """One or several kinds."""


class LoyaltyRewardCreate(Input):
    """Something that points buy."""

    code: Code
    """Its name for programs."""
    label_fr: str = Field(min_length=1, max_length=120, examples=["Assistance étendue 0 km"])
    """What customers read."""
    kind: RewardKind
    """What it is."""
    cost_points: int = Field(ge=1, le=1_000_000, examples=[500])
    """What it costs."""
    stock: int | None = Field(default=None, ge=0, le=1_000_000, examples=[20])
    """How many there are; without end when left out."""
    coverage_code: Coverage | None = None
    """Of a discount: on which optional cover; compulsory cover is never discounted."""
    valid_from: Day
    """First day it is offered."""
    valid_to: Day | None = None
    """Last one."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.kind is RewardKind.OPTIONAL_COVER_DISCOUNT) != (self.coverage_code is not None):
            raise PydanticCustomError("loyalty_cover", "A discount names its cover; nothing else does.")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("loyalty_days", "The last day is not before the first.")
        return self


class LoyaltyRewardRead(Output):
    """Something that points buy."""

    id: UUID
    """Identifier."""
    code: Code
    """Its name for programs."""
    label_fr: str = Field(max_length=120, examples=["Assistance étendue 0 km"])
    """What customers read."""
    kind: RewardKind
    """What it is."""
    cost_points: Points
    """What it costs."""
    stock: Points | None
    """How many are left; null: without end."""
    coverage_code: Coverage | None
    """Of a discount: on which cover."""
    valid_from: Day
    """First day it is offered."""
    valid_to: Day | None
    """Last one."""
    created_at: Timestamp
    """When it was written."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class LoyaltyRewardPage(Page[LoyaltyRewardRead]):
    """One page of rewards."""


class LoyaltyRewardQuery(ListQuery):
    """Which rewards."""

    sortable: ClassVar = {"created_at": LoyaltyReward.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    kind: Annotated[list[RewardKind] | None, one_of(LoyaltyReward.kind)] = Field(default=None, max_length=4)
    """One or several kinds."""
    code: Annotated[Code | None, equals(LoyaltyReward.code)] = None
    """That of this code."""


class LoyaltyRedemptionCreate(Input):
    """A reward to be ordered with points."""

    loyalty_account_id: UUID
    """Whose points."""
    reward_id: UUID
    """Which reward."""


class LoyaltyRedemptionCancel(Input):
    """An order that comes to nothing: the points come back."""

    reason: str = Field(min_length=3, max_length=200, examples=["Le client a changé d'avis"])
    """Why."""


class LoyaltyRedemptionRead(Output):
    """A reward that was ordered."""

    id: UUID
    """Identifier."""
    loyalty_account_id: UUID
    """Whose points."""
    reward_id: UUID
    """Which reward."""
    points: Points
    """What it cost."""
    status: RedemptionStatus
    """Where it stands."""
    cancel_reason: str | None = Field(max_length=200, examples=["Le client a changé d'avis"])
    """Why it came to nothing."""
    created_at: Timestamp
    """When it was ordered."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class LoyaltyRedemptionPage(Page[LoyaltyRedemptionRead]):
    """One page of orders."""


class LoyaltyRedemptionQuery(ListQuery):
    """Which orders."""

    sortable: ClassVar = {"created_at": LoyaltyRedemption.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    loyalty_account_id: Annotated[UUID | None, equals(LoyaltyRedemption.loyalty_account_id)] = None
    """Of this account."""
    status: Annotated[list[RedemptionStatus] | None, one_of(LoyaltyRedemption.status)] = Field(
        default=None, max_length=4
    )
    """One or several states."""


class LoyaltyFigures(Output):
    """D-62: what became of the points of twelve months."""

    issued: Points
    """Points earned."""
    redeemed: Points
    """Points spent on rewards, less orders that were cancelled."""
    redemption_rate: str | None = Field(max_length=12, examples=["0.2500"])
    """Redeemed / issued; null when nothing was issued."""
    outstanding: Points
    """Points that customers hold now: what the programme owes."""
    accounts: Points
    """Those who take part."""
