"""Who gets a new lead: rules as data, tried in order; the first that fits and has somebody free decides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.kit.schemas import Json
from crm_api.leads.errors import UnknownOwner
from crm_api.leads.models import RoutingStrategy
from crm_api.leads.repository.routing import RoutingRuleRepository
from crm_api.leads.schemas.routing import (
    RoutingRuleCreate,
    RoutingRulePage,
    RoutingRulePatch,
    RoutingRuleQuery,
    RoutingRuleRead,
    RoutingStep,
    StepOutcome,
)
from crm_api.users.service import UserService

_RULES = "lead routing rules"
"""What they are remembered under, for seconds, by each process."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What the rules look at of a lead."""

    source: str
    type: str
    wilaya_code: str | None
    products: frozenset[str]
    agency_id: UUID | None

    @classmethod
    def of(cls, lead: Mapping[str, Any]) -> "Sought":
        products = frozenset(lead.get("product_interest") or ())
        return cls(lead["source"], lead["type"], lead.get("wilaya_code"), products, lead.get("agency_id"))


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of `RoutingRuleRepository.active`."""

    id: UUID
    name: str
    sources: Sequence[str]
    wilaya_codes: Sequence[str]
    product_codes: Sequence[str]
    types: Sequence[str]
    agency_ids: Sequence[UUID]
    strategy: str
    target_agency_id: UUID | None
    user_ids: Sequence[UUID]
    max_open_leads: int | None

    def mismatch(self, lead: Sought) -> str | None:
        """The condition that the lead does not meet."""
        met = {
            "source": not self.sources or lead.source in self.sources,
            "wilaya_code": not self.wilaya_codes or lead.wilaya_code in self.wilaya_codes,
            "product_interest": not self.product_codes or bool(lead.products & set(self.product_codes)),
            "type": not self.types or lead.type in self.types,
            "agency_id": not self.agency_ids or lead.agency_id in self.agency_ids,
        }
        return next((condition for condition, holds in met.items() if not holds), None)


@dataclass(frozen=True, slots=True)
class Colleague:
    """A row of `RoutingRuleRepository.staff`."""

    id: UUID
    agency_id: UUID | None
    active: bool
    out_of_office_until: datetime | None
    substitute_user_id: UUID | None
    in_pool: bool
    open_leads: int

    def is_in(self, at: datetime) -> bool:
        return self.out_of_office_until is None or self.out_of_office_until <= at


@dataclass(frozen=True, slots=True)
class Pick:
    """`member` had the turn; `chosen` gets the lead: the member, or who stands in."""

    member: Colleague
    chosen: Colleague


@dataclass(frozen=True, slots=True)
class Route:
    """Where a lead goes; nowhere when all is empty, and then it waits for somebody to take it."""

    rule_id: UUID | None = None
    agency_id: UUID | None = None
    owner_user_id: UUID | None = None
    steps: list[RoutingStep] = field(default_factory=list)


def free_for(
    member: Colleague, staff: Mapping[UUID, Colleague], most: int | None, at: datetime
) -> Pick | None:
    """The member, or when out of office the substitute; None when neither can take one more lead."""
    chosen: Colleague | None = member
    if member.active and not member.is_in(at):
        chosen = staff.get(member.substitute_user_id) if member.substitute_user_id else None
    if chosen is None or not chosen.active or not chosen.is_in(at):
        return None
    return Pick(member, chosen) if most is None or chosen.open_leads < most else None


def pick(
    pool: Sequence[Colleague],
    strategy: str,
    last: UUID | None,
    free: Callable[[Colleague], Pick | None],
) -> Pick | None:
    """Round robin: the first free one after the last. Least loaded: the fewest open leads, ties in turn."""
    ids = [member.id for member in pool]
    start = ids.index(last) + 1 if last in ids else 0
    turns = [found for member in [*pool[start:], *pool[:start]] if (found := free(member))]
    if strategy == RoutingStrategy.LEAST_LOADED:
        return min(turns, key=lambda found: found.chosen.open_leads, default=None)
    return turns[0] if turns else None


class LeadRouter:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rules = RoutingRuleRepository(ctx)

    async def route(self, lead: Sought, *, dry: bool = False) -> Route:
        """`dry`: nothing is written, no turn is taken."""
        steps: list[RoutingStep] = []
        for rule in await self._active_rules():
            if condition := rule.mismatch(lead):
                steps.append(_step(rule, StepOutcome.SKIPPED, condition=condition))
                continue
            agency_id = rule.target_agency_id or lead.agency_id
            if rule.strategy == RoutingStrategy.AGENCY_QUEUE:
                steps.append(_step(rule, StepOutcome.QUEUED, agency_id=agency_id))
                return Route(rule.id, agency_id, None, steps)
            found = await self._choose(rule, agency_id, dry=dry)
            if found is not None:
                agency_id = agency_id or found.chosen.agency_id
                steps.append(_chosen(rule, found, agency_id))
                return Route(rule.id, agency_id, found.chosen.id, steps)
            steps.append(_step(rule, StepOutcome.NOBODY_FREE, agency_id=agency_id))
        return Route(steps=steps)

    async def has_rules(self) -> bool:
        """Whether any may choose an owner. Usually no round trip."""
        return bool(await self._active_rules())

    async def _active_rules(self) -> list[Rule]:
        key = _RULES, self.ctx.organization_id
        rules: list[Rule] | None = self.ctx.tools.memory.get(key)
        if rules is None:
            rules = [Rule(*row) for row in await self.rules.active()]
            self.ctx.tools.memory.put(key, rules)
        return rules

    async def active_colleague(self, user_id: UUID) -> Colleague:
        """Raises UnknownOwner."""
        for row in await self.rules.staff([user_id], None):
            colleague = Colleague(*row)
            if colleague.id == user_id and colleague.active:
                return colleague
        raise UnknownOwner

    async def _choose(self, rule: Rule, agency_id: UUID | None, *, dry: bool) -> Pick | None:
        if dry:
            last = await self.rules.last_turn(rule.id)
        else:
            self.ctx.begin()
            last = await self.rules.take_turn(rule.id)
        staff = {row[0]: Colleague(*row) for row in await self.rules.staff(rule.user_ids, agency_id)}
        order = rule.user_ids or sorted(staff)
        pool = [staff[user_id] for user_id in order if user_id in staff and staff[user_id].in_pool]
        at = now()
        found = pick(pool, rule.strategy, last, lambda one: free_for(one, staff, rule.max_open_leads, at))
        if found is not None and not dry:
            await self.rules.end_turn(rule.id, found.member.id)
        return found


class RoutingRuleService:
    """Another process may follow the rules of before for five seconds."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rules = RoutingRuleRepository(ctx)

    async def page(self, query: RoutingRuleQuery) -> Json[RoutingRulePage]:
        return await self.rules.page(query, RoutingRulePage)

    async def get(self, rule_id: UUID) -> Json[RoutingRuleRead]:
        return await self.rules.get(rule_id)

    async def create(self, data: RoutingRuleCreate) -> Json[RoutingRuleRead]:
        await self._refuse_unknown(data.user_ids, data.agency_ids)
        self._forget()
        return await self.rules.add(data)

    async def update(self, rule_id: UUID, data: RoutingRulePatch, version: int) -> Json[RoutingRuleRead]:
        given = data.model_dump()
        await self._refuse_unknown(given.get("user_ids") or [], given.get("agency_ids") or [])
        self._forget()
        return await self.rules.edit(rule_id, data, version)

    async def delete(self, rule_id: UUID, version: int) -> None:
        """For good: a rule that may be wanted again is switched off instead."""
        rule = await self.rules.load(rule_id)
        if version not in (rule.version, ANY_VERSION):
            raise VersionConflict(current_version=rule.version)
        self._forget()
        await self.rules.remove(rule)

    async def _refuse_unknown(self, user_ids: Sequence[UUID], agency_ids: Sequence[UUID]) -> None:
        if user_ids:
            await UserService(self.ctx).refuse_unknown(user_ids, "/user_ids")
        if agency_ids:
            await AgencyService(self.ctx).refuse_unknown(agency_ids, "/agency_ids")

    def _forget(self) -> None:
        self.ctx.tools.memory.forget((_RULES, self.ctx.organization_id))


def _step(rule: Rule, outcome: StepOutcome, **more: Any) -> RoutingStep:
    return RoutingStep.model_validate({"rule_id": rule.id, "rule_name": rule.name, "outcome": outcome} | more)


def _chosen(rule: Rule, found: Pick, agency_id: UUID | None) -> RoutingStep:
    absent = found.member.id if found.member is not found.chosen else None
    return _step(
        rule,
        StepOutcome.CHOSEN,
        agency_id=agency_id,
        owner_user_id=found.chosen.id,
        open_leads=found.chosen.open_leads,
        stands_in_for=absent,
    )
