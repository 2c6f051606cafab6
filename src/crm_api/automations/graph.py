"""The steps of an automation: their shapes, what makes them unsound, and the way somebody goes through them.

Pure: what is known of a person comes in as facts, what is to be done goes out as effects.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from crm_api.kit.schemas import Input, Moment
from crm_api.templates.models import TemplateChannel, TemplatePurpose
from crm_api.templates.schemas import TemplateCode

MOST_STEPS = 100
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", max_length=40, examples=["attente"])]
Fact = Literal[
    "has_email", "has_phone", "has_policy", "has_claim", "has_complaint", "is_unpaid", "language", "tag"
]


class AutomationCondition(Input):
    """Something that is so of a customer, or not."""

    fact: Fact
    """What is looked at."""
    value: str | None = Field(default=None, min_length=1, max_length=40, examples=["ar"])
    """Of language and tag: which."""
    holds: bool = True
    """false: it must not be so."""


class _Step(Input):
    key: Key
    """What other steps call it."""
    label: str | None = Field(default=None, min_length=1, max_length=80, examples=["Attendre trois jours"])
    """What people read."""


class _Going(_Step):
    next: Key | None = None
    """The step after it; none: the end."""


class WaitStep(_Going):
    """Some time passes."""

    kind: Literal["wait"]
    """wait"""
    minutes: int | None = Field(default=None, ge=1, le=525_600, examples=[4320])
    """So long."""
    until: Moment | None = None
    """Until this moment."""
    business_minutes: int | None = Field(default=None, ge=1, le=43_200, examples=[480])
    """So long by the opening hours of the house."""


class ConditionStep(_Step):
    """One way if something is so, another if not."""

    kind: Literal["condition"]
    """condition"""
    condition: AutomationCondition
    """What is asked."""
    yes: Key | None = None
    """The step if it is so; none: the end."""
    no: Key | None = None
    """The step if not; none: the end."""


class SplitBranch(Input):
    """One way of a split."""

    weight: int = Field(ge=1, le=100, examples=[50])
    """Its share of the hundred."""
    next: Key | None = None
    """Its first step; none: the end."""


class SplitStep(_Step):
    """Several ways, by lot; the same person always draws the same."""

    kind: Literal["split"]
    """split"""
    branches: list[SplitBranch] = Field(min_length=2, max_length=5)
    """The ways; their weights make 100."""


class SendStep(_Going):
    """A message of an approved template, in the language of the customer."""

    kind: Literal["send"]
    """send"""
    template_code: TemplateCode
    """Which template."""
    channel: Literal["email", "sms"] = "email"
    """By which channel."""


class TaskStep(_Going):
    """Work for whoever looks after the customer."""

    kind: Literal["task"]
    """task"""
    title: str = Field(min_length=1, max_length=160, examples=["Appeler le client"])
    """What is to be done."""
    due_in_days: int = Field(default=1, ge=0, le=365, examples=[2])
    """Within so many days."""


class TagStep(_Going):
    """A tag on the customer."""

    kind: Literal["tag"]
    """tag"""
    tag: str = Field(pattern=r"^[a-z0-9àâçéèêëîïôûùüÿœ_-]{1,30}$", max_length=30, examples=["relance"])
    """Which."""


class ExitStep(_Step):
    """The end, without having reached the goal."""

    kind: Literal["exit"]
    """exit"""


class GoalStep(_Step):
    """The end, the goal reached."""

    kind: Literal["goal"]
    """goal"""


AutomationStep = Annotated[
    WaitStep | ConditionStep | SplitStep | SendStep | TaskStep | TagStep | ExitStep | GoalStep,
    Field(discriminator="kind"),
]
STEPS: TypeAdapter[list[AutomationStep]] = TypeAdapter(list[AutomationStep])
CONDITION = TypeAdapter(AutomationCondition)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a graph."""

    code: str
    detail: str
    place: int


def following(step: Any) -> list[str]:
    """The steps that may come after it."""
    if isinstance(step, ConditionStep):
        ways = [step.yes, step.no]
    elif isinstance(step, SplitStep):
        ways = [branch.next for branch in step.branches]
    else:
        ways = [getattr(step, "next", None)]
    return [way for way in ways if way is not None]


def faults(first: str, steps: Sequence[Any]) -> list[Fault]:
    """Keys that stand twice or lead nowhere, steps that nobody reaches, waits without an end, a circle."""
    known = {step.key: place for place, step in enumerate(steps)}
    found = [
        Fault("automation_key", f"The key {step.key} stands twice.", place)
        for place, step in enumerate(steps)
        if known[step.key] != place
    ]
    if first not in known:
        found.append(Fault("automation_next", f"There is no step {first}.", 0))
    found += [fault for place, step in enumerate(steps) for fault in _own(step, place, known)]
    if found:
        return found
    by_key = {step.key: step for step in steps}
    if circle := _circle(by_key):
        return [Fault("automation_circle", " → ".join(circle), known[circle[0]])]
    reached = _reached(first, by_key)
    return [
        Fault("automation_unreached", f"Nobody reaches {key}.", place)
        for key, place in known.items()
        if key not in reached
    ]


