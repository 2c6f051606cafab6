"""Indicators of fraud: simple rules whose thresholds and points are data (`ClaimSettings`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_api.claims.models.words import FraudStatus
from crm_api.claims.schemas.settings import FraudRules
from crm_api.legal_deadlines.reckoning import days_between

HIGHEST = 100


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What of a claim the rules look at."""

    occurred_at: datetime
    cover_began_at: datetime | None
    cover_ends_at: datetime | None
    claims_in_a_year: int
    """Of the contract or the customer, this one included."""
    late: bool
    coverage_failed: bool
    estimate: int | None
    """Centimes."""
    largest_sum_insured: int | None


Indicator = dict[str, Any]
"""{code, points, value}: which rule, what it adds, the figure it looked at."""


def indicators(about: Suspicion, rules: FraudRules) -> list[Indicator]:
    """Those that fit, and give points."""
    return [each for each in _fitting(about, rules) if each["points"] > 0]


def score(found: list[Indicator]) -> int:
    return min(sum(int(each["points"]) for each in found), HIGHEST)


def judged_by_rules(points: int, rules: FraudRules, before: FraudStatus) -> FraudStatus:
    """The rules raise a suspicion once; what a person thought of it stays."""
    if before is FraudStatus.NONE and rules.suspected_from > 0 and points >= rules.suspected_from:
        return FraudStatus.SUSPECTED
    return before


def _fitting(about: Suspicion, rules: FraudRules) -> Iterator[Indicator]:
    if about.cover_began_at is not None:
        days = days_between(about.cover_began_at, about.occurred_at)
        if 0 <= days <= rules.soon_after_issue_days:
            yield _of("soon_after_issue", rules.soon_after_issue_points, days)
    if about.cover_ends_at is not None:
        days = days_between(about.occurred_at, about.cover_ends_at)
        if 0 <= days <= rules.shortly_before_expiry_days:
            yield _of("shortly_before_expiry", rules.shortly_before_expiry_points, days)
    if about.claims_in_a_year >= rules.several_claims:
        yield _of("several_claims", rules.several_claims_points, about.claims_in_a_year)
    if about.late:
        yield _of("late_declaration", rules.late_declaration_points, 1)
    if about.coverage_failed:
        yield _of("coverage_failed", rules.coverage_failed_points, 1)
    if about.estimate is not None and about.largest_sum_insured:
        share = about.estimate / about.largest_sum_insured
        if about.estimate >= about.largest_sum_insured * rules.near_sum_insured:
            yield _of("near_sum_insured", rules.near_sum_insured_points, round(share * 100))


def _of(code: str, points: int, value: int) -> Indicator:
    return {"code": code, "points": points, "value": value}
