"""Between the hours that people write (08:00) and those that are counted with (minute 480)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from crm_api.kit.business_time import Calendar, Exceptional, Hours, Season

T = TypeVar("T")
Written = Mapping[str, Any]


def minutes_of(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def hours_of(written: Iterable[Written]) -> tuple[Hours, ...]:
    return tuple(sorted(Hours(minutes_of(each["opens"]), minutes_of(each["closes"])) for each in written))


def weekly_of(written: Iterable[Written]) -> dict[int, tuple[Hours, ...]]:
    days: defaultdict[int, list[Written]] = defaultdict(list)
    for each in written:
        days[each["weekday"]].append(each)
    return {weekday: hours_of(entries) for weekday, entries in days.items()}


def season_of(written: Written) -> Season:
    return Season(
        date.fromisoformat(written["first_on"]),
        date.fromisoformat(written["last_on"]),
        weekly_of(written["weekly_hours"]),
        written["name"],
        written["tentative"],
    )


def calendar_of(
    timezone: str,
    weekly_hours: Iterable[Written],
    seasons: Iterable[Written],
    exceptions: Mapping[date, Exceptional],
) -> Calendar:
    return Calendar(
        ZoneInfo(timezone), weekly_of(weekly_hours), exceptions, [season_of(season) for season in seasons]
    )


def refuse_overlapping_hours(hours: list[T]) -> list[T]:
    """As a validator: of one day of the week, where they name one."""
    spans = sorted((getattr(each, "weekday", 0), each.opens, each.closes) for each in _written(hours))
    for (day, _, closes), (next_day, opens, _) in pairwise(spans):
        if day == next_day and opens < closes:
            raise PydanticCustomError("hours_overlap", "Two spans of one day overlap.")
    return hours


def refuse_overlapping_seasons(seasons: list[T]) -> list[T]:
    """As a validator: a day has one season at most."""
    spans = sorted((each.first_on, each.last_on) for each in _written(seasons))
    for (_, last), (first, _) in pairwise(spans):
        if first <= last:
            raise PydanticCustomError("seasons_overlap", "Two seasons overlap.")
    return seasons


def _written(items: Sequence[Any]) -> Sequence[Any]:
    return items
