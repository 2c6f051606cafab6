"""D-45: which variant is better, and how seldom chance is taken for a winner."""

from collections.abc import Callable
from itertools import pairwise
from math import comb, exp, lgamma, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.campaigns.trial import ALPHA, Arm, judged, p_of, z_of


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - draws are to be the same every time


def successes(random: Random, people: int, share: float) -> Callable[[], int]:
    """Draws how many of `people` do it when each does with probability `share`."""
    ways = lgamma(people + 1)
    weights = [
        exp(ways - lgamma(k + 1) - lgamma(people - k + 1) + k * log(share) + (people - k) * log(1 - share))
        for k in range(people + 1)
    ]
    counts = range(people + 1)
    return lambda: random.choices(counts, weights)[0]


def test_the_worked_example_of_the_book_has_b_as_its_winner() -> None:
    a, b = Arm("A", 1500, 300), Arm("B", 1500, 360)
    assert round(z_of(a, b), 3) == 2.644
    assert round(p_of(z_of(a, b)), 4) == 0.0082
    verdict = judged([a, b], min_sample=1000)
    assert verdict.winner == "B"
    assert round(verdict.comparisons[0].uplift or 0, 4) == 0.2


def test_a_small_difference_is_not_conclusive() -> None:
    verdict = judged([Arm("A", 1500, 300), Arm("B", 1500, 315)], min_sample=100)
    assert (verdict.winner, verdict.why) == (None, "not_proven")


def test_too_few_people_prove_nothing_however_great_the_difference() -> None:
    verdict = judged([Arm("A", 99, 10), Arm("B", 400, 300)], min_sample=100)
    assert (verdict.winner, verdict.why, verdict.comparisons) == (None, "too_few", ())


@pytest.mark.parametrize(
    "arms", [[Arm("A", 200, 0), Arm("B", 200, 0)], [Arm("A", 200, 200), Arm("B", 200, 200)]]
)
def test_arms_in_which_nothing_varies_have_no_winner(arms: list[Arm]) -> None:
    assert judged(arms, min_sample=100).winner is None


def test_of_three_variants_the_best_must_beat_both_others() -> None:
    close = [Arm("A", 1500, 300), Arm("B", 1500, 360), Arm("C", 1500, 355)]
    assert judged(close, min_sample=100).winner is None
    clear = [Arm("A", 1500, 300), Arm("B", 1500, 420), Arm("C", 1500, 355)]
    assert judged(clear, min_sample=100).winner == "B"


@given(
    st.lists(st.tuples(st.integers(30, 5000), st.floats(0, 1)), min_size=2, max_size=5),
    st.integers(1, 3000),
)
def test_the_verdict_does_not_depend_on_the_order_of_the_arms(
    drawn: list[tuple[int, float]], smallest: int
) -> None:
    arms = [Arm("ABCDE"[at], n, round(n * share)) for at, (n, share) in enumerate(drawn)]
    assert judged(arms, smallest).winner == judged(arms[::-1], smallest).winner


@pytest.mark.parametrize("people", [100, 200])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.2, 0.5])
def test_equals_have_a_winner_in_less_than_five_percent_of_all_possible_outcomes(
    people: int, share: float
) -> None:
    """Not simulated but summed up: every pair of counts with its probability."""
    chance = [comb(people, k) * share**k * (1 - share) ** (people - k) for k in range(people + 1)]
    likely = [k for k in range(people + 1) if chance[k] > 1e-9]
    false = sum(
        chance[one] * chance[other]
        for one in likely
        for other in likely
        if judged([Arm("A", people, one), Arm("B", people, other)], 30).winner
    )
    assert false < ALPHA


@pytest.mark.parametrize("variants", [2, 3, 5])
def test_simulated_campaigns_without_a_difference_seldom_find_a_winner(variants: int) -> None:
    """2,000 campaigns whose variants are equal, 1,500 people each, judged once at their end."""
    random = seeded(20_261_201 + variants)
    found, draw = 0, successes(random, 1500, 0.2)
    for _ in range(2000):
        arms = [Arm(code, 1500, draw()) for code in "ABCDE"[:variants]]
        found += judged(arms, 1000).winner is not None
    assert found / 2000 < ALPHA


def test_who_peeks_at_ten_moments_finds_false_winners_more_than_twice_as_often() -> None:
    """Why results before the end carry no verdict: the same people, judged after every tenth of them."""
    draw = successes(seeded(45), 150, 0.2)
    once = peeking = 0
    for _ in range(600):
        steps = [(draw(), draw()) for _ in range(10)]
        sums = [(sum(a for a, _ in steps[:at]), sum(b for _, b in steps[:at])) for at in range(1, 11)]
        assert all(later >= earlier for earlier, later in pairwise(sums))
        seen = [
            judged([Arm("A", 150 * at, a), Arm("B", 150 * at, b)], 100).winner is not None
            for at, (a, b) in enumerate(sums, 1)
        ]
        once += seen[-1]
        peeking += any(seen)
    assert peeking > 2 * once


def test_a_real_difference_is_found() -> None:
    """20 % against 24 %, 3,000 people each: the better one wins in most campaigns, the worse one in none."""
    random = seeded(7)
    worse, better = successes(random, 3000, 0.20), successes(random, 3000, 0.24)
    winners = [judged([Arm("A", 3000, worse()), Arm("B", 3000, better())], 1000).winner for _ in range(300)]
    assert winners.count("B") > 0.9 * len(winners)
    assert "A" not in winners
