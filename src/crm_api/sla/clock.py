"""What became of a promise, from what happened: pure functions, no database, no present moment of their own.

The facts of a clock give the tracks of its metrics (when each ran, when it rested, how it ended); a track, a
target and a calendar give the moment at which the promise is broken. Counting again gives the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from crm_api.kit.business_time import Calendar, NeverOpens


class SlaMetric(StrEnum):
    """What is promised in time: the first answer, each next one, news again and again, the solution."""

    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    UPDATE = "update"
    RESOLUTION = "resolution"


class SlaTimerState(StrEnum):
    """Where a promise stands: it runs, rests, was kept, was broken, or is owed no longer."""

    RUNNING = "running"
    PAUSED = "paused"
    FULFILLED = "fulfilled"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class SlaCategory(StrEnum):
    """Where the work stands, as far as clocks care."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


class SlaFactKind(StrEnum):
    """What can happen to a clock."""

    STARTED = "started"
    MOVED = "moved"
    CUSTOMER_WROTE = "customer_wrote"
    AGENT_ANSWERED = "agent_answered"
    HELD = "held"
    RELEASED = "released"
    RECLASSIFIED = "reclassified"


ENDED = frozenset({SlaCategory.SOLVED, SlaCategory.CLOSED})
WARNINGS = (50, 75, 90)
BREACH = 100
Why = Literal["new", "open", "pending", "on_hold", "solved", "closed", "held"]


class Fact(NamedTuple):
    """One thing that happened. `category`: of a start and a move; `answered`: it began with an answer."""

    at: datetime
    what: SlaFactKind
    category: SlaCategory | None = None
    answered: bool = False


class Stretch(NamedTuple):
    """From a moment to another (None: goes on), during which a metric counts or rests, and why."""

    start: datetime
    end: datetime | None
    counts: bool
    why: Why


class Track(NamedTuple):
    """One metric of a clock, from its start to its end."""

    metric: SlaMetric
    instance: int
    stretches: tuple[Stretch, ...]
    ended_at: datetime | None
    ending: Literal["fulfilled", "cancelled"] | None

    @property
    def started_at(self) -> datetime:
        return self.stretches[0].start


@dataclass(slots=True)
class _Open:
    """A track that is being written."""

    metric: SlaMetric
    instance: int
    stretches: list[Stretch] = field(default_factory=list)
    solved_at: datetime | None = None

    def turn(self, at: datetime, counts: bool, why: Why) -> None:
        if self.stretches:
            last = self.stretches[-1]
            if (last.counts and counts) or (last.counts, last.why) == (counts, why):
                return
            if last.start == at:
                self.stretches.pop()
            else:
                self.stretches[-1] = last._replace(end=at)
        self.stretches.append(Stretch(at, None, counts, why))

    def ended(self, at: datetime, ending: Literal["fulfilled", "cancelled"]) -> Track:
        cut = [*self.stretches[:-1], self.stretches[-1]._replace(end=at)]
        return Track(self.metric, self.instance, tuple(cut), at, ending)

    def standing(self) -> Track:
        if self.solved_at is not None:
            worked = tuple(self.stretches[:-1]) or (self._empty(),)
            return Track(self.metric, self.instance, worked, self.solved_at, "fulfilled")
        return Track(self.metric, self.instance, tuple(self.stretches), None, None)

    def _empty(self) -> Stretch:
        at = self.stretches[0].start
        return Stretch(at, at, False, self.stretches[0].why)


