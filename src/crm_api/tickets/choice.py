"""Who gets a ticket: a pure function of the rules, the ticket, and how the colleagues stand.

The first active rule that fits and finds somebody wins. A rule whose colleagues are all absent, full or not
able leaves the ticket to the next one; a rule that puts into a queue always finds the queue. Somebody absent
is stood in for by their substitute, if that one is there; a substitute does not hand on again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from crm_api.tickets.models.setup import TicketRoutingStrategy

Why = Literal["inactive", "absent", "full", "agency", "skills", "language", "unknown"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at."""

    type: str
    channel: str
    priority: str
    language: str
    category_id: UUID | None = None
    product_code: str | None = None
    branch_code: str | None = None
    agency_id: UUID | None = None
    is_vip: bool = False
    words: frozenset[str] = frozenset()
    """Of its subject, folded."""
    manager_id: UUID | None = None
    """The account manager of the customer."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold: of each list one value is enough, an empty list asks for nothing."""

    types: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    category_ids: frozenset[UUID] = frozenset()
    product_codes: frozenset[str] = frozenset()
    branch_codes: frozenset[str] = frozenset()
    agency_ids: frozenset[UUID] = frozenset()
    words: frozenset[str] = frozenset()
    vip: bool | None = None

    def fit(self, facts: Facts) -> bool:
        asked = (
            (self.types, facts.type),
            (self.channels, facts.channel),
            (self.priorities, facts.priority),
            (self.languages, facts.language),
            (self.category_ids, facts.category_id),
            (self.product_codes, facts.product_code),
            (self.branch_codes, facts.branch_code),
            (self.agency_ids, facts.agency_id),
        )
        if any(wanted and value not in wanted for wanted, value in asked):
            return False
        if self.words and not self.words & facts.words:
            return False
        return self.vip is None or self.vip == facts.is_vip


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, as the function reads it."""

    name: str
    strategy: TicketRoutingStrategy
    conditions: Conditions = Conditions()
    id: UUID | None = None
    user_id: UUID | None = None
    group_id: UUID | None = None
    same_agency: bool = False
    skills: frozenset[str] = frozenset()
    speaks: bool = False


@dataclass(frozen=True, slots=True)
class Agent:
    """A colleague, as they stand."""

    id: UUID
    agency_id: UUID | None
    active: bool = True
    there: bool = True
    """Neither away, offline nor out of office."""
    substitute_id: UUID | None = None
    most_open: int = 25
    open_count: int = 0
    last_given_at: datetime | None = None
    languages: frozenset[str] = frozenset({"fr"})
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A colleague who was thought of, and why it is not them."""

    user_id: UUID
    why: Why


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose it is; nobody's and no group's: no rule fits."""

    rule: Rule | None = None
    owner_id: UUID | None = None
    group_id: UUID | None = None
    stands_in_for: UUID | None = None
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(slots=True)
class Staff:
    """The colleagues, and who is in which group. `give` is what a ticket does to them, for replays."""

    agents: dict[UUID, Agent] = field(default_factory=dict)
    groups: Mapping[UUID, Sequence[UUID]] = field(default_factory=dict)

    def give(self, user_id: UUID, at: datetime) -> None:
        agent = self.agents.get(user_id)
        if agent is not None:
            self.agents[user_id] = replace(agent, open_count=agent.open_count + 1, last_given_at=at)


def choose(rules: Sequence[Rule], facts: Facts, staff: Staff) -> Choice:
    """The first rule that fits and finds somebody."""
    passed: list[PassedOver] = []
    for rule in rules:
        if not rule.conditions.fit(facts):
            continue
        if rule.strategy is TicketRoutingStrategy.QUEUE:
            return Choice(rule, None, rule.group_id, passed_over=tuple(passed))
        found = [
            (agent, for_whom)
            for wanted in _thought_of(rule, facts, staff)
            for agent, for_whom in [_able(wanted, rule, facts, staff, passed)]
            if agent is not None
        ]
        if found:
            agent, for_whom = min(found, key=lambda pair: _order(rule, pair[0]))
            return Choice(rule, agent.id, rule.group_id, for_whom, tuple(passed))
    return Choice(passed_over=tuple(passed))


def _thought_of(rule: Rule, facts: Facts, staff: Staff) -> Sequence[UUID]:
    if rule.strategy is TicketRoutingStrategy.USER:
        return [rule.user_id] if rule.user_id else []
    if rule.strategy is TicketRoutingStrategy.ACCOUNT_MANAGER:
        return [facts.manager_id] if facts.manager_id else []
    return staff.groups.get(rule.group_id, ()) if rule.group_id else ()


def _able(
    user_id: UUID, rule: Rule, facts: Facts, staff: Staff, passed: list[PassedOver]
) -> tuple[Agent | None, UUID | None]:
    """The colleague, or who stands in for them; None where neither can, and why is in `passed`."""
    agent = staff.agents.get(user_id)
    why = _why_not(agent, rule, facts)
    if agent is None or why is None:
        return agent, None
    passed.append(PassedOver(user_id, why))
    if why == "absent" and agent.substitute_id is not None:
        other = staff.agents.get(agent.substitute_id)
        why = _why_not(other, rule, facts)
        if why is None:
            return other, user_id
        passed.append(PassedOver(agent.substitute_id, why))
    return None, None


def _why_not(agent: Agent | None, rule: Rule, facts: Facts) -> Why | None:
    if agent is None:
        return "unknown"
    reasons: tuple[tuple[bool, Why], ...] = (
        (not agent.active, "inactive"),
        (rule.same_agency and agent.agency_id != facts.agency_id, "agency"),
        (not rule.skills <= agent.skills, "skills"),
        (rule.speaks and facts.language not in agent.languages, "language"),
        (not agent.there, "absent"),
        (agent.open_count >= agent.most_open, "full"),
    )
    return next((why for holds, why in reasons if holds), None)


def _order(rule: Rule, agent: Agent) -> tuple[float, float, str]:
    """The least busy by the share of what they can take; by turns: who was given one the longest ago."""
    given = agent.last_given_at.timestamp() if agent.last_given_at else 0.0
    if rule.strategy is TicketRoutingStrategy.ROUND_ROBIN:
        return given, 0.0, str(agent.id)
    return agent.open_count / max(1, agent.most_open), given, str(agent.id)
