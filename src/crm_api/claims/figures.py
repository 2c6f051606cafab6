"""The figures of claims, as the KPI book defines them (domain.md D-15 to D-19). Nothing from nothing is None.

Ratios are computed once from sums, never averaged. Amounts are centimes.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

_FOUR = Decimal("0.0001")


def incurred(paid: int, outstanding: int, recovered: int, expected: int = 0) -> int:
    """Paid, plus set aside, less what was got back (and, if wanted, what is expected back)."""
    return paid + outstanding - recovered - expected


def loss_ratio(paid: int, reserve_change: int, recovery_change: int, earned: int) -> Decimal | None:
    """D-15, S/P: (paid + change of the reserves - change of the recoveries) / earned premium."""
    return _ratio(paid + reserve_change - recovery_change, earned)


def combined_ratio(loss: Decimal | None, costs: Decimal) -> Decimal | None:
    """D-16."""
    return None if loss is None else loss + costs


def frequency(claims: int, policy_years: Decimal) -> Decimal | None:
    """D-17: claims that occurred, a year of cover."""
    return _ratio(claims, policy_years)


def average_cost(total_incurred: int, claims: int) -> int | None:
    """D-18: incurred per claim that was not closed without payment; half a centime goes up."""
    return None if claims == 0 else (2 * total_incurred + claims) // (2 * claims)


def median(days: Sequence[int]) -> Decimal | None:
    """D-19: the one in the middle; of an even number, half-way between the two."""
    return percentile(days, Decimal("0.5"))


def percentile(days: Sequence[int], share: Decimal) -> Decimal | None:
    """Interpolated, as PostgreSQL's percentile_cont."""
    if not days:
        return None
    in_order = sorted(days)
    place = share * (len(in_order) - 1)
    low = int(place)
    high = min(low + 1, len(in_order) - 1)
    return in_order[low] + (place - low) * (in_order[high] - in_order[low])


def share_within(days: Sequence[int], limit: int) -> Decimal | None:
    """D-19: how many of a hundred were settled within so many days."""
    return _ratio(sum(each <= limit for each in days), len(days))


def _ratio(part: int, whole: int | Decimal) -> Decimal | None:
    if whole == 0:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(_FOUR, ROUND_HALF_UP)
