"""The lines of a premium, and how they are divided into parts: pure functions on whole centimes.

Each line is rounded by itself and cumulatively: the parts of a line add up to the line, and no part differs
from its exact share by more than half a centime.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm_api.billing.models.schedule import LINES
from crm_api.kit.money import Money


@dataclass(frozen=True, slots=True)
class Lines:
    """Centimes of each line; negative ones are given back."""

    net: int = 0
    fee: int = 0
    vat: int = 0
    fga: int = 0
    dimension_stamp: int = 0
    graduated_stamp: int = 0
    vehicle_tax: int = 0

    @property
    def total(self) -> int:
        return sum(self)

    def __iter__(self) -> Iterator[int]:
        return iter([getattr(self, name) for name in LINES])

    def __add__(self, other: "Lines") -> "Lines":
        return Lines(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def __neg__(self) -> "Lines":
        return Lines(*(-line for line in self))

    def columns(self) -> dict[str, Money]:
        """For a row with the columns of `models.schedule.Premium`."""
        lines = {name: Money.of(line) for name, line in zip(LINES, self, strict=True)}
        return lines | {"total": Money.of(self.total)}

    @classmethod
    def of(cls, row: Any) -> "Lines":
        """Of an instalment or a receipt."""
        return cls(*(getattr(row, name).centimes for name in LINES))

    @classmethod
    def of_policy(cls, policy: Any) -> "Lines":
        names = (
            "net_premium",
            "policy_fee",
            "vat",
            "fga",
            "dimension_stamp",
            "graduated_stamp",
            "vehicle_tax",
        )
        return cls(*(getattr(policy, name).centimes for name in names))


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment to be: it pays for `period_from` up to `period_to`, that day not counted."""

    seq: int
    period_from: date
    period_to: date
    due_on: date
    lines: Lines


def share(amount: int, of: int, whole: int) -> int:
    """`amount` x `of` / `whole`, half a centime away from zero; the whole of it when `whole` is nothing."""
    if whole == 0:
        return amount
    numerator, denominator = abs(amount * of), abs(whole)
    sign = 1 if (amount * of >= 0) == (whole > 0) else -1
    return sign * ((2 * numerator + denominator) // (2 * denominator))


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in proportion to `weights`; the parts add up to it exactly."""
    whole, passed, given, parts = sum(weights), 0, 0, []
    for at, weight in enumerate(weights):
        passed += weight
        reached = amount if at == len(weights) - 1 else share(amount, passed, whole) if whole else 0
        parts.append(reached - given)
        given = reached
    return parts


def divided(premium: Lines, count: int) -> list[Lines]:
    """Into `count` parts: the net premium and FGA evenly, VAT where its base (net and fee) stands.

    Fee, stamps and vehicle tax stand on the first part (domain.md B-24).
    """
    net = spread(premium.net, [1] * count)
    fga = spread(premium.fga, [1] * count)
    bases = [part + (premium.fee if at == 0 else 0) for at, part in enumerate(net)]
    vat = spread(premium.vat, bases) if sum(bases) else [premium.vat, *[0] * (count - 1)]
    first = Lines(
        net[0],
        premium.fee,
        vat[0],
        fga[0],
        premium.dimension_stamp,
        premium.graduated_stamp,
        premium.vehicle_tax,
    )
    return [first, *(Lines(net=net[at], vat=vat[at], fga=fga[at]) for at in range(1, count))]


def unearned(lines: Lines, period_from: date, period_to: date, ends_on: date) -> Lines:
    """What is given back of a part when the contract ends on that day (D-30): pro rata by day.

    Net premium, and the VAT and FGA that were charged on what is given back of it. Fee, stamps and vehicle
    tax stay. `ends_on` is the first day that is no longer covered.
    """
    days = (period_to - period_from).days
    left = min(max((period_to - ends_on).days, 0), days)
    net = share(lines.net, left, days)
    vat = share(lines.vat, net, lines.net + lines.fee) if lines.net + lines.fee else 0
    return Lines(net=net, vat=vat, fga=share(lines.fga, net, lines.net) if lines.net else 0)
