"""Runs the jobs of the queue and fires the schedules, embedded in the API or as a process of its own.

A job gets a context of the house itself and one transaction, committed here together with the mark that
the job is done: killed at any moment, its writes have happened once or not at all. It is tried eight
times, longer and longer apart, then held for a person to look at (`pgq failed`, `pgq requeue`). One that
kills its worker is held too. When PostgreSQL goes away, the worker waits and comes back by itself.

It listens for notifications, so it needs a direct connection, never a transaction pooler.
"""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from uuid import UUID

import asyncpg
from croniter import croniter
from pgqueuer import PgQueuer
from pgqueuer.core.executors import ScheduleExecutor
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job as Row
from pgqueuer.domain.models import Schedule as ScheduleRow
from pydantic_core import from_json
from sqlalchemy import URL

from crm_api.core import telemetry
from crm_api.core.context import Context, Origin
from crm_api.core.jobs import Job, Jobs, Schedule, enqueue_for_each
from crm_api.core.pool import LIMITS, Database
from crm_api.core.principal import system
from crm_api.core.tools import Tools
from crm_api.kit.clock import ALGIERS

MOST_TRIES = 8
MOST_CRASHES = 3
"""Times a job may take its worker down with it."""
PATIENT = LIMITS | {
    "statement_timeout": "60000",
    "idle_in_transaction_session_timeout": "60000",
    "application_name": "crm-worker",
}
ORGANIZATIONS = "SELECT organization_id FROM crm_organizations() AS organization_id"
LISTENING = 15
"""Seconds between two looks whether notifications still arrive."""
BEAT = "worker_beat"
"""The schedule that shows, in pgqueuer_schedules, that a worker lives."""
DONE = """UPDATE pgqueuer SET headers = coalesce(headers, '{}') || '{"done": true}'
    WHERE id = $1 AND queue_manager_id = $2 AND (headers -> 'done') IS NULL RETURNING id"""
PICKED = """SELECT count(*) FROM pgqueuer_log WHERE job_id = $1 AND status = 'picked' AND id >
    coalesce((SELECT max(id) FROM pgqueuer_log WHERE job_id = $1 AND status = 'failed'), 0)"""
SWEEP = (
    "DELETE FROM pgqueuer_log WHERE created < now() - interval '7 days'",
    "DELETE FROM pgqueuer_statistics WHERE created < now() - interval '90 days'",
)


class JobHeld(Exception):
    """The last word on a job; the name of what went wrong, never its message (it may hold values)."""


class Abandoned(BaseException):
    """Leaves a job as it is, for whoever holds it now or finds its heartbeat stale.

    Not an `Exception`: the queue would write an outcome for those.
    """


