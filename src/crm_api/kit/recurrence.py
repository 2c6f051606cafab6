"""Recurrence rules (RFC 5545, RRULE) of days: what comes next, found in bounded time whatever the rule.

dateutil walks an impossible rule (the 30th of February) to the year 9999; here a search ends ten years on.
Tests hold the two to each other. The hour is not the rule's business: an occurrence keeps the time that the
clock on the wall showed at the first one.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Literal
from zoneinfo import ZoneInfo

LONGEST = 200
MOST_TIMES = 1000
HORIZON = timedelta(days=3660)
Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
_WIDEST: Mapping[str, int] = {"DAILY": 366, "WEEKLY": 104, "MONTHLY": 60, "YEARLY": 5}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL = re.compile(r"\d{8}(T\d{6}Z)?", re.ASCII)
_ONE = timedelta(days=1)


class UnfitRule(ValueError):
    """It is no rule, or one that this house does not follow."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Days of the week count from Monday, 0, each with its place in the month (0: every one)."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_starts: int = 0

    def following(self, first: date, after: date) -> date | None:
        """The first occurrence later than `after` of what began on `first`; None when none is near.

        COUNT and UNTIL are the caller's: see `next_moment`.
        """
        try:
            last = max(after, first) + HORIZON
        except OverflowError:
            last = date.max
        days = takewhile(lambda day: day <= last, self._from(first, after, last))
        return next((day for day in days if day > after and day > first), None)

    def _from(self, first: date, after: date, last: date) -> Iterator[date]:
        """Occurrences in their order, from a little before `after`."""
        step, start = _STEPS[self.frequency], _START[self.frequency](self, first)
        apart = max((after - first).days, 0) // _DAYS_IN[self.frequency]
        turn = max(apart // self.interval - 1, 0)
        while (period := step(start, turn * self.interval)) is not None and period <= last:
            found = sorted(self._within(period, first))
            yield from self._chosen(found) if self.positions else found
            turn += 1

    def _chosen(self, days: list[date]) -> list[date]:
        places = {place - 1 if place > 0 else len(days) + place for place in self.positions}
        return [day for place, day in enumerate(days) if place in places]

    def _within(self, period: date, first: date) -> Iterator[date]:
        if self.frequency == "DAILY":
            yield from (day for day in [period] if self._month_fits(day) and self._day_fits(day))
        elif self.frequency == "WEEKLY":
            wanted = {weekday for _, weekday in self.weekdays} or {first.weekday()}
            week = (period + n * _ONE for n in range(7) if period <= date.max - n * _ONE)
            yield from (day for day in week if day.weekday() in wanted and self._month_fits(day))
        elif self.frequency == "MONTHLY":
            if self._month_fits(period):
                yield from self._in_month(period.year, period.month, first)
        else:
            every = self.month_days and not self.months
            for month in self.months or (range(1, 13) if every else (first.month,)):
                yield from self._in_month(period.year, month, first)

    def _in_month(self, year: int, month: int, first: date) -> Iterator[date]:
        length = monthrange(year, month)[1]
        days = [date(year, month, n) for n in range(1, length + 1)]
        if not self.weekdays and not self.month_days:
            yield from (day for day in days if day.day == first.day)
        else:
            yield from (day for day in days if self._day_fits(day))

    def _month_fits(self, day: date) -> bool:
        return not self.months or day.month in self.months

    def _day_fits(self, day: date) -> bool:
        length = monthrange(day.year, day.month)[1]
        if self.month_days and not {day.day, day.day - length - 1} & {*self.month_days}:
            return False
        if not self.weekdays:
            return True
        places = {0, (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)}
        return any(day.weekday() == weekday and place in places for place, weekday in self.weekdays)


def next_moment(rule: Rule, first: datetime, after: datetime, made: int, zone: ZoneInfo) -> datetime | None:
    """When what was first due at `first` is due again, later than `after`; None when that was the last time.

    `made`: how many times it has been due, the first one counted. The clock on the wall of `zone` shows the
    same time at each.
    """
    if rule.count is not None and made >= rule.count:
        return None
    begun, earliest = first.astimezone(zone), after.astimezone(zone).date() - _ONE
    while (day := rule.following(begun.date(), earliest)) is not None:
        moment = datetime.combine(day, begun.time(), zone).astimezone(UTC)
        if moment > after:
            return None if _is_over(rule.until, day, moment) else moment
        earliest = day
    return None


def _is_over(until: date | datetime | None, day: date, moment: datetime) -> bool:
    if isinstance(until, datetime):
        return moment > until
    return until is not None and day > until


def parse(text: str) -> Rule:
    """`FREQ=WEEKLY;BYDAY=SU,WE`. Raises UnfitRule."""
    parts = [part.partition("=") for part in text.upper().removeprefix("RRULE:").split(";")]
    given = {name: value for name, _, value in parts}
    if len(text) > LONGEST or len(given) != len(parts) or not all(given.values()):
        raise UnfitRule("It is no RRULE.")
    if unknown := given.keys() - _KNOWN:
        raise UnfitRule(f"{', '.join(sorted(unknown))} cannot be used here.")
    frequency = given.get("FREQ", "")
    if frequency not in _WIDEST:
        raise UnfitRule("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY.")
    if "COUNT" in given and "UNTIL" in given:
        raise UnfitRule("COUNT and UNTIL exclude each other.")
    rule = Rule(
        frequency=frequency,  # type: ignore[arg-type]
        interval=_number(given.get("INTERVAL", "1"), 1, _WIDEST[frequency]),
        count=_number(given["COUNT"], 1, MOST_TIMES) if "COUNT" in given else None,
        until=_until(given["UNTIL"]) if "UNTIL" in given else None,
        weekdays=tuple(_weekday(each) for each in _listed(given, "BYDAY")),
        month_days=_numbers(given, "BYMONTHDAY", 31, signed=True),
        months=_numbers(given, "BYMONTH", 12, signed=False),
        positions=_numbers(given, "BYSETPOS", 31, signed=True),
        week_starts=_DAYS.index(wkst) if (wkst := given.get("WKST", "MO")) in _DAYS else _no_day(wkst),
    )
    _refuse_mixtures(rule)
    return rule


def _refuse_mixtures(rule: Rule) -> None:
    if any(place for place, _ in rule.weekdays) and rule.frequency in ("DAILY", "WEEKLY"):
        raise UnfitRule("A numbered day (1MO) needs FREQ=MONTHLY or YEARLY.")
    if rule.frequency == "WEEKLY" and rule.month_days:
        raise UnfitRule("BYMONTHDAY does not go with FREQ=WEEKLY.")
    if rule.frequency == "YEARLY" and rule.weekdays and not rule.months:
        raise UnfitRule("BYDAY with FREQ=YEARLY needs BYMONTH.")
    if rule.positions and not (rule.weekdays or rule.month_days or rule.months):
        raise UnfitRule("BYSETPOS chooses among days: name them.")


def _listed(given: Mapping[str, str], name: str) -> list[str]:
    return given[name].split(",") if name in given else []


def _numbers(given: Mapping[str, str], name: str, most: int, *, signed: bool) -> tuple[int, ...]:
    found = tuple(_number(each, -most if signed else 1, most) for each in _listed(given, name))
    if 0 in found:
        raise UnfitRule(f"{name} counts from 1.")
    return found


def _number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?\d{1,4}", text, re.ASCII) or not least <= int(text) <= most:
        raise UnfitRule(f"{text} is not between {least} and {most}.")
    return int(text)


def _weekday(text: str) -> tuple[int, int]:
    found = _DAY.fullmatch(text)
    return (int(found[1] or 0), _DAYS.index(found[2])) if found else (0, _no_day(text))


def _no_day(text: str) -> int:
    raise UnfitRule(f"{text} is no day of the week.")


def _until(text: str) -> date | datetime:
    if not _UNTIL.fullmatch(text):
        raise UnfitRule("UNTIL is 20271231 or 20271231T225959Z.")
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        clock = time(int(text[9:11]), int(text[11:13]), int(text[13:15]), tzinfo=UTC) if "T" in text else None
    except ValueError:
        raise UnfitRule("UNTIL is no day of the calendar.") from None
    return datetime.combine(day, clock) if clock else day


def _later_day(start: date, periods: int) -> date | None:
    return start + periods * _ONE if periods <= (date.max - start).days else None


def _later_week(start: date, periods: int) -> date | None:
    return _later_day(start, periods * 7)


def _later_month(start: date, periods: int) -> date | None:
    years, month = divmod(start.month - 1 + periods, 12)
    return date(start.year + years, month + 1, 1) if start.year + years <= date.max.year else None


def _later_year(start: date, periods: int) -> date | None:
    return date(start.year + periods, 1, 1) if start.year + periods <= date.max.year else None


_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
_DAYS_IN: Mapping[str, int] = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}
"""At most so many: how far a search may safely jump."""
_STEPS: Mapping[str, Callable[[date, int], date | None]] = {
    "DAILY": _later_day,
    "WEEKLY": _later_week,
    "MONTHLY": _later_month,
    "YEARLY": _later_year,
}
_START: Mapping[str, Callable[[Rule, date], date]] = {
    "DAILY": lambda _, first: first,
    "WEEKLY": lambda rule, first: first - (first.weekday() - rule.week_starts) % 7 * _ONE,
    "MONTHLY": lambda _, first: first.replace(day=1),
    "YEARLY": lambda _, first: first.replace(month=1, day=1),
}
