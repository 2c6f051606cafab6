"""The arithmetic of premiums in parts, over random ones; and the worked numbers of the book."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.billing.figures import collection_rate, dso
from crm_api.billing.filters import AgeingBucket, bucket_of
from crm_api.billing.lines import Lines, divided, share, spread, unearned
from crm_api.billing.plan import parts
from crm_api.kit.clock import ALGIERS
from crm_api.policies.models.policy import PaymentPlan

AMOUNTS = st.integers(0, 10**12)
PREMIUMS = st.builds(Lines, *[AMOUNTS] * 7)
DAYS = st.dates(date(2020, 1, 1), date(2090, 12, 31))
PLANS = st.sampled_from(PaymentPlan)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ALGIERS)


@given(PREMIUMS, PLANS, DAYS, st.integers(0, 800))
def test_the_parts_of_any_premium_add_up_and_follow_each_other(
    premium: Lines, plan: PaymentPlan, begins: date, days: int
) -> None:
    ends = begins + timedelta(days=days)
    found = parts(premium, plan, noon(begins), noon(ends) + timedelta(minutes=1))
    assert sum((part.lines for part in found), Lines()) == premium
    assert sum(part.lines.total for part in found) == premium.total
    assert found[0].period_from == found[0].due_on == begins
    assert [part.seq for part in found] == list(range(1, len(found) + 1))
    assert all(one.period_to == other.period_from for one, other in pairwise(found))
    assert all(part.period_from < part.period_to for part in found)
    assert found[-1].period_to == max(ends, begins + timedelta(days=1))
    assert all(
        part.lines.fee == part.lines.dimension_stamp == part.lines.vehicle_tax == 0 for part in found[1:]
    )


@given(AMOUNTS, st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_what_is_spread_adds_up_and_no_part_is_a_centime_off(amount: int, weights: list[int]) -> None:
    found = spread(amount, weights)
    assert sum(found) == amount
    if whole := sum(weights):
        exact = [Decimal(amount) * weight / whole for weight in weights]
        assert all(abs(part - true) <= 1 for part, true in zip(found, exact, strict=True))


@given(PREMIUMS, DAYS, st.integers(1, 800), st.integers(-10, 900))
def test_what_is_earned_and_what_is_given_back_are_the_premium(
    premium: Lines, begins: date, days: int, used: int
) -> None:
    ends = begins + timedelta(days=days)
    back = unearned(premium, begins, ends, begins + timedelta(days=used))
    assert 0 <= back.net <= premium.net
    assert 0 <= back.vat <= premium.vat
    assert 0 <= back.fga <= premium.fga
    assert (back.fee, back.dimension_stamp, back.graduated_stamp, back.vehicle_tax) == (0, 0, 0, 0)
    assert back.net == share(premium.net, min(max(days - used, 0), days), days)
    if used <= 0:
        assert back.net == premium.net
    if used >= days:
        assert back.total == 0


@given(PREMIUMS, DAYS, st.integers(1, 800), st.integers(0, 800), st.integers(0, 800))
def test_who_leaves_later_gets_no_more_back(
    premium: Lines, begins: date, days: int, one: int, two: int
) -> None:
    ends = begins + timedelta(days=days)
    early, late = (
        unearned(premium, begins, ends, begins + timedelta(days=used)).total for used in sorted((one, two))
    )
    assert early >= late


def test_the_refund_of_the_book() -> None:
    """D-30: 36,500.00, day 100 of 365: 26,500.00."""
    begins = date(2026, 1, 1)
    back = unearned(Lines(net=36_500_00), begins, date(2027, 1, 1), begins + timedelta(days=100))
    assert back.total == 26_500_00


def test_a_leap_year_has_its_own_days() -> None:
    back = unearned(Lines(net=366_00), date(2028, 1, 1), date(2029, 1, 1), date(2028, 3, 1))
    assert back.net == (366 - 60) * 100


def test_value_added_tax_stands_where_its_base_does() -> None:
    found = divided(Lines(net=100_000_00, fee=500_00, vat=19_095_00, fga=300_00, vehicle_tax=1_500_00), 4)
    assert [part.net for part in found] == [25_000_00] * 4
    assert [part.vat for part in found] == [4_845_00, 4_750_00, 4_750_00, 4_750_00]
    assert [part.fga for part in found] == [75_00] * 4
    assert [part.vehicle_tax for part in found] == [1_500_00, 0, 0, 0]


def test_a_centime_that_does_not_divide_is_not_lost() -> None:
    assert [part.net for part in divided(Lines(net=100), 3)] == [33, 34, 33]


@pytest.mark.parametrize(
    ("plan", "count"),
    [("single", 1), ("semiannual", 2), ("quarterly", 4), ("monthly", 12)],
)
def test_a_year_is_paid_in_so_many_parts(plan: str, count: int) -> None:
    found = parts(Lines(net=120_000_00), PaymentPlan(plan), noon(date(2026, 12, 1)), noon(date(2027, 12, 1)))
    assert len(found) == count
    assert {part.due_on.day for part in found} == {1}


def test_months_end_where_they_end() -> None:
    found = parts(Lines(net=300_00), PaymentPlan.MONTHLY, noon(date(2027, 1, 31)), noon(date(2027, 4, 30)))
    assert [part.due_on for part in found] == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]


def test_a_contract_that_begins_at_eleven_in_the_evening_utc_begins_the_next_day() -> None:
    """The months of Algiers begin at 23:00 UTC."""
    begins = datetime(2026, 11, 30, 23, tzinfo=UTC)
    found = parts(Lines(net=400_00), PaymentPlan.QUARTERLY, begins, datetime(2027, 11, 30, 23, tzinfo=UTC))
    assert [part.due_on for part in found] == [
        *(date(2026, 12, 1), date(2027, 3, 1), date(2027, 6, 1), date(2027, 9, 1))
    ]
    assert found[-1].period_to == date(2027, 12, 1)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        *((-5, "not_due"), (0, "not_due"), (1, "d1_30"), (30, "d1_30"), (31, "d31_60"), (60, "d31_60")),
        *((61, "d61_90"), (90, "d61_90"), (91, "d91_180"), (180, "d91_180"), (181, "d181_365")),
        *((365, "d181_365"), (366, "over_365"), (4000, "over_365")),
    ],
)
def test_the_edges_of_the_ageing_are_those_of_the_book(days: int, bucket: str) -> None:
    """D-28: 30 days are "1-30", 31 are "31-60"."""
    assert bucket_of(days) is AgeingBucket(bucket)


def test_the_figures_of_the_book() -> None:
    assert collection_rate(4_800_000_00, 4_320_000_00) == Decimal("0.9000")  # D-27 at due + 0
    assert collection_rate(4_800_000_00, 4_560_000_00) == Decimal("0.9500")  # and at + 90 days
    assert collection_rate(0, 0) is None
    assert dso(900_000_00, 5_400_000_00, 90) == Decimal("15.0")  # D-29
    assert dso(900_000_00, 0, 90) is None
