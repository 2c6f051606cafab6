"""Recurrences against dateutil, where dateutil answers at all, and the rules that must be refused quickly."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st

from crm_api.kit.recurrence import UnfitRule, next_moment, parse

ALGIERS = ZoneInfo("Africa/Algiers")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES = st.sampled_from(["Africa/Algiers", "Europe/Paris", "America/New_York", "Australia/Lord_Howe"])


def some(values: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3, unique=True).map(lambda each: ",".join(map(str, each)))


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    months = draw(st.booleans())
    if months:
        parts.append(f"BYMONTH={draw(some(st.integers(1, 12)))}")
    kind = draw(st.sampled_from(["none", "weekdays", "month days"]))
    if kind == "weekdays" and (frequency != "YEARLY" or months):
        numbered = frequency in ("MONTHLY", "YEARLY")
        plain = not numbered or draw(st.booleans())  # dateutil takes SU,1MO for a Sunday that is a Monday
        place = st.sampled_from([""] if plain else ["1", "2", "-1", "5"])
        parts.append(f"BYDAY={draw(some(st.tuples(place, st.sampled_from(DAYS)).map(''.join)))}")
    elif kind == "month days" and frequency != "WEEKLY":
        parts.append(f"BYMONTHDAY={draw(some(st.integers(-31, 31).filter(bool)))}")
    if len(parts) > 3 and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    if frequency == "WEEKLY":
        parts.append(f"WKST={draw(st.sampled_from(DAYS))}")
    return ";".join(parts)


FIRSTS = st.builds(
    lambda days, minutes: datetime(2024, 1, 1) + timedelta(days=days, minutes=minutes),  # noqa: DTZ001
    st.integers(0, 1800),
    st.integers(0, 1439),
)
"""The clock of the wall, without a zone."""


@settings(max_examples=400, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(rules(), FIRSTS)
@example("FREQ=WEEKLY;INTERVAL=1;BYMONTH=7,8;BYDAY=SU,WE;BYSETPOS=2;WKST=MO", datetime(2025, 8, 16))  # noqa: DTZ001
def test_what_comes_next_is_what_dateutil_says(text: str, first: datetime) -> None:
    rule, day = parse(text), first.date()
    found = []
    while len(found) < 5 and (following := rule.following(day, found[-1] if found else day)):
        found.append(following)
    assume(found)  # else dateutil would walk to the year 9999
    begins = day
    if "WEEKLY" in text and "BYSETPOS" in text:  # dateutil counts positions in the first week from its start
        begins -= timedelta((day.weekday() - DAYS.index(text[-2:])) % 7)
    reference = rrulestr(text, dtstart=datetime.combine(begins, datetime.min.time()))
    later = (each.date() for each in reference if each.date() > day)
    assert found == list(islice(later, len(found)))


@settings(max_examples=200, deadline=None)
@given(rules(), FIRSTS, st.integers(0, 4000), ZONES)
def test_the_next_time_is_later_and_shows_the_same_time_on_the_wall(
    text: str, first: datetime, days: int, zone_name: str
) -> None:
    zone = ZoneInfo(zone_name)
    begun = first.replace(tzinfo=zone)
    after = begun.astimezone(UTC) + timedelta(days=days)
    following = next_moment(parse(text), begun, after, 1, zone)
    if following is None:
        return
    assert following > after
    wall = following.astimezone(zone)
    skipped = datetime.combine(wall.date(), first.time(), zone).astimezone(UTC).astimezone(zone)
    assert wall.time() == skipped.time()  # the same, but for an hour that the clock skips that day
    if zone is ALGIERS:
        assert wall.time() == first.time()


@settings(max_examples=100, deadline=None)
@given(rules(), FIRSTS, st.integers(1, 6))
def test_a_count_is_honoured(text: str, first: datetime, count: int) -> None:
    rule, moment, made = parse(f"{text};COUNT={count}"), first.replace(tzinfo=ALGIERS), 1
    due = moment
    while (following := next_moment(rule, moment, due, made, ALGIERS)) is not None:
        due, made = following, made + 1
    assert made <= count


@pytest.mark.parametrize(
    ("text", "first", "following"),
    [
        ("FREQ=WEEKLY;BYDAY=SU", date(2026, 11, 22), date(2026, 11, 29)),
        ("FREQ=MONTHLY", date(2026, 1, 31), date(2026, 3, 31)),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 1, 31), date(2026, 2, 28)),
        ("FREQ=YEARLY", date(2024, 2, 29), date(2028, 2, 29)),
        ("FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH;BYSETPOS=-1", date(2026, 11, 30), date(2026, 12, 31)),
        ("RRULE:FREQ=MONTHLY;BYDAY=2SU", date(2026, 11, 8), date(2026, 12, 13)),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", date(2026, 11, 8), None),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", date(2026, 11, 8), None),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=2", date(2026, 3, 8), None),
    ],
)
def test_usual_rules_are_followed_and_impossible_ones_end_soon(
    text: str, first: date, following: date | None
) -> None:
    began = perf_counter()
    assert parse(text).following(first, first) == following
    assert perf_counter() - began < 0.2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "often",
        "FREQ=SECONDLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=999999999999",
        "FREQ=DAILY;COUNT=100000000",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;BYHOUR=8",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;WKST=XX",
        "FREQ=WEEKLY;BYMONTHDAY=3",
        "FREQ=YEARLY;BYDAY=MO",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=٣",
        "FREQ=DAILY;UNTIL=20270230",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;BYMONTH=" + "1," * 200 + "1",
    ],
)
def test_what_is_no_rule_of_ours_is_refused(text: str) -> None:
    with pytest.raises(UnfitRule):
        parse(text)


def test_until_is_the_last_day_or_the_last_moment() -> None:
    first = datetime(2026, 11, 22, 9, tzinfo=ALGIERS)
    on_the_day = parse("FREQ=DAILY;UNTIL=20261123")
    assert next_moment(on_the_day, first, first, 1, ALGIERS) == first + timedelta(days=1)
    assert next_moment(on_the_day, first, first + timedelta(days=1), 2, ALGIERS) is None
    too_early = parse("FREQ=DAILY;UNTIL=20261123T075959Z")
    assert next_moment(too_early, first, first, 1, ALGIERS) is None
