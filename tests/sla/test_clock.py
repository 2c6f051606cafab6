"""The clock as a pure function: numbers worked by hand, and an oracle that looks at every single minute."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_api.kit.business_time import Calendar, Exceptional, Hours, Season
from crm_api.kit.clock import ALGIERS
from crm_api.sla.clock import (
    ENDED,
    Fact,
    SlaCategory,
    SlaFactKind,
    SlaMetric,
    SlaTimerState,
    Track,
    crossing,
    due_at,
    elapsed,
    stand,
    tracks,
)
from crm_api.sla.intervals import intervals

MINUTE = timedelta(minutes=1)
OFFICE = Calendar(
    ALGIERS,
    dict.fromkeys(range(5), (Hours(480, 720), Hours(750, 990))),
    {date(2026, 11, 1): Exceptional((), "Fête de la Révolution")},
)
C, K, M = SlaCategory, SlaFactKind, SlaMetric


def at(text: str) -> datetime:
    """A moment on the clocks of Algiers."""
    return datetime.fromisoformat(text).replace(tzinfo=ALGIERS)


def began(text: str, category: SlaCategory = C.NEW, *, answered: bool = False) -> Fact:
    return Fact(at(text), K.STARTED, category, answered)


def moved(text: str, category: SlaCategory) -> Fact:
    return Fact(at(text), K.MOVED, category)


def wrote(text: str) -> Fact:
    return Fact(at(text), K.CUSTOMER_WROTE)


def answered(text: str) -> Fact:
    return Fact(at(text), K.AGENT_ANSWERED)


def track(facts: Sequence[Fact], metric: SlaMetric, instance: int = 1, **how: bool) -> Track:
    return next(each for each in tracks(facts, **how) if (each.metric, each.instance) == (metric, instance))


# --- worked by hand (domain.md D-46 to D-50)


def test_d46_the_first_answer_counts_in_business_minutes() -> None:
    facts = [began("2026-11-19 16:00"), answered("2026-11-22 09:30")]
    first = track(facts, M.FIRST_REPLY)
    assert first.ending == "fulfilled"
    assert elapsed(first, OFFICE, at("2026-11-22 09:30")) == 120 * MINUTE
    assert first.ended_at - first.started_at == 3930 * MINUTE  # type: ignore[operator]


def test_d47_of_several_messages_the_first_starts_the_clock() -> None:
    facts = [
        began("2026-11-22 08:00"),
        answered("2026-11-22 08:30"),
        wrote("2026-11-22 09:00"),
        wrote("2026-11-22 09:45"),
        answered("2026-11-22 10:00"),
        wrote("2026-11-22 13:00"),
        answered("2026-11-22 15:00"),
        wrote("2026-11-22 16:00"),
        answered("2026-11-22 16:30"),
    ]
    gaps = [elapsed(track(facts, M.NEXT_REPLY, n), OFFICE, at("2026-11-23 08:00")) for n in (1, 2, 3)]
    assert gaps == [60 * MINUTE, 120 * MINUTE, 30 * MINUTE]
    assert sum(gaps, timedelta()) / len(gaps) == 70 * MINUTE


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [("2026-11-19 15:00", 480, "2026-11-22 15:00"), ("2026-10-29 15:30", 180, "2026-11-02 10:00")],
)
def test_d49_a_target_is_due_over_week_ends_and_holidays(start: str, minutes: int, due: str) -> None:
    assert due_at(track([began(start)], M.RESOLUTION), minutes * MINUTE, OFFICE) == at(due)


def test_d49_waiting_for_the_customer_is_excluded_and_a_reopening_judges_again() -> None:
    facts = [
        began("2026-11-22 08:00"),
        moved("2026-11-22 09:00", C.OPEN),
        moved("2026-11-22 10:00", C.PENDING),
        moved("2026-11-23 10:00", C.OPEN),
        moved("2026-11-23 11:00", C.SOLVED),
    ]
    solved = track(facts, M.RESOLUTION)
    assert elapsed(solved, OFFICE, at("2026-11-24 08:00")) == 180 * MINUTE
    standing = stand(solved, 240, OFFICE, (100,), 0, at("2026-11-24 08:00"))
    assert (standing.state, standing.fulfilled_at) == (SlaTimerState.FULFILLED, at("2026-11-23 11:00"))
    facts += [moved("2026-11-24 08:00", C.OPEN), moved("2026-11-24 10:00", C.SOLVED)]
    again = stand(track(facts, M.RESOLUTION), 240, OFFICE, (100,), 0, at("2026-11-24 12:00"))
    assert (again.state, again.breached_at) == (SlaTimerState.BREACHED, at("2026-11-24 09:00"))
    assert again.elapsed == 300 * MINUTE


def test_d50_the_resolution_ends_with_the_final_solution() -> None:
    facts = [
        began("2026-11-22 08:00"),
        moved("2026-11-22 10:00", C.SOLVED),
        moved("2026-11-22 11:00", C.OPEN),
        moved("2026-11-22 12:00", C.SOLVED),
        moved("2026-11-29 12:00", C.CLOSED),
    ]
    solved = track(facts, M.RESOLUTION)
    assert solved.ended_at == at("2026-11-22 12:00")
    assert elapsed(solved, OFFICE, at("2026-12-01 08:00")) == 180 * MINUTE


def test_on_hold_runs_on_unless_the_policy_counts_the_work_of_agents() -> None:
    facts = [began("2026-11-22 08:00"), moved("2026-11-22 09:00", C.ON_HOLD)]
    until = at("2026-11-22 11:00")
    assert elapsed(track(facts, M.RESOLUTION), OFFICE, until) == 180 * MINUTE
    assert elapsed(track(facts, M.RESOLUTION, on_hold_counts=False), OFFICE, until) == 60 * MINUTE


def test_work_that_is_out_rests_the_resolution_until_all_of_it_is_back() -> None:
    facts = [
        began("2026-11-22 08:00"),
        Fact(at("2026-11-22 09:00"), K.HELD),
        Fact(at("2026-11-22 09:30"), K.HELD),
        Fact(at("2026-11-22 10:00"), K.RELEASED),
        Fact(at("2026-11-22 11:00"), K.RELEASED),
    ]
    assert elapsed(track(facts, M.RESOLUTION), OFFICE, at("2026-11-22 12:00")) == 120 * MINUTE
    assert elapsed(track(facts, M.FIRST_REPLY), OFFICE, at("2026-11-22 12:00")) == 240 * MINUTE


def test_who_was_talked_to_is_owed_no_first_answer() -> None:
    assert [each.metric for each in tracks([began("2026-11-22 08:00", answered=True)])] == [M.RESOLUTION]


def test_a_solution_without_answer_leaves_no_first_answer_owed() -> None:
    facts = [began("2026-11-22 08:00"), moved("2026-11-22 09:00", C.SOLVED)]
    assert track(facts, M.FIRST_REPLY).ending == "cancelled"


def test_a_customer_who_writes_after_the_solution_is_owed_an_answer_from_the_reopening() -> None:
    facts = [
        began("2026-11-22 08:00"),
        answered("2026-11-22 08:30"),
        moved("2026-11-22 09:00", C.SOLVED),
        wrote("2026-11-23 09:00"),
        moved("2026-11-23 09:00", C.OPEN),
    ]
    assert track(facts, M.NEXT_REPLY).started_at == at("2026-11-23 09:00")


def test_an_answer_at_the_very_moment_is_in_time() -> None:
    first = track([began("2026-11-22 08:00"), answered("2026-11-22 10:00")], M.FIRST_REPLY)
    assert stand(first, 120, OFFICE, (100,), 0, at("2026-11-22 10:00")).state is SlaTimerState.FULFILLED
    assert stand(first, 119, OFFICE, (100,), 0, at("2026-11-22 10:00")).crossed == (100,)


def test_each_threshold_is_told_once_and_again_only_when_it_lies_ahead_again() -> None:
    running = track([began("2026-11-22 08:00")], M.FIRST_REPLY)
    early = stand(running, 100, OFFICE, (50, 75, 90, 100), 0, at("2026-11-22 09:20"))
    assert (early.crossed, early.told_percent, early.next_alert_at) == ((50, 75), 75, at("2026-11-22 09:30"))
    again = stand(running, 100, OFFICE, (50, 75, 90, 100), 75, at("2026-11-22 09:20"))
    assert again.crossed == ()
    later = stand(running, 200, OFFICE, (50, 75, 90, 100), 75, at("2026-11-22 09:20"))
    assert (later.told_percent, later.next_alert_at) == (0, at("2026-11-22 09:40"))


# --- against the oracle

ZONES = "Africa/Algiers", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"
STARTS = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 28), (10, 24), (11, 18), (4, 4))]
SPAN = 3 * 24 * 60


@st.composite
def day_hours(draw: st.DrawFn) -> tuple[Hours, ...]:
    edges = sorted(draw(st.lists(st.integers(0, 1440), max_size=4, unique=True)))
    return tuple(Hours(*pair) for pair in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    start = draw(st.sampled_from(STARTS)).date()
    week = {day: draw(day_hours()) for day in draw(st.sets(st.integers(0, 6), min_size=2))}
    exceptions = draw(
        st.dictionaries(
            st.integers(0, 4).map(lambda n: start + timedelta(days=n)),
            day_hours().map(Exceptional),
            max_size=2,
        )
    )
    seasons = [Season(start, start + timedelta(days=1), {day: draw(day_hours()) for day in range(7)})]
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    return Calendar(zone, week, exceptions, seasons if draw(st.booleans()) else [])


@st.composite
def stories(draw: st.DrawFn) -> list[Fact]:
    start = draw(st.sampled_from(STARTS))
    minutes = sorted(draw(st.lists(st.integers(0, SPAN - 1), max_size=9)))
    facts = [Fact(start, K.STARTED, C.NEW, draw(st.booleans()))]
    for minute in minutes:
        what = draw(
            st.sampled_from([K.MOVED, K.MOVED, K.CUSTOMER_WROTE, K.AGENT_ANSWERED, K.HELD, K.RELEASED])
        )
        category = draw(st.sampled_from(list(C))) if what is K.MOVED else None
        facts.append(Fact(start + minute * MINUTE, what, category))
    return facts


class Seen(NamedTuple):
    elapsed: int
    due: datetime | None
    ended: datetime | None
    ending: str | None


class Oracle:
    """Lives through the story minute by minute, and counts on its fingers."""

    def __init__(self, calendar: Calendar, target: int, on_hold_counts: bool) -> None:
        self.calendar, self.target, self.on_hold_counts = calendar, target, on_hold_counts
        self.category, self.held, self.asked = C.NEW, 0, False
        self.running: dict[tuple[SlaMetric, int], list[object]] = {}
        self.over: dict[tuple[SlaMetric, int], Seen] = {}
        self.solved: tuple[SlaMetric, int] | None = None

    def live(self, facts: list[Fact], until: datetime) -> dict[tuple[SlaMetric, int], Seen]:
        now, left = facts[0].at, list(facts)
        while now < until:
            while left and left[0].at == now:
                self.hear(left.pop(0), now)
            if self.opens(now):
                for (metric, _), state in self.running.items():
                    if self.counts(metric):
                        state[0] += 1  # type: ignore[operator]
                        if state[0] == self.target:
                            state[1] = now + MINUTE
            now += MINUTE
        going = {key: Seen(state[0], state[1], state[2], state[3]) for key, state in self.running.items()}  # type: ignore[arg-type]
        return self.over | going

    def opens(self, now: datetime) -> bool:
        local = now.astimezone(self.calendar.zone)
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.calendar.rule(local.date()).hours)

    def counts(self, metric: SlaMetric) -> bool:
        if metric in (M.FIRST_REPLY, M.NEXT_REPLY):
            return True
        running = {C.NEW, C.OPEN} | ({C.ON_HOLD} if self.on_hold_counts else set())
        return self.category in running and not self.held

    def hear(self, fact: Fact, now: datetime) -> None:
        if fact.what is K.STARTED:
            self.begin(M.RESOLUTION)
            if not fact.answered:
                self.begin(M.FIRST_REPLY)
        elif fact.what is K.MOVED:
            assert fact.category is not None
            self.move(fact.category, now)
        elif fact.what is K.CUSTOMER_WROTE:
            self.asked = True
            self.ask()
        elif fact.what is K.AGENT_ANSWERED:
            self.answer(now)
        else:
            self.held = max(0, self.held + (1 if fact.what is K.HELD else -1))

    def move(self, category: SlaCategory, now: datetime) -> None:
        was, self.category = self.category, category
        resolution = self.running[M.RESOLUTION, 1]
        if was not in ENDED and category in ENDED:
            self.end_answers(now, "cancelled")
            self.asked = False
            resolution[2:] = [now, "fulfilled"]
        if category not in ENDED:
            resolution[2:] = [None, None]
            if self.asked:
                self.ask()

    def ask(self) -> None:
        if not self.owes() and self.category not in ENDED:
            self.begin(M.NEXT_REPLY)

    def answer(self, now: datetime) -> None:
        self.asked = False
        self.end_answers(now, "fulfilled")
        if self.category not in ENDED:
            self.begin(M.UPDATE)

    def owes(self) -> bool:
        return any(metric in (M.FIRST_REPLY, M.NEXT_REPLY) for metric, _ in self.running)

    def begin(self, metric: SlaMetric) -> None:
        instance = 1 + sum(each == metric for each, _ in [*self.over, *self.running])
        self.running[metric, instance] = [0, None, None, None]

    def end_answers(self, now: datetime, how: str) -> None:
        for key in [key for key in self.running if key[0] is not M.RESOLUTION]:
            count, due, *_ = self.running.pop(key)
            self.over[key] = Seen(count, due, now, how)  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(calendars(), stories(), st.integers(1, 1500), st.booleans())
def test_every_track_is_what_a_patient_observer_would_have_counted(
    calendar: Calendar, facts: list[Fact], target: int, on_hold_counts: bool
) -> None:
    until = facts[0].at + SPAN * MINUTE
    expected = Oracle(calendar, target, on_hold_counts).live(facts, until)
    found = {(each.metric, each.instance): each for each in tracks(facts, on_hold_counts=on_hold_counts)}
    assert set(found) == set(expected)
    for key, each in found.items():
        due = due_at(each, target * MINUTE, calendar)
        seen = Seen(
            elapsed(each, calendar, until) // MINUTE,
            due if due is not None and due <= until else None,
            each.ended_at,
            each.ending,
        )
        assert seen == expected[key], key
        end = each.ended_at or until
        pieces = list(intervals(each, calendar, end))
        assert sum((p.end - p.start for p in pieces if p.counts), timedelta()) == elapsed(each, calendar, end)
        assert all(a.end == b.start for a, b in pairwise(pieces))


@settings(max_examples=60, deadline=None)
@given(calendars(), stories(), st.integers(10, 1500), st.lists(st.integers(0, SPAN), min_size=1, max_size=6))
def test_however_often_one_looks_each_threshold_is_told_once(
    calendar: Calendar, facts: list[Fact], target: int, looks: list[int]
) -> None:
    first = next((each for each in tracks(facts) if each.metric is M.RESOLUTION), None)
    assert first is not None
    told = 0
    heard: list[int] = []
    for minute in sorted(looks):
        standing = stand(first, target, calendar, (50, 75, 90, 100, 150), told, facts[0].at + minute * MINUTE)
        heard += standing.crossed
        told = standing.told_percent
    assert heard == sorted(set(heard))
    moments = [crossing(first, target, percent, calendar) for percent in heard]
    assert all(moment is not None for moment in moments)
