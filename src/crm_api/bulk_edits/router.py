from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.bulk_edits.models import EditedEntity
from crm_api.bulk_edits.schemas import (
    AccountBulkEdit,
    BulkEditPage,
    BulkEditQuery,
    BulkEditRead,
    ContactBulkEdit,
    LeadBulkEdit,
    OpportunityBulkEdit,
)
from crm_api.bulk_edits.service import BulkEditService
from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json

router = Router("bulk-edits")
leads = Router("leads", tag="bulk-edits")
accounts = Router("accounts", tag="bulk-edits")
contacts = Router("contacts", tag="bulk-edits")
opportunities = Router("opportunities", tag="bulk-edits")
Reader = Annotated[Context, requires("jobs:read")]
LeadWriter = Annotated[Context, requires("leads:write", "jobs:write", keyed=True)]
AccountWriter = Annotated[Context, requires("accounts:write", "jobs:write", keyed=True)]
ContactWriter = Annotated[Context, requires("contacts:write", "jobs:write", keyed=True)]
OpportunityWriter = Annotated[Context, requires("opportunities:write", "jobs:write", keyed=True)]


@leads.post("/bulk-edits", status_code=status.HTTP_202_ACCEPTED)
async def bulk_edit_leads(ctx: LeadWriter, body: LeadBulkEdit) -> Json[JobRead]:
    """Change all leads that a filter finds.

    Which ones, and at which versions, is settled at once: those that somebody changes before the job comes
    to them are reported, not overwritten. `dry_run` rehearses. The job's result leads to counts and sample.
    """
    return await BulkEditService(ctx).start(EditedEntity.LEAD, body)


@accounts.post("/bulk-edits", status_code=status.HTTP_202_ACCEPTED)
async def bulk_edit_accounts(ctx: AccountWriter, body: AccountBulkEdit) -> Json[JobRead]:
    """Change all accounts that a filter finds."""
    return await BulkEditService(ctx).start(EditedEntity.ACCOUNT, body)


@contacts.post("/bulk-edits", status_code=status.HTTP_202_ACCEPTED)
async def bulk_edit_contacts(ctx: ContactWriter, body: ContactBulkEdit) -> Json[JobRead]:
    """Change all people that a filter finds."""
    return await BulkEditService(ctx).start(EditedEntity.CONTACT, body)


@opportunities.post("/bulk-edits", status_code=status.HTTP_202_ACCEPTED)
async def bulk_edit_opportunities(ctx: OpportunityWriter, body: OpportunityBulkEdit) -> Json[JobRead]:
    """Change all opportunities that a filter finds.

    Stages change by their own steps only: `move`, `win`, `lose`.
    """
    return await BulkEditService(ctx).start(EditedEntity.OPPORTUNITY, body)


@router.get("")
async def list_bulk_edits(ctx: Reader, query: Annotated[BulkEditQuery, Query()]) -> Json[BulkEditPage]:
    """List the changes of many records."""
    return await BulkEditService(ctx).page(query)


@router.get("/{bulk_edit_id}")
async def get_bulk_edit(ctx: Reader, bulk_edit_id: UUID) -> Json[BulkEditRead]:
    """Read a change of many records: counts, and a sample of what changed."""
    return await BulkEditService(ctx).get(bulk_edit_id)


ROUTERS = (router, leads, accounts, contacts, opportunities)
