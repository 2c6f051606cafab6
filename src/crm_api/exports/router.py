from typing import Annotated, Any

from fastapi import status

from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.core.openapi import refusals
from crm_api.exports.entities import EXPORTABLES
from crm_api.exports.errors import ExportReasonRequired, ExportTooLarge
from crm_api.exports.schemas import ExportRequest
from crm_api.exports.service import ExportService
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json

leads, accounts, contacts = Router("leads"), Router("accounts"), Router("contacts")
opportunities, policies, receivables = Router("opportunities"), Router("policies"), Router("receivables")
quotes, claims = Router("quotes"), Router("claims")
agencies, users = Router("agencies"), Router("users")
ACCEPTED: dict[str, Any] = {
    "status_code": status.HTTP_202_ACCEPTED,
    "openapi_extra": refusals(ExportTooLarge, ExportReasonRequired),
}
EXPORT = "data:export"


@leads.post("/exports", **ACCEPTED)
async def export_leads(
    ctx: Annotated[Context, requires("leads:read", EXPORT, step_up=True)], body: ExportRequest
) -> Json[JobRead]:
    """Export leads to a file.

    The job at `Location` tells how far it is; its `result.href` is the file, for seven days and for you
    alone. At most 100,000 rows, 1,000 for who sees a part of the company only.
    """
    return await ExportService(ctx).start(EXPORTABLES["leads"], body)


@accounts.post("/exports", **ACCEPTED)
async def export_accounts(
    ctx: Annotated[Context, requires("accounts:read", EXPORT, step_up=True)], body: ExportRequest
) -> Json[JobRead]:
    """Export accounts to a file."""
    return await ExportService(ctx).start(EXPORTABLES["accounts"], body)


@contacts.post("/exports", **ACCEPTED)
async def export_contacts(
    ctx: Annotated[Context, requires("contacts:read", EXPORT, step_up=True)], body: ExportRequest
) -> Json[JobRead]:
    """Export contacts to a file."""
    return await ExportService(ctx).start(EXPORTABLES["contacts"], body)


@opportunities.post("/exports", **ACCEPTED)
async def export_opportunities(
    ctx: Annotated[Context, requires("opportunities:read", EXPORT, step_up=True)], body: ExportRequest
) -> Json[JobRead]:
    """Export opportunities to a file."""
    return await ExportService(ctx).start(EXPORTABLES["opportunities"], body)


@policies.post("/exports", **ACCEPTED)
async def export_policies(
    ctx: Annotated[Context, requires("policies:read", EXPORT, step_up=True)], body: ExportRequest
) -> Json[JobRead]:
    """Export contracts to a file."""
    return await ExportService(ctx).start(EXPORTABLES["policies"], body)


@quotes.post("/exports", **ACCEPTED)
async def export_quotes(
    ctx: Annotated[Context, requires("quotes:read", EXPORT, step_up=True)], body: ExportRequest
) -> Json[JobRead]:
    """Export quotes to a file, every revision a row."""
    return await ExportService(ctx).start(EXPORTABLES["quotes"], body)


@claims.post("/exports", **ACCEPTED)
async def export_claims(
    ctx: Annotated[Context, requires("claims:read", EXPORT, step_up=True)], body: ExportRequest
) -> Json[JobRead]:
    """Export claims to a file; signs of fraud are not among the columns."""
    return await ExportService(ctx).start(EXPORTABLES["claims"], body)


@agencies.post("/exports", **ACCEPTED)
async def export_agencies(
    ctx: Annotated[Context, requires("agencies:read", EXPORT, step_up=True)], body: ExportRequest
) -> Json[JobRead]:
    """Export agencies to a file."""
    return await ExportService(ctx).start(EXPORTABLES["agencies"], body)


@users.post("/exports", **ACCEPTED)
async def export_users(
    ctx: Annotated[Context, requires("users:read", EXPORT, step_up=True)], body: ExportRequest
) -> Json[JobRead]:
    """Export the directory of users to a file."""
    return await ExportService(ctx).start(EXPORTABLES["users"], body)


@receivables.post("/exports", **ACCEPTED)
async def export_receivables(
    ctx: Annotated[Context, requires("receivables:read", EXPORT, step_up=True)], body: ExportRequest
) -> Json[JobRead]:
    """Export receivables to a file.

    The filter `bad_payer` makes it the bad-payer file: premiums whose formal notice was posted, and that are
    still owed and not contested.
    """
    return await ExportService(ctx).start(EXPORTABLES["receivables"], body)


ROUTERS = (leads, accounts, contacts, opportunities, quotes, policies, claims, receivables, agencies, users)
