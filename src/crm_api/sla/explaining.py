"""Why is this due at 14:32? Policy, history and hours, piece by piece."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm_api.kit.business_time import Calendar
from crm_api.sla.clock import SlaTimerState, Track, crossing, elapsed, tracks
from crm_api.sla.counting import Count, Counted, TimerStanding, read_facts
from crm_api.sla.intervals import Interval, intervals
from crm_api.sla.policies import Promise
from crm_api.sla.schemas.clocks import (
    SlaEntry,
    SlaExplanation,
    SlaInterval,
    SlaThreshold,
    SlaTimerExplanation,
    SlaTimerRead,
)
from crm_api.sla.schemas.policies import SlaTried

MOST_INTERVALS = 400
_MINUTE = timedelta(minutes=1)
_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "owed": "À faire avant le {due} : {target} minutes ouvrées depuis le {start}{rested}.",
        "rests": "En pause depuis le {paused} : il restera {left} minutes ouvrées sur {target}.",
        "kept": "Tenu le {done}, en {elapsed} minutes ouvrées sur {target}.",
        "broken": "Dépassé le {due} : {target} minutes ouvrées depuis le {start}{rested}.",
        "cancelled": "N'est plus dû depuis le {done}.",
        "never": "Le calendrier n'ouvre pas assez longtemps : aucune échéance.",
        "rested": ", {minutes} minutes de pause non comptées",
    },
    "en": {
        "owed": "To be done before {due}: {target} working minutes from {start}{rested}.",
        "rests": "Resting since {paused}: {left} of {target} working minutes will be left.",
        "kept": "Kept on {done}, in {elapsed} of {target} working minutes.",
        "broken": "Broken on {due}: {target} working minutes from {start}{rested}.",
        "cancelled": "No longer owed since {done}.",
        "never": "The calendar does not open long enough: there is no due moment.",
        "rested": ", {minutes} minutes of rest not counted",
    },
    "ar": {
        "owed": "يجب إنجازه قبل {due}: {target} دقيقة عمل ابتداء من {start}{rested}.",
        "rests": "متوقف منذ {paused}: ستبقى {left} دقيقة عمل من أصل {target}.",
        "kept": "أُنجز في {done} خلال {elapsed} دقيقة عمل من أصل {target}.",
        "broken": "تجاوز الأجل في {due}: {target} دقيقة عمل ابتداء من {start}{rested}.",
        "cancelled": "لم يعد مستحقا منذ {done}.",
        "never": "التقويم لا يفتح مدة كافية: لا يوجد أجل.",
        "rested": "، دون احتساب {minutes} دقيقة توقف",
    },
}


def explained(
    count: Count,
    counted: Counted,
    promises: Sequence[Promise],
    calendar: Calendar,
    moment: datetime,
    language: str,
) -> SlaExplanation:
    standing = counted.standing
    ruling = next((each for each in promises if each.id == standing.policy_id), None)
    on_hold_counts = ruling.on_hold_counts if ruling else True
    found = {
        (track.metric, track.instance): track
        for track in tracks(read_facts(count.history), on_hold_counts=on_hold_counts)
    }
    return SlaExplanation(
        id=standing.id,
        as_of=moment,
        policy_id=standing.policy_id,
        policy_name=standing.policy_name,
        tried=[
            SlaTried(policy_id=each.id, name=each.name, rules=each is ruling, unmet=each.unmet(count.facts))
            for each in promises
        ],
        history=[SlaEntry.model_validate(_entry(fact)) for fact in count.history],
        timers=[
            _timer(timer, found[timer.metric, timer.instance], ruling, calendar, moment, language)
            for timer in standing.timers
        ],
    )


def _timer(
    timer: TimerStanding,
    track: Track,
    ruling: Promise | None,
    calendar: Calendar,
    moment: datetime,
    language: str,
) -> SlaTimerExplanation:
    until = track.ended_at or max(timer.due_at or moment, track.started_at)
    pieces = list(intervals(track, calendar, until))
    passed = elapsed(track, calendar, track.ended_at or moment)
    thresholds = ruling.thresholds(timer.metric) if ruling else []
    return SlaTimerExplanation(
        **dict(_read(timer)),
        hours=calendar.zone.key,
        elapsed_minutes=passed // _MINUTE,
        sentence=_sentence(timer, track, pieces, passed, calendar, language),
        thresholds=[
            SlaThreshold(percent=percent, at=at, told=at is not None and at < (track.ended_at or moment))
            for percent in thresholds
            for at in [crossing(track, timer.target_minutes, percent, calendar)]
        ],
        intervals=_added_up(pieces),
        intervals_left_out=max(len(pieces) - MOST_INTERVALS, 0),
    )


def _added_up(pieces: Sequence[Interval]) -> list[SlaInterval]:
    total, rows = timedelta(), []
    for piece in pieces[:MOST_INTERVALS]:
        before = total
        total += piece.end - piece.start if piece.counts else timedelta()
        rows.append(
            SlaInterval(
                starts_at=piece.start,
                ends_at=piece.end,
                counts=piece.counts,
                why=piece.why,
                day=piece.day,
                rule=piece.rule.because if piece.rule else None,
                name=piece.rule.label if piece.rule else "",
                tentative=bool(piece.rule and piece.rule.tentative),
                minutes=total // _MINUTE - before // _MINUTE,
                total_minutes=total // _MINUTE,
            )
        )
    return rows


def _sentence(
    timer: TimerStanding,
    track: Track,
    pieces: Sequence[Interval],
    passed: timedelta,
    calendar: Calendar,
    language: str,
) -> str:
    words = _SENTENCES.get(language, _SENTENCES["fr"])

    def said(at: datetime | None) -> str:
        return f"{at.astimezone(calendar.zone):%d/%m/%Y %H:%M}" if at else ""

    rested = sum(
        (piece.end - piece.start for piece in pieces if not piece.counts and piece.why != "closed"),
        timedelta(),
    )
    target = timedelta(minutes=timer.target_minutes)
    return words[_case(timer)].format(
        due=said(timer.due_at),
        start=said(timer.started_at),
        done=said(track.ended_at),
        paused=said(track.stretches[-1].start),
        target=timer.target_minutes,
        elapsed=passed // _MINUTE,
        left=(target - passed) // _MINUTE,
        rested=words["rested"].format(minutes=rested // _MINUTE) if rested else "",
    )


def _case(timer: TimerStanding) -> str:
    if timer.state is SlaTimerState.RUNNING:
        return "owed" if timer.due_at else "never"
    return {
        SlaTimerState.PAUSED: "rests",
        SlaTimerState.FULFILLED: "kept",
        SlaTimerState.BREACHED: "broken",
        SlaTimerState.CANCELLED: "cancelled",
    }[timer.state]


def _entry(fact: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fact[name] for name in ("at", "what", "category", "by")}


def _read(timer: TimerStanding) -> SlaTimerRead:
    return SlaTimerRead.model_validate(timer._asdict())