class _Book:
    """Reads the facts one after the other."""

    def __init__(self, on_hold_counts: bool) -> None:
        self.on_hold_counts = on_hold_counts
        self.category = SlaCategory.NEW
        self.held = 0
        self.awaiting = False
        self.open: dict[SlaMetric, _Open] = {}
        self.over: list[Track] = []
        self.instances: dict[SlaMetric, int] = {}

    def enter(self, fact: Fact) -> None:
        if fact.what is SlaFactKind.STARTED:
            self.category = fact.category or SlaCategory.NEW
            self._begin(SlaMetric.RESOLUTION, fact.at)
            if not fact.answered:
                self._begin(SlaMetric.FIRST_REPLY, fact.at)
        elif fact.what is SlaFactKind.MOVED and fact.category:
            self._move(fact.at, fact.category)
        elif fact.what is SlaFactKind.CUSTOMER_WROTE:
            self.awaiting = True
            self._await(fact.at)
        elif fact.what is SlaFactKind.AGENT_ANSWERED:
            self._answer(fact.at)
        elif fact.what in (SlaFactKind.HELD, SlaFactKind.RELEASED):
            self.held = max(self.held + (1 if fact.what is SlaFactKind.HELD else -1), 0)
            self._turn_all(fact.at)

    def tracks(self) -> list[Track]:
        return [*self.over, *(track.standing() for track in self.open.values())]

    def _move(self, at: datetime, category: SlaCategory) -> None:
        before, self.category = self.category, category
        resolution = self.open.get(SlaMetric.RESOLUTION)
        if category in ENDED and before not in ENDED:
            for metric in (SlaMetric.FIRST_REPLY, SlaMetric.NEXT_REPLY, SlaMetric.UPDATE):
                self._end(metric, at, "cancelled")
            self.awaiting = False
            if resolution:
                resolution.turn(at, False, self._why())
                resolution.solved_at = at
        elif category not in ENDED:
            if resolution:
                resolution.solved_at = None
            if self.awaiting:
                self._await(at)
        if category not in ENDED or before not in ENDED:
            self._turn_all(at)

    def _await(self, at: datetime) -> None:
        """Of several messages in a row the first one starts the clock (D-47)."""
        waits = SlaMetric.FIRST_REPLY in self.open or SlaMetric.NEXT_REPLY in self.open
        if not waits and self.category not in ENDED:
            self._begin(SlaMetric.NEXT_REPLY, at)

    def _answer(self, at: datetime) -> None:
        self.awaiting = False
        for metric in (SlaMetric.FIRST_REPLY, SlaMetric.NEXT_REPLY, SlaMetric.UPDATE):
            self._end(metric, at, "fulfilled")
        if self.category not in ENDED:
            self._begin(SlaMetric.UPDATE, at)

    def _begin(self, metric: SlaMetric, at: datetime) -> None:
        self.instances[metric] = self.instances.get(metric, 0) + 1
        self.open[metric] = _Open(metric, self.instances[metric])
        self.open[metric].turn(at, self._counts(metric), self._why())

    def _end(self, metric: SlaMetric, at: datetime, ending: Literal["fulfilled", "cancelled"]) -> None:
        if track := self.open.pop(metric, None):
            self.over.append(track.ended(at, ending))

    def _turn_all(self, at: datetime) -> None:
        for metric, track in self.open.items():
            track.turn(at, self._counts(metric), self._why())

    def _counts(self, metric: SlaMetric) -> bool:
        if metric in (SlaMetric.FIRST_REPLY, SlaMetric.NEXT_REPLY):
            return True
        if self.held or self.category in ENDED or self.category is SlaCategory.PENDING:
            return False
        return self.category is not SlaCategory.ON_HOLD or self.on_hold_counts

    def _why(self) -> Why:
        if self.held and self.category not in ENDED:
            return "held"
        return self.category.value


def tracks(facts: Iterable[Fact], *, on_hold_counts: bool = True) -> list[Track]:
    """When each metric ran and rested. Facts come in the order in which they happened."""
    book = _Book(on_hold_counts)
    for fact in facts:
        book.enter(fact)
    return book.tracks()


def due_at(track: Track, target: timedelta, calendar: Calendar) -> datetime | None:
    """When so much business time has counted: past or to come; None if it never will as things stand."""
    left = target
    for stretch in track.stretches:
        if not stretch.counts:
            continue
        if stretch.end is None:
            try:
                return calendar.add(stretch.start, left)
            except NeverOpens:
                return None
        passed = calendar.time_between(stretch.start, stretch.end)
        if passed >= left:
            return calendar.add(stretch.start, left)
        left -= passed
    return None


