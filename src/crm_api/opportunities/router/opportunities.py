from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, status

from crm_api.core.batch import Batch, BatchGet, BatchResult, Found
from crm_api.core.external_ids import ExternalId, ExternalSystem, ExternalValue
from crm_api.core.http import IfMatch, MergePatch, upserted
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.opportunities.router.doors import Reader, Restorer, Writer, named_outside, router
from crm_api.opportunities.schemas.content import OpportunityCreate, OpportunityPatch
from crm_api.opportunities.schemas.opportunity import (
    OpportunityFilter,
    OpportunityPage,
    OpportunityQuery,
    OpportunityRead,
    StageHistory,
)
from crm_api.opportunities.service import OpportunityService

System = Annotated[ExternalSystem, Path(description="The other system.")]
Value = Annotated[ExternalValue, Path(description="What it calls the opportunity.")]


@router.get("")
async def list_opportunities(
    ctx: Reader, query: Annotated[OpportunityQuery, Query()]
) -> Json[OpportunityPage]:
    """List opportunities; those you may not see are left out."""
    return await OpportunityService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_opportunity(ctx: Writer, body: OpportunityCreate) -> Json[OpportunityRead]:
    """Open an opportunity.

    Without a pipeline it goes the way of its type. With lines, the amount is their sum; an amount that
    differs from it is refused.
    """
    return await OpportunityService(ctx).create(body)


@router.get("/count")
async def count_opportunities(ctx: Reader, query: Annotated[OpportunityFilter, Query()]) -> Count:
    """Count opportunities."""
    return await OpportunityService(ctx).count(query)


@router.post("/search")
async def search_opportunities(ctx: Reader, body: Search) -> Json[OpportunityPage]:
    """Search opportunities by a filter in the body: all of, any of."""
    return await OpportunityService(ctx).search(body)


@router.post("/batch")
async def batch_opportunities(
    ctx: Writer, body: Batch[OpportunityCreate, OpportunityPatch]
) -> Json[BatchResult[OpportunityRead]]:
    """Open, change and delete up to 100 opportunities.

    Row by row, or all or nothing with `atomic`.
    """
    return await OpportunityService(ctx).batch(body)


@router.post("/batch-get")
async def get_opportunities(ctx: Reader, body: BatchGet) -> Json[Found[OpportunityRead]]:
    """Read up to 100 opportunities by id."""
    return await OpportunityService(ctx).get_many(body.ids)


@named_outside.get("/{system}/opportunities/{value}")
async def get_opportunity_by_external_id(ctx: Reader, system: System, value: Value) -> Json[OpportunityRead]:
    """Read the opportunity that another system calls so."""
    return await OpportunityService(ctx).get_by_external_id(ExternalId(system=system, value=value))


@named_outside.post("/{system}/opportunities/{value}", responses=upserted(OpportunityRead))
async def upsert_opportunity(
    ctx: Writer, system: System, value: Value, body: OpportunityCreate
) -> Json[OpportunityRead]:
    """Open the opportunity that another system calls so, or change it.

    201 when it was opened, 200 when it was changed; fields left out stay as they are. Its stage changes by
    the actions only.
    """
    return await OpportunityService(ctx).upsert(ExternalId(system=system, value=value), body)


@router.get("/{opportunity_id}")
async def get_opportunity(ctx: Reader, opportunity_id: UUID) -> Json[OpportunityRead]:
    """Read an opportunity, in the bin or not."""
    return await OpportunityService(ctx).get(opportunity_id)


@router.patch("/{opportunity_id}")
async def update_opportunity(
    ctx: Writer, opportunity_id: UUID, body: Annotated[OpportunityPatch, MergePatch], version: IfMatch
) -> Json[OpportunityRead]:
    """Change an opportunity.

    Its stage changes by the actions below it, never here. Amount, lines, dates and forecast are frozen once
    it is won or lost: 409 `opportunity_closed`.
    """
    return await OpportunityService(ctx).update(opportunity_id, body, version)


@router.delete("/{opportunity_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_opportunity(ctx: Writer, opportunity_id: UUID, version: IfMatch) -> None:
    """Put an opportunity in the bin; never a won one."""
    await OpportunityService(ctx).delete(opportunity_id, version)


@router.post("/{opportunity_id}/restore")
async def restore_opportunity(ctx: Restorer, opportunity_id: UUID) -> Json[OpportunityRead]:
    """Take an opportunity out of the bin."""
    return await OpportunityService(ctx).restore(opportunity_id)


@router.get("/{opportunity_id}/stages")
async def list_opportunity_stages(ctx: Reader, opportunity_id: UUID) -> Json[StageHistory]:
    """List every stage it stood in, since when and until when."""
    return await OpportunityService(ctx).history(opportunity_id)
