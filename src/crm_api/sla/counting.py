"""From a clock, its history and its policy to its timers: what is written and what is explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from crm_api.kit.business_time import Calendar
from crm_api.kit.ids import new_id
from crm_api.sla.clock import (
    ENDED,
    Fact,
    Known,
    SlaCategory,
    SlaFactKind,
    SlaMetric,
    SlaTimerState,
    Standing,
    Track,
    stand,
    tracks,
)
from crm_api.sla.policies import Promise, SlaFacts, facts_of

Key = tuple[SlaMetric, int]


class Kept(Protocol):
    """A timer as it is stored."""

    id: Any
    metric: Any
    instance: Any
    state: Any
    target_minutes: Any
    started_at: Any
    due_at: Any
    breached_at: Any
    fulfilled_at: Any
    cancelled_at: Any
    told_percent: Any
    next_alert_at: Any


class Crossing(NamedTuple):
    """A threshold to be announced, and when the promise is or was due."""

    metric: SlaMetric
    instance: int
    percent: int
    due_at: datetime | None


class TimerStanding(NamedTuple):
    """A timer, as whoever keeps the clock sees it."""

    metric: SlaMetric
    instance: int
    state: SlaTimerState
    target_minutes: int
    started_at: datetime
    due_at: datetime | None
    fulfilled_at: datetime | None
    breached_at: datetime | None


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as it stands: what the services of this domain answer.

    `next_due_at`: when the next promise that is still owed is broken (it may have been already), for lists.
    """

    id: UUID
    policy_id: UUID | None
    policy_name: str | None
    category: SlaCategory
    timers: tuple[TimerStanding, ...]
    next_due_at: datetime | None


@dataclass(slots=True)
class Count:
    """A clock that is counted again: what it was, what has happened, what follows."""

    clock_id: UUID
    facts: SlaFacts
    history: list[dict[str, Any]]
    timers: Mapping[Key, Kept]
    added: list[dict[str, Any]]
    was: tuple[UUID | None, datetime | None] | None = None
    """Policy and next due moment as they are written; None: nothing is."""

    @property
    def last_at(self) -> datetime:
        return datetime.fromisoformat(self.history[-1]["at"])

    def enter(
        self, what: SlaFactKind, at: datetime, by: UUID, category: SlaCategory | None = None, **more: Any
    ) -> None:
        """A fact more; a clock that was set back cannot make it happen before the last one."""
        moment = max(at, self.last_at) if self.history else at
        fact = {"at": moment.isoformat(), "what": what.value, "category": category and category.value}
        fact |= {"by": str(by), **more}
        self.history.append(fact)
        self.added.append(fact)

    @property
    def last_move(self) -> str:
        """When it came to where it is."""
        moves: list[str] = [fact["at"] for fact in self.history if fact["category"]]
        return moves[-1]

    @property
    def category(self) -> SlaCategory:
        moves = [fact["category"] for fact in self.history if fact["category"]]
        return SlaCategory(moves[-1])

    def says_nothing_new(self, what: SlaFactKind, category: SlaCategory | None) -> bool:
        """A move to where it is, and a customer who writes again before anybody answered."""
        if what is SlaFactKind.MOVED:
            return category is self.category
        if what is not SlaFactKind.CUSTOMER_WROTE:
            return False
        last = next((f["what"] for f in reversed(self.history) if f["what"] in _SPEECH or _ends(f)), None)
        return last == SlaFactKind.CUSTOMER_WROTE


_SPEECH = frozenset({SlaFactKind.CUSTOMER_WROTE.value, SlaFactKind.AGENT_ANSWERED.value})


def _ends(fact: Mapping[str, Any]) -> bool:
    return fact["what"] == SlaFactKind.MOVED and fact["category"] in ENDED


class Counted(NamedTuple):
    """What is written (of what changed only), what is announced at once, and how it stands."""

    clock: dict[str, Any] | None
    timers: list[dict[str, Any]]
    crossed: list[Crossing]
    standing: Clock


def read_facts(history: Sequence[Mapping[str, Any]]) -> list[Fact]:
    return [
        Fact(
            datetime.fromisoformat(fact["at"]),
            SlaFactKind(fact["what"]),
            SlaCategory(fact["category"]) if fact["category"] else None,
            bool(fact.get("answered")),
        )
        for fact in history
    ]


_COMPARED = (
    *("state", "target_minutes", "due_at", "fulfilled_at", "breached_at", "cancelled_at", "told_percent"),
    "next_alert_at",
)
"""What makes it worth writing a timer again."""


