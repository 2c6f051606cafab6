"""The worked numbers of the KPI book that claims bear (domain.md D-15 to D-19)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.claims.figures import (
    average_cost,
    combined_ratio,
    frequency,
    incurred,
    loss_ratio,
    median,
    percentile,
    share_within,
)

DAYS = [9, 14, 18, 21, 33]


def test_the_loss_ratio() -> None:
    """(1,150,000 + 350,000 - 100,000) / 2,500,000."""
    ratio = loss_ratio(1_150_000_00, 350_000_00, 100_000_00, 2_500_000_00)
    assert ratio == Decimal("0.5600")
    assert combined_ratio(ratio, Decimal("0.31")) == Decimal("0.8700")
    assert loss_ratio(1, 0, 0, 0) is None
    assert combined_ratio(None, Decimal("0.31")) is None


def test_the_frequency_and_the_average_cost() -> None:
    assert frequency(42, Decimal(700)) == Decimal("0.0600")
    assert frequency(42, Decimal(0)) is None
    assert average_cost(1_400_000_00, 42) == 33_333_33
    assert average_cost(1_400_000_00, 0) is None
    assert average_cost(3, 2) == 2  # half a centime goes up


def test_the_time_to_settle() -> None:
    assert median(DAYS) == 18
    assert share_within(DAYS, 21) == Decimal("0.8000")
    assert share_within(DAYS, 45) == Decimal("1.0000")
    assert (median([]), share_within([], 21)) == (None, None)
    assert median([10, 20]) == 15
    assert percentile(DAYS, Decimal("0.9")) == Decimal("28.2")


def test_what_a_claim_cost() -> None:
    assert incurred(92_500_00, 2_500_00, 46_250_00) == 48_750_00
    assert incurred(92_500_00, 2_500_00, 46_250_00, 8_750_00) == 40_000_00


@pytest.mark.parametrize("share", [Decimal("0.1"), Decimal("0.5"), Decimal("0.9")])
@given(days=st.lists(st.integers(0, 900), min_size=1, max_size=60))
def test_a_percentile_lies_between_the_least_and_the_most(share: Decimal, days: list[int]) -> None:
    found = percentile(days, share)
    assert found is not None
    assert min(days) <= found <= max(days)
    assert percentile(days, share) == percentile(days[::-1], share)
