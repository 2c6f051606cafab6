"""The clock of a contract and what goes by the day, whatever the dates and the amounts."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.clock import ALGIERS
from crm_api.policies.terms import (
    Span,
    annual,
    earned,
    local_day,
    months_later,
    noon_after,
    part,
    refund,
    span,
)

CENTIMES = st.integers(0, 10**13)
DAYS = st.dates(date(1999, 1, 1), date(2099, 12, 31))
MOMENTS = st.datetimes(datetime(1999, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def terms(draw: st.DrawFn) -> Span:
    first = draw(DAYS)
    return Span(first, first + timedelta(days=draw(st.integers(1, 4000))))


@given(CENTIMES, terms(), st.data())
def test_what_is_earned_and_what_is_given_back_are_the_premium(
    net: int, term: Span, data: st.DataObject
) -> None:
    ends_on = data.draw(st.dates(term.first, term.end))
    used = earned(net, term, Span(term.first, ends_on))
    assert used + refund(net, term, ends_on) == net
    assert 0 <= refund(net, term, ends_on) <= net
    assert refund(net, term, term.first) == net
    assert refund(net, term, term.end) == 0


@given(CENTIMES, terms(), st.data())
def test_periods_that_follow_each_other_earn_the_whole_to_the_centime(
    net: int, term: Span, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.dates(term.first, term.end), max_size=6)))
    days = [term.first - timedelta(days=30), *cuts, term.end + timedelta(days=30)]
    parts = [earned(net, term, Span(*pair)) for pair in pairwise(days)]
    assert sum(parts) == net
    assert min(parts) >= 0


@given(CENTIMES, terms(), st.data())
def test_suspended_days_are_not_earned(net: int, term: Span, data: st.DataObject) -> None:
    gap = Span(*sorted([data.draw(st.dates(term.first, term.end)) for _ in range(2)]))
    without = earned(net, term, term, [gap])
    assert without == net - part(net, gap.days, term.days)
    assert without <= net


@given(CENTIMES, terms(), st.data())
def test_a_refund_never_grows_as_days_pass(net: int, term: Span, data: st.DataObject) -> None:
    days = sorted(data.draw(st.lists(st.dates(term.first, term.end), min_size=2, max_size=8)))
    backs = [refund(net, term, day) for day in days]
    assert backs == sorted(backs, reverse=True)


@given(st.integers(-(10**13), 10**13), st.integers(-4000, 4000), st.integers(1, 4000))
def test_half_a_centime_goes_away_from_zero_and_signs_are_kept(amount: int, of: int, whole: int) -> None:
    known = part(amount, of, whole)
    assert part(-amount, of, whole) == -known
    assert abs(2 * known * whole - 2 * amount * of) <= whole


@given(MOMENTS)
def test_cover_resumes_at_noon_of_the_next_local_day(paid_at: datetime) -> None:
    at = noon_after(paid_at).astimezone(ALGIERS)
    assert (at.hour, at.minute, at.second) == (12, 0, 0)
    assert at.date() == paid_at.astimezone(ALGIERS).date() + timedelta(days=1)
    assert timedelta(hours=12) <= at - paid_at <= timedelta(hours=36)


@given(MOMENTS, MOMENTS)
def test_who_pays_later_is_covered_no_earlier(one: datetime, other: datetime) -> None:
    assert (one <= other) <= (noon_after(one) <= noon_after(other))


@given(MOMENTS, st.integers(1, 120), st.integers(1, 120))
def test_a_longer_term_ends_no_earlier(start: datetime, fewer: int, more: int) -> None:
    assert (fewer <= more) <= (months_later(start, fewer) <= months_later(start, more))
    assert months_later(start, fewer) > start


def test_months_end_at_23_00_utc() -> None:
    """31 January 23:00 UTC is 1 February in Algiers."""
    edge = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)
    assert local_day(edge) == date(2026, 2, 1)
    assert local_day(edge - timedelta(milliseconds=1)) == date(2026, 1, 31)
    assert noon_after(edge) == datetime(2026, 2, 2, 11, 0, tzinfo=UTC)
    assert noon_after(edge - timedelta(milliseconds=1)) == datetime(2026, 2, 1, 11, 0, tzinfo=UTC)
    assert months_later(edge, 1) == datetime(2026, 2, 28, 23, 0, tzinfo=UTC)


def test_leap_years_have_a_day_more() -> None:
    begins = datetime(2027, 12, 31, 23, 0, tzinfo=UTC)  # 1 January 2028, local
    term = span(begins, months_later(begins, 12))
    assert (term.first, term.end, term.days) == (date(2028, 1, 1), date(2029, 1, 1), 366)
    assert earned(36_600_00, term, Span(date(2028, 2, 29), date(2028, 3, 1))) == 100_00
    leap = datetime(2028, 2, 28, 23, 0, tzinfo=UTC)  # 29 February 2028, local
    assert local_day(months_later(leap, 12)) == date(2029, 2, 28)
    assert local_day(months_later(leap, 48)) == date(2032, 2, 29)


def test_the_worked_numbers_of_the_kpi_book() -> None:
    year = Span(date(2026, 1, 1), date(2027, 1, 1))
    quarter = Span(date(2026, 4, 1), date(2026, 7, 1))
    assert quarter.days == 91
    assert earned(36_500_00, year, quarter) == 9_100_00  # D-14
    assert refund(36_500_00, year, date(2026, 4, 11)) == 26_500_00  # D-30: day 100 of 365
    assert 1_000 * 36_500_00 - 20 * refund(36_500_00, year, year.first) == 35_770_000_00  # D-13


def test_the_premium_of_twelve_months() -> None:
    assert annual(18_000_00, Span(date(2026, 1, 1), date(2026, 7, 1))) == part(18_000_00, 365, 181)
    assert annual(36_500_00, Span(date(2026, 1, 1), date(2027, 1, 1))) == 36_500_00
