from uuid import UUID

from crm_api.core.http import IfMatch
from crm_api.kit.schemas import Json
from crm_api.leads.conversion import ConversionService
from crm_api.leads.router.doors import Assigner, Converter, Writer, router
from crm_api.leads.schemas.actions import LeadAssign, LeadContact, LeadDisqualify, LeadNurture, LeadQualify
from crm_api.leads.schemas.conversion import Conversion, LeadConvert
from crm_api.leads.schemas.lead import LeadRead
from crm_api.leads.steps import LeadSteps


@router.post("/{lead_id}/assign")
async def assign_lead(ctx: Assigner, lead_id: UUID, body: LeadAssign, version: IfMatch) -> Json[LeadRead]:
    """Give a lead to a colleague.

    A new lead becomes `assigned`; any other open one keeps its state.
    """
    return await LeadSteps(ctx).assign(lead_id, body, version)


@router.post("/{lead_id}/contact")
async def contact_lead(ctx: Writer, lead_id: UUID, body: LeadContact, version: IfMatch) -> Json[LeadRead]:
    """Record that the person was reached, or was not.

    Reached: the lead becomes `contacted`. Otherwise it keeps its state and the attempt is counted.
    """
    return await LeadSteps(ctx).contact(lead_id, body, version)


@router.post("/{lead_id}/qualify")
async def qualify_lead(ctx: Writer, lead_id: UUID, body: LeadQualify, version: IfMatch) -> Json[LeadRead]:
    """Record what the person needs; the score is worked out again."""
    return await LeadSteps(ctx).qualify(lead_id, body, version)


@router.post("/{lead_id}/nurture")
async def nurture_lead(ctx: Writer, lead_id: UUID, body: LeadNurture, version: IfMatch) -> Json[LeadRead]:
    """Put a lead aside until it is worth another contact."""
    return await LeadSteps(ctx).nurture(lead_id, body, version)


@router.post("/{lead_id}/disqualify")
async def disqualify_lead(
    ctx: Writer, lead_id: UUID, body: LeadDisqualify, version: IfMatch
) -> Json[LeadRead]:
    """Give a lead up, for a reason."""
    return await LeadSteps(ctx).disqualify(lead_id, body, version)


@router.post("/{lead_id}/reopen")
async def reopen_lead(ctx: Writer, lead_id: UUID, version: IfMatch) -> Json[LeadRead]:
    """Take up a lead that was given up, within 90 days."""
    return await LeadSteps(ctx).reopen(lead_id, version)


@router.post("/{lead_id}/convert")
async def convert_lead(ctx: Converter, lead_id: UUID, body: LeadConvert, version: IfMatch) -> Conversion:
    """Make a qualified lead a customer: an account, a person and, if asked, an opportunity.

    All in one transaction. What exists already is named by `account_id` and `contact_id`; a person who is
    certainly the same is taken without being named. A second call is refused with the ids of the first; the
    same Idempotency-Key gives the first answer again.
    """
    return await ConversionService(ctx).convert(lead_id, body, version)


@router.post("/{lead_id}/undo-conversion")
async def undo_lead_conversion(ctx: Converter, lead_id: UUID, version: IfMatch) -> Json[LeadRead]:
    """Take a conversion back within 7 days.

    What it made goes to the bin and the lead is qualified again; 409 `conversion_in_use` with the reasons
    when somebody has worked on it since.
    """
    return await ConversionService(ctx).undo(lead_id, version)
