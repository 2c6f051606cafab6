"""A claim as it comes in."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.claims.models.words import ClaimCause, ClaimChannel, ClaimRegime, LossPrecision
from crm_api.claims.schemas.constat import Constat
from crm_api.claims.schemas.words import (
    Circumstances,
    ClaimAddress,
    ClaimCommune,
    ClaimNote,
    Coverages,
    Latitude,
    Liability,
    Longitude,
    Metres,
    PersonName,
)
from crm_api.kit.contact_points import WilayaCode
from crm_api.kit.schemas import Day, Input, Moment
from crm_api.policies.schemas.words import Dinars


def _has_happened(at: datetime) -> datetime:
    if at > datetime.now(UTC):
        raise PydanticCustomError("loss_in_the_future", "It has not happened yet")
    if at < datetime(1990, 1, 1, tzinfo=UTC):
        raise PydanticCustomError("long_ago", "Not before 1990")
    return at


Past = Annotated[Moment, AfterValidator(_has_happened), Field(examples=["2026-11-25T17:40:00Z"])]


class ClaimCreate(Input):
    """A claim to declare."""

    id: UUID | None = None
    """The key that an application without network gave it already."""
    draft: bool = False
    """true: keep it, it is declared later."""
    policy_id: UUID | None = None
    """The contract."""
    policy_unknown: bool = Field(default=False, examples=[False])
    """true: nobody knows the contract yet; `policy_id` is then left out."""
    account_id: UUID | None = None
    """The customer; that of the contract when left out."""
    agency_id: UUID | None = None
    """The agency that handles it; that of the contract when left out, else yours."""
    insured_object_id: UUID | None = None
    """What was damaged, where the contract covers several things."""
    declarant_contact_id: UUID | None = None
    """Who declares."""
    declarant_name: PersonName | None = None
    """Who declares, where they have no sheet."""
    channel: ClaimChannel
    """How it was declared."""
    cause: ClaimCause
    """What happened."""
    occurred_at: Past
    """When it happened."""
    occurred_precision: LossPrecision = LossPrecision.EXACT
    """How exactly one knows."""
    discovered_at: Past | None = None
    """When it was noticed, where that is later: a theft, a leak. The delay to declare counts from here."""
    wilaya_code: WilayaCode
    """Where: the wilaya."""
    commune: ClaimCommune | None = None
    """The commune."""
    address: ClaimAddress | None = None
    """The street, the crossroads."""
    latitude: Latitude | None = None
    """Degrees north, WGS 84."""
    longitude: Longitude | None = None
    """Degrees east."""
    accuracy_m: Metres | None = None
    """How exact these are, in metres, as the telephone says."""
    circumstances: Circumstances
    """How it happened, in the words of who declares."""
    constat: Constat | None = None
    """The joint report of a motor accident; sealed, shown masked."""
    coverages_invoked: Coverages = []
    """The coverages that are to answer."""
    estimate_amount: Dinars | None = None
    """What it may cost, where somebody ventures a guess."""
    catnat_published_on: Day | None = Field(default=None, examples=["2026-11-20"])
    """When the order declaring the catastrophe was published; the delay to declare begins then."""
    late_reason: ClaimNote | None = None
    """Why it comes late, where it does: examined by a person, never a refusal by itself."""

    @model_validator(mode="after")
    def _coherent(self) -> "ClaimCreate":
        if self.policy_unknown is (self.policy_id is not None):
            raise PydanticCustomError("policy_or_unknown", "Name the contract, or say policy_unknown")
        if self.discovered_at is not None and self.discovered_at < self.occurred_at:
            raise PydanticCustomError("discovered_before", "It cannot be noticed before it happens")
        return self


class ClaimPatch(Input):
    """What to change; what is left out stays. What was declared stays what it was."""

    policy_id: UUID | MISSING = MISSING
    """The contract, once it is known; the cover is checked again."""
    liability_percent: Liability | None | MISSING = MISSING
    """Share of our insured: 0, 25, 50, 75 or 100."""
    regime: ClaimRegime | MISSING = MISSING
    """By which rules it is settled; its clock follows."""
    coverages_invoked: Coverages | MISSING = MISSING
    """The coverages that are to answer; the cover is checked again."""
    estimate_amount: Dinars | None | MISSING = MISSING
    """What it may cost."""
    deductible_amount: Dinars | None | MISSING = MISSING
    """What the insured bears."""
    catnat_published_on: Day | MISSING = MISSING
    """When the order declaring the catastrophe was published; the clocks begin."""
    late_reason: ClaimNote | MISSING = MISSING
    """Why it came late."""
    constat: Constat | MISSING = MISSING
    """The joint report, where it came later."""
