"""The clock of a contract and what goes by the day: pure functions on instants and centimes.

Days are local ones (Africa/Algiers). A term runs from the day of its effect to the day of its expiry, that
one not counted: from 1 January to 1 January of the next year are 365 days, or 366.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from crm_api.kit.clock import ALGIERS

NOON = time(12)


class Span(NamedTuple):
    """From a day to another, that one not counted."""

    first: date
    end: date

    @property
    def days(self) -> int:
        return max((self.end - self.first).days, 0)

    def within(self, other: "Span") -> "Span":
        return Span(max(self.first, other.first), min(self.end, other.end))


def local_day(moment: datetime) -> date:
    """The calendar day in Algiers: 23:00 UTC on 31 January is 1 February."""
    return moment.astimezone(ALGIERS).date()


def span(start: datetime, end: datetime) -> Span:
    return Span(local_day(start), local_day(end))


def months_later(moment: datetime, months: int) -> datetime:
    """The same local hour so many months later; on the last day of the month where the day is missing."""
    return (moment.astimezone(ALGIERS) + relativedelta(months=months)).astimezone(UTC)


def noon_after(paid_at: datetime) -> datetime:
    """Noon of the next local day: then cover resumes (premium_reinstate, ord. 95-07 art. 16)."""
    next_day = local_day(paid_at) + timedelta(days=1)
    return datetime.combine(next_day, NOON, ALGIERS).astimezone(UTC)


def part(amount: int, of: int, whole: int) -> int:
    """`of` days out of `whole` of `amount` centimes, half a centime away from zero."""
    sign = -1 if (amount < 0) is not (of < 0) else 1
    numerator, denominator = abs(amount) * abs(of), whole
    return sign * ((2 * numerator + denominator) // (2 * denominator))


def refund(net: int, term: Span, ends_on: date) -> int:
    """What is given back of `net` when the contract ends on that day: net x remaining days / days of the
    term (D-30). Fee, stamps and vehicle tax are not part of it."""
    remaining = Span(ends_on, term.end).within(term)
    return part(net, remaining.days, term.days)


def earned(net: int, term: Span, period: Span, suspended: Iterable[Span] = ()) -> int:
    """What of `net` is earned in `period` (D-14), the days of suspension left out.

    Counted from the beginning of the term, so that periods that follow each other add up to the centime.
    """
    return _earned_before(net, term, period.end, suspended) - _earned_before(
        net, term, period.first, suspended
    )


def _earned_before(net: int, term: Span, day: date, suspended: Iterable[Span]) -> int:
    """What a refund of that day leaves: the two are the premium, to the centime."""
    passed = Span(term.first, day).within(term)
    without = sum(each.within(passed).days for each in suspended)
    return net - part(net, term.days - passed.days + without, term.days)


def annual(net: int, term: Span) -> int:
    """The net premium of twelve months, where the term is shorter or longer."""
    year = Span(term.first, local_day(months_later(_midnight(term.first), 12)))
    return part(net, year.days, term.days)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ALGIERS)
