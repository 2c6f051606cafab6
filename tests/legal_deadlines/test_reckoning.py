"""Legal delays: local days, working days, hours and months, worked by hand and against plain counting."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.business_time import Calendar, Exceptional, Hours, NeverOpens
from crm_api.kit.clock import ALGIERS
from crm_api.legal_deadlines.models import LegalUnit
from crm_api.legal_deadlines.reckoning import (
    days_between,
    due_at,
    local_day,
    midnight,
    months_later,
    working_days_later,
)

DAY = timedelta(days=1)
SUNDAY_TO_THURSDAY = dict.fromkeys(range(5), (Hours(480, 990),))
REVOLUTION = {date(2026, 11, 1): Exceptional((), "Fête de la Révolution")}
OFFICE = Calendar(ALGIERS, SUNDAY_TO_THURSDAY, REVOLUTION)
DELAYS = [LegalUnit.CALENDAR_DAYS, LegalUnit.WORKING_DAYS, LegalUnit.HOURS, LegalUnit.MONTHS]
FIRST, LAST = datetime.fromisoformat("2023-01-01"), datetime.fromisoformat("2032-12-31")
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
counts = st.integers(0, 60)
units = st.sampled_from(DELAYS)


def at(text: str) -> datetime:
    """A moment on the clocks of Algiers."""
    return datetime.fromisoformat(text).replace(tzinfo=ALGIERS)


@pytest.mark.parametrize(
    ("start", "value", "unit", "over"),
    [
        ("2026-11-30 10:00", 7, LegalUnit.CALENDAR_DAYS, "2026-12-08 00:00"),
        ("2026-11-30 23:59", 7, LegalUnit.CALENDAR_DAYS, "2026-12-08 00:00"),
        ("2026-12-01 00:00", 7, LegalUnit.CALENDAR_DAYS, "2026-12-09 00:00"),
        ("2028-02-22 09:00", 7, LegalUnit.CALENDAR_DAYS, "2028-03-01 00:00"),  # a 29th of February
        ("2027-02-22 09:00", 7, LegalUnit.CALENDAR_DAYS, "2027-03-02 00:00"),
        ("2026-11-30 10:00", 21, LegalUnit.CALENDAR_DAYS, "2026-12-22 00:00"),
        ("2026-11-25 10:00", 3, LegalUnit.WORKING_DAYS, "2026-12-01 00:00"),  # Thu, Sun, Mon
        ("2026-11-26 10:00", 3, LegalUnit.WORKING_DAYS, "2026-12-02 00:00"),  # Friday and Saturday closed
        ("2026-11-27 10:00", 3, LegalUnit.WORKING_DAYS, "2026-12-02 00:00"),  # stolen on a Friday
        ("2026-10-29 10:00", 3, LegalUnit.WORKING_DAYS, "2026-11-05 00:00"),  # the first of November
        ("2026-11-30 10:30", 24, LegalUnit.HOURS, "2026-12-01 10:30"),
        ("2026-11-30 10:30", 3, LegalUnit.MONTHS, "2027-03-01 00:00"),  # the last of February
        ("2027-11-30 10:30", 3, LegalUnit.MONTHS, "2028-03-01 00:00"),
        ("2028-02-29 10:30", 36, LegalUnit.MONTHS, "2031-03-01 00:00"),
    ],
)
def test_delays_worked_by_hand(start: str, value: int, unit: LegalUnit, over: str) -> None:
    assert due_at(at(start), value, unit, OFFICE) == at(over)


def test_the_day_is_that_of_algiers_when_utc_still_has_the_month_before() -> None:
    """23:00 UTC on the last of a month is the first of the next one there."""
    border = datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert local_day(border - timedelta(milliseconds=1)) == date(2026, 11, 30)
    assert local_day(border) == date(2026, 12, 1)
    before = due_at(border - timedelta(milliseconds=1), 7, LegalUnit.CALENDAR_DAYS, OFFICE)
    assert due_at(border, 7, LegalUnit.CALENDAR_DAYS, OFFICE) == before + DAY
    assert midnight(date(2026, 12, 1)) == border


@given(moments, counts, units)
def test_a_delay_is_over_after_it_began(start: datetime, value: int, unit: LegalUnit) -> None:
    over = due_at(start, value, unit, OFFICE)
    assert over > start or (unit is LegalUnit.HOURS and value == 0)
    if unit is not LegalUnit.HOURS:
        assert over.astimezone(ALGIERS).time() == datetime.min.time()


@given(moments, moments, counts, units)
def test_what_began_later_is_not_due_earlier(
    one: datetime, other: datetime, value: int, unit: LegalUnit
) -> None:
    first, second = sorted((one, other))
    assert due_at(first, value, unit, OFFICE) <= due_at(second, value, unit, OFFICE)


@given(moments, counts, units)
def test_a_longer_delay_is_not_over_earlier(start: datetime, value: int, unit: LegalUnit) -> None:
    assert due_at(start, value, unit, OFFICE) <= due_at(start, value + 1, unit, OFFICE)


@given(moments, counts)
def test_working_days_take_at_least_as_long_as_days(start: datetime, value: int) -> None:
    days = due_at(start, value, LegalUnit.CALENDAR_DAYS, OFFICE)
    assert due_at(start, value, LegalUnit.WORKING_DAYS, OFFICE) >= days


@given(moments, st.integers(1, 40))
def test_working_days_are_those_on_which_somebody_is_there(start: datetime, count: int) -> None:
    """Against counting day by day: neither Friday, nor Saturday, nor the feast."""
    first = local_day(start)
    last = working_days_later(first, count, OFFICE)
    between = [first + n * DAY for n in range(1, (last - first).days + 1)]
    opened = [day for day in between if day.isoweekday() not in (5, 6) and day != date(2026, 11, 1)]
    assert (len(opened), opened[-1]) == (count, last)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 240))
def test_months_keep_the_day_or_the_last_of_the_month(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + DAY).day == 1


@given(moments, moments)
def test_days_between_are_nights(one: datetime, other: datetime) -> None:
    assert days_between(one, other) == -days_between(other, one)
    assert days_between(one, one + DAY) == 1


def test_a_house_that_never_opens_has_no_working_day() -> None:
    with pytest.raises(NeverOpens):
        working_days_later(date(2026, 11, 30), 1, Calendar(ALGIERS, {}))


@pytest.mark.parametrize("unit", [LegalUnit.FLAG, LegalUnit.BASIS_POINTS])
def test_a_rule_without_duration_is_no_delay(unit: LegalUnit) -> None:
    with pytest.raises(ValueError, match="no delay"):
        due_at(at("2026-11-30 10:00"), 1, unit, OFFICE)
