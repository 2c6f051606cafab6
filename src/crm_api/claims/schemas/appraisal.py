"""Appraisals (expertises)."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.claims.models.words import AppraisalOutcome, AppraisalStatus, AppraisalType
from crm_api.claims.schemas.words import ClaimWhy, PersonName
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.policies.schemas.words import Dinars, Fraction

AppraisalPlace = Annotated[str, Field(min_length=2, max_length=200, examples=["Garage El Amel, Kouba"])]


class AppraisalOrder(Input):
    """An adjuster is sent."""

    type: AppraisalType = AppraisalType.FIRST
    """The first one, a second opinion, or that of a third party."""
    adjuster_participant_id: UUID | None = None
    """The adjuster, among who has a part in the claim."""
    adjuster_name: PersonName | None = None
    """The adjuster, where they have no sheet here."""
    place: AppraisalPlace | None = None
    """Where the thing can be seen."""

    @model_validator(mode="after")
    def _somebody(self) -> "AppraisalOrder":
        if self.adjuster_participant_id is None and self.adjuster_name is None:
            raise PydanticCustomError("nobody_sent", "Name the adjuster")
        return self


class AppraisalSchedule(Input):
    """When the adjuster comes."""

    visit_at: Moment = Field(examples=["2026-12-03T09:00:00Z"])
    """The moment."""
    place: AppraisalPlace | None = None
    """Where; as before when left out."""


class AppraisalReport(Input):
    """What the adjuster found."""

    outcome: AppraisalOutcome
    """Repairable, or a total loss."""
    net_amount: Dinars
    """What the damage comes to, wear deducted."""
    report_document_id: UUID | None = None
    """The report (PV d'expertise)."""
    parts: Dinars | None = None
    """Parts, before tax and wear."""
    labour: Dinars | None = None
    """Labour, before tax."""
    vat: Dinars | None = None
    """Value added tax."""
    wear_percent: Fraction | None = None
    """Wear (vétusté), a fraction of the parts."""
    market_value: Dinars | None = None
    """What the thing was worth before."""
    salvage_value: Dinars | None = None
    """What the wreck is worth."""

    @model_validator(mode="after")
    def _of_a_value(self) -> "AppraisalReport":
        if self.outcome is AppraisalOutcome.TOTAL_LOSS and self.market_value is None:
            raise PydanticCustomError("value_of_a_total_loss", "Say what it was worth before")
        return self


class AppraisalContest(Input):
    """Why somebody does not agree with a report."""

    reason: ClaimWhy
    """A second appraisal may then be ordered."""


class AppraisalRead(Output):
    """An appraisal."""

    id: UUID
    """Identifier."""
    claim_id: UUID
    """Of which claim."""
    type: AppraisalType
    """The first one, a second opinion, or that of a third party."""
    status: AppraisalStatus
    """How far it has come."""
    adjuster_participant_id: UUID | None
    """The adjuster."""
    adjuster_name: PersonName | None
    """The adjuster, where they have no sheet here."""
    ordered_at: Timestamp
    """When it was ordered."""
    visit_at: Timestamp | None
    """When the adjuster comes."""
    place: AppraisalPlace | None
    """Where."""
    visited_at: Timestamp | None
    """When the thing was seen."""
    reported_at: Timestamp | None
    """When the report came."""
    report_document_id: UUID | None
    """The report."""
    outcome: AppraisalOutcome | None
    """Repairable, or a total loss."""
    parts: Money | None
    """Parts."""
    labour: Money | None
    """Labour."""
    vat: Money | None
    """Value added tax."""
    wear_percent: Fraction | None
    """Wear, a fraction of the parts."""
    market_value: Money | None
    """What the thing was worth before."""
    salvage_value: Money | None
    """What the wreck is worth."""
    net_amount: Money | None
    """What the damage comes to."""
    judged_at: Timestamp | None
    """When the report was accepted or contested."""
    contest_reason: ClaimWhy | None
    """Why it was contested."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class AppraisalList(Output):
    """The appraisals of a claim."""

    data: list[AppraisalRead] = Field(max_length=100)
    """In the order in which they were ordered."""