def _own(step: Any, place: int, known: Mapping[str, int]) -> list[Fault]:
    found = [
        Fault("automation_next", f"There is no step {way}.", place)
        for way in following(step)
        if way not in known
    ]
    if isinstance(step, WaitStep):
        given = [step.minutes, step.until, step.business_minutes]
        if sum(one is not None for one in given) != 1:
            found.append(Fault("automation_wait", "A wait has one length, or one end.", place))
    if isinstance(step, SplitStep) and sum(branch.weight for branch in step.branches) != 100:
        found.append(Fault("automation_weights", "The weights of a split make 100.", place))
    return found


def _reached(first: str, steps: Mapping[str, Any]) -> set[str]:
    reached, waiting = {first}, [first]
    while waiting:
        for way in following(steps[waiting.pop()]):
            if way not in reached:
                reached.add(way)
                waiting.append(way)
    return reached


def _circle(steps: Mapping[str, Any]) -> list[str]:
    """The keys of a circle, its first one at both ends; empty for none."""
    done: set[str] = set()
    for start in steps:
        path: list[str] = []
        ways: list[list[str]] = [[start]]
        while ways:
            if not ways[-1]:
                ways.pop()
                if path:
                    done.add(path.pop())
                continue
            key = ways[-1].pop(0)
            if key in path:
                return [*path[path.index(key) :], key]
            if key not in done:
                path.append(key)
                ways.append(following(steps[key]))
    return []


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a customer now."""

    language: str = "fr"
    tags: frozenset[str] = frozenset()
    has_email: bool = False
    has_phone: bool = False
    has_policy: bool = False
    has_claim: bool = False
    has_complaint: bool = False
    is_unpaid: bool = False


def holds(condition: AutomationCondition, facts: Facts) -> bool:
    if condition.fact == "tag":
        so = condition.value in facts.tags
    elif condition.fact == "language":
        so = facts.language == condition.value
    else:
        so = bool(getattr(facts, condition.fact))
    return so is condition.holds


@dataclass(slots=True)
class Way:
    """How far somebody gets in one go."""

    passed: list[tuple[str, str | None]] = field(default_factory=list)
    """Steps that they reached, and which way they went."""
    effects: list[SendStep | TaskStep | TagStep] = field(default_factory=list)
    step: str = ""
    waits_until: datetime | None = None
    """None: it is over."""
    reason: str | None = None
    """`goal`, `exit`: how it ended, if not by the last step."""


def go(
    steps: Mapping[str, Any],
    at: str,
    contact_id: UUID,
    facts: Facts,
    moment: datetime,
    open_minutes: Callable[[datetime, int], datetime],
    *,
    waited: bool,
    salt: str = "",
) -> Way:
    """From a step until the next wait or the end. `waited`: the wait that they stand at is over."""
    way, key = Way(), at
    while True:
        step = steps[key]
        way.step = key
        if not (waited and key == at):
            way.passed.append((key, None))
        next_key: str | None = getattr(step, "next", None)
        if isinstance(step, WaitStep):
            if not (waited and key == at):
                until = _until(step, moment, open_minutes)
                if until > moment:
                    way.waits_until = until
                    return way
        elif isinstance(step, ConditionStep):
            so = holds(step.condition, facts)
            next_key = step.yes if so else step.no
            way.passed[-1] = (key, "yes" if so else "no")
        elif isinstance(step, SplitStep):
            drawn = _drawn(step, f"{salt}|{key}|{contact_id}")
            next_key = step.branches[drawn].next
            way.passed[-1] = (key, "ABCDE"[drawn])
        elif isinstance(step, GoalStep | ExitStep):
            way.reason = step.kind
            return way
        else:
            way.effects.append(step)
        if next_key is None:
            return way
        key = next_key


def _until(step: WaitStep, moment: datetime, open_minutes: Callable[[datetime, int], datetime]) -> datetime:
    if step.minutes is not None:
        return moment + timedelta(minutes=step.minutes)
    if step.business_minutes is not None:
        return open_minutes(moment, step.business_minutes)
    return step.until or moment


def _drawn(step: SplitStep, lot: str) -> int:
    """The same lot always draws the same way."""
    number = int.from_bytes(sha256(lot.encode()).digest()[:8], "big") % 100
    for place, branch in enumerate(step.branches):
        number -= branch.weight
        if number < 0:
            return place
    return len(step.branches) - 1


def needs(purpose: TemplatePurpose, channel: TemplateChannel) -> str | None:
    """The purpose of consents that a message needs; contractual ones need none."""
    return f"marketing_{channel}" if purpose is TemplatePurpose.MARKETING else None
