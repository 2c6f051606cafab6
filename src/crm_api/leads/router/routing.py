from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.http import IfMatch, MergePatch
from crm_api.kit.schemas import Json
from crm_api.leads.router.doors import Reader, RuleWriter, rules
from crm_api.leads.routing import LeadRouter, RoutingRuleService, Sought
from crm_api.leads.schemas.routing import (
    RoutingAnswer,
    RoutingRuleCreate,
    RoutingRulePage,
    RoutingRulePatch,
    RoutingRuleQuery,
    RoutingRuleRead,
    RoutingTrial,
)


@rules.get("")
async def list_lead_routing_rules(
    ctx: Reader, query: Annotated[RoutingRuleQuery, Query()]
) -> Json[RoutingRulePage]:
    """List the rules that say who gets new leads."""
    return await RoutingRuleService(ctx).page(query)


@rules.post("", status_code=status.HTTP_201_CREATED)
async def create_lead_routing_rule(ctx: RuleWriter, body: RoutingRuleCreate) -> Json[RoutingRuleRead]:
    """Add a routing rule."""
    return await RoutingRuleService(ctx).create(body)


@rules.post("/dry-run")
async def dry_run_lead_routing(ctx: Reader, body: RoutingTrial) -> RoutingAnswer:
    """Ask who would get a lead, and why; nothing is written and no turn is taken."""
    lead = Sought.of(body.model_dump())
    return RoutingAnswer.model_validate(await LeadRouter(ctx).route(lead, dry=True))


@rules.get("/{rule_id}")
async def get_lead_routing_rule(ctx: Reader, rule_id: UUID) -> Json[RoutingRuleRead]:
    """Read a routing rule."""
    return await RoutingRuleService(ctx).get(rule_id)


@rules.patch("/{rule_id}")
async def update_lead_routing_rule(
    ctx: RuleWriter, rule_id: UUID, body: Annotated[RoutingRulePatch, MergePatch], version: IfMatch
) -> Json[RoutingRuleRead]:
    """Change a routing rule."""
    return await RoutingRuleService(ctx).update(rule_id, body, version)


@rules.delete("/{rule_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_lead_routing_rule(ctx: RuleWriter, rule_id: UUID, version: IfMatch) -> None:
    """Remove a routing rule for good; switch it off (`is_active`) to keep it."""
    await RoutingRuleService(ctx).delete(rule_id, version)
