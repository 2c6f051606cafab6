"""Business time against an oracle that looks at every single minute, and against numbers worked by hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_api.kit.business_time import (
    Calendar,
    Exceptional,
    Hours,
    NeverOpens,
    Season,
    around_the_clock,
)

ALGIERS = ZoneInfo("Africa/Algiers")
MINUTE = timedelta(minutes=1)
MORNING, AFTERNOON = Hours(480, 720), Hours(750, 990)
SUNDAY_TO_THURSDAY = dict.fromkeys(range(5), (MORNING, AFTERNOON))
HOLIDAYS = {
    date(2026, 10, 29): Exceptional((), "Pont"),
    date(2026, 11, 1): Exceptional((), "Fête de la Révolution"),
}
OFFICE = Calendar(ALGIERS, SUNDAY_TO_THURSDAY, {date(2026, 11, 1): HOLIDAYS[date(2026, 11, 1)]})


def at(text: str, zone: ZoneInfo = ALGIERS) -> datetime:
    """A moment as people there say it: 2026-11-19 16:00."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# --- worked by hand


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        pytest.param("2026-11-22 08:00", 480, "2026-11-22 16:30", id="a day has 480 minutes"),
        pytest.param("2026-11-22 08:00", 240, "2026-11-22 12:00", id="the closing minute is still today"),
        pytest.param("2026-11-22 08:00", 241, "2026-11-22 12:31", id="lunch is not worked"),
        pytest.param("2026-11-19 16:00", 60, "2026-11-22 08:30", id="over Friday and Saturday"),
        pytest.param("2026-11-20 10:00", 30, "2026-11-22 08:30", id="asked on a Friday"),
        pytest.param("2026-11-22 06:00", 0, "2026-11-22 08:00", id="nothing, before the opening"),
        pytest.param("2026-11-22 12:00", 0, "2026-11-22 12:30", id="nothing, at lunch"),
        pytest.param("2026-11-22 09:15", 0, "2026-11-22 09:15", id="nothing, while open"),
        pytest.param("2026-11-19 15:00", 480, "2026-11-22 15:00", id="D-49: due Sunday 15:00"),
        pytest.param("2026-10-29 15:30", 180, "2026-11-02 10:00", id="D-49: over the 1st of November"),
        pytest.param("2026-11-30 16:00", 60, "2026-12-01 08:30", id="over the end of a month"),
        pytest.param("2026-12-31 16:00", 90, "2027-01-03 09:00", id="over the end of a year"),
        pytest.param("2026-11-22 08:00", 2400, "2026-11-26 16:30", id="five days"),
    ],
)
def test_minutes_are_added_as_people_count_them(start: str, minutes: int, due: str) -> None:
    assert OFFICE.add_minutes(at(start), minutes) == at(due)
    if minutes:
        assert OFFICE.minutes_between(at(start), at(due)) == minutes


def test_a_holiday_on_a_thursday_makes_a_long_week_end() -> None:
    calendar = Calendar(ALGIERS, SUNDAY_TO_THURSDAY, HOLIDAYS)
    assert calendar.add_minutes(at("2026-10-28 16:00"), 60) == at("2026-11-02 08:30")
    assert calendar.next_opening(at("2026-10-28 16:30")) == at("2026-11-02 08:00")


def test_an_agency_works_on_saturday_morning() -> None:
    calendar = Calendar(ALGIERS, SUNDAY_TO_THURSDAY | {6: (Hours(510, 750),)})
    assert calendar.add_minutes(at("2026-11-19 16:00"), 60) == at("2026-11-21 09:00")


def test_ramadan_has_its_own_hours_and_an_exception_beats_them() -> None:
    ramadan = Season(
        date(2027, 2, 8), date(2027, 3, 9), {day: (Hours(540, 960),) for day in range(5)}, "Ramadan"
    )
    closed = {date(2027, 2, 9): Exceptional((), "Inventaire")}
    calendar = Calendar(ALGIERS, SUNDAY_TO_THURSDAY, closed, [ramadan])
    assert not calendar.is_open(at("2027-02-08 08:30"))
    assert calendar.is_open(at("2027-02-08 12:15"))
    assert calendar.add_minutes(at("2027-02-08 15:00"), 120) == at("2027-02-10 10:00")
    assert [step.rule.because for step in calendar.explain(at("2027-02-08 15:00"), 120 * MINUTE)] == [
        "season",
        "exception",
        "season",
    ]


def test_the_hour_that_summer_skips_is_not_worked_and_the_one_it_repeats_is_worked_twice() -> None:
    paris = around_the_clock(ZoneInfo("Europe/Paris"))
    days = {date(2026, 3, 29): 23, date(2026, 10, 25): 25, date(2026, 7, 1): 24}
    for day, hours in days.items():
        assert sum(((end - start) for start, end in paris.intervals(day)), timedelta()) == timedelta(
            hours=hours
        )


def test_a_calendar_that_never_opens_says_so_and_soon() -> None:
    closed = Calendar(ALGIERS, {})
    began = perf_counter()
    with pytest.raises(NeverOpens):
        closed.next_opening(at("2026-11-22 08:00"))
    with pytest.raises(NeverOpens):
        closed.add_minutes(at("2026-11-22 08:00"), 1)
    assert closed.minutes_between(at("2026-11-22 08:00"), at("2027-11-22 08:00")) == 0
    assert perf_counter() - began < 0.5


