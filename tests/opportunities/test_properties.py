"""What holds for any pipeline and any sales, drawn by hypothesis."""

import random
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.clock import today
from crm_api.kit.errors import Conflict
from crm_api.kit.money import line, rounded
from crm_api.opportunities.errors import StageMoveNotAllowed
from crm_api.opportunities.figures import accuracy, ratio, velocity, written
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityOutcome
from crm_api.opportunities.track import Breach, Stage, Stay, Track, breaches, missing
from opportunities.sales import Sales, amount

SEED = 20261123
FIELDS = ("contact_id", "amount", "next_step", "custom.fleet_size")
_FILLED = dict.fromkeys(FIELDS, "x")


def _stage(code: str, outcome: OpportunityOutcome = OpportunityOutcome.OPEN, **rules: Any) -> Stage:
    return Stage(
        code=code,
        label=code,
        outcome=outcome,
        probability=Decimal("0.5"),
        forecast_category=ForecastCategory.PIPELINE,
        max_days=None,
        required_fields=rules.get("required_fields", ()),
        is_entry=rules.get("is_entry", True),
        needs_approval=rules.get("needs_approval", False),
    )


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    count = draw(st.integers(1, 6))
    stages = [
        _stage(
            f"s{at}",
            is_entry=at == 0 or draw(st.booleans()),
            needs_approval=at > 0 and draw(st.booleans()),
            required_fields=tuple(draw(st.sets(st.sampled_from(FIELDS)))),
        )
        for at in range(count)
    ]
    ends = (_stage("won", OpportunityOutcome.WON), _stage("lost", OpportunityOutcome.LOST))
    return Track((*stages, *ends), no_skipping=draw(st.booleans()), no_backwards=draw(st.booleans()))


@given(tracks(), st.data())
def test_what_is_allowed_is_just_what_can_be_done(track: Track, data: st.DataObject) -> None:
    current = data.draw(st.sampled_from(track.open)).code
    done = set()
    for stage in track.open:
        with suppress(StageMoveNotAllowed):
            track.move(current, stage.code)
            done.add(stage.code)
    assert done == set(track.allowed(current))
    assert current not in done
    place = [stage.code for stage in track.open].index
    if track.no_skipping:
        assert all(place(code) <= place(current) + 1 for code in done)
    if track.no_backwards:
        assert all(place(code) > place(current) for code in done)
    if not (track.no_skipping or track.no_backwards):
        assert len(done) == len(track.open) - 1


@given(tracks(), st.data())
def test_who_keeps_the_rules_contradicts_none(track: Track, data: st.DataObject) -> None:
    """Any walk that the rules let somebody make is clean under the same rules."""
    history = [Stay(track.entry(None).code, approved=False)]
    for _ in range(data.draw(st.integers(0, 8))):
        allowed = track.allowed(history[-1].stage)
        if not allowed:
            break
        wanted = track.stage(data.draw(st.sampled_from(allowed)))
        history.append(Stay(wanted.code, approved=wanted.needs_approval))
    assert breaches(track, history[-1].stage, history, _FILLED.get) == []


@given(tracks(), tracks(), st.data())
def test_a_walk_contradicts_other_rules_only_by_what_it_did(
    old: Track, new: Track, data: st.DataObject
) -> None:
    history = [Stay(old.entry(None).code, approved=False)]
    for _ in range(data.draw(st.integers(0, 8))):
        if allowed := old.allowed(history[-1].stage):
            history.append(Stay(data.draw(st.sampled_from(allowed)), approved=False))
    found = breaches(new, history[-1].stage, history, lambda _: None)
    kinds = {breach for breach, _ in found}
    codes = [stage.code for stage in new.open]
    if history[-1].stage not in codes:
        assert kinds == {Breach.STAGE_GONE}
        return
    steps = [
        codes.index(after.stage) - codes.index(before.stage)
        for before, after in pairwise(history)
        if before.stage in codes and after.stage in codes
    ]
    assert (Breach.SKIPPED in kinds) == (new.no_skipping and any(step > 1 for step in steps))
    assert (Breach.WENT_BACK in kinds) == (new.no_backwards and any(step < 0 for step in steps))
    assert (Breach.NOT_APPROVED in kinds) == new.stage(history[-1].stage).needs_approval
    assert {about for breach, about in found if breach is Breach.FIELD_MISSING} == set(
        missing(new.stage(history[-1].stage), lambda _: None)
    )


@given(tracks(), st.data())
def test_every_sale_can_be_lost_and_the_last_stage_can_be_won(track: Track, data: st.DataObject) -> None:
    current = data.draw(st.sampled_from(track.open)).code
    assert track.lose().outcome is OpportunityOutcome.LOST
    last = current == track.open[-1].code
    try:
        won = track.win(current).outcome is OpportunityOutcome.WON
    except Conflict:
        won = False
    assert won == (last or not track.no_skipping)


whole = st.integers(0, 10**15)


@given(whole, whole)
def test_an_accuracy_is_a_share_or_unknown(actual: int, forecast: int) -> None:
    found = accuracy(actual, forecast)
    assert found is None if actual == 0 else 0 <= found <= 1
    if actual and forecast == actual:
        assert found == 1


@given(st.integers(0, 10**6), whole, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_velocity_is_exact_or_unknown(won: int, amount: int, lost: int, days: int, open_count: int) -> None:
    found = velocity(open_count, ratio(won, won + lost), ratio(amount, won), ratio(days, won))
    if won == 0 or days == 0:
        assert found is None
    else:
        assert found == Fraction(open_count * amount * won, (won + lost) * days)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9), st.integers(0, 6))
def test_figures_are_written_as_money_is_rounded(above: int, below: int, decimals: int) -> None:
    text = written(Fraction(above, below), decimals)
    assert text is not None
    assert abs(Fraction(text) - Fraction(above, below)) * 2 <= Fraction(1, 10**decimals)
    if decimals == 2:
        exact = Decimal(above) / Decimal(8)
        assert written(Fraction(above, 8), 2) == str(Decimal(rounded(exact)).scaleb(-2))


@pytest.mark.anyio
async def test_the_forecast_is_the_sum_of_its_sales_to_the_centime(sales: Sales) -> None:
    """What PostgreSQL weighs and adds up is what `kit.money` does, sale by sale."""
    dice = random.Random(SEED)  # noqa: S311 - the same sales every time
    expected, operations = 0, []
    close = (today() + timedelta(days=5)).isoformat()
    for _ in range(60):
        centimes = dice.randrange(10**9)
        data = sales.body(amount=amount(f"{centimes // 100}.{centimes % 100:02}"), close_date=close)
        operations.append({"op": "create", "data": data})
    batch = (await sales.ask("POST", "/v1/opportunities/batch", {"operations": operations})).json()
    assert batch["failed"] == 0, batch
    for row in batch["results"]:
        share = f"0.{dice.randrange(10**6):06}"
        sale = await sales.done(row["data"], "override-probability", probability=share, reason="Tirage")
        weighed = line(_centimes(sale["amount"]), Decimal(share))
        assert _centimes(sale["weighted_amount"]) == weighed
        expected += weighed
    period = {"start": today().isoformat(), "end": (today() + timedelta(days=9)).isoformat()}
    for group in ({}, {"group_by": "stage"}):
        found = await sales.get("/v1/forecasts", **period, **group)
        assert _centimes(found["weighted_forecast"]) == expected
        parts = sum(_centimes(one["weighted"]) for one in found["categories"])
        assert parts == expected == _centimes(found["open"]["weighted"])


def _centimes(money: dict[str, str]) -> int:
    return int(Decimal(money["amount"]) * 100)
