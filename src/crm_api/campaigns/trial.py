"""Which variant is better, by the rule of D-45. Pure functions of counts.

Two shares are compared by the z test of two proportions with a pooled variance, two-sided. A variant wins
when it beats every other at p < 0.05 and every arm has at least `min_sample` people; anything else is
`inconclusive` ("non concluant"). The plain z test finds a winner among equals in up to 5.6 % of small trials
(counts are whole numbers, the normal curve is not), so the difference must also hold when half a person is
taken from it on either side (Yates): that keeps the promise of 5 % at every size. With more than two arms
the best must beat each of the others: that needs no correction, for it is harder than any one comparison.

The judgement falls once, at the planned end. Who looks earlier sees counts and shares, never a verdict:
looking ten times at 5 % would find a winner among equals four times as often.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Arm:
    """`reached` people got variant `code`; `successes` of them opened, clicked or bought."""

    code: str
    reached: int
    successes: int

    @property
    def share(self) -> float:
        return self.successes / self.reached if self.reached else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The best arm against another: z, the two-sided p, and how much better (0.2 is +20 %).

    `guarded_p` is the p of the difference less half a person on either side.
    """

    best: str
    other: str
    z: float
    p: float
    guarded_p: float
    uplift: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`winner` is None where nothing is proven, and `why` says what is missing."""

    winner: str | None
    why: str
    comparisons: tuple[Comparison, ...]


def z_of(one: Arm, other: Arm) -> float:
    """How many standard errors `other` is above `one`: 2.644 for 300 and 360 of 1500."""
    spread = _spread(one, other)
    return (other.share - one.share) / spread if spread else 0.0


def guarded(one: Arm, other: Arm) -> float:
    """The same with Yates' correction; its sign is lost, for only its size is asked for."""
    spread = _spread(one, other)
    half = (1 / one.reached + 1 / other.reached) / 2
    return max(abs(other.share - one.share) - half, 0.0) / spread if spread else 0.0


def p_of(z: float) -> float:
    """The two-sided probability of a difference as large as this among equals; 2.644 is 0.0082."""
    return erfc(abs(z) / sqrt(2))


def judged(arms: Sequence[Arm], min_sample: int) -> Verdict:
    """The winner if there is one. Equal arms, small arms and small differences have none."""
    if len(arms) < 2 or any(arm.reached < max(min_sample, 1) for arm in arms):
        return Verdict(None, "too_few", ())
    best = max(arms, key=lambda arm: (arm.share, arm.reached))
    compared = tuple(_compared(best, other) for other in arms if other.code != best.code)
    proven = all(one.z > 0 and max(one.p, one.guarded_p) < ALPHA for one in compared)
    return Verdict(best.code if proven else None, "proven" if proven else "not_proven", compared)


def _compared(best: Arm, other: Arm) -> Comparison:
    z = z_of(other, best)
    uplift = best.share / other.share - 1 if other.share else None
    return Comparison(best.code, other.code, z, p_of(z), p_of(guarded(other, best)), uplift)


def _spread(one: Arm, other: Arm) -> float:
    pooled = (one.successes + other.successes) / (one.reached + other.reached)
    return sqrt(pooled * (1 - pooled) * (1 / one.reached + 1 / other.reached))