def test_more_than_ten_years_of_work_is_refused() -> None:
    an_hour_a_week = Calendar(ALGIERS, {0: (Hours(480, 540),)})
    with pytest.raises(NeverOpens):
        an_hour_a_week.add_minutes(at("2026-11-22 08:00"), 600 * 60)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="forward"):
        OFFICE.add_minutes(at("2026-11-22 08:00"), -1)
    assert OFFICE.minutes_between(at("2026-11-22 09:00"), at("2026-11-22 08:00")) == -60


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_time_are_answered_too(moment: datetime) -> None:
    assert OFFICE.is_open(moment) in (True, False)
    try:
        assert OFFICE.add_minutes(moment, 10) > moment
    except NeverOpens:
        assert moment.year == 9999


# --- against the oracle

ZONES = (
    "Africa/Algiers",
    "Europe/Paris",
    "America/New_York",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "America/Havana",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "UTC",
)
CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5)]


@st.composite
def hours_of_a_day(draw: st.DrawFn) -> tuple[Hours, ...]:
    marks = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    return tuple(Hours(start, end) for start, end in zip(marks[::2], marks[1::2], strict=False))


WEEK = st.dictionaries(st.integers(0, 6), hours_of_a_day())


@st.composite
def days_near(draw: st.DrawFn) -> date:
    return draw(st.sampled_from([*CHANGES, date(2026, 11, 22), date(2026, 12, 31)])) + timedelta(
        days=draw(st.integers(-3, 3))
    )


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    exceptions = draw(st.dictionaries(days_near(), st.builds(Exceptional, hours_of_a_day()), max_size=4))
    first = draw(days_near())
    seasons = [Season(first, first + timedelta(days=draw(st.integers(0, 9))), draw(WEEK))]
    return Calendar(
        ZoneInfo(draw(st.sampled_from(ZONES))), draw(WEEK), exceptions, seasons[: draw(st.integers(0, 1))]
    )


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    return datetime.combine(draw(days_near()), datetime.min.time(), UTC) + draw(
        st.integers(0, 2879).map(lambda m: m * MINUTE)
    )


def open_at(calendar: Calendar, moment: datetime) -> bool:
    """The definition, word for word."""
    local = moment.astimezone(calendar.zone)
    minute, day = local.hour * 60 + local.minute, local.date()
    if day in calendar.exceptions:
        hours = calendar.exceptions[day].hours
    else:
        week = next((s.weekly for s in calendar.seasons if s.first <= day <= s.last), calendar.weekly)
        hours = week.get((day.weekday() + 1) % 7, ())
    return any(start <= minute < end for start, end in hours)


def minutes_from(moment: datetime, days: int) -> Iterator[datetime]:
    return (moment + n * MINUTE for n in range(days * 1440))


@settings(max_examples=150, deadline=None)
@given(calendars(), instants())
def test_open_means_open_at_every_minute_of_three_days(calendar: Calendar, start: datetime) -> None:
    for moment in minutes_from(start, 3):
        assert calendar.is_open(moment) is open_at(calendar, moment), moment


@settings(max_examples=150, deadline=None)
@given(calendars(), instants(), st.integers(0, 3000))
def test_adding_minutes_is_counting_them_one_by_one(calendar: Calendar, start: datetime, wanted: int) -> None:
    counted, expected = 0, None
    for moment in minutes_from(start, 6):
        if counted == wanted and (wanted or open_at(calendar, moment)):
            expected = moment
            break
        counted += open_at(calendar, moment)
    if expected is None:
        return  # further than the oracle looked
    assert calendar.add_minutes(start, wanted) == expected


@settings(max_examples=150, deadline=None)
@given(calendars(), instants(), st.integers(0, 6 * 1440))
def test_minutes_between_are_those_that_are_open(calendar: Calendar, start: datetime, length: int) -> None:
    end = start + length * MINUTE
    expected = sum(open_at(calendar, start + n * MINUTE) for n in range(length))
    assert calendar.minutes_between(start, end) == expected
    assert calendar.minutes_between(end, start) == -expected


@settings(max_examples=150, deadline=None)
@given(calendars(), st.tuples(instants(), instants(), instants()), st.integers(0, 59_999_999))
def test_time_is_additive_and_monotone(
    calendar: Calendar, moments: tuple[datetime, datetime, datetime], part: int
) -> None:
    a, b, c = sorted(moments)
    b += timedelta(microseconds=part)
    assert calendar.time_between(a, b) + calendar.time_between(b, c) == calendar.time_between(a, c)
    assert calendar.time_between(a, b) >= timedelta()


@settings(max_examples=150, deadline=None)
@given(calendars(), instants(), st.integers(1, 3000))
def test_an_answer_is_explained_to_the_last_minute(calendar: Calendar, start: datetime, wanted: int) -> None:
    try:
        due = calendar.add_minutes(start, wanted)
    except NeverOpens:
        return
    assert calendar.minutes_between(start, due) == wanted
    steps = calendar.explain(start, wanted * MINUTE)
    assert sum((step.counted for step in steps), timedelta()) == wanted * MINUTE
    assert [step.day for step in steps] == sorted({step.day for step in steps})
    assert calendar.next_opening(start) <= due
