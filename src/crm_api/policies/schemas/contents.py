"""Who has a part in a contract, what it covers and how: as they come in with it, and go out."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.money import Money
from crm_api.kit.schemas import Day, Input, Moment, Output, Timestamp
from crm_api.policies.models.cover import CoverageStatus
from crm_api.policies.models.policy import PolicyRole
from crm_api.policies.schemas.words import CoverageCode, Dinars, Fraction, Share

Exclusion = Annotated[str, Field(min_length=2, max_length=200, examples=["Conduite sans permis"])]


class PolicyPartyInput(Input):
    """Somebody who has a part in the contract."""

    role: PolicyRole
    """Which part."""
    contact_id: UUID | None = None
    """The person; or name the account."""
    account_id: UUID | None = None
    """The company or household."""
    share: Share | None = None
    """Of a beneficiary; those of a contract add up to 1."""
    valid_from: Day | None = Field(default=None, examples=["2026-12-01"])
    """Since when; the effect of the contract when left out."""
    valid_to: Day | None = Field(default=None, examples=["2027-06-30"])
    """Until when, that day included."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.contact_id is None) is (self.account_id is None):
            raise PydanticCustomError("one_party", "Name a person or an account, one of them")
        if (self.share is not None) is not (self.role is PolicyRole.BENEFICIARY):
            raise PydanticCustomError("share_of_beneficiaries", "A beneficiary has a share, nobody else")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise PydanticCustomError("party_period", "It ends after it begins")
        return self


def _shares_add_up(parties: list[PolicyPartyInput]) -> list[PolicyPartyInput]:
    shares = [party.share for party in parties if party.share is not None]
    if shares and sum(shares) != 1:
        raise PydanticCustomError("shares_add_up", "The shares of the beneficiaries add up to 1")
    return parties


PolicyParties = Annotated[list[PolicyPartyInput], Field(max_length=50), AfterValidator(_shares_add_up)]
ObjectIds = Annotated[list[UUID], Field(max_length=200)]


class PolicyCoverageInput(Input):
    """A coverage, on one object or on the contract as a whole."""

    coverage_code: CoverageCode
    """Which coverage (garantie)."""
    insured_object_id: UUID | None = None
    """On which object; the contract as a whole when left out."""
    sum_insured: Dinars | None = None
    """Capital."""
    limit_amount: Dinars | None = None
    """Paid at most."""
    deductible_amount: Dinars | None = None
    """Franchise, as an amount."""
    deductible_percent: Fraction | None = None
    """Franchise, as a part of the damage."""
    deductible_min: Dinars | None = None
    """And this at least."""
    net_premium: Dinars
    """Of the term, before fee, taxes and stamps."""
    effective_at: Moment | None = Field(default=None, examples=["2026-12-01T00:00:00+01:00"])
    """From when; the effect of the contract when left out."""
    expires_at: Moment | None = Field(default=None, examples=["2027-12-01T00:00:00+01:00"])
    """Until when; the expiry of the contract when left out."""
    exclusions: list[Exclusion] = Field(default=[], max_length=30)
    """What it does not cover."""


def _each_once(coverages: list[PolicyCoverageInput]) -> list[PolicyCoverageInput]:
    if len({(one.coverage_code, one.insured_object_id) for one in coverages}) < len(coverages):
        raise PydanticCustomError("repeated_coverage", "A coverage is given once for an object")
    return coverages


PolicyCoverages = Annotated[list[PolicyCoverageInput], Field(max_length=200), AfterValidator(_each_once)]


class PolicyPartyRead(Output):
    """Somebody who has a part in the contract."""

    id: UUID
    """Identifier."""
    role: PolicyRole
    """Which part."""
    contact_id: UUID | None
    """The person."""
    account_id: UUID | None
    """Or the account."""
    share: Share | None
    """Of a beneficiary."""
    valid_from: date = Field(examples=["2026-12-01"])
    """Since when."""
    valid_to: date | None = Field(examples=["2027-06-30"])
    """Until when, that day included."""


class PolicyCoverageRead(Output):
    """A coverage of the contract as it stands."""

    id: UUID
    """Identifier."""
    coverage_code: CoverageCode
    """Which coverage."""
    insured_object_id: UUID | None
    """On which object; null: the contract as a whole."""
    sum_insured: Money | None
    """Capital."""
    limit_amount: Money | None
    """Paid at most."""
    deductible_amount: Money | None
    """Franchise, as an amount."""
    deductible_percent: Fraction | None
    """Franchise, as a part of the damage."""
    deductible_min: Money | None
    """And this at least."""
    net_premium: Money
    """Of the term."""
    effective_at: Timestamp
    """From when."""
    expires_at: Timestamp
    """Until when."""
    status: CoverageStatus
    """Whether it runs."""
    exclusions: list[Exclusion] = Field(max_length=30)
    """What it does not cover."""


class PolicySuspensionRead(Output):
    """A time without cover."""

    suspended_at: Timestamp
    """From when."""
    resumed_at: Timestamp | None
    """Until when; null while it lasts."""
    reason: str = Field(max_length=500, examples=["Prime impayée après mise en demeure"])
    """Why."""
