"""What not everybody who reads a claim reads: health data (class P4), and indicators of fraud."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_api.claims.models.words import FraudStatus, InjurySeverity
from crm_api.claims.schemas.words import ClaimNote, ClaimWhy
from crm_api.kit.schemas import Day, Input, Output, Secret, Timestamp

PoliceNumber = Annotated[str, Field(min_length=1, max_length=60, examples=["PV 1234/2026"])]
PoliceUnit = Annotated[str, Field(min_length=2, max_length=120, examples=["Sûreté urbaine de Kouba"])]


class PoliceReport(Input):
    """The report of the police or the gendarmerie."""

    number: PoliceNumber
    """What they call it."""
    unit: PoliceUnit | None = None
    """Who wrote it."""
    reported_on: Day | None = Field(default=None, examples=["2026-11-25"])
    """When."""


class Injury(Input):
    """Somebody who was hurt."""

    participant_id: UUID
    """Who has a part in the claim."""
    severity: InjurySeverity
    """How badly."""
    note: ClaimNote | None = None
    """What the doctors say."""


class ClaimHealthWrite(Input):
    """Health data of a claim, as a whole: class P4."""

    injured_count: int = Field(ge=0, le=10_000, examples=[1])
    """How many were hurt."""
    deaths_count: int = Field(default=0, ge=0, le=10_000, examples=[0])
    """How many died."""
    police_report: PoliceReport | None = None
    """The report of the police."""
    injuries: list[Injury] = Field(default=[], max_length=100)
    """Who was hurt, and how badly."""


class ClaimHealthReveal(Input):
    """Why somebody reads health data."""

    reason: ClaimWhy
    """Kept in the audit log."""


class ClaimHealthRead(Secret):
    """Health data of a claim, in clear."""

    claim_id: UUID
    """Of which claim."""
    injured_count: int = Field(ge=0, examples=[1])
    """How many were hurt."""
    deaths_count: int = Field(ge=0, examples=[0])
    """How many died."""
    police_report: PoliceReport | None
    """The report of the police."""
    injuries: list[Injury] = Field(max_length=100)
    """Who was hurt, and how badly."""


class FraudIndicatorRead(Output):
    """A rule that fits the claim."""

    code: str = Field(max_length=40, examples=["soon_after_issue"])
    """Which."""
    points: int = Field(ge=0, le=100, examples=[30])
    """What it adds to the score."""
    sentence: str = Field(max_length=300, examples=["Déclaré 4 jours après la souscription."])
    """What it says, in the language asked for."""


class ClaimFraudRead(Output):
    """What speaks for a fraud, and what is thought of it."""

    claim_id: UUID
    """Of which claim."""
    score: int = Field(ge=0, le=100, examples=[40])
    """The points of the rules that fit, 100 at most."""
    status: FraudStatus
    """What is thought of it."""
    indicators: list[FraudIndicatorRead] = Field(max_length=50)
    """The rules that fit."""
    note: ClaimNote | None
    """What who looked into it wrote."""
    judged_by_id: UUID | None
    """Who looked into it."""
    judged_at: Timestamp | None
    """When."""
    assessed_at: Timestamp
    """When the rules were last applied."""


class ClaimFraudJudge(Input):
    """What is thought of the indicators."""

    status: FraudStatus
    """All but `none` and `cleared` hold the approval back."""
    note: ClaimNote
    """Why."""
