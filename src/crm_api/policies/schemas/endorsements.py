"""Changes of a contract (avenants), as they are asked for, judged and shown."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.policies.models.endorsement import Endorsement, EndorsementStatus, EndorsementType
from crm_api.policies.models.policy import PaymentPlan, TerminationReason
from crm_api.policies.schemas.contents import ObjectIds, PolicyCoverages, PolicyParties
from crm_api.policies.schemas.words import BonusMalus, Dinars, PlanCode

EndorsementNumber = Annotated[str, Field(max_length=44, examples=["16012.2026.11.AUTO_P.00042/A01"])]
EndorsementReason = Annotated[str, Field(min_length=3, max_length=500, examples=["Changement de véhicule"])]
RefusalReason = Annotated[str, Field(min_length=3, max_length=300, examples=["Pièces insuffisantes"])]
Documents = Annotated[list[UUID], Field(max_length=20)]
ANYTHING = frozenset(
    {
        *("net_premium", "plan_code", "payment_plan", "bonus_malus_coefficient"),
        *("account_id", "policyholder_contact_id", "expires_at", "object_ids", "parties", "coverages"),
    }
)
_COVER = frozenset({"coverages", "object_ids", "net_premium", "plan_code", "bonus_malus_coefficient"})
CHANGEABLE: dict[EndorsementType, frozenset[str]] = {
    EndorsementType.OBJECT_CHANGE: _COVER,
    EndorsementType.COVERAGE_ADD: _COVER,
    EndorsementType.COVERAGE_REMOVE: _COVER,
    EndorsementType.VALUE_CHANGE: _COVER,
    EndorsementType.ADDRESS_CHANGE: _COVER,
    EndorsementType.DRIVER_CHANGE: frozenset({"parties", "net_premium", "bonus_malus_coefficient"}),
    EndorsementType.TRANSFER_OF_OWNERSHIP: frozenset(
        {"account_id", "policyholder_contact_id", "parties", "object_ids", "coverages", "net_premium"}
    ),
    EndorsementType.LOSS_PAYEE: frozenset({"parties"}),
    EndorsementType.CORRECTION: ANYTHING - {"expires_at"},
    EndorsementType.SUSPENSION: frozenset(),
    EndorsementType.REINSTATEMENT: frozenset(),
    EndorsementType.TERMINATION: frozenset({"termination_reason"}),
    EndorsementType.EXTENSION: frozenset({"expires_at", "net_premium"}),
}
"""What an endorsement of each type may change. A renewal is a contract of its own (`renew`)."""


class EndorsementChanges(Input):
    """The contract as it is to be; what is left out stays."""

    net_premium: Dinars | MISSING = MISSING
    """Net premium of the whole term, were the contract so from its beginning: what is paid is pro rata by
    day. Of an extension: of the longer term."""
    plan_code: PlanCode | MISSING = MISSING
    """The formula."""
    payment_plan: PaymentPlan | MISSING = MISSING
    """In how many parts a year's premium is paid."""
    bonus_malus_coefficient: BonusMalus | MISSING = MISSING
    """Of a motor contract."""
    account_id: UUID | MISSING = MISSING
    """The new customer."""
    policyholder_contact_id: UUID | None | MISSING = MISSING
    """The person who signs."""
    expires_at: Moment | MISSING = MISSING
    """The later end, of an extension."""
    object_ids: ObjectIds | MISSING = MISSING
    """All the objects that it covers."""
    parties: PolicyParties | MISSING = MISSING
    """All who have a part in it."""
    coverages: PolicyCoverages | MISSING = MISSING
    """All that it covers."""
    termination_reason: TerminationReason | MISSING = MISSING
    """Why it ends, of a termination."""


class EndorsementCreate(Input):
    """A change to ask for."""

    type: EndorsementType
    """What it changes."""
    effective_at: Moment = Field(examples=["2026-12-01T00:00:00+01:00"])
    """From when: not before the contract's effect, 90 days ahead at most."""
    reason: EndorsementReason
    """Why."""
    changes: EndorsementChanges = Field(default=EndorsementChanges())
    """The contract as it is to be."""
    document_ids: Documents = []
    """What proves it."""

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        allowed = CHANGEABLE.get(self.type)
        if allowed is None:
            raise PydanticCustomError("renewed_by_contract", "A renewal is a contract of its own")
        given = self.changes.model_fields_set
        if given - allowed:
            raise PydanticCustomError("other_type", "An endorsement of this type does not change that")
        if allowed and not given:
            raise PydanticCustomError("nothing_changes", "Say what changes")
        if self.type is EndorsementType.EXTENSION and "expires_at" not in given:
            raise PydanticCustomError("nothing_changes", "Say until when it is prolonged")
        return self


