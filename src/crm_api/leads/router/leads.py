from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, status

from crm_api.core.batch import Batch, BatchGet, BatchResult, Found
from crm_api.core.external_ids import ExternalId, ExternalSystem, ExternalValue
from crm_api.core.http import IfMatch, MergePatch, upserted
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.leads.router.doors import Deleter, Reader, Restorer, Unmasker, Writer, named_outside, router
from crm_api.leads.schemas.actions import DuplicateCheck, Duplicates, LeadUnmask, UnmaskedLead
from crm_api.leads.schemas.content import LeadCreate, LeadPatch
from crm_api.leads.schemas.lead import LeadCreated, LeadFilter, LeadPage, LeadQuery, LeadRead
from crm_api.leads.service import LeadService

System = Annotated[ExternalSystem, Path(description="The other system.")]
Value = Annotated[ExternalValue, Path(description="What it calls the lead.")]


@router.get("")
async def list_leads(ctx: Reader, query: Annotated[LeadQuery, Query()]) -> Json[LeadPage]:
    """List leads.

    Sensitive data is masked (`•••1234`). Leads you may not see are left out.
    """
    return await LeadService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_lead(ctx: Writer, body: LeadCreate) -> Json[LeadCreated]:
    """Record a lead.

    Without an owner, the routing rules choose one. `duplicates` names the leads recorded before that are
    probably the same person; a shared family phone alone never is. To name an owner other than yourself you
    need `leads:assign`.
    """
    return await LeadService(ctx).create(body)


@router.get("/count")
async def count_leads(ctx: Reader, query: Annotated[LeadFilter, Query()]) -> Count:
    """Count leads."""
    return await LeadService(ctx).count(query)


@router.post("/search")
async def search_leads(ctx: Reader, body: Search) -> Json[LeadPage]:
    """Search leads by a filter in the body: all of, any of."""
    return await LeadService(ctx).search(body)


@router.post("/batch")
async def batch_leads(ctx: Writer, body: Batch[LeadCreate, LeadPatch]) -> Json[BatchResult[LeadRead]]:
    """Create, change and delete up to 100 leads.

    Row by row, or all or nothing with `atomic`.
    """
    return await LeadService(ctx).batch(body)


@router.post("/batch-get")
async def get_leads(ctx: Reader, body: BatchGet) -> Json[Found[LeadRead]]:
    """Read up to 100 leads by id."""
    return await LeadService(ctx).get_many(body.ids)


@router.post("/check-duplicates")
async def check_lead_duplicates(ctx: Reader, body: DuplicateCheck) -> Duplicates:
    """Ask who recorded may be the same person; nothing is written."""
    return await LeadService(ctx).check_duplicates(body)


@named_outside.get("/{system}/leads/{value}")
async def get_lead_by_external_id(ctx: Reader, system: System, value: Value) -> Json[LeadRead]:
    """Read the lead that another system calls so."""
    return await LeadService(ctx).get_by_external_id(ExternalId(system=system, value=value))


@named_outside.post("/{system}/leads/{value}", responses=upserted(LeadRead))
async def upsert_lead(ctx: Writer, system: System, value: Value, body: LeadCreate) -> Json[LeadRead]:
    """Record the lead that another system calls so, or change it.

    201 when it was recorded, 200 when it was changed; fields left out stay as they are.
    """
    return await LeadService(ctx).upsert(ExternalId(system=system, value=value), body)


@router.get("/{lead_id}")
async def get_lead(ctx: Reader, lead_id: UUID) -> Json[LeadRead]:
    """Read a lead, in the bin or not."""
    return await LeadService(ctx).get(lead_id)


@router.patch("/{lead_id}")
async def update_lead(
    ctx: Writer, lead_id: UUID, body: Annotated[LeadPatch, MergePatch], version: IfMatch
) -> Json[LeadRead]:
    """Change a lead; a converted one is read-only.

    Its state changes by the actions below it, never here.
    """
    return await LeadService(ctx).update(lead_id, body, version)


@router.delete("/{lead_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_lead(ctx: Deleter, lead_id: UUID, version: IfMatch) -> None:
    """Put a lead in the bin.

    Who may restore (`admin:restore`) any lead; the others only their own new ones, within 24 hours.
    """
    await LeadService(ctx).delete(lead_id, version)


@router.post("/{lead_id}/restore")
async def restore_lead(ctx: Restorer, lead_id: UUID) -> Json[LeadRead]:
    """Take a lead out of the bin."""
    return await LeadService(ctx).restore(lead_id)


@router.get("/{lead_id}/duplicates")
async def list_lead_duplicates(ctx: Reader, lead_id: UUID) -> Duplicates:
    """List who recorded may be the same person as this lead."""
    return await LeadService(ctx).duplicates_of(lead_id)


@router.post("/{lead_id}/unmask")
async def unmask_lead(ctx: Unmasker, lead_id: UUID, body: LeadUnmask) -> UnmaskedLead:
    """Read the sensitive data of a lead in clear; you and your reason are recorded."""
    return await LeadService(ctx).unmask(lead_id, body.reason)