def elapsed(track: Track, calendar: Calendar, until: datetime) -> timedelta:
    """Business time that counted until a moment."""
    return sum(
        (
            calendar.time_between(stretch.start, min(stretch.end or until, until))
            for stretch in track.stretches
            if stretch.counts and stretch.start < until
        ),
        timedelta(),
    )


class Known(NamedTuple):
    """What is recorded of a timer already."""

    target_minutes: int
    told_percent: int


class Standing(NamedTuple):
    """Where a timer stands at a moment."""

    metric: SlaMetric
    instance: int
    state: SlaTimerState
    target_minutes: int
    started_at: datetime
    paused_at: datetime | None
    elapsed: timedelta
    due_at: datetime | None
    fulfilled_at: datetime | None
    breached_at: datetime | None
    cancelled_at: datetime | None
    over_at: datetime | None
    told_percent: int
    next_alert_at: datetime | None
    crossed: tuple[int, ...] = ()
    """Thresholds that were crossed since the last announcement, rising: to be announced now."""


def stand(
    track: Track, minutes: int, calendar: Calendar, thresholds: Sequence[int], told: int, moment: datetime
) -> Standing:
    """`thresholds` in percent, rising; `told`: the last one that was announced."""
    until = track.ended_at or moment
    going_on, passed = _going_on(track), elapsed(track, calendar, until)
    due = due_at(going_on, timedelta(minutes=minutes), calendar)
    late = due is not None and due < until
    last = track.stretches[-1]
    rests = track.ended_at is None and not last.counts
    behind, alert_at = _alerts(going_on, minutes, calendar, thresholds, passed, until)
    crossed = tuple(each for each in thresholds if told < each <= behind)
    if track.ended_at is not None:  # what was in time is nobody's news any more
        alert_at, crossed = None, tuple(each for each in crossed if each == BREACH)
    return Standing(
        metric=track.metric,
        instance=track.instance,
        state=_state(track, late, rests),
        target_minutes=minutes,
        started_at=track.started_at,
        paused_at=last.start if rests else None,
        elapsed=passed,
        due_at=due,
        fulfilled_at=track.ended_at if track.ending == "fulfilled" else None,
        breached_at=due if late else None,
        cancelled_at=track.ended_at if track.ending == "cancelled" else None,
        over_at=due if late else track.ended_at if track.ending == "fulfilled" else None,
        told_percent=behind,
        next_alert_at=alert_at,
        crossed=crossed,
    )


def _going_on(track: Track) -> Track:
    """As if it had not ended: when it would have been late."""
    last = track.stretches[-1]
    if track.ended_at is None or not last.counts:
        return track
    return track._replace(stretches=(*track.stretches[:-1], last._replace(end=None)))


def _state(track: Track, late: bool, rests: bool) -> SlaTimerState:
    if late:
        return SlaTimerState.BREACHED
    if track.ending is not None:
        return SlaTimerState(track.ending)
    return SlaTimerState.PAUSED if rests else SlaTimerState.RUNNING


def _alerts(
    track: Track,
    minutes: int,
    calendar: Calendar,
    thresholds: Sequence[int],
    passed: timedelta,
    until: datetime,
) -> tuple[int, datetime | None]:
    """The last threshold that is behind (0: none), and when the next one comes.

    One that lies ahead again, because the calendar or the target changed, will be announced again. The clock
    is walked through only where the time that has passed does not tell.
    """
    behind = 0
    for threshold in thresholds:
        share = timedelta(minutes=minutes) * threshold / 100
        if passed <= share:
            at = due_at(track, share, calendar)
            if passed < share or at is None or at >= until:
                return behind, at
        behind = threshold
    return behind, None


def crossing(track: Track, minutes: int, percent: int, calendar: Calendar) -> datetime | None:
    """When that share of the target has passed."""
    return due_at(track, timedelta(minutes=minutes) * percent / 100, calendar)