class EndorsementRefusal(Input):
    """Why the change is refused."""

    reason: RefusalReason
    """Told to who asked."""


class EndorsementDiff(Output):
    """What it changes."""

    before: dict[str, JsonValue] = Field(max_length=20, examples=[{"plan_code": "PLAN_2"}])
    """The contract as it was."""
    after: dict[str, JsonValue] = Field(max_length=20, examples=[{"plan_code": "PLAN_1"}])
    """The contract as it is to be."""


class EndorsementRead(Output):
    """A change of a contract."""

    id: UUID
    """Identifier."""
    number: EndorsementNumber
    """That of the contract, and its own."""
    policy_id: UUID
    """The contract."""
    type: EndorsementType
    """What it changes."""
    status: EndorsementStatus
    """How far it has come."""
    requested_at: Timestamp
    """When it was asked for."""
    requested_by_id: UUID | None
    """By whom."""
    agency_id: UUID | None
    """The agency of the contract."""
    effective_at: Timestamp
    """From when."""
    reason: EndorsementReason
    """Why."""
    changes: EndorsementDiff
    """What it changes."""
    premium_delta: Money | None
    """Net premium to pay, or to give back when negative; pro rata by day."""
    vat_delta: Money | None
    """Tax on it."""
    fga_delta: Money | None
    """Contribution to the guarantee fund."""
    total_delta: Money | None
    """The sum."""
    document_ids: Documents
    """What proves it."""
    reviewed_at: Timestamp | None
    """When somebody took it in hand."""
    approved_at: Timestamp | None
    """When it was approved."""
    approved_by_id: UUID | None
    """By whom; never who asked."""
    applied_at: Timestamp | None
    """When the contract changed."""
    policy_version: int | None = Field(ge=1, examples=[2])
    """The version of the contract that it made."""
    refusal_reason: RefusalReason | None
    """Why it was refused."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""


class EndorsementPage(Page[EndorsementRead]):
    """One page of endorsements."""


class EndorsementFilter(ListQuery):
    """What lists and counts of endorsements are filtered by."""

    sortable: ClassVar = {"created_at": Endorsement.created_at}

    policy_id: Annotated[list[UUID] | None, one_of(Endorsement.policy_id)] = Field(
        default=None, max_length=50
    )
    """Of one or several contracts."""
    status: Annotated[list[EndorsementStatus] | None, one_of(Endorsement.status)] = Field(
        default=None, max_length=6
    )
    """One or several states."""
    type: Annotated[list[EndorsementType] | None, one_of(Endorsement.type)] = Field(
        default=None, max_length=14
    )
    """One or several types."""
    agency_id: Annotated[list[UUID] | None, one_of(Endorsement.agency_id)] = Field(
        default=None, max_length=50
    )
    """One or several agencies."""
    number: Annotated[EndorsementNumber | None, equals(Endorsement.number)] = None
    """The number, exactly."""
    effective_at_gte: Annotated[Moment | None, at_least(Endorsement.effective_at)] = None
    """Takes effect at this moment or later."""
    effective_at_lt: Annotated[Moment | None, below(Endorsement.effective_at)] = None
    """Takes effect before this moment."""

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""


class EndorsementQuery(EndorsementFilter):
    """Which endorsements."""


class PolicyVersionRead(Output):
    """The contract as it was from a moment on. Never changed."""

    version_no: int = Field(ge=1, examples=[2])
    """1 as it was signed, and one more for each endorsement."""
    effective_at: Timestamp
    """From when."""
    endorsement_id: UUID | None
    """What made it; null: the contract itself, or its policy system."""
    net_premium: Money
    """Net premium of the term."""
    total_premium: Money
    """With fee, taxes and stamps."""
    snapshot: dict[str, JsonValue] = Field(max_length=40, examples=[{"product_code": "AUTO_P"}])
    """What was agreed: product, dates, premium, objects, parties, coverages."""
    recorded_at: Timestamp
    """When it was written down."""
    recorded_by_id: UUID | None
    """By whom."""


class PolicyVersions(Output):
    """Versions of a contract."""

    data: list[PolicyVersionRead] = Field(max_length=1000)
    """Oldest first."""


class VersionsQuery(Input):
    """Which versions."""

    at: Moment | None = Field(default=None, examples=["2026-12-01T00:00:00+01:00"])
    """Only the one that held then, as far as is known today."""

    @property
    def moment(self) -> datetime | None:
        return self.at
