"""D-35 to the centime, and what holds for every model and every sale."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.attribution.sharing import MODELS, Touch, lift, shares
from crm_api.campaigns.words import CampaignModel

SOLD = datetime(2026, 11, 23, 9, tzinfo=UTC)
A, B, C = (UUID(int=n) for n in (1, 2, 3))
TOUCHES = [Touch(SOLD - timedelta(days=days), source) for days, source in ((20, A), (10, B), (3, C))]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", [6_000_000, 0, 0]),
        ("last", [0, 0, 6_000_000]),
        ("linear", [2_000_000, 2_000_000, 2_000_000]),
        ("time_decay", [661_128, 1_779_624, 3_559_248]),
        ("position", [2_400_000, 1_200_000, 2_400_000]),
    ],
)
def test_a_premium_of_60000_is_shared_as_the_book_says(model: str, expected: list[int]) -> None:
    assert shares(6_000_000, TOUCHES, SOLD, CampaignModel(model)) == expected


def test_last_passes_over_direct_visits() -> None:
    direct = [*TOUCHES, Touch(SOLD - timedelta(hours=1), None)]
    assert shares(6_000_000, direct, SOLD, CampaignModel.LAST) == [0, 0, 6_000_000, 0]


def test_two_touches_have_half_each_by_position() -> None:
    assert shares(101, TOUCHES[:2], SOLD, CampaignModel.POSITION) == [51, 50]


moments = st.lists(
    st.tuples(st.integers(0, 30 * 86_400), st.sampled_from([A, B, C, None])), min_size=1, max_size=40
).map(
    lambda found: [Touch(SOLD - timedelta(seconds=s), who) for s, who in sorted(found, key=lambda f: -f[0])]
)


@given(touches=moments, revenue=st.integers(-(10**12), 10**12), half_life=st.integers(1, 90))
def test_shares_sum_to_exactly_the_revenue(touches: list[Touch], revenue: int, half_life: int) -> None:
    for model in MODELS:
        assert sum(shares(revenue, touches, SOLD, model, half_life)) == revenue, model


@given(touches=moments.map(lambda found: found[:1]), revenue=st.integers(0, 10**12))
def test_with_one_touch_all_models_agree(touches: list[Touch], revenue: int) -> None:
    assert {tuple(shares(revenue, touches, SOLD, model)) for model in MODELS} == {(revenue,)}


@given(touches=moments, revenue=st.integers(0, 10**12))
def test_a_sale_reversed_takes_back_what_it_gave(touches: list[Touch], revenue: int) -> None:
    for model in MODELS:
        there, back = (shares(sign * revenue, touches, SOLD, model) for sign in (1, -1))
        assert sum(there) + sum(back) == 0


def test_the_lift_of_a_campaign_has_an_interval() -> None:
    """Newcombe 1998, table II, (a): 56/70 and 48/80 differ by 0.2, from 0.0524 to 0.3339."""
    found = lift(56, 70, 48, 80)
    assert found is not None
    assert [round(value, 4) for value in (found.lift, found.low, found.high)] == [0.2, 0.0524, 0.3339]
    assert lift(3, 10, 0, 0) is None
