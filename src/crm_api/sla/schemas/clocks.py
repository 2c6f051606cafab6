from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.kit.schemas import Output, Timestamp
from crm_api.sla.clock import SlaCategory, SlaFactKind, SlaMetric, SlaTimerState
from crm_api.sla.schemas.policies import Minutes, PolicyName, SlaTried

MinutesSoFar = Annotated[int, Field(ge=0, examples=[120])]
Instance = Annotated[int, Field(ge=1, examples=[1])]
Sentence = Annotated[
    str,
    Field(
        max_length=400,
        examples=["À faire avant le 22/11/2026 à 15:00 : 480 minutes ouvrées depuis le 19/11/2026 à 15:00."],
    ),
]


class SlaTimerRead(Output):
    """One promise."""

    metric: SlaMetric
    """What is promised."""
    instance: Instance
    """Which of several next replies or updates."""
    state: SlaTimerState
    """Where it stands; one that was broken stays so, answered late or not."""
    target_minutes: Minutes
    """How long it may take, within the hours that count."""
    started_at: Timestamp
    """When it began."""
    due_at: Timestamp | None
    """Until when; null while it rests."""
    fulfilled_at: Timestamp | None
    """When what was promised was done."""
    breached_at: Timestamp | None
    """When the promise was broken."""


class SlaEntry(Output):
    """Something that happened to a clock."""

    at: Timestamp
    """When."""
    what: SlaFactKind
    """What."""
    category: SlaCategory | None
    """Where the work went."""
    by: UUID
    """Who did it."""


class SlaInterval(Output):
    """Time that counted, or did not, and why."""

    starts_at: Timestamp
    """Its first moment."""
    ends_at: Timestamp
    """Its end, not included."""
    counts: bool = Field(examples=[True])
    """Whether it counts."""
    why: Literal["working", "closed", "new", "open", "pending", "on_hold", "held", "solved"]
    """working: it counts; closed: outside the hours; else the state of the work in which this rests."""
    day: date = Field(examples=["2026-11-19"])
    """The local day on which it begins."""
    rule: Literal["week", "season", "exception"] | None
    """What gave that day its hours; null where hours do not matter."""
    name: str = Field(max_length=80, examples=["Aïd el-Fitr"])
    """Of the season or exception."""
    tentative: bool = Field(examples=[False])
    """true: that day may still move, and the answer with it."""
    minutes: MinutesSoFar
    """Whole minutes that it adds."""
    total_minutes: MinutesSoFar
    """Whole minutes up to its end."""


class SlaThreshold(Output):
    """A share of the target."""

    percent: int = Field(ge=1, le=500, examples=[75])
    """How much of it."""
    at: Timestamp | None
    """When it passes; null while the clock rests before it."""
    told: bool = Field(examples=[True])
    """Whether it was announced."""


class SlaTimerExplanation(SlaTimerRead):
    """One promise, and how its moment comes about."""

    hours: str = Field(max_length=60, examples=["Africa/Algiers"])
    """The zone whose clock the hours are on."""
    elapsed_minutes: MinutesSoFar
    """Whole minutes that count so far."""
    sentence: Sentence
    """In plain words."""
    thresholds: list[SlaThreshold] = Field(max_length=30)
    """Warnings, the breach and what comes after, in their order."""
    intervals: list[SlaInterval] = Field(max_length=400)
    """From its start to its due moment (or to now, or to its end), one after the other."""
    intervals_left_out: MinutesSoFar
    """How many more there are."""


class SlaExplanation(Output):
    """Why each promise of a clock is due when it is."""

    id: UUID
    """Of which clock."""
    as_of: Timestamp
    """When this was computed."""
    policy_id: UUID | None
    """The policy that rules it."""
    policy_name: PolicyName | None
    """Its name."""
    tried: list[SlaTried] = Field(max_length=100)
    """The policies in their order, and why those before did not fit."""
    history: list[SlaEntry] = Field(max_length=10_000)
    """What happened, in its order."""
    timers: list[SlaTimerExplanation] = Field(max_length=1000)
    """Its promises."""
