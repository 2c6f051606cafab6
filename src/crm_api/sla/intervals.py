"""A track cut into pieces that counted and pieces that did not: what an explanation is made of."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple

from crm_api.kit.business_time import Calendar, Day, Span
from crm_api.sla.clock import Stretch, Track

_DAY = timedelta(days=1)


class Interval(NamedTuple):
    start: datetime
    end: datetime
    counts: bool
    why: Literal["working", "closed", "new", "open", "pending", "on_hold", "held", "solved"]
    day: date
    rule: Day | None


def intervals(track: Track, calendar: Calendar, until: datetime) -> Iterator[Interval]:
    """Without gaps from the start of the track to `until`: the counting ones add up to its elapsed time."""
    for stretch in track.stretches:
        end = min(stretch.end or until, until)
        if stretch.start >= end:
            continue
        if stretch.counts:
            yield from _within_hours(stretch, calendar, end)
        else:
            why = "solved" if stretch.why == "closed" else stretch.why
            yield Interval(stretch.start, end, False, why, _local(stretch.start, calendar), None)


def _within_hours(stretch: Stretch, calendar: Calendar, end: datetime) -> Iterator[Interval]:
    """Closed time up to the next opening is one piece; the rule it shows is that of its first whole day."""
    at = stretch.start.astimezone(UTC)
    for day, rule, span in _spans(calendar, at, end):
        opens, closes = max(span.start, at), min(span.end, end)
        if opens >= closes:
            continue
        if opens > at:
            yield _shut(calendar, at, opens)
        yield Interval(opens, closes, True, "working", day, rule)
        at = closes
    if at < end:
        yield _shut(calendar, at, end.astimezone(UTC))


def _shut(calendar: Calendar, start: datetime, end: datetime) -> Interval:
    first = _local(start, calendar)
    days = [first + n * _DAY for n in range((_local(end, calendar) - first).days + 1)][:60]
    named = next((rule for day in days if (rule := calendar.rule(day)).because == "exception"), None)
    return Interval(start, end, False, "closed", first, named or calendar.rule(first))


def _spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[date, Day, Span]]:
    day, last = _local(start, calendar), _local(end, calendar)
    while day <= last:
        for span in calendar.intervals(day):
            yield day, calendar.rule(day), span
        day += _DAY


def _local(at: datetime, calendar: Calendar) -> date:
    return at.astimezone(calendar.zone).date()
