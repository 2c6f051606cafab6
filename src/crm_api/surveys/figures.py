"""D-53 and D-54 of the KPI book, and how sure one may be of them. Pure functions of scores.

Under five answers there is no figure at all: `no_data`, never 0 (domain.md D-53).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

SMALLEST_SAMPLE = 5
Z = 1.959964
"""Of 95 %."""
SATISFIED, PROMOTER, DETRACTOR = 4, 9, 6


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` and `mean` are exact; `low` and `high` bound the true value with 95 % confidence."""

    sample: int
    numerator: int | None = None
    value: Fraction | None = None
    mean: Fraction | None = None
    low: float | None = None
    high: float | None = None


def csat(scores: Sequence[int]) -> Figure:
    """Share of 4 and 5 among all answers on a scale of 1 to 5; Wilson's interval. 168 of 210 are 0.8000."""
    sample = len(scores)
    if sample < SMALLEST_SAMPLE:
        return Figure(sample)
    satisfied = sum(score >= SATISFIED for score in scores)
    low, high = wilson(satisfied, sample)
    return Figure(sample, satisfied, Fraction(satisfied, sample), Fraction(sum(scores), sample), low, high)


def nps(scores: Sequence[int]) -> Figure:
    """Percent of 9 and 10 less percent of 0 to 6, from -100 to 100. 52, 30 and 18 of 100 are 34.0.

    The interval is that of a mean of +1, 0 and -1; it may reach the ends of the scale and not beyond.
    """
    sample = len(scores)
    if sample < SMALLEST_SAMPLE:
        return Figure(sample)
    up = sum(score >= PROMOTER for score in scores)
    down = sum(score <= DETRACTOR for score in scores)
    balance = Fraction(up - down, sample)
    margin = Z * sqrt(float(Fraction(up + down, sample) - balance**2) / sample)
    low, high = (max(-1.0, float(balance) - margin) * 100, min(1.0, float(balance) + margin) * 100)
    return Figure(sample, up - down, balance * 100, Fraction(sum(scores), sample), low, high)


def average(scores: Sequence[int]) -> Figure:
    """The mean of a scale that has no share: effort, and surveys of one's own."""
    sample = len(scores)
    if sample < SMALLEST_SAMPLE:
        return Figure(sample)
    mean = Fraction(sum(scores), sample)
    spread = sqrt(sum((score - float(mean)) ** 2 for score in scores) / (sample - 1))
    margin = Z * spread / sqrt(sample)
    return Figure(sample, sum(scores), mean, mean, float(mean) - margin, float(mean) + margin)


def wilson(successes: int, sample: int, z: float = Z) -> tuple[float, float]:
    """The score interval of a share (E. B. Wilson, 1927): honest for small samples and near 0 and 1."""
    share = successes / sample
    center = share + z * z / (2 * sample)
    margin = z * sqrt(share * (1 - share) / sample + z * z / (4 * sample * sample))
    scale = 1 + z * z / sample
    return max(0.0, (center - margin) / scale), min(1.0, (center + margin) / scale)