def begun(
    clock_id: UUID,
    about: Mapping[str, Any],
    history: list[Any],
    timers: Sequence[Kept],
    was: tuple[UUID | None, datetime | None],
) -> Count:
    known = {(SlaMetric(timer.metric), timer.instance): timer for timer in timers}
    return Count(clock_id, facts_of(about), [*history], known, [], was)


def counted(count: Count, promise: Promise | None, calendar: Calendar, moment: datetime) -> Counted:
    """Counts everything again that is not over; what is over stays as it was judged."""
    found = tracks(read_facts(count.history), on_hold_counts=promise.on_hold_counts if promise else True)
    rows: dict[Key, dict[str, Any]] = {}
    shown: dict[Key, TimerStanding] = {}
    crossed: list[Crossing] = []
    owed: list[datetime] = []
    for track in found:
        key = track.metric, track.instance
        kept = count.timers.get(key)
        if kept is not None and track.ended_at is not None and _over_already(kept, track):
            shown[key] = _shown(kept)
            continue
        standing = _standing(count, track, kept, promise, calendar, moment)
        if standing is None:
            continue
        if kept is None or any(getattr(kept, name) != getattr(standing, name) for name in _COMPARED):
            rows[key] = _row(count.clock_id, kept.id if kept else new_id(), standing)
        shown[key] = TimerStanding(*(getattr(standing, name) for name in TimerStanding._fields))
        crossed += [Crossing(*key, percent, standing.due_at) for percent in standing.crossed]
        if track.ended_at is None and standing.due_at is not None and not _given_up(standing):
            owed.append(standing.due_at)
    next_due_at, category = min(owed, default=None), count.category
    is_same = not count.added and count.was == (promise.id if promise else None, next_due_at)
    return Counted(
        clock=None if is_same else _clock_row(count, promise, category, next_due_at),
        timers=list(rows.values()),
        crossed=crossed,
        standing=Clock(
            count.clock_id,
            promise.id if promise else None,
            promise.name if promise else None,
            category,
            tuple(shown.values()),
            next_due_at,
        ),
    )


def _standing(
    count: Count,
    track: Track,
    kept: Kept | None,
    promise: Promise | None,
    calendar: Calendar,
    moment: datetime,
) -> Standing | None:
    """None: nothing is promised, and nothing was."""
    minutes = promise.minutes(track.metric, count.facts.priority) if promise else None
    known = Known(kept.target_minutes, kept.told_percent) if kept else None
    if minutes is None:  # no longer promised
        if known is None:
            return None
        standing = stand(track, known.target_minutes, calendar, (), 0, moment)
        if standing.state in (SlaTimerState.RUNNING, SlaTimerState.PAUSED):
            return standing._replace(state=SlaTimerState.CANCELLED, cancelled_at=moment, next_alert_at=None)
        return standing
    assert promise is not None  # noqa: S101 - minutes come from it
    thresholds = promise.thresholds(track.metric)
    return stand(track, minutes, calendar, thresholds, known.told_percent if known else 0, moment)


def _over_already(kept: Kept, track: Track) -> bool:
    ended = kept.fulfilled_at if track.ending == "fulfilled" else kept.cancelled_at
    return ended is not None


def _given_up(standing: Standing) -> bool:
    return standing.cancelled_at is not None


def _shown(kept: Kept) -> TimerStanding:
    return TimerStanding(
        SlaMetric(kept.metric),
        kept.instance,
        SlaTimerState(kept.state),
        kept.target_minutes,
        kept.started_at,
        kept.due_at,
        kept.fulfilled_at,
        kept.breached_at,
    )


def _clock_row(
    count: Count, promise: Promise | None, category: SlaCategory, next_due_at: datetime | None
) -> dict[str, Any]:
    return {
        "id": count.clock_id,
        "policy_id": promise.id if promise else None,
        "about": count.facts.written(),
        "category": category,
        "added": count.added,
        "next_due_at": next_due_at,
        "ended_at": count.last_move if category in ENDED else None,
    }


def _row(clock_id: UUID, timer_id: UUID, standing: Standing) -> dict[str, Any]:
    row = {name: getattr(standing, name) for name in Standing._fields if name not in ("elapsed", "crossed")}
    return {
        **row,
        "id": timer_id,
        "clock_id": clock_id,
        "elapsed_ms": int(standing.elapsed.total_seconds() * 1000),
    }
