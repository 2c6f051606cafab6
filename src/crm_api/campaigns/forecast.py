"""How many people will probably answer, from how many did before: a beta-binomial forecast. Pure functions.

What is known before anything was sent counts as `PRIOR` people of whom 4 % answered (D-40); every delivered
message of earlier campaigns is added to them. The interval holds nine of ten outcomes.
"""

from dataclasses import dataclass
from math import exp, lgamma, sqrt

PRIOR, PRIOR_RATE = 50, 0.04
TAIL = 0.05
_EXACT = 5000
_Z = 1.644854


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of `people`: how many are expected, and the bounds of nine outcomes of ten."""

    people: int
    expected: int
    low: int
    high: int
    rate: float


def forecast(people: int, delivered: int, answered: int) -> Forecast:
    """Of `people`, when `answered` of `delivered` did before."""
    a = PRIOR * PRIOR_RATE + answered
    b = PRIOR * (1 - PRIOR_RATE) + delivered - answered
    rate = a / (a + b)
    if people <= _EXACT:
        low, high = _quantiles(people, a, b)
    else:
        spread = sqrt(people * rate * (1 - rate) * (a + b + people) / (a + b + 1))
        low, high = round(people * rate - _Z * spread), round(people * rate + _Z * spread)
    return Forecast(people, round(people * rate), max(0, low), min(people, high), rate)


def _quantiles(people: int, a: float, b: float) -> tuple[int, int]:
    reached, low = 0.0, None
    for count in range(people + 1):
        reached += _chance(count, people, a, b)
        if low is None and reached > TAIL:
            low = count
        if reached >= 1 - TAIL:
            return low or 0, count
    return low or 0, people


def _chance(count: int, people: int, a: float, b: float) -> float:
    """Of exactly `count` answers."""
    ways = lgamma(people + 1) - lgamma(count + 1) - lgamma(people - count + 1)
    return exp(ways + _beta(count + a, people - count + b) - _beta(a, b))


def _beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
