from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.http import IfMatch, MergePatch
from crm_api.kit.schemas import Json
from crm_api.opportunities.pipelines import PipelineService
from crm_api.opportunities.router.doors import Manager, Reader, pipeline_router
from crm_api.opportunities.schemas.pipeline import (
    DryRun,
    PipelineCreate,
    PipelinePage,
    PipelinePatch,
    PipelineQuery,
    PipelineRead,
    PipelineRules,
)


@pipeline_router.get("")
async def list_pipelines(ctx: Reader, query: Annotated[PipelineQuery, Query()]) -> Json[PipelinePage]:
    """List the pipelines and their stages."""
    return await PipelineService(ctx).page(query)


@pipeline_router.post("", status_code=status.HTTP_201_CREATED)
async def create_pipeline(ctx: Manager, body: PipelineCreate) -> Json[PipelineRead]:
    """Add a pipeline."""
    return await PipelineService(ctx).create(body)


@pipeline_router.get("/{pipeline_id}")
async def get_pipeline(ctx: Reader, pipeline_id: UUID) -> Json[PipelineRead]:
    """Read a pipeline and its stages."""
    return await PipelineService(ctx).get(pipeline_id)


@pipeline_router.patch("/{pipeline_id}")
async def update_pipeline(
    ctx: Manager, pipeline_id: UUID, body: Annotated[PipelinePatch, MergePatch], version: IfMatch
) -> Json[PipelineRead]:
    """Change a pipeline or its rules.

    What already stands where the new rules would not let it stays there; ask `dry-run` first whom they
    concern. A stage where opportunities stand cannot go: 409 `stage_in_use`.
    """
    return await PipelineService(ctx).update(pipeline_id, body, version)


@pipeline_router.post("/{pipeline_id}/dry-run")
async def dry_run_pipeline(ctx: Manager, pipeline_id: UUID, body: PipelineRules) -> DryRun:
    """Ask which open opportunities contradict these rules; nothing is written.

    Steps made before are judged by the history of stages: skipped, gone back, not approved.
    """
    return await PipelineService(ctx).dry_run(pipeline_id, body)


@pipeline_router.post("/{pipeline_id}/close")
async def close_pipeline(ctx: Manager, pipeline_id: UUID, version: IfMatch) -> Json[PipelineRead]:
    """Take no more opportunities in; open ones are moved first."""
    return await PipelineService(ctx).close(pipeline_id, version)


@pipeline_router.post("/{pipeline_id}/reopen")
async def reopen_pipeline(ctx: Manager, pipeline_id: UUID, version: IfMatch) -> Json[PipelineRead]:
    """Take opportunities in again."""
    return await PipelineService(ctx).reopen(pipeline_id, version)
