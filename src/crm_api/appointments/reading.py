"""Calendars of others, read (RFC 5545): entries and their times; those that repeat, spread out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crm_api.appointments.errors import (
    CalendarTooLarge,
    EntryRepeatsBadly,
    EntryTooLong,
    EntryWithoutTimes,
    UnreadableCalendar,
)
from crm_api.appointments.models import LONGEST, SHORTEST
from crm_api.appointments.schemas.importing import MOST_ENTRIES, MOST_OCCURRENCES
from crm_api.kit.clock import ALGIERS
from crm_api.kit.errors import DomainError
from crm_api.kit.later import later
from crm_api.kit.recurrence import Rule, UnfitRule, next_moment, parse

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = later("icalendar")

BEHIND, AHEAD = timedelta(days=30), timedelta(days=365)
"""How far entries that repeat are spread out, from now."""
MOST_REPEATING = 100
"""Each may take a hundredth of a second."""
UNTITLED = "Rendez-vous"
_UNREADABLE = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError)
"""What the library raises at a file that is none; a calendar is never worth an internal error."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, or one occurrence of an entry that repeats: what it says, or why it is refused."""

    uid: str
    key: str
    """What the appointment is called here: the UID, and of an occurrence its time too."""
    title: str = UNTITLED
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    location: str | None = None
    cancelled: bool = False
    refusal: DomainError | None = None


def read_calendar(content: bytes, now: datetime) -> list[Line]:
    """Raises UnreadableCalendar, CalendarTooLarge. For a thread: it computes."""
    try:
        calendar = icalendar.Calendar.from_ical(content)
    except _UNREADABLE as error:
        raise UnreadableCalendar from error
    if not isinstance(calendar, icalendar.Calendar):
        raise UnreadableCalendar
    events = [part for part in calendar.walk("VEVENT") if isinstance(part, icalendar.Event)]
    repeating = sum(event.get("RRULE") is not None for event in events)
    if len(events) > MOST_ENTRIES or repeating > MOST_REPEATING:
        raise CalendarTooLarge(limit=MOST_ENTRIES)
    moved = {(_uid(event), at) for event in events if (at := _stands_for(event)) is not None}
    lines: list[Line] = []
    for event in events:
        for line in _lines(event, moved, now):
            lines.append(line)
            if len(lines) > MOST_ENTRIES:
                raise CalendarTooLarge(limit=MOST_ENTRIES)
    return lines


def _lines(event: "icalendar.Event", moved: set[tuple[str, datetime]], now: datetime) -> Iterator[Line]:
    uid = _uid(event)
    try:
        first = _line(event, uid)
        if event.get("RRULE") is None or first.starts_at is None:
            instead_of = _stands_for(event)
            yield replace(first, key=_key(uid, instead_of)) if instead_of else first
            return
        for begin in _occurrences(event, first.starts_at, now):
            if (uid, begin) not in moved:
                length = (first.ends_at or begin) - first.starts_at
                yield replace(first, key=_key(uid, begin), starts_at=begin, ends_at=begin + length)
    except DomainError as refusal:
        yield Line(uid, _key(uid), refusal=refusal)


def _line(event: "icalendar.Event", uid: str) -> Line:
    begin = _moment(event, "DTSTART")
    end = _end(event, begin)
    if not SHORTEST <= end - begin <= LONGEST:
        raise EntryTooLong
    return Line(
        uid,
        _key(uid),
        title=_text(event, "SUMMARY", 160) or UNTITLED,
        starts_at=begin,
        ends_at=end,
        location=_text(event, "LOCATION", 200),
        cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
    )


def _occurrences(event: "icalendar.Event", first: datetime, now: datetime) -> Iterator[datetime]:
    rule, zone = _rule(event), _zone(event)
    skipped = {moment for moment in _exceptions(event, zone) if moment is not None}
    earliest, latest = now - BEHIND, now + AHEAD
    made, given, moment = 1, 0, first
    while moment <= latest and given < MOST_OCCURRENCES:
        if moment >= earliest and moment not in skipped:
            given += 1
            yield moment
        # COUNT counts from the first one; without it, what is long past need not be walked through.
        after = moment if rule.count or moment >= earliest else max(moment, earliest - timedelta(seconds=1))
        following = next_moment(rule, first, after, made, zone)
        if following is None:
            return
        made, moment = made + 1, following


def _rule(event: "icalendar.Event") -> Rule:
    found: Any = event["RRULE"]
    if isinstance(found, list):
        raise EntryRepeatsBadly
    try:
        return parse(found.to_ical().decode())
    except (UnfitRule, *_UNREADABLE) as error:
        raise EntryRepeatsBadly from error


def _exceptions(event: "icalendar.Event", zone: ZoneInfo) -> Iterator[datetime | None]:
    found = event.get("EXDATE") or []
    for group in found if isinstance(found, list) else [found]:
        for one in getattr(group, "dts", ()):
            yield _in_utc(one.dt, zone)


def _stands_for(event: "icalendar.Event") -> datetime | None:
    """The occurrence of an entry that repeats which this one replaces."""
    found = event.get("RECURRENCE-ID")
    return _in_utc(getattr(found, "dt", None), ALGIERS) if found is not None else None


def _moment(event: "icalendar.Event", name: str) -> datetime:
    found = event.get(name)
    if found is None or isinstance(found, list) or not hasattr(found, "dt"):
        raise EntryWithoutTimes
    if isinstance(found.dt, date) and not isinstance(found.dt, datetime):
        raise EntryTooLong  # a whole day
    moment = _in_utc(found.dt, ALGIERS, named=found.params.get("TZID"))
    if moment is None:
        raise EntryWithoutTimes
    return moment


def _end(event: "icalendar.Event", begin: datetime) -> datetime:
    if event.get("DTEND") is not None:
        return _moment(event, "DTEND")
    length = getattr(event.get("DURATION"), "dt", None)
    if not isinstance(length, timedelta):
        raise EntryWithoutTimes
    try:
        return begin + length
    except OverflowError as error:
        raise EntryTooLong from error


def _in_utc(moment: Any, zone: ZoneInfo, named: str | None = None) -> datetime | None:
    """A time without zone is that of the clock on the wall; one of a zone that nobody knows is none."""
    if not isinstance(moment, datetime):
        return None
    if moment.tzinfo is None:
        if named is not None:
            return None
        moment = moment.replace(tzinfo=zone)
    try:
        moment = moment.astimezone(UTC).replace(microsecond=0)
    except (OverflowError, ValueError):
        return None
    return moment if 2000 <= moment.year < 2100 else None


def _zone(event: "icalendar.Event") -> ZoneInfo:
    """The clock that an entry which repeats follows."""
    began: Any = event["DTSTART"]
    tzinfo = getattr(began.dt, "tzinfo", None)
    return tzinfo if isinstance(tzinfo, ZoneInfo) else ALGIERS


def _uid(event: "icalendar.Event") -> str:
    named = _text(event, "UID", 300)
    return named or sha256(event.to_ical()).hexdigest()


def _key(uid: str, begin: datetime | None = None) -> str:
    """At most 80 characters: longer ones are told apart by their hash."""
    key = f"{uid}/{begin:%Y%m%dT%H%M%SZ}" if begin else uid
    return key if len(key) <= 80 else sha256(key.encode()).hexdigest()


def _text(event: "icalendar.Event", name: str, most: int) -> str | None:
    found = event.get(name)
    if found is None or isinstance(found, list):
        return None
    text = " ".join(str(found).replace("\0", " ").split())[:most]
    return text if len(text) >= 2 else None