class Worker:
    def __init__(
        self,
        url: URL,
        tools: Tools,
        jobs: Jobs,
        schedules: Sequence[Schedule],
        *,
        heartbeat: timedelta = timedelta(seconds=60),
        first_delay: float = 10.0,
        poll: timedelta = timedelta(seconds=5),
        at_once: int = 10,
    ) -> None:
        """`heartbeat`: silence after which another worker takes a job over; `first_delay`: seconds, then x3.

        `poll`: how late a retry may be noticed (a new job is noticed at once).
        """
        self._database = Database(url, connections=at_once, limits=PATIENT)
        self._tools, self._jobs, self._schedules = tools, jobs, schedules
        self._heartbeat, self._first_delay, self._at_once = heartbeat, first_delay, at_once
        self._poll = poll
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._queue: PgQueuer | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self.run())

    async def stop(self, patience: float = 25.0) -> None:
        """Takes no new job, waits for the running ones, gives back those that take too long."""
        self._stopping.set()
        if self._queue is not None:
            self._queue.shutdown.set()
        if self._task is None or await _ends(self._task, patience):
            return
        for task in self._running:
            task.cancel()
        if not await _ends(self._task, 5):
            self._task.cancel()

    async def run(self) -> None:
        """Until `stop`, whatever becomes of the database."""
        pause = 0.5
        while not self._stopping.is_set():
            began = perf_counter()
            try:
                await self._serve()
            except Exception as error:
                pause = 0.5 if perf_counter() - began > 30 else min(pause * 2, 15)
                telemetry.log.warning("worker lost the queue", kind=type(error).__name__, pause=pause)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)

    async def _serve(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            pool = await asyncpg.create_pool(
                self._database.dsn, min_size=2, max_size=4, timeout=3, server_settings=PATIENT
            )
            stack.push_async_callback(_closed, pool)
            await self._database.open()
            stack.push_async_callback(self._database.close)
            self._queue = queue = PgQueuer.from_asyncpg_pool(pool)
            for name, job in self._jobs.items():
                queue.entrypoint(name, on_failure="hold", accepts_context=False)(
                    partial(self._work, job, pool)
                )
            for schedule in self._schedules:
                queue.sm.schedule(schedule.job, schedule.cron, LocalTime)(partial(self._fire, queue, pool))
            queue.sm.schedule(BEAT, "* * * * *", LocalTime)(self._beat)
            queue.sm.schedule("sweep_queue_log", "17 3 * * *", LocalTime)(partial(self._sweep, pool))
            watch = asyncio.create_task(_watch(queue))
            stack.callback(watch.cancel)
            if not self._stopping.is_set():
                await queue.run(
                    dequeue_timeout=self._poll,
                    batch_size=self._at_once // 2,
                    max_concurrent_tasks=self._at_once,
                    heartbeat_timeout=self._heartbeat,
                )

    # --- jobs

    async def _work(self, job: Job, pool: asyncpg.Pool, row: Row) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - narrows the type
        self._running.add(task)
        began = perf_counter()
        try:
            await self._refuse_poison(pool, row)
            if not (row.headers or {}).get("done"):  # a worker died between its commit and this
                await self._once(job, row)
        except asyncio.CancelledError as error:  # left to itself, the queue would delete a cancelled job
            task.uncancel()
            await self._again(pool, row, 0, "released", began, error)
        except JobHeld as error:
            telemetry.worked(row.entrypoint, "held", perf_counter() - began, row.id, error)
            raise
        except Exception as error:
            if row.attempts + 1 >= MOST_TRIES:
                telemetry.worked(row.entrypoint, "held", perf_counter() - began, row.id, error)
                raise JobHeld(type(error).__name__) from None
            delay = self._first_delay * 3**row.attempts * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
            await self._again(pool, row, delay, "again", began, error)
        else:
            telemetry.worked(row.entrypoint, "done", perf_counter() - began, row.id)
        finally:
            self._running.discard(task)

    async def _once(self, job: Job, row: Row) -> None:
        """Everything the job writes, and that it is done, in one transaction."""
        payload = from_json(row.payload or b"{}")
        origin = Origin(
            request_id=str((row.headers or {}).get("request_id") or "") or None,
            locale=payload.pop("locale", "fr"),
        )
        principal = system(UUID(payload.pop("organization_id")))
        ctx = Context(principal, self._database, self._tools, origin)
        try:
            ctx.begin()
            await job(ctx, payload)
            connection = await ctx.session.connection()
            marked = await connection.exec_driver_sql(DONE, (row.id, row.queue_manager_id))
            if marked.first() is None:  # we were silent too long: it is another worker's job now
                raise Abandoned
            await ctx.commit()
        finally:
            await ctx.close()

    async def _refuse_poison(self, pool: asyncpg.Pool, row: Row) -> None:
        crashes = await pool.fetchval(PICKED, row.id) - 1 - row.attempts
        if crashes >= MOST_CRASHES:
            raise JobHeld(f"crashed {crashes} workers")

    async def _again(
        self, pool: asyncpg.Pool, row: Row, delay: float, why: str, began: float, error: BaseException
    ) -> None:
        telemetry.worked(row.entrypoint, why, perf_counter() - began, row.id, error)
        try:
            await pool.execute("SELECT 1")
        except Exception:  # the queue could not write this down, and would then hold the job
            raise Abandoned from None
        raise RetryRequested(timedelta(seconds=delay), type(error).__name__) from None

    # --- schedules

    async def _fire(self, queue: PgQueuer, pool: asyncpg.Pool, row: ScheduleRow) -> None:
        organizations = [found[0] for found in await pool.fetch(ORGANIZATIONS)]
        if organizations:
            await enqueue_for_each(queue.connection, row.entrypoint, organizations)

    async def _beat(self, _: ScheduleRow) -> None:
        """Nothing to do: the queue writes down when it was done last."""

    async def _sweep(self, pool: asyncpg.Pool, _: ScheduleRow) -> None:
        for statement in SWEEP:
            await pool.execute(statement)


class LocalTime(ScheduleExecutor):
    """pgqueuer reads cron expressions as UTC; ours say what the clock on the wall in Algiers says."""

    def get_next(self) -> datetime:
        here = datetime.now(UTC).astimezone(ALGIERS)
        following: datetime = croniter(self.parameters.expression, here).get_next(datetime)
        return following.astimezone(UTC)


async def _watch(queue: PgQueuer) -> None:
    """Starts the queue anew when notifications no longer come in.

    pgqueuer's own check asks before it listens, and so fails at times where nothing is wrong.
    """
    while True:
        await asyncio.sleep(LISTENING)
        try:
            await queue.qm.listener_healthy()
        except Exception:
            queue.shutdown.set()


async def _closed(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), 2)
    except Exception:  # the server is gone, and a connection with it that nobody gave back
        pool.terminate()


async def _ends(task: asyncio.Task[None], seconds: float) -> bool:
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return bool(done)
