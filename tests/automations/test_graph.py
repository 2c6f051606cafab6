"""Graphs: what makes one unsound, and that whoever walks through a sound one comes to its end."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.automations.graph import STEPS, Facts, faults, following, go

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)


def wait(key: str, next: str | None = None, **more: Any) -> dict[str, Any]:
    return {"kind": "wait", "key": key, "minutes": 60, "next": next} | more


def fault_of(first: str, *steps: dict[str, Any]) -> tuple[str, str] | None:
    found = faults(first, STEPS.validate_python(list(steps)))
    return (found[0].code, found[0].detail) if found else None


def test_a_circle_is_named() -> None:
    assert fault_of("a", wait("a", "b"), wait("b", "c"), wait("c", "b")) == (
        "automation_circle",
        "b → c → b",
    )
    assert fault_of("a", wait("a", "a")) == ("automation_circle", "a → a")


@pytest.mark.parametrize(
    ("first", "steps", "code"),
    [
        ("x", [wait("a")], "automation_next"),
        ("a", [wait("a", "x")], "automation_next"),
        ("a", [wait("a"), wait("a")], "automation_key"),
        ("a", [wait("a"), wait("b")], "automation_unreached"),
        ("a", [wait("a", minutes=None)], "automation_wait"),
        ("a", [wait("a", business_minutes=5)], "automation_wait"),
        (
            "a",
            [{"kind": "split", "key": "a", "branches": [{"weight": 50}, {"weight": 40}]}],
            "automation_weights",
        ),
    ],
)
def test_a_graph_that_leads_nowhere_is_refused(first: str, steps: list[dict[str, Any]], code: str) -> None:
    found = fault_of(first, *steps)
    assert found is not None
    assert found[0] == code


@st.composite
def graphs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Any edges, forwards and backwards."""
    count = draw(st.integers(1, 12))
    keys = [f"s{number}" for number in range(count)]
    target = st.none() | st.sampled_from(keys)
    steps: list[dict[str, Any]] = []
    for key in keys:
        kind = draw(st.sampled_from(["wait", "condition", "split", "exit"]))
        if kind == "wait":
            steps.append(wait(key, draw(target)))
        elif kind == "condition":
            asked = {"fact": "has_email"}
            steps.append(
                {"kind": kind, "key": key, "condition": asked, "yes": draw(target), "no": draw(target)}
            )
        elif kind == "split":
            halves = [{"weight": 50, "next": draw(target)}, {"weight": 50, "next": draw(target)}]
            steps.append({"kind": kind, "key": key, "branches": halves})
        else:
            steps.append({"kind": kind, "key": key})
    return steps


@given(graphs(), st.booleans())
def test_a_graph_is_refused_or_everybody_comes_to_its_end(raw: list[dict[str, Any]], has_email: bool) -> None:
    parsed = STEPS.validate_python(raw)
    found = faults("s0", parsed)
    if any(fault.code == "automation_circle" for fault in found):
        circle = found[0].detail.split(" → ")
        by_key = {step.key: step for step in parsed}
        assert circle[0] == circle[-1]
        assert all(b in following(by_key[a]) for a, b in pairwise(circle))
        return
    if found:
        return
    steps, key, waited, moment = {step.key: step for step in parsed}, "s0", False, NOW
    seen: list[str] = []
    person = uuid4()
    for _ in range(len(parsed) + 1):
        way = go(steps, key, person, Facts(has_email=has_email), moment, lambda at, _: at, waited=waited)
        seen += [step for step, _ in way.passed]
        if way.waits_until is None:
            break
        key, waited, moment = way.step, True, way.waits_until
    assert way.waits_until is None
    assert len(seen) == len(set(seen)), "a step is passed once"


def test_a_split_draws_the_same_way_for_the_same_person_and_half_of_them_each() -> None:
    steps = {
        step.key: step
        for step in STEPS.validate_python(
            [
                {"kind": "split", "key": "a", "branches": [{"weight": 50, "next": "b"}, {"weight": 50}]},
                {"kind": "exit", "key": "b"},
            ]
        )
    }
    drawn = []
    for number in range(2000):
        person = uuid4()
        ways = {
            go(steps, "a", person, Facts(), NOW + timedelta(days=day), lambda at, _: at, waited=False).passed[
                0
            ]
            for day in range(2)
        }
        assert len(ways) == 1, number
        drawn.append(ways.pop()[1])
    assert 900 < drawn.count("A") < 1100  # four and a half standard deviations
