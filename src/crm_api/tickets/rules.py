"""Routing rules: kept, tried, played again over last month."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.core.words import BETWEEN_WORDS
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.kit.text import fold
from crm_api.tickets.choice import Choice, Conditions, Facts, Rule, Staff, choose
from crm_api.tickets.errors import UnknownTicketPart
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.models.setup import TicketAgent, TicketRule
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.repository.rules import (
    MOST_PLAYED,
    StaffRepository,
    TicketAgentRepository,
    TicketRuleRepository,
)
from crm_api.tickets.schemas.rules import (
    TicketAgentDescribe,
    TicketAgentLoad,
    TicketAgentPage,
    TicketAgentQuery,
    TicketAgentRead,
    TicketPassedOver,
    TicketRuleConditions,
    TicketRuleCreate,
    TicketRuleMatches,
    TicketRulePage,
    TicketRulePatch,
    TicketRuleQuery,
    TicketRuleRead,
    TicketRulesReplay,
    TicketRulesReplayed,
    TicketRulesTried,
    TicketRulesTry,
)


class TicketRules:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rules, self.staff = TicketRuleRepository(ctx), StaffRepository(ctx)

    # --- kept

    async def page(self, query: TicketRuleQuery) -> Json[TicketRulePage]:
        return await self.rules.page(query, TicketRulePage)

    async def get(self, rule_id: UUID) -> Json[TicketRuleRead]:
        return await self.rules.get(rule_id)

    async def create(self, data: TicketRuleCreate) -> Json[TicketRuleRead]:
        """Raises TicketRuleNameTaken, UnknownTicketAssignee, UnknownTicketPart."""
        await self._refuse_unknown(data.conditions)
        return await self.rules.add({**dict(data), "conditions": data.conditions.model_dump(mode="json")})

    async def update(self, rule_id: UUID, data: TicketRulePatch, version: int) -> Json[TicketRuleRead]:
        given = data.given()
        if "conditions" in given:
            await self._refuse_unknown(given["conditions"])
            given["conditions"] = given["conditions"].model_dump(mode="json")
        return await self.rules.edit(rule_id, given, version)

    async def delete(self, rule_id: UUID, version: int) -> None:
        row = await self.rules.load(rule_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        await self.rules.remove(row)

    async def _refuse_unknown(self, conditions: TicketRuleConditions) -> None:
        """What is kept in no column of its own refers to what is there, too."""
        for what, ids, there in (
            ("category", conditions.category_ids, self.rules.categories),
            ("agency", conditions.agency_ids, self.rules.agencies),
        ):
            if ids and (unknown := set(ids) - await there(ids)):
                raise UnknownTicketPart(what=what, id=str(min(unknown)))

    # --- asked

    async def choice(self, ticket: Ticket, manager_id: UUID | None) -> Choice:
        """Who gets it, by the rules in force."""
        rules = [rule_of(row) for row in await self.rules.in_force()]
        if not rules:
            return Choice()
        facts = facts_of(ticket, manager_id)
        return choose(rules, facts, await self._staff(rules, [manager_id]))

    async def tried(self, data: TicketRulesTry) -> TicketRulesTried:
        """What they would do; nothing is written."""
        self.ctx.begin()
        rules = await self._asked(data.rules)
        facts = await self._facts(data)
        done = choose(rules, facts, await self._staff(rules, [facts.manager_id]))
        return TicketRulesTried(
            rule=done.rule.name if done.rule else None,
            owner_user_id=done.owner_id,
            group_id=done.group_id,
            stands_in_for_id=done.stands_in_for,
            passed_over=[TicketPassedOver(user_id=each.user_id, why=each.why) for each in done.passed_over],
        )

    async def replayed(self, data: TicketRulesReplay) -> TicketRulesReplayed:
        """The tickets of so many days, the oldest first, each filling the hands of who gets it.

        Nobody's hands are emptied meanwhile, so everybody begins empty: what is compared is how the rules
        share the work out, not what was open at the time. Account managers are not known any more.
        """
        self.ctx.begin()
        rules = await self._asked(data.rules)
        newest = await self.staff.opened_since(now() - timedelta(days=data.days))
        played = list(reversed(newest[:MOST_PLAYED]))
        staff = emptied(await self._staff(rules, []), len(played))
        by_rule: Counter[str] = Counter()
        by_agent: Counter[UUID] = Counter()
        unrouted = elsewhere = 0
        for ticket in played:
            done = choose(rules, facts_of(ticket, None), staff)
            if done.rule is None:
                unrouted += 1
                continue
            by_rule[done.rule.name] += 1
            if done.owner_id is not None:
                by_agent[done.owner_id] += 1
                staff.give(done.owner_id, ticket.created_at)
            elsewhere += _goes_elsewhere(done, ticket)
        return TicketRulesReplayed(
            tickets=len(played),
            truncated=len(newest) > MOST_PLAYED,
            unrouted=unrouted,
            elsewhere=elsewhere,
            by_rule=[TicketRuleMatches(rule=rule.name, count=by_rule[rule.name]) for rule in rules],
            by_agent=[TicketAgentLoad(user_id=id, count=count) for id, count in by_agent.most_common(1000)],
        )

    async def _asked(self, given: Sequence[TicketRuleCreate] | None) -> list[Rule]:
        if given is None:
            return [rule_of(row) for row in await self.rules.in_force()]
        drafts = sorted(given, key=lambda each: each.position)
        return [rule_of(each) for each in drafts if each.is_active]

    async def _staff(self, rules: Sequence[Rule], others: Sequence[UUID | None]) -> Staff:
        groups = {rule.group_id for rule in rules if rule.group_id}
        users = {rule.user_id for rule in rules if rule.user_id} | {id for id in others if id}
        return await self.staff.of(sorted(groups), sorted(users), now())

    async def _facts(self, data: TicketRulesTry) -> Facts:
        if data.ticket_id is not None:
            try:
                return facts_of(await TicketDesk(self.ctx).tickets.load(data.ticket_id), None)
            except NotFound as unknown:
                raise UnknownTicketPart(what="ticket", id=str(data.ticket_id)) from unknown
        return facts_of(data, None)


class TicketAgents:
    """What colleagues can do for tickets."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.agents = TicketAgentRepository(ctx)

    async def page(self, query: TicketAgentQuery) -> Json[TicketAgentPage]:
        return await self.agents.page(query, TicketAgentPage)

    async def get(self, agent_id: UUID) -> Json[TicketAgentRead]:
        return await self.agents.get(agent_id)

    async def describe(self, data: TicketAgentDescribe) -> Json[TicketAgentRead]:
        """Raises UnknownTicketAssignee."""
        self.ctx.begin()
        row = await self.agents.of(data.user_id) or TicketAgent(user_id=data.user_id)
        row.languages, row.skills = [*data.languages], [*data.skills]
        await self.agents.save(row)
        return await self.agents.get(row.id)


