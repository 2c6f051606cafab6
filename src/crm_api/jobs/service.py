from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.progress import RUN, RunStatus
from crm_api.jobs.repository import JobRepository, JobResultRepository
from crm_api.jobs.schemas import (
    JobPage,
    JobQuery,
    JobRead,
    JobResultPage,
    JobResultQuery,
    LinesOfOneJob,
)
from crm_api.kit.schemas import Json

POLL_AFTER = 2
"""Seconds before it is worth asking again."""


class JobService:
    def __init__(self, ctx: Context) -> None:
        self.jobs = JobRepository(ctx)
        self.results = JobResultRepository(ctx)

    async def start(self, kind: str, input: bytes) -> Json[JobRead]:
        """A job that begins once this use case is durable; `kind` is what `tracked` work is registered as."""
        job = await self.jobs.get(await self.jobs.start(kind, input))
        job.headers = {"Location": f"/v1/jobs/{job.id}", "Retry-After": str(POLL_AFTER)}
        return job

    async def page(self, query: JobQuery) -> Json[JobPage]:
        return await self.jobs.page(query, JobPage)

    async def get(self, job_id: UUID) -> Json[JobRead]:
        job = await self.jobs.get(job_id)
        if job.value.status in (RunStatus.QUEUED, RunStatus.RUNNING):
            job.headers = {"Retry-After": str(POLL_AFTER)}
        return job

    async def results_of(self, job_id: UUID, query: JobResultQuery) -> Json[JobResultPage]:
        await self.jobs.get(job_id)  # whoever may not see the job may not see its lines
        mine = LinesOfOneJob(job_id=job_id, **dict(query))
        return await self.results.page(mine, JobResultPage)

    async def cancel(self, job_id: UUID) -> Json[JobRead]:
        job = await self.jobs.load(job_id)
        RUN.check(job.status, RunStatus.CANCELLED)
        job.status, job.input, job.finished_at = RunStatus.CANCELLED, None, now()
        await self.jobs.save(job)
        return await self.jobs.get(job_id)
