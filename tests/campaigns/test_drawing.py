"""Who falls into which part: stable, balanced, the same in Python and in PostgreSQL."""

from collections import Counter
from math import sqrt
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.desk import TEST, Desk, variants
from crm_api.campaigns.drawing import SPAN, Plan, draws, place

Weights = list[tuple[str, int]]
PLAN = Plan(5, 20, [("A", 50), ("B", 50)])


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    cuts = sorted(draw(st.sets(st.integers(1, 99), max_size=4)))
    edges = [0, *cuts, 100]
    weights = [("ABCDE"[at], edges[at + 1] - edges[at]) for at in range(len(edges) - 1)]
    return Plan(draw(st.integers(0, 50)), draw(st.none() | st.integers(1, 100)), weights)


@given(st.uuids(), st.lists(st.uuids(), min_size=1, max_size=30, unique=True), plans(), st.randoms())
def test_everybody_stands_where_they_stand_whatever_the_order(
    campaign: UUID, people: list[UUID], plan: Plan, random: Random
) -> None:
    first = {person: place(campaign, person, plan) for person in people}
    random.shuffle(people)
    assert {person: place(campaign, person, plan) for person in people} == first


@given(st.uuids(), st.uuids(), plans())
def test_everybody_has_a_variant_but_who_is_held_out_or_waits_for_the_verdict(
    campaign: UUID, person: UUID, plan: Plan
) -> None:
    where = place(campaign, person, plan)
    if where.part == "holdout":
        assert plan.holdout > 0
        assert where.variant is None
    elif where.part == "rest" and plan.sample is not None:
        assert where.variant is None
    else:
        assert where.variant in dict(plan.weights)


@given(st.uuids(), st.uuids())
def test_a_greater_sample_keeps_everybody_who_was_in_the_smaller_one(campaign: UUID, person: UUID) -> None:
    small, great = (Plan(0, percent, PLAN.weights) for percent in (10, 30))
    if place(campaign, person, small).part == "sample":
        assert place(campaign, person, great) == place(campaign, person, small)


@settings(max_examples=25)
@given(st.integers(0, 2**32), plans())
def test_parts_and_variants_are_as_large_as_planned(seed: int, plan: Plan) -> None:
    """Within five standard errors: what a fair draw leaves once in a million times."""
    random, total = Random(seed), 4000  # noqa: S311 - draws are to be the same every time
    campaign = UUID(int=random.getrandbits(128))
    places = Counter(place(campaign, UUID(int=random.getrandbits(128)), plan) for _ in range(total))
    held = sum(count for where, count in places.items() if where.part == "holdout")
    assert abs(held - total * plan.holdout / 100) <= 5 * sqrt(total * 0.25)
    chosen = {code: 0 for code, _ in plan.weights}
    for where, count in places.items():
        if where.variant:
            chosen[where.variant] += count
    drawn = sum(chosen.values())
    for code, weight in plan.weights:
        share = weight / 100
        assert abs(chosen[code] - drawn * share) <= 5 * sqrt(drawn * share * (1 - share)) + 1


@given(st.uuids(), st.uuids())
def test_the_three_draws_are_numbers_below_the_span(campaign: UUID, person: UUID) -> None:
    assert all(0 <= draw < SPAN for draw in draws(campaign, person))


def test_two_campaigns_draw_independently() -> None:
    """Who is held out of one is held out of the other as often as anybody."""
    random = Random(3)  # noqa: S311 - draws are to be the same every time
    people = [UUID(int=random.getrandbits(128)) for _ in range(20_000)]
    one, other = UUID(int=1), UUID(int=2)
    both = sum(
        place(one, person, PLAN).part == place(other, person, PLAN).part == "holdout" for person in people
    )
    assert 25 <= both <= 80


@pytest.mark.anyio
async def test_postgresql_draws_as_python_does(desk: Desk) -> None:
    people = await desk.people(300)
    campaign = await desk.launched(
        segment_ids=[await desk.segment(people)],
        holdout_percent=10,
        variants=variants(await desk.content(), 50, 30, 20),
        test=TEST | {"sample_percent": 40},
    )
    plan = Plan(10, 40, [("A", 50), ("B", 30), ("C", 20)])
    rows = await desk.owner.fetch("SELECT contact_id, part, variant FROM campaign_recipients")
    assert len(rows) == 300
    for row in rows:
        where = place(UUID(campaign["id"]), row["contact_id"], plan)
        assert (row["part"], row["variant"]) == (where.part, where.variant)
