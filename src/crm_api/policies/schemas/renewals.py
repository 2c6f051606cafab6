"""The next contract, and the list of those that end soon."""

from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.core.db import now
from crm_api.kit.listing import Filter, ListQuery, Page, is_null, one_of
from crm_api.kit.money import Money, Rate
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.policies.models.policy import (
    PaymentPlan,
    Policy,
    PolicyStatus,
    PriceChangeReason,
    RenewalType,
)
from crm_api.policies.schemas.content import LINES
from crm_api.policies.schemas.contents import ObjectIds, PolicyCoverages, PolicyParties
from crm_api.policies.schemas.words import (
    BonusMalus,
    BranchCode,
    Dinars,
    PlanCode,
    PolicyNumber,
    ProductCode,
    TermMonths,
)

GRACE_DAYS = 30
"""So long after its end a contract may still be renewed (D-22) and stands in the list."""


class PolicyRenew(Input):
    """What is other in the next contract; what is left out is as it was."""

    effective_at: Moment | None = Field(default=None, examples=["2027-12-01T00:00:00+01:00"])
    """When it takes effect; the end of the one before when left out, within 30 days after it."""
    term_months: Annotated[int, Field(ge=1, le=120, examples=[12])] | None = None
    """How long."""
    plan_code: PlanCode | None = None
    """The formula."""
    payment_plan: PaymentPlan | None = None
    """In how many parts a year's premium is paid."""
    bonus_malus_coefficient: BonusMalus | None = None
    """Of a motor contract."""
    net_premium: Dinars | None = None
    """Before fee, taxes and stamps. Given with the other lines of the premium, or not at all."""
    policy_fee: Dinars | None = None
    """Coût de police."""
    vat: Dinars | None = None
    """Value added tax."""
    fga: Dinars | None = None
    """Contribution to the motor guarantee fund."""
    dimension_stamp: Dinars | None = None
    """Timbre de dimension."""
    graduated_stamp: Dinars | None = None
    """Timbre gradué."""
    vehicle_tax: Dinars | None = None
    """Annual tax on the vehicle."""
    object_ids: ObjectIds | None = None
    """Insured objects that it covers."""
    parties: PolicyParties | None = None
    """Who has a part in it."""
    coverages: PolicyCoverages | None = None
    """What it covers, and how."""
    price_change_reason: PriceChangeReason | None = None
    """Why the premium is another; found out where it can be, when left out."""
    issue: bool = Field(default=False, examples=[True])
    """Issue it at once, instead of leaving a proposal."""

    @model_validator(mode="after")
    def _whole_premium(self) -> Self:
        given = [name for name in LINES if getattr(self, name) is not None]
        if given and "net_premium" not in given:
            raise PydanticCustomError("net_premium_missing", "A premium is given with its net premium")
        return self


class RenewalRead(Output):
    """A contract that ends soon, and what is prepared for after it."""

    id: UUID
    """The contract."""
    number: PolicyNumber
    """Its number."""
    account_id: UUID
    """The customer."""
    account_name: str = Field(max_length=160, examples=["Famille AISSANI"])
    """What they are called."""
    policyholder_contact_id: UUID | None
    """The person who signed."""
    product_code: ProductCode
    """The product."""
    branch_code: BranchCode
    """Its branch."""
    agency_id: UUID
    """The agency that issued it."""
    producer_user_id: UUID | None
    """Who sold it."""
    status: PolicyStatus
    """Where it stands; `expired`: it may still be renewed for 30 days."""
    renewal_type: RenewalType
    """What happens at the end by itself."""
    expires_at: Timestamp
    """When it ends."""
    days_left: int = Field(ge=-400, le=400, examples=[42])
    """Local days until then; below zero when it has passed."""
    term_months: TermMonths
    """How long it ran."""
    annual_net_premium: Money
    """Net premium of twelve months."""
    next_policy_id: UUID | None
    """The contract that is prepared for after it; null: none yet."""
    next_number: PolicyNumber | None
    """Its number."""
    next_status: PolicyStatus | None
    """Where that stands."""
    next_annual_net_premium: Money | None
    """Net premium of twelve months, of that one."""
    price_change: Money | None
    """What it costs more than this one, in twelve months; below zero when it costs less."""
    price_change_rate: Rate | None
    """The same, as a part of this one."""
    price_change_reason: PriceChangeReason | None
    """Why."""
    renewal_told_at: Timestamp | None
    """When the house said that its renewal is to be prepared."""


class RenewalPage(Page[RenewalRead]):
    """One page of contracts that end soon."""


def _ends_within() -> Filter:
    def build(name: str, _: Any) -> ColumnElement[bool]:
        return Policy.expires_at < bindparam(name, type_=TIMESTAMP(timezone=True))

    def moment(days: int) -> datetime:
        return now() + timedelta(days=days)

    return Filter("lt", None, build, bound=moment, reads=int)


class RenewalFilter(ListQuery):
    """What the list of renewals is filtered by."""

    sortable: ClassVar = {"expires_at": Policy.expires_at}

    due_within_days: Annotated[int, _ends_within()] = Field(default=60, ge=1, le=400, examples=[60])
    """Ends within so many days; those that ended less than 30 days ago and were not renewed are there too."""
    agency_id: Annotated[list[UUID] | None, one_of(Policy.agency_id)] = Field(default=None, max_length=50)
    """One or several agencies."""
    producer_user_id: Annotated[list[UUID] | None, one_of(Policy.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Sold by one of these."""
    product_code: Annotated[list[ProductCode] | None, one_of(Policy.product_code)] = Field(
        default=None, max_length=50
    )
    """One or several products."""
    branch_code: Annotated[list[BranchCode] | None, one_of(Policy.branch_code)] = Field(
        default=None, max_length=20
    )
    """One or several branches."""
    renewal_type: Annotated[list[RenewalType] | None, one_of(Policy.renewal_type)] = Field(
        default=None, max_length=3
    )
    """One or several ways of renewal."""
    next_policy_id_null: Annotated[bool | None, is_null(Policy.next_policy_id)] = None
    """true: those for which nothing is prepared yet."""

    sort: Literal["expires_at", "-expires_at"] = "expires_at"
    """Sort key; a leading `-` means descending."""


class RenewalQuery(RenewalFilter):
    """Which contracts end soon."""
