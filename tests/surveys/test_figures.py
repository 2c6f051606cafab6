"""The worked numbers of the KPI book, and how honest small samples are."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_api.opportunities.figures import written
from crm_api.surveys.figures import average, csat, nps, wilson
from crm_api.surveys.sampling import chosen

MANY = settings(max_examples=60, deadline=None)


def test_d53_satisfaction() -> None:
    figure = csat([5] * 100 + [4] * 68 + [3] * 20 + [2] * 12 + [1] * 10)
    assert (figure.numerator, figure.sample, written(figure.value, 4)) == (168, 210, "0.8000")
    assert written(figure.mean, 2) == "4.12"


def test_d54_recommendation() -> None:
    figure = nps([10] * 30 + [9] * 22 + [8] * 20 + [7] * 10 + [6] * 8 + [0] * 10)
    assert (figure.numerator, figure.sample, written(figure.value, 1)) == (34, 100, "34.0")


@pytest.mark.parametrize("measure", [csat, nps, average])
def test_four_answers_give_no_figure_and_five_do(measure: type) -> None:
    few, enough = measure([5] * 4), measure([5] * 5)
    assert (few.value, few.low, few.mean, few.sample) == (None, None, None, 4)
    assert enough.value is not None
    assert measure([]).value is None


def test_wilson_is_the_published_interval() -> None:
    """Newcombe (1998), table I: 81 of 263 are 0.2553 to 0.3662, 0 of 20 are 0 to 0.1611."""
    assert [round(bound, 4) for bound in wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(bound, 4) for bound in wilson(0, 20)] == [0.0, 0.1611]


@MANY
@given(st.lists(st.integers(1, 5), min_size=5, max_size=80))
def test_the_share_lies_in_its_interval_and_nothing_leaves_the_scale(scores: list[int]) -> None:
    figure = csat(scores)
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    assert 0 <= figure.low <= figure.value + Fraction(1, 10**9) <= figure.high + 1e-6 <= 1.01


@MANY
@given(st.lists(st.integers(0, 10), min_size=5, max_size=80))
def test_recommendation_stays_between_its_ends(scores: list[int]) -> None:
    figure = nps(scores)
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    assert -100 <= figure.low <= float(figure.value) + 1e-9 <= figure.high + 2e-9 <= 100.01


def test_a_sample_is_the_same_every_time_and_about_as_large_as_was_said() -> None:
    survey = UUID(int=7)
    subjects = [f"claim|{uuid4()}" for _ in range(4000)]
    taken = [chosen(survey, one, Decimal("0.25")) for one in subjects]
    assert taken == [chosen(survey, one, Decimal("0.25")) for one in subjects]
    assert 0.21 < sum(taken) / 4000 < 0.29
    assert all(chosen(survey, one, Decimal(1)) for one in subjects)