def rule_of(row: TicketRule | TicketRuleCreate) -> Rule:
    conditions = row.conditions
    if not isinstance(conditions, TicketRuleConditions):
        conditions = TicketRuleConditions.model_validate(conditions)
    asked = {name: frozenset(value) for name, value in conditions if isinstance(value, list)}
    asked["words"] = frozenset(fold(word) for word in conditions.words)
    return Rule(
        name=row.name,
        strategy=row.strategy,
        conditions=Conditions(**asked, vip=conditions.vip),
        id=getattr(row, "id", None),
        user_id=row.user_id,
        group_id=row.group_id,
        same_agency=row.same_agency,
        skills=frozenset(row.skills),
        speaks=row.speaks,
    )


def facts_of(ticket: Ticket | TicketRulesTry, manager_id: UUID | None) -> Facts:
    return Facts(
        type=ticket.type,
        channel=ticket.channel,
        priority=ticket.priority,
        language=ticket.language,
        category_id=ticket.category_id,
        product_code=ticket.product_code,
        branch_code=ticket.branch_code,
        agency_id=ticket.agency_id,
        is_vip=ticket.is_vip,
        words=frozenset(BETWEEN_WORDS.split(fold(ticket.subject))),
        manager_id=manager_id,
    )


def emptied(staff: Staff, tickets: int) -> Staff:
    """Everybody with empty hands, that can take all of them."""
    agents = {
        id: replace(agent, open_count=0, last_given_at=None, most_open=tickets + 1)
        for id, agent in staff.agents.items()
    }
    return Staff(agents, staff.groups)


def _goes_elsewhere(done: Choice, ticket: Ticket) -> bool:
    if done.owner_id is not None:
        return done.owner_id != ticket.owner_user_id
    return done.group_id != ticket.group_id
