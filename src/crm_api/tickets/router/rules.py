from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json
from crm_api.tickets.errors import TicketIncidentClosed, TicketRuleNameTaken, UnknownTicketAssignee
from crm_api.tickets.incidents import TicketIncidents
from crm_api.tickets.macros import TicketMacros
from crm_api.tickets.router.doors import (
    KeyedAnswerer,
    Manager,
    Reader,
    Writer,
    agents,
    incidents,
    macros,
    rules,
)
from crm_api.tickets.rules import TicketAgents, TicketRules
from crm_api.tickets.schemas.incidents import (
    TicketIncidentAnswer,
    TicketIncidentAttach,
    TicketIncidentAttached,
    TicketIncidentCreate,
    TicketIncidentPage,
    TicketIncidentPatch,
    TicketIncidentQuery,
    TicketIncidentRead,
)
from crm_api.tickets.schemas.macros import (
    TicketMacroCreate,
    TicketMacroPage,
    TicketMacroPatch,
    TicketMacroQuery,
    TicketMacroRead,
)
from crm_api.tickets.schemas.rules import (
    TicketAgentDescribe,
    TicketAgentPage,
    TicketAgentQuery,
    TicketAgentRead,
    TicketRuleCreate,
    TicketRulePage,
    TicketRulePatch,
    TicketRuleQuery,
    TicketRuleRead,
    TicketRulesReplay,
    TicketRulesReplayed,
    TicketRulesTried,
    TicketRulesTry,
)


@rules.get("")
async def list_ticket_rules(ctx: Manager, query: Annotated[TicketRuleQuery, Query()]) -> Json[TicketRulePage]:
    """List the routing rules, in their order."""
    return await TicketRules(ctx).page(query)


@rules.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(TicketRuleNameTaken, UnknownTicketAssignee),
)
async def create_ticket_rule(ctx: Manager, body: TicketRuleCreate) -> Json[TicketRuleRead]:
    """Add a routing rule.

    The first active one that fits and finds somebody wins. Colleagues who are absent, full or not able are
    passed over; a substitute who is there stands in.
    """
    return await TicketRules(ctx).create(body)


@rules.post("/try")
async def try_ticket_rules(ctx: Manager, body: TicketRulesTry) -> TicketRulesTried:
    """Try the rules on a ticket: who would get it, and why not the others. Nothing is written."""
    return await TicketRules(ctx).tried(body)


@rules.post("/replay")
async def replay_ticket_rules(ctx: Manager, body: TicketRulesReplay) -> TicketRulesReplayed:
    """Play the tickets of the last days through the rules once more. Nothing is written."""
    return await TicketRules(ctx).replayed(body)


@rules.get("/{ticket_rule_id}")
async def get_ticket_rule(ctx: Manager, ticket_rule_id: UUID) -> Json[TicketRuleRead]:
    """Read a routing rule."""
    return await TicketRules(ctx).get(ticket_rule_id)


@rules.patch("/{ticket_rule_id}", openapi_extra=refusals(TicketRuleNameTaken))
async def update_ticket_rule(
    ctx: Manager, ticket_rule_id: UUID, body: Annotated[TicketRulePatch, MergePatch], version: IfMatch
) -> Json[TicketRuleRead]:
    """Change a routing rule."""
    return await TicketRules(ctx).update(ticket_rule_id, body, version)


