"""When a legal delay is over: local days of Africa/Algiers, working days of a business calendar.

Days are whole: the day on which something happened does not count, the last one does until midnight. A delay
that ends on a closed day is not prolonged: no text that says so was found (domain.md 0.6).
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from crm_api.kit.business_time import HORIZON, Calendar, NeverOpens
from crm_api.kit.clock import ALGIERS
from crm_api.legal_deadlines.models import LegalDeadlineCode, LegalUnit

_DAY = timedelta(days=1)
_DURATIONS = frozenset({LegalUnit.CALENDAR_DAYS, LegalUnit.WORKING_DAYS, LegalUnit.HOURS, LegalUnit.MONTHS})


class Rule(NamedTuple):
    """A legal limit as it held on some day."""

    code: LegalDeadlineCode
    value: int
    unit: LegalUnit
    source: str
    valid_from: date
    verified: bool
    label_fr: str
    label_ar: str | None
    label_en: str | None

    def due_at(self, start: datetime, calendar: Calendar) -> datetime:
        """The first moment (UTC) at which the delay is over; done before it is in time.

        Raises ValueError for a rule that is no delay, NeverOpens for working days that never come.
        """
        return due_at(start, self.value, self.unit, calendar)

    def due_on(self, start: datetime, calendar: Calendar) -> date:
        """The last local day on which it can be done in time."""
        return local_day(self.due_at(start, calendar) - timedelta(milliseconds=1))


def due_at(start: datetime, value: int, unit: LegalUnit, calendar: Calendar) -> datetime:
    """As `Rule.due_at`."""
    if unit not in _DURATIONS or value < 0:
        raise ValueError(f"{unit} is no delay")
    if unit is LegalUnit.HOURS:
        return start.astimezone(UTC) + timedelta(hours=value)
    day = local_day(start)
    if unit is LegalUnit.CALENDAR_DAYS:
        last = day + value * _DAY
    elif unit is LegalUnit.MONTHS:
        last = months_later(day, value)
    else:
        last = working_days_later(day, value, calendar)
    return midnight(last + _DAY)


def local_day(at: datetime) -> date:
    """The day that the clocks of Algiers show: from 23:00 UTC on, the next one."""
    return at.astimezone(ALGIERS).date()


def midnight(day: date) -> datetime:
    """When that local day begins (UTC)."""
    return datetime.combine(day, time(), ALGIERS).astimezone(UTC)


def months_later(day: date, months: int) -> date:
    """The same day of the month; the last one where the month is shorter."""
    ahead = day.month - 1 + months
    year, month = day.year + ahead // 12, ahead % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def working_days_later(day: date, count: int, calendar: Calendar) -> date:
    """The `count`-th day after `day` on which the calendar opens at all; `day` itself for none."""
    left, last = count, day + HORIZON
    while left:
        day += _DAY
        if day > last:
            raise NeverOpens
        left -= bool(calendar.rule(day).hours)
    return day


def days_between(first: datetime, second: datetime) -> int:
    """Local days from one moment to another: 0 on the same day."""
    return (local_day(second) - local_day(first)).days
