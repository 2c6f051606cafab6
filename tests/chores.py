"""Jobs in a test: `await done(app, owner)` does everything that waits in the queue, and comes back."""

import asyncio
import time
from datetime import timedelta

import asyncpg
from fastapi import FastAPI

from crm_api.core.jobs import Jobs
from crm_api.core.worker import Worker
from crm_api.registry import JOBS

_DUE = """SELECT count(*) FROM pgqueuer
    WHERE status <> 'failed' AND execute_after <= now() + interval '1 second'"""
"""A mail that waits for the morning is not due: tests are run at night too. A job that met a busy server and
was put back for a moment is."""


async def done(app: FastAPI, owner: asyncpg.Connection, jobs: Jobs = JOBS, seconds: float = 30) -> None:
    """Until nothing is due any more; fails when a job had to be held."""
    database = app.state.database
    worker = Worker(database.url, app.state.tools, jobs, (), first_delay=0.05, poll=timedelta(seconds=0.1))
    worker.start()
    ends = time.monotonic() + seconds
    try:
        while await owner.fetchval(_DUE):
            assert time.monotonic() < ends, "jobs are still waiting"
            await asyncio.sleep(0.02)
    finally:
        await worker.stop(5)
    assert not await owner.fetch("SELECT entrypoint FROM pgqueuer WHERE status = 'failed'")
