"""The statutory clocks of a claim, explained; and its six milestones in plain words."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.claims.models.words import ClaimMilestone
from crm_api.claims.schemas.words import ClaimNumber
from crm_api.files.models import FileKind
from crm_api.kit.money import Money, Rate
from crm_api.kit.schemas import Output, Timestamp
from crm_api.legal_deadlines.models import LegalDeadlineCode, LegalUnit

Sentence = Annotated[
    str, Field(max_length=400, examples=["Votre déclaration est enregistrée ; un gestionnaire la suit."])
]
ClockState = Literal["not_started", "running", "met", "missed"]


class ClaimClock(Output):
    """One statutory clock, and why it stands where it does."""

    code: LegalDeadlineCode
    """The legal limit."""
    label: str = Field(max_length=160, examples=["Indemniser un sinistre automobile"])
    """What it is about, in the language asked for."""
    value: int = Field(ge=0, examples=[21])
    """How much."""
    unit: LegalUnit
    """Of what."""
    source: str = Field(max_length=300, examples=["Instruction du ministère des Finances, 2021"])
    """The text that says so, or where it was read."""
    verified: bool = Field(examples=[False])
    """Whether somebody checked it against the text of the law."""
    rule_valid_from: date = Field(examples=["2021-03-01"])
    """Since when that row of the limit holds."""
    start: Literal["occurred_at", "discovered_at", "declared_at", "catnat_published_on", "appraisal_reported"]
    """What starts it."""
    started_at: Timestamp | None
    """When that was; null: not yet."""
    due_at: Timestamp | None
    """The first moment at which it is late."""
    due_on: date | None = Field(examples=["2026-12-21"])
    """The last local day in time."""
    done_at: Timestamp | None
    """When what it asks for was done."""
    state: ClockState
    """Where it stands."""
    days_left: int | None = Field(examples=[12])
    """Local days until the last day in time; negative once it has passed; null unless it runs."""
    depends_on: Sentence
    """What it depends on, in words."""


class LateInterest(Output):
    """What a late settlement may cost: an estimate, never a promise."""

    base: Money
    """What it is computed on: the approved amount, else the estimate."""
    yearly_rate: Rate
    """As the dated row says."""
    days: int = Field(ge=1, examples=[9])
    """Days of delay so far."""
    amount: Money
    """Base times rate times days, over 365, rounded to the centime."""
    source: str = Field(max_length=300, examples=["Loi 06-04"])
    """Where the rate was read."""


class ClaimDeadlines(Output):
    """The statutory clocks of a claim."""

    claim_id: UUID
    """Of which claim."""
    as_of: Timestamp
    """When this was computed."""
    clocks: list[ClaimClock] = Field(max_length=20)
    """Each that applies."""
    late_interest: LateInterest | None
    """Only where a rate is laid down, and the settlement is late."""


class ClaimStep(Output):
    """A milestone."""

    milestone: ClaimMilestone
    """Which."""
    label: str = Field(max_length=80, examples=["Dossier enregistré"])
    """What the customer reads."""
    state: Literal["done", "current", "ahead", "skipped"]
    """Whether it has been reached."""
    reached_at: Timestamp | None
    """When it was first reached, as far as it is recorded."""


class ClaimMilestones(Output):
    """How far a claim has come, as the customer reads it."""

    claim_id: UUID
    """Of which claim."""
    number: ClaimNumber
    """Its number."""
    milestone: ClaimMilestone
    """Where it stands."""
    sentence: Sentence
    """What that means, in plain words."""
    next_step: Sentence
    """What comes next."""
    waiting_for: Literal["you", "insurer", "adjuster", "nobody"]
    """Whose turn it is, seen from the customer."""
    missing_documents: list[FileKind] = Field(max_length=100)
    """What is to be brought."""
    expected_on: date | None = Field(examples=["2026-12-21"])
    """The last day in time for the settlement, where a clock runs."""
    steps: list[ClaimStep] = Field(max_length=6)
    """The six steps, in their order."""
