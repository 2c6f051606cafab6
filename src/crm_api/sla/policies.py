"""Which policy rules what: the first whose conditions all hold; and what it promises."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from crm_api.sla.clock import BREACH, WARNINGS, SlaMetric

CONDITIONS = {
    "types": "type",
    "priorities": "priority",
    "channels": "channel",
    "tiers": "tier",
    "agency_ids": "agency_id",
    "product_codes": "product_code",
    "branch_codes": "branch_code",
}
"""Condition -> the fact that it looks at."""


@dataclass(frozen=True, slots=True)
class SlaFacts:
    """What a policy is chosen by. Words are those of whoever starts the clock; priority one of four."""

    type: str
    priority: str = "normal"
    channel: str | None = None
    tier: str | None = None
    agency_id: UUID | None = None
    product_code: str | None = None
    branch_code: str | None = None

    def written(self) -> dict[str, Any]:
        return {name: _text(getattr(self, name)) for name in self.__slots__}


def facts_of(written: Mapping[str, Any]) -> SlaFacts:
    agency_id = written.get("agency_id")
    return SlaFacts(**{**written, "agency_id": UUID(agency_id) if agency_id else None})


class Escalation(NamedTuple):
    """What is asked for when a share of a target has passed."""

    metric: SlaMetric
    at_percent: int
    notify: tuple[str, ...] = ()
    group_id: UUID | None = None
    raise_priority: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """A policy as clocks use it."""

    id: UUID
    name: str
    conditions: Mapping[str, Collection[str]]
    hours: str
    calendar_id: UUID | None
    on_hold_counts: bool
    targets: Mapping[tuple[SlaMetric, str | None], int]
    escalations: tuple[Escalation, ...]

    def unmet(self, facts: SlaFacts) -> str | None:
        """The first condition that does not hold; None: it rules."""
        about = facts.written()
        return next(
            (
                name
                for name, wanted in self.conditions.items()
                if wanted and about[CONDITIONS[name]] not in wanted
            ),
            None,
        )

    def minutes(self, metric: SlaMetric, priority: str) -> int | None:
        return self.targets.get((metric, priority), self.targets.get((metric, None)))

    def thresholds(self, metric: SlaMetric) -> list[int]:
        """In percent, rising."""
        own = {rule.at_percent for rule in self.escalations if rule.metric is metric}
        return sorted({*WARNINGS, BREACH} | own)

    def rules(self, metric: SlaMetric, percent: int) -> list[Escalation]:
        return [rule for rule in self.escalations if (rule.metric, rule.at_percent) == (metric, percent)]


def chosen(promises: Sequence[Promise], facts: SlaFacts) -> Promise | None:
    return next((promise for promise in promises if promise.unmet(facts) is None), None)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
