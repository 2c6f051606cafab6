"""What every organization starts with: three calendars, and the holidays of Algeria as rows to be corrected.

Dates by the moon are estimates: `tentative` until somebody confirms or moves them (domain.md B-32, M).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_api.kit.later import later

if TYPE_CHECKING:
    import holidays
else:
    holidays = later("holidays")


_ESTIMATED = " (estimé)"
_FITR = "Aïd el-Fitr"
RAMADAN = "Ramadan"
_ANNOUNCED = {2026: (date(2026, 2, 18), date(2026, 3, 19)), 2027: (date(2027, 2, 8), date(2027, 3, 9))}
"""Where the book names the days; other years: the thirty days before Aïd el-Fitr."""
SUNDAY_TO_THURSDAY = range(5)
SATURDAY = 6
Written = dict[str, Any]


class Holiday(NamedTuple):
    day: date
    name: str
    tentative: bool


class CalendarSeed(NamedTuple):
    code: str
    name: str
    weekly_hours: list[Written]
    ramadan_hours: list[Written]
    observes_holidays: bool
    is_default: bool


def _days(weekdays: range | tuple[int, ...], *spans: tuple[str, str]) -> list[Written]:
    return [
        {"weekday": weekday, "opens": opens, "closes": closes}
        for weekday in weekdays
        for opens, closes in spans
    ]


OFFICE = _days(SUNDAY_TO_THURSDAY, ("08:00", "12:00"), ("12:30", "16:30"))
"""480 minutes a day."""
OFFICE_IN_RAMADAN = _days(SUNDAY_TO_THURSDAY, ("09:00", "16:00"))
SATURDAY_MORNING = _days((SATURDAY,), ("08:30", "12:30"))
CALENDARS = (
    CalendarSeed("siege", "Siège", OFFICE, OFFICE_IN_RAMADAN, observes_holidays=True, is_default=True),
    CalendarSeed(
        "agence",
        "Agences ouvertes le samedi",
        OFFICE + SATURDAY_MORNING,
        OFFICE_IN_RAMADAN + _days((SATURDAY,), ("09:00", "12:30")),
        observes_holidays=True,
        is_default=False,
    ),
    CalendarSeed(
        "centre_appels",
        "Centre d'appels",
        _days(range(7), ("08:00", "20:00")),
        [],
        observes_holidays=False,
        is_default=False,
    ),
)


def holidays_of(year: int) -> list[Holiday]:
    """The public holidays of Algeria, with their French names."""
    found = holidays.country_holidays("DZ", years=year, language="fr")
    return [
        Holiday(day, name.removesuffix(_ESTIMATED), name.endswith(_ESTIMATED))
        for day, names in sorted(found.items())
        for name in [names.partition("; ")[0]]
    ]


def ramadan_of(year: int) -> Iterator[tuple[date, date]]:
    """First and last day; a year of the sun may hold two, or see none begin."""
    if year in _ANNOUNCED:
        yield _ANNOUNCED[year]
        return
    feasts = [holiday.day for holiday in holidays_of(year) if holiday.name.startswith(_FITR)]
    for day in feasts:
        if day - timedelta(days=1) not in feasts:
            yield day - timedelta(days=30), day - timedelta(days=1)


def ramadan_seasons(year: int, weekly_hours: list[Written]) -> list[Written]:
    return [
        {
            "name": RAMADAN,
            "first_on": first.isoformat(),
            "last_on": last.isoformat(),
            "weekly_hours": weekly_hours,
            "tentative": True,
        }
        for first, last in ramadan_of(year)
    ]
