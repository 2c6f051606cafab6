"""The statutory clocks of a claim (domain.md 0.6): when each starts, when it is over, what it depends on.

Pure: rules and a calendar go in, moments come out. Which clocks apply:
- the delay to declare, by the cause (ord. 95-07 art. 15), from the day it was noticed; of a natural
  catastrophe from the publication of the order that declares it (décret 04-270);
- the delay to settle: motor (ministry instruction 2021), direct indemnification (IDA), own damage; of a
  natural catastrophe from the adjuster's report (ord. 03-12);
- the limitation of actions (ord. 95-07 art. 27), from the day it was noticed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from crm_api.claims.models.words import ClaimCause, ClaimRegime
from crm_api.kit.business_time import Calendar
from crm_api.kit.clock import ALGIERS
from crm_api.kit.money import Money
from crm_api.legal_deadlines.models import LegalDeadlineCode
from crm_api.legal_deadlines.reckoning import Rule, days_between, local_day

Start = Literal["occurred_at", "discovered_at", "declared_at", "catnat_published_on", "appraisal_reported"]
State = Literal["not_started", "running", "met", "missed"]
_CODE = LegalDeadlineCode
CATASTROPHES = frozenset({ClaimCause.EARTHQUAKE, ClaimCause.FLOOD, ClaimCause.STORM, ClaimCause.LANDSLIDE})
"""What an order may declare a natural catastrophe."""
_REPORT = {
    ClaimCause.THEFT: _CODE.CLAIM_REPORT_THEFT,
    ClaimCause.ATTEMPTED_THEFT: _CODE.CLAIM_REPORT_THEFT,
    ClaimCause.HAIL: _CODE.CLAIM_REPORT_HAIL,
    ClaimCause.LIVESTOCK_DEATH: _CODE.CLAIM_REPORT_LIVESTOCK,
}
YEAR = 365


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a claim the clocks look at."""

    cause: ClaimCause
    regime: ClaimRegime | None
    motor: bool
    occurred_at: datetime
    discovered_at: datetime | None = None
    declared_at: datetime | None = None
    catnat_published_on: date | None = None
    appraised_at: datetime | None = None
    ended_at: datetime | None = None
    """When it was settled or refused; null while it is not."""

    @property
    def noticed(self) -> tuple[Start, datetime]:
        if self.discovered_at is not None:
            return "discovered_at", self.discovered_at
        return "occurred_at", self.occurred_at

    @property
    def published_at(self) -> datetime | None:
        if self.catnat_published_on is None:
            return None
        return datetime.combine(self.catnat_published_on, time(), ALGIERS).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """One of them, as it stands."""

    rule: Rule
    start: Start
    started_at: datetime | None
    due_at: datetime | None
    due_on: date | None
    done_at: datetime | None
    state: State
    days_left: int | None


def report_code(cause: ClaimCause, regime: ClaimRegime | None) -> LegalDeadlineCode:
    """Which delay to declare applies."""
    if regime is ClaimRegime.CATNAT:
        return _CODE.CLAIM_REPORT_CATNAT
    return _REPORT.get(cause, _CODE.CLAIM_REPORT_GENERAL)


def report_start(facts: Facts) -> tuple[Start, datetime | None]:
    if report_code(facts.cause, facts.regime) is _CODE.CLAIM_REPORT_CATNAT:
        return "catnat_published_on", facts.published_at
    if facts.cause is ClaimCause.HAIL:  # from the occurrence, noticed or not
        return "occurred_at", facts.occurred_at
    return facts.noticed


def settle_codes(facts: Facts) -> list[LegalDeadlineCode]:
    """Which delays to settle apply; none where the law sets none."""
    if facts.regime is ClaimRegime.CATNAT:
        return [_CODE.SETTLE_CATNAT]
    codes = [_CODE.SETTLE_AUTO] if facts.motor else []
    if facts.regime is ClaimRegime.IDA:
        codes.append(_CODE.SETTLE_IDA)
    if facts.motor and facts.regime is ClaimRegime.OWN_DAMAGE:
        codes.append(_CODE.SETTLE_TOUS_RISQUES)
    return codes


def settle_start(code: LegalDeadlineCode, facts: Facts) -> tuple[Start, datetime | None]:
    if code is _CODE.SETTLE_CATNAT:
        return "appraisal_reported", facts.appraised_at
    return "declared_at", facts.declared_at


def clock(
    rule: Rule,
    start: Start,
    started_at: datetime | None,
    done_at: datetime | None,
    calendar: Calendar,
    moment: datetime,
) -> Clock:
    """As it stands at `moment`: done before it was over is met, over before it was done is missed."""
    if started_at is None:
        return Clock(rule, start, None, None, None, done_at, "not_started", None)
    due_at, due_on = rule.due_at(started_at, calendar), rule.due_on(started_at, calendar)
    state: State = "running"
    if done_at is not None:
        state = "met" if done_at < due_at else "missed"
    elif moment >= due_at:
        state = "missed"
    left = None
    if done_at is None:
        left = days_between(moment, due_at - timedelta(milliseconds=1))
    return Clock(rule, start, started_at, due_at, due_on, done_at, state, left)


def strictest(clocks: Sequence[Clock]) -> Clock | None:
    """The one that is over first, of those that run."""
    started = [each for each in clocks if each.due_at is not None]
    return min(started, key=lambda each: (each.due_at, each.rule.code), default=None)


def late_days(clocks: Sequence[Clock], moment: datetime) -> int:
    """Local days since the strictest one was over: 1 on the first day that is late."""
    over = strictest(clocks)
    if over is None or over.due_at is None:
        return 0
    until = over.done_at or moment
    return max(days_between(over.due_at, until) + 1, 0) if until >= over.due_at else 0


def interest(base: Money, basis_points: int, days: int) -> Money:
    """Base times rate times days over 365; half a centime goes up."""
    share = base.centimes * basis_points * days
    return Money.of((2 * share + 10_000 * YEAR) // (2 * 10_000 * YEAR))


def yearly(basis_points: int) -> Decimal:
    """As a fraction: 600 is 0.06."""
    return Decimal(basis_points).scaleb(-4)


def last_day(due_at: datetime) -> date:
    """The last local day before that moment."""
    return local_day(due_at - timedelta(milliseconds=1))