@rules.delete("/{ticket_rule_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_ticket_rule(ctx: Manager, ticket_rule_id: UUID, version: IfMatch) -> None:
    """Remove a routing rule, for good."""
    await TicketRules(ctx).delete(ticket_rule_id, version)


@agents.get("")
async def list_ticket_agents(
    ctx: Manager, query: Annotated[TicketAgentQuery, Query()]
) -> Json[TicketAgentPage]:
    """List what colleagues can do for tickets, as far as it was said."""
    return await TicketAgents(ctx).page(query)


@agents.post("", openapi_extra=refusals(UnknownTicketAssignee))
async def describe_ticket_agent(ctx: Manager, body: TicketAgentDescribe) -> Json[TicketAgentRead]:
    """Say what a colleague can do for tickets: languages and skills; replaces what was said before."""
    return await TicketAgents(ctx).describe(body)


@agents.get("/{ticket_agent_id}")
async def get_ticket_agent(ctx: Manager, ticket_agent_id: UUID) -> Json[TicketAgentRead]:
    """Read what a colleague can do for tickets."""
    return await TicketAgents(ctx).get(ticket_agent_id)


@macros.get("")
async def list_ticket_macros(
    ctx: Writer, query: Annotated[TicketMacroQuery, Query()]
) -> Json[TicketMacroPage]:
    """List the macros that you may use: yours, those of your teams, those of everybody."""
    return await TicketMacros(ctx).page(query)


@macros.post("", status_code=status.HTTP_201_CREATED)
async def create_ticket_macro(ctx: Writer, body: TicketMacroCreate) -> Json[TicketMacroRead]:
    """Make a macro: several changes and an answer under one name."""
    return await TicketMacros(ctx).create(body)


@macros.get("/{ticket_macro_id}")
async def get_ticket_macro(ctx: Writer, ticket_macro_id: UUID) -> Json[TicketMacroRead]:
    """Read a macro."""
    return await TicketMacros(ctx).get(ticket_macro_id)


@macros.patch("/{ticket_macro_id}")
async def update_ticket_macro(
    ctx: Writer, ticket_macro_id: UUID, body: Annotated[TicketMacroPatch, MergePatch], version: IfMatch
) -> Json[TicketMacroRead]:
    """Change a macro."""
    return await TicketMacros(ctx).update(ticket_macro_id, body, version)


@macros.delete("/{ticket_macro_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_ticket_macro(ctx: Writer, ticket_macro_id: UUID, version: IfMatch) -> None:
    """Remove a macro, for good."""
    await TicketMacros(ctx).delete(ticket_macro_id, version)


@incidents.get("")
async def list_ticket_incidents(
    ctx: Reader, query: Annotated[TicketIncidentQuery, Query()]
) -> Json[TicketIncidentPage]:
    """List mass incidents: events behind many tickets."""
    return await TicketIncidents(ctx).page(query)


@incidents.post("", status_code=status.HTTP_201_CREATED)
async def create_ticket_incident(ctx: Writer, body: TicketIncidentCreate) -> Json[TicketIncidentRead]:
    """Declare a mass incident."""
    return await TicketIncidents(ctx).create(body)


@incidents.get("/{ticket_incident_id}")
async def get_ticket_incident(ctx: Reader, ticket_incident_id: UUID) -> Json[TicketIncidentRead]:
    """Read a mass incident."""
    return await TicketIncidents(ctx).get(ticket_incident_id)


@incidents.patch("/{ticket_incident_id}")
async def update_ticket_incident(
    ctx: Writer,
    ticket_incident_id: UUID,
    body: Annotated[TicketIncidentPatch, MergePatch],
    version: IfMatch,
) -> Json[TicketIncidentRead]:
    """Change a mass incident, end it, or open it again."""
    return await TicketIncidents(ctx).update(ticket_incident_id, body, version)


@incidents.post("/{ticket_incident_id}/attach", openapi_extra=refusals(TicketIncidentClosed))
async def attach_tickets_to_incident(
    ctx: Writer, ticket_incident_id: UUID, body: TicketIncidentAttach
) -> TicketIncidentAttached:
    """Say of many tickets that this event is behind them."""
    return await TicketIncidents(ctx).attach(ticket_incident_id, body)


@incidents.post(
    "/{ticket_incident_id}/answer",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=refusals(TicketIncidentClosed),
)
async def answer_ticket_incident(
    ctx: KeyedAnswerer, ticket_incident_id: UUID, body: TicketIncidentAnswer
) -> Json[JobRead]:
    """Answer all tickets of a mass incident that are not solved, by one message.

    A job writes it on each with your rights; its results say which ticket refused it, and why.
    """
    return await TicketIncidents(ctx).answer(ticket_incident_id, body)
