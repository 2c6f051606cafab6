"""D-35: how the revenue of a contract is shared among the touches before it. Pure functions, whole centimes.

Whatever the model, the shares sum to exactly the revenue: each is rounded half up, and what that leaves over
or takes too much is the last credited touch's. Weights are exact, but for the halves of time decay, which are
rounded at sixty digits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import sqrt
from uuid import UUID

from crm_api.campaigns.words import CampaignModel

_DAY = timedelta(days=1)
_DIGITS = 60
Z = 1.959964
"""Of 95 %."""


@dataclass(frozen=True, slots=True)
class Touch:
    """Something that came between a person and a sale. `source` is a campaign; None for a direct visit."""

    at: datetime
    source: UUID | None

    @property
    def is_direct(self) -> bool:
        return self.source is None


Weights = Sequence[Fraction]


def first(touches: Sequence[Touch], sold_at: datetime, half_life: int) -> Weights:
    """All to the oldest."""
    return [Fraction(int(at == 0)) for at in range(len(touches))]


def last(touches: Sequence[Touch], sold_at: datetime, half_life: int) -> Weights:
    """All to the newest that is no direct visit; to the newest where all are."""
    named = [at for at, touch in enumerate(touches) if not touch.is_direct]
    chosen = named[-1] if named else len(touches) - 1
    return [Fraction(int(at == chosen)) for at in range(len(touches))]


def linear(touches: Sequence[Touch], sold_at: datetime, half_life: int) -> Weights:
    """The same to each."""
    return [Fraction(1, len(touches))] * len(touches)


def time_decay(touches: Sequence[Touch], sold_at: datetime, half_life: int) -> Weights:
    """Half as much for each `half_life` days before the sale."""
    with localcontext(prec=_DIGITS):
        raw = [
            Fraction(Decimal(2) ** (Decimal(-((sold_at - touch.at) / _DAY)) / half_life)) for touch in touches
        ]
    whole = sum(raw)
    return [weight / whole for weight in raw]


def position(touches: Sequence[Touch], sold_at: datetime, half_life: int) -> Weights:
    """40 % to the first, 40 % to the last, the rest to those between; halves of two."""
    count = len(touches)
    if count < 3:
        return linear(touches, sold_at, half_life)
    between = Fraction(1, 5) / (count - 2)
    return [Fraction(2, 5), *[between] * (count - 2), Fraction(2, 5)]


MODELS: Mapping[CampaignModel, Callable[[Sequence[Touch], datetime, int], Weights]] = {
    CampaignModel.FIRST: first,
    CampaignModel.LAST: last,
    CampaignModel.LINEAR: linear,
    CampaignModel.TIME_DECAY: time_decay,
    CampaignModel.POSITION: position,
}


def shares(
    revenue: int, touches: Sequence[Touch], sold_at: datetime, model: CampaignModel, half_life: int = 7
) -> list[int]:
    """Centimes of each touch, oldest first, of a revenue of so many; they sum to it exactly.

    `touches` are in the order of time. Each share is rounded half up; what rounding leaves over or takes
    too much is the last touch's.
    """
    if not touches:
        return []
    parts = [_rounded(weight * revenue) for weight in MODELS[model](touches, sold_at, half_life)]
    carrier = max(at for at, part in enumerate(parts) if part or at == 0)
    parts[carrier] += revenue - sum(parts)
    return parts


def _rounded(value: Fraction) -> int:
    with localcontext(prec=_DIGITS):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return int(exact.to_integral_value(ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Lift:
    """How much more often those who were written to bought than those who were not; 95 % sure."""

    treated_rate: float
    control_rate: float
    lift: float
    low: float
    high: float


def lift(bought: int, treated: int, bought_anyway: int, control: int) -> Lift | None:
    """The difference of two shares, with Newcombe's interval (method 10); None without both groups."""
    if not treated or not control:
        return None
    p, q = bought / treated, bought_anyway / control
    (p_low, p_high), (q_low, q_high) = _wilson(bought, treated), _wilson(bought_anyway, control)
    low = p - q - sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    high = p - q + sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return Lift(p, q, p - q, low, high)


def _wilson(successes: int, sample: int) -> tuple[float, float]:
    share, square = successes / sample, Z * Z
    center = share + square / (2 * sample)
    margin = Z * sqrt(share * (1 - share) / sample + square / (4 * sample * sample))
    scale = 1 + square / sample
    return (center - margin) / scale, (center + margin) / scale
