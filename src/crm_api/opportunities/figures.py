"""The formulas of the KPI book, exact and without any database: D-4, D-5, D-8 to D-10.

Everything is a fraction until it is written; a division by zero gives None, never zero.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

DAYS, SHARE, MONEY = 1, 4, 2
"""Decimals that are shown."""


def ratio(above: int | Fraction, below: int | Fraction) -> Fraction | None:
    return Fraction(above) / Fraction(below) if below else None


def accuracy(actual: int, forecast: int) -> Fraction | None:
    """1 - |actual - forecast| / actual, at least 0 (D-8)."""
    missed = ratio(abs(actual - forecast), actual)
    return None if missed is None else max(Fraction(0), 1 - missed)


def velocity(
    open_count: int, win_rate: Fraction | None, average_won: Fraction | None, cycle: Fraction | None
) -> Fraction | None:
    """Centimes a day (D-10): open x win rate x average won / days of a sale; None when any is unknown."""
    if win_rate is None or average_won is None or not cycle:
        return None
    return open_count * win_rate * average_won / cycle


def written(value: Fraction | None, decimals: int) -> str | None:
    """Half away from zero, with all its decimals."""
    if value is None:
        return None
    unit = Decimal(1).scaleb(-decimals)
    scaled = value * 10**decimals
    whole = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    signed = Decimal(whole if scaled >= 0 else -whole).scaleb(-decimals)
    return str(signed.quantize(unit, ROUND_HALF_UP))


def dinars(centimes: Fraction | None) -> Fraction | None:
    return None if centimes is None else centimes / 100
