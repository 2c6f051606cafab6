"""What a contract is made of when it comes in: from a person, or from the policy system."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.core.external_ids import ExternalValue
from crm_api.kit.schemas import Day, Input, Moment
from crm_api.kit.tags import Tags
from crm_api.policies.models.policy import (
    PaymentPlan,
    PolicyChannel,
    PolicyStatus,
    RenewalType,
    TerminationReason,
)
from crm_api.policies.schemas.contents import ObjectIds, PolicyCoverages, PolicyParties
from crm_api.policies.schemas.words import (
    ZERO,
    BonusMalus,
    Dinars,
    NoticeDays,
    PlanCode,
    PolicyNumber,
    PolicyReason,
    ProductCode,
    TermMonths,
)

LINES = (
    "net_premium",
    "policy_fee",
    "vat",
    "fga",
    "dimension_stamp",
    "graduated_stamp",
    "vehicle_tax",
)
"""Of a premium: their sum is its total."""


class PremiumLines(Input):
    """The lines of a premium; their sum is its total."""

    net_premium: Dinars
    """Before fee, taxes and stamps."""
    policy_fee: Dinars = ZERO
    """Coût de police."""
    vat: Dinars = ZERO
    """Value added tax."""
    fga: Dinars = ZERO
    """Contribution to the motor guarantee fund."""
    dimension_stamp: Dinars = ZERO
    """Timbre de dimension."""
    graduated_stamp: Dinars = ZERO
    """Timbre gradué."""
    vehicle_tax: Dinars = ZERO
    """Annual tax on the vehicle."""


class PolicyTerms(PremiumLines):
    """What was agreed."""

    product_code: ProductCode
    """The product."""
    plan_code: PlanCode | None = None
    """The formula of the product."""
    channel: PolicyChannel = PolicyChannel.AGENCY
    """Where it was sold."""
    policyholder_contact_id: UUID | None = None
    """The person who signs; may be left out where a company does."""
    effective_at: Moment = Field(examples=["2026-12-01T00:00:00+01:00"])
    """When it takes effect."""
    expires_at: Moment | None = Field(default=None, examples=["2027-12-01T00:00:00+01:00"])
    """When it ends, that moment no longer covered; `term_months` later when left out."""
    term_months: TermMonths = 12
    """How long; 0 for terms counted in days, which `expires_at` then says."""
    subscribed_on: Day | None = Field(default=None, examples=["2026-11-25"])
    """The day it was signed; today when left out."""
    renewal_type: RenewalType = RenewalType.TACIT
    """What happens at the expiry."""
    notice_days: NoticeDays = 90
    """Notice to give before the expiry."""
    payment_plan: PaymentPlan = PaymentPlan.SINGLE
    """In how many parts a year's premium is paid."""
    bonus_malus_coefficient: BonusMalus | None = None
    """Of a motor contract."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.expires_at is None and self.term_months == 0:
            raise PydanticCustomError(
                "expiry_missing", "A term counted in days says when it ends (expires_at)"
            )
        if self.expires_at is not None and self.expires_at <= self.effective_at:
            raise PydanticCustomError("expiry_before_effect", "It ends after it takes effect")
        return self


class PolicyCreate(PolicyTerms):
    """A contract to record."""

    account_id: UUID
    """The customer."""
    agency_id: UUID | None = None
    """The agency that issues it; yours when left out, else that of the account."""
    producer_user_id: UUID | None = None
    """Who sold it; you when left out."""
    previous_policy_id: UUID | None = None
    """The contract it goes on from."""
    opportunity_id: UUID | None = None
    """The sale it came from."""
    object_ids: ObjectIds = []
    """Insured objects of the account that it covers."""
    parties: PolicyParties = []
    """Who has a part in it."""
    coverages: PolicyCoverages = []
    """What it covers, and how."""
    issue: bool = Field(default=False, examples=[True])
    """Issue it at once, instead of leaving a proposal."""
    tags: Tags = []
    """Words of your own."""


class PolicyPatch(Input):
    """What to change; what is left out stays. Of a contract that was issued, only what is no part of it."""

    producer_user_id: UUID | MISSING = MISSING
    """Who looks after it."""
    tags: Tags | MISSING = MISSING
    """Words of your own."""
    renewal_type: RenewalType | MISSING = MISSING
    """What happens at the expiry."""
    notice_days: NoticeDays | MISSING = MISSING
    """Notice to give before the expiry."""
    plan_code: PlanCode | None | MISSING = MISSING
    """The formula; of a proposal."""
    policyholder_contact_id: UUID | None | MISSING = MISSING
    """The person who signs; of a proposal."""
    effective_at: Moment | MISSING = MISSING
    """When it takes effect; of a proposal."""
    expires_at: Moment | MISSING = MISSING
    """When it ends; of a proposal."""
    term_months: TermMonths | MISSING = MISSING
    """How long; of a proposal."""
    payment_plan: PaymentPlan | MISSING = MISSING
    """In how many parts it is paid; of a proposal."""
    bonus_malus_coefficient: BonusMalus | None | MISSING = MISSING
    """Of a motor contract; of a proposal."""
    net_premium: Dinars | MISSING = MISSING
    """Before fee, taxes and stamps; of a proposal."""
    policy_fee: Dinars | MISSING = MISSING
    """Coût de police; of a proposal."""
    vat: Dinars | MISSING = MISSING
    """Value added tax; of a proposal."""
    fga: Dinars | MISSING = MISSING
    """Contribution to the motor guarantee fund; of a proposal."""
    dimension_stamp: Dinars | MISSING = MISSING
    """Timbre de dimension; of a proposal."""
    graduated_stamp: Dinars | MISSING = MISSING
    """Timbre gradué; of a proposal."""
    vehicle_tax: Dinars | MISSING = MISSING
    """Annual tax on the vehicle; of a proposal."""
    object_ids: ObjectIds | MISSING = MISSING
    """All the objects that it covers; of a proposal."""
    parties: PolicyParties | MISSING = MISSING
    """All who have a part in it; of a proposal."""
    coverages: PolicyCoverages | MISSING = MISSING
    """All that it covers; of a proposal."""


ALWAYS = frozenset({"producer_user_id", "tags", "renewal_type", "notice_days"})
"""What changes without an endorsement."""


class PolicySync(PolicyTerms):
    """A contract as its policy system knows it at a moment: the whole of it, whatever stood here."""

    as_of: Moment = Field(examples=["2026-11-25T09:30:00Z"])
    """The moment at which the source knew this. Older than what stands here: 409, nothing changes."""
    number: PolicyNumber | None = None
    """The number on the paper; its identifier in that system when left out."""
    account_id: UUID | None = None
    """The customer; or name it by `account_external_id`."""
    account_external_id: ExternalValue | None = None
    """What the same system calls the customer."""
    agency_id: UUID | None = None
    """The agency that issued it; or name it by `agency_code`."""
    agency_code: Annotated[str | None, Field(min_length=2, max_length=8, examples=["16012"])] = None
    """The code of the agency that issued it; that of the account when both are left out."""
    producer_user_id: UUID | None = None
    """Who sold it."""
    quote_id: UUID | None = None
    """The accepted quote that it was issued for; it becomes `converted`."""
    previous_external_id: ExternalValue | None = None
    """What the same system calls the contract it goes on from."""
    status: PolicyStatus
    """Where it stands."""
    status_reason: PolicyReason | None = None
    """Why it stands there."""
    first_paid_at: Moment | None = None
    """When the first premium was paid."""
    in_force_since: Moment | None = None
    """When cover first began; its effect when left out, if it ever was in force."""
    suspended_at: Moment | None = None
    """Since when it is suspended; `as_of` when left out."""
    terminated_at: Moment | None = None
    """When it ended before its expiry; `as_of` when left out."""
    termination_reason: TerminationReason | None = None
    """Why; with the state `terminated`, and only then."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.account_id is None) is (self.account_external_id is None):
            raise PydanticCustomError("account_expected", "Name the account, one way")
        if (self.status is PolicyStatus.TERMINATED) is (self.termination_reason is None):
            raise PydanticCustomError(
                "termination_reason", "A reason of termination is given with that state"
            )
        return self

    def moment(self, given: datetime | None) -> datetime:
        return given or self.as_of
