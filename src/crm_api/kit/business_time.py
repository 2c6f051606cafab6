"""Business time: when somebody is there to work, and what N working minutes from now is (domain.md B-32).

A calendar is its hours on the clock of the wall, in a zone. An instant is open when the local time it shows
lies within the hours of the local day it shows; everything here follows from that sentence, summer time
included: an hour that the clock skips is not worked, an hour that it shows twice is worked twice.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from crm_api.kit.bounded import Bounded
from crm_api.kit.errors import Conflict

Because = Literal["week", "season", "exception"]
DAY_MINUTES = 24 * 60
HORIZON = timedelta(days=3660)
"""An answer further away than ten years is no answer."""
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_FURTHEST = timedelta(hours=26)
"""No instant of a local day is further from that day in UTC."""


class NeverOpens(Conflict):
    """This calendar does not open for so long within ten years."""


class Hours(NamedTuple):
    """From a minute of the day to another, the second one not included: 480, 720 is 08:00 to 12:00."""

    start: int
    end: int


class Span(NamedTuple):
    """Open from an instant (UTC) to another, the second one not included."""

    start: datetime
    end: datetime


class Season(NamedTuple):
    """Other weekly hours from a day to another, both included: Ramadan, summer."""

    first: date
    last: date
    weekly: Mapping[int, tuple[Hours, ...]]
    label: str = ""
    tentative: bool = False
    """Announced, not certain: the moon decides."""


class Exceptional(NamedTuple):
    """The hours of one day; none: closed."""

    hours: tuple[Hours, ...] = ()
    label: str = ""
    tentative: bool = False


class Day(NamedTuple):
    """What rules a local day."""

    hours: tuple[Hours, ...]
    because: Because
    label: str = ""
    tentative: bool = False


class Step(NamedTuple):
    """A local day on the way to an answer: what ruled it, when it was open, how much of that counted."""

    day: date
    rule: Day
    spans: tuple[Span, ...]
    counted: timedelta


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Days of the week count from Sunday, 0. An exception beats a season, a season beats the week.

    The first season that holds a day rules it. Hours of one day do not overlap.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Hours, ...]]
    exceptions: Mapping[date, Exceptional] = field(default_factory=dict)
    seasons: Sequence[Season] = ()
    _spans: Bounded[date, tuple[Span, ...]] = field(default_factory=lambda: Bounded(800))

    def rule(self, day: date) -> Day:
        if (exceptional := self.exceptions.get(day)) is not None:
            return Day(exceptional.hours, "exception", exceptional.label, exceptional.tentative)
        weekday = day.isoweekday() % 7
        for season in self.seasons:
            if season.first <= day <= season.last:
                return Day(season.weekly.get(weekday, ()), "season", season.label, season.tentative)
        return Day(self.weekly.get(weekday, ()), "week")

    def intervals(self, day: date) -> tuple[Span, ...]:
        """When that local day is open, as instants in their order."""
        known = self._spans.get(day)
        if known is None:
            known = self._spans[day] = tuple(self._computed(day))
        return known

    def is_open(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self.intervals(self._local_day(at)))

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself while it is open. Raises NeverOpens."""
        return next(span.start for span in self._from(at))

    def add_minutes(self, start: datetime, minutes: int) -> datetime:
        """The first instant with so many open minutes since `start`; with none, the next opening.

        Raises NeverOpens.
        """
        return self.add(start, minutes * _MINUTE)

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """`add_minutes`, to the microsecond. Never negative."""
        if duration < timedelta():
            raise ValueError("business time goes forward")
        left = duration
        for opens, closes in self._from(start):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise NeverOpens

    def time_between(self, a: datetime, b: datetime) -> timedelta:
        """Open time from `a` to `b`; negative when `b` is earlier. Additive over any split."""
        if b < a:
            return -self.time_between(b, a)
        a, b = a.astimezone(UTC), b.astimezone(UTC)
        return sum((self._open_within(day, a, b) for day in self._days(a, b)), timedelta())

    def minutes_between(self, a: datetime, b: datetime) -> int:
        """Whole open minutes from `a` to `b`; those begun are not counted."""
        between = self.time_between(a, b)
        return between // _MINUTE if between >= timedelta() else -(-between // _MINUTE)

    def explain(self, start: datetime, duration: timedelta) -> list[Step]:
        """The days that `add` went through, the closed ones too: the counted parts sum up to `duration`."""
        start, until = start.astimezone(UTC), self.add(start, duration)
        return [
            Step(day, self.rule(day), self.intervals(day), self._open_within(day, start, until))
            for day in self._days(start, until)
        ]

    def _days(self, a: datetime, b: datetime) -> Iterator[date]:
        first, last = self._local_day(a), self._local_day(b)
        return (first + ahead * _DAY for ahead in range((last - first).days + 1))

    def _open_within(self, day: date, a: datetime, b: datetime) -> timedelta:
        parts = (min(end, b) - max(start, a) for start, end in self.intervals(day))
        return sum((part for part in parts if part > timedelta()), timedelta())

    def _from(self, at: datetime) -> Iterator[Span]:
        """The open spans that end after `at`, the first one cut there. Raises NeverOpens at the horizon."""
        at = at.astimezone(UTC)
        first = self._local_day(at)
        for ahead in range(min(HORIZON, date.max - first).days):
            for start, end in self.intervals(first + ahead * _DAY):
                if end > at:
                    yield Span(max(start, at), end)
        raise NeverOpens

    def _local_day(self, at: datetime) -> date:
        try:
            return at.astimezone(self.zone).date()
        except OverflowError:  # the first and the last hours that a datetime can hold
            return at.date()

    def _computed(self, day: date) -> Iterator[Span]:
        hours = self.rule(day).hours
        if not hours:
            return
        try:
            midnight = datetime.combine(day, time(), UTC)
            pieces = _pieces(self.zone, midnight - _FURTHEST, midnight + _FURTHEST + _DAY)
        except OverflowError:
            return
        for begins, ends, offset in pieces:  # the clock runs evenly within a piece
            for start, end in sorted(hours):
                opens = max(midnight + start * _MINUTE - offset, begins)
                closes = min(midnight + end * _MINUTE - offset, ends)
                if opens < closes:
                    yield Span(opens, closes)


def _pieces(zone: ZoneInfo, start: datetime, end: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    """The stretches of constant offset. Within three days a clock is changed once at most."""
    before, after = _offset(zone, start), _offset(zone, end)
    if before == after:
        return [(start, end, before)]
    seconds = range(int((end - start).total_seconds()))
    changed = bisect_right(seconds, 0, key=lambda at: int(_offset(zone, start + at * _SECOND) != before))
    change = start + changed * _SECOND
    return [(start, change, before), (change, end, after)]


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None  # noqa: S101 - a zone always has one
    return offset


def around_the_clock(zone: ZoneInfo) -> Calendar:
    """Always open: 24 hours a day, 7 days a week."""
    return Calendar(zone, {weekday: (Hours(0, DAY_MINUTES),) for weekday in range(7)})
