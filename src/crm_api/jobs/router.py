from typing import Annotated
from uuid import UUID

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.jobs.schemas import JobPage, JobQuery, JobRead, JobResultPage, JobResultQuery
from crm_api.jobs.service import JobService
from crm_api.kit.schemas import Json

router = Router("jobs")
Reader = Annotated[Context, requires("jobs:read")]
Writer = Annotated[Context, requires("jobs:write")]


@router.get("")
async def list_jobs(ctx: Reader, query: Annotated[JobQuery, Query()]) -> Json[JobPage]:
    """List the jobs you started; administrators see everybody's."""
    return await JobService(ctx).page(query)


@router.get("/{job_id}")
async def get_job(ctx: Reader, job_id: UUID) -> Json[JobRead]:
    """Read how far a job is.

    While it runs, `Retry-After` says when to ask again.
    """
    return await JobService(ctx).get(job_id)


@router.get("/{job_id}/results")
async def list_job_results(
    ctx: Reader, job_id: UUID, query: Annotated[JobResultQuery, Query()]
) -> Json[JobResultPage]:
    """List what became of each line, once the job has succeeded."""
    return await JobService(ctx).results_of(job_id, query)


@router.post("/{job_id}/cancel")
async def cancel_job(ctx: Writer, job_id: UUID) -> Json[JobRead]:
    """Cancel a job that has not ended; what it had written is taken back."""
    return await JobService(ctx).cancel(job_id)


ROUTERS = (router,)
