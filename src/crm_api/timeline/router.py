"""One address for each kind of object that has a timeline: who reads the object reads what happened."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.kit.schemas import Json
from crm_api.timeline.schemas import Timeline, TimelineQuery
from crm_api.timeline.service import TimelineService

accounts = Router("accounts", tag="timeline")
claims = Router("claims", tag="timeline")
contacts = Router("contacts", tag="timeline")
leads = Router("leads", tag="timeline")
opportunities = Router("opportunities", tag="timeline")
policies = Router("policies", tag="timeline")
tickets = Router("tickets", tag="timeline")
Asked = Annotated[TimelineQuery, Query()]


@accounts.get("/{account_id}/timeline")
async def list_account_timeline(
    ctx: Annotated[Context, requires("accounts:read")], account_id: UUID, query: Asked
) -> Json[Timeline]:
    """List what happened around an account, the newest first.

    Interactions need `interactions:read`, notes `notes:read`, documents `documents:read`; without them these
    entries are left out.
    """
    return await TimelineService(ctx).page("account", account_id, query)


@claims.get("/{claim_id}/timeline")
async def list_claim_timeline(
    ctx: Annotated[Context, requires("claims:read")], claim_id: UUID, query: Asked
) -> Json[Timeline]:
    """List what happened around a claim, the newest first.

    Interactions need `interactions:read`, notes `notes:read`, documents `documents:read`; without them these
    entries are left out.
    """
    return await TimelineService(ctx).page("claim", claim_id, query)


@contacts.get("/{contact_id}/timeline")
async def list_contact_timeline(
    ctx: Annotated[Context, requires("contacts:read")], contact_id: UUID, query: Asked
) -> Json[Timeline]:
    """List what happened around a person, the newest first.

    Interactions need `interactions:read`, notes `notes:read`, documents `documents:read`; without them these
    entries are left out.
    """
    return await TimelineService(ctx).page("contact", contact_id, query)


@leads.get("/{lead_id}/timeline")
async def list_lead_timeline(
    ctx: Annotated[Context, requires("leads:read")], lead_id: UUID, query: Asked
) -> Json[Timeline]:
    """List what happened around a lead, the newest first.

    Interactions need `interactions:read`, notes `notes:read`, documents `documents:read`; without them these
    entries are left out.
    """
    return await TimelineService(ctx).page("lead", lead_id, query)


@opportunities.get("/{opportunity_id}/timeline")
async def list_opportunity_timeline(
    ctx: Annotated[Context, requires("opportunities:read")], opportunity_id: UUID, query: Asked
) -> Json[Timeline]:
    """List what happened around an opportunity, the newest first.

    Interactions need `interactions:read`, notes `notes:read`, documents `documents:read`; without them these
    entries are left out.
    """
    return await TimelineService(ctx).page("opportunity", opportunity_id, query)


@policies.get("/{policy_id}/timeline")
async def list_policy_timeline(
    ctx: Annotated[Context, requires("policies:read")], policy_id: UUID, query: Asked
) -> Json[Timeline]:
    """List what happened around a contract, the newest first.

    Interactions need `interactions:read`, notes `notes:read`, documents `documents:read`; without them these
    entries are left out.
    """
    return await TimelineService(ctx).page("policy", policy_id, query)


@tickets.get("/{ticket_id}/timeline")
async def list_ticket_timeline(
    ctx: Annotated[Context, requires("tickets:read")], ticket_id: UUID, query: Asked
) -> Json[Timeline]:
    """List what happened around a ticket, the newest first.

    Interactions need `interactions:read`, notes `notes:read`, documents `documents:read`; without them these
    entries are left out.
    """
    return await TimelineService(ctx).page("ticket", ticket_id, query)


ROUTERS = (accounts, claims, contacts, leads, opportunities, policies, tickets)
