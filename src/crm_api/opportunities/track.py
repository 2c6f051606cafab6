"""The rules of a pipeline, without any database: where a sale may begin, go, and what it must bring along."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

from crm_api.opportunities.errors import (
    StageClosesOpportunity,
    StageMoveNotAllowed,
    StageNotForCreation,
    UnknownStage,
)
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityOutcome

CUSTOM = "custom."


class Breach(StrEnum):
    """How an open opportunity can contradict the rules of its pipeline."""

    STAGE_GONE = "stage_gone"
    FIELD_MISSING = "field_missing"
    BEGAN_ELSEWHERE = "began_elsewhere"
    SKIPPED = "skipped"
    WENT_BACK = "went_back"
    NOT_APPROVED = "not_approved"


@dataclass(frozen=True, slots=True)
class Stage:
    code: str
    label: str
    """In French."""
    outcome: OpportunityOutcome
    probability: Decimal
    forecast_category: ForecastCategory
    max_days: int | None
    required_fields: tuple[str, ...]
    is_entry: bool
    needs_approval: bool

    @property
    def takes_new(self) -> bool:
        """What a second person must approve cannot begin there."""
        return self.is_entry and not self.needs_approval

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """From the JSON of `Pipeline.stages`."""
        return cls(
            code=told["code"],
            label=told["label_fr"],
            outcome=OpportunityOutcome(told["outcome"]),
            probability=Decimal(told["probability"]),
            forecast_category=ForecastCategory(told["forecast_category"]),
            max_days=told["max_days"],
            required_fields=tuple(told["required_fields"]),
            is_entry=told["is_entry"],
            needs_approval=told["needs_approval"],
        )


@dataclass(frozen=True, slots=True)
class Stay:
    """One line of an opportunity's history."""

    stage: str
    approved: bool


@dataclass(frozen=True)
class Track:
    """The stages of a pipeline in their order, and the rules between them."""

    stages: tuple[Stage, ...]
    no_skipping: bool = False
    no_backwards: bool = False

    @classmethod
    def of(cls, stages: Sequence[Mapping[str, Any]], *, no_skipping: bool, no_backwards: bool) -> Self:
        return cls(tuple(map(Stage.of, stages)), no_skipping, no_backwards)

    @cached_property
    def open(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in self.stages if stage.outcome is OpportunityOutcome.OPEN)

    def closing(self, outcome: OpportunityOutcome) -> Stage:
        return next(stage for stage in self.stages if stage.outcome is outcome)

    def stage(self, code: str) -> Stage:
        found = next((stage for stage in self.stages if stage.code == code), None)
        if found is None:
            raise UnknownStage(stages=[stage.code for stage in self.stages])
        return found

    def entry(self, code: str | None) -> Stage:
        """Where a new opportunity begins: in the stage asked for, else in the first that takes any."""
        entries = [stage for stage in self.open if stage.takes_new]
        if code is None:
            return entries[0]
        wanted = self.stage(code)
        if wanted.outcome is not OpportunityOutcome.OPEN:
            raise StageClosesOpportunity
        if not wanted.takes_new:
            raise StageNotForCreation(allowed=[stage.code for stage in entries])
        return wanted

    def allowed(self, current: str) -> list[str]:
        """The open stages that may follow this one; its won or lost end is reached by other verbs."""
        at = self._place(current)
        return [stage.code for there, stage in enumerate(self.open) if self._refusal(at, there) is None]

    def move(self, current: str, wanted: str) -> Stage:
        """Raises UnknownStage, StageClosesOpportunity, StageMoveNotAllowed (with the rule)."""
        stage = self.stage(wanted)
        if stage.outcome is not OpportunityOutcome.OPEN:
            raise StageClosesOpportunity
        rule = self._refusal(self._place(current), self._place(wanted))
        if rule is not None:
            raise StageMoveNotAllowed(rule=rule, allowed=self.allowed(current))
        return stage

    def win(self, current: str) -> Stage:
        """Where nothing may be skipped, only the last open stage leads there."""
        if self.no_skipping and self._place(current) != len(self.open) - 1:
            raise StageMoveNotAllowed(rule="no_skipping", allowed=self.allowed(current))
        return self.closing(OpportunityOutcome.WON)

    def lose(self) -> Stage:
        """From anywhere."""
        return self.closing(OpportunityOutcome.LOST)

    def _place(self, code: str) -> int:
        return next(at for at, stage in enumerate(self.open) if stage.code == code)

    def _refusal(self, at: int, wanted: int) -> str | None:
        if wanted == at:
            return "already_there"
        if self.no_skipping and wanted > at + 1:
            return "no_skipping"
        if self.no_backwards and wanted < at:
            return "no_backwards"
        return None


def missing(stage: Stage, value_of: Callable[[str], Any]) -> list[str]:
    """The fields that the stage requires and nobody has filled in; an amount of nothing is none."""
    return [name for name in stage.required_fields if _is_empty(value_of(name))]


def _is_empty(value: Any) -> bool:
    if value is None or value in ("", [], {}):
        return True
    return getattr(value, "centimes", None) == 0


def breaches(
    track: Track, present: str, history: Sequence[Stay], value_of: Callable[[str], Any]
) -> list[tuple[Breach, str]]:
    """How an open opportunity in the stage `present` contradicts `track`: each with what it is about.

    `history`: its stays in this pipeline, oldest first. A stay in a closed stage ends a path: what was
    reopened may go on from anywhere.
    """
    known = {stage.code: at for at, stage in enumerate(track.open)}
    if present not in known:
        return [(Breach.STAGE_GONE, present)]
    stage = track.stage(present)
    found = [(Breach.FIELD_MISSING, name) for name in missing(stage, value_of)]
    first = history[0].stage if history else present
    if first in known and not track.stage(first).takes_new:
        found.append((Breach.BEGAN_ELSEWHERE, first))
    found += _wrong_steps(track, known, history)
    if stage.needs_approval and history and not history[-1].approved:
        found.append((Breach.NOT_APPROVED, present))
    return found


def _wrong_steps(track: Track, known: Mapping[str, int], history: Sequence[Stay]) -> list[tuple[Breach, str]]:
    found: list[tuple[Breach, str]] = []
    for before, after in pairwise(history):
        if before.stage not in known or after.stage not in known:
            continue
        step = known[after.stage] - known[before.stage]
        if track.no_skipping and step > 1:
            found.append((Breach.SKIPPED, after.stage))
        if track.no_backwards and step < 0:
            found.append((Breach.WENT_BACK, after.stage))
    return list(dict.fromkeys(found))
