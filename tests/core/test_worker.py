"""Jobs: neither lost nor premature, done once by effect, held when hopeless."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI
from pgqueuer.domain.models import Schedule as ScheduleRow
from sqlalchemy import URL, text

from crm_api.core import worker as machinery
from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue
from crm_api.core.principal import system
from crm_api.core.settings import Settings, app_url
from crm_api.core.worker import LocalTime, Worker
from crm_api.kit.ids import new_id

pytestmark = pytest.mark.anyio
ORGANIZATION = uuid4()


async def write_down(ctx: Context, payload: Payload) -> None:
    """An effect that can be counted."""
    ctx.note("test.done", "test", UUID(payload["id"]))


async def until(found: Callable[[], Awaitable[Any]], seconds: float = 10) -> Any:
    ends = time.monotonic() + seconds
    while not (result := await found()):
        assert time.monotonic() < ends, "it did not happen in time"
        await asyncio.sleep(0.05)
    return result


async def ask(app: FastAPI, name: str, *ids: UUID, rollback: bool = False, **options: Any) -> None:
    ctx = Context(system(ORGANIZATION), app.state.database, app.state.tools)
    for id in ids:
        await enqueue(ctx, name, {"id": id}, **options)
    if not rollback:
        await ctx.commit()
    await ctx.close()


@pytest.fixture
def address(owner_url: URL, settings: Settings) -> URL:
    return app_url(settings, owner_url)


@pytest.fixture
def works(app: FastAPI, address: URL) -> Callable[..., Any]:
    @asynccontextmanager
    async def running(jobs: Jobs, *schedules: Schedule, **options: Any) -> AsyncIterator[Worker]:
        options = {"first_delay": 0.05, "poll": timedelta(seconds=0.1)} | options
        worker = Worker(address, app.state.tools, jobs, schedules, **options)
        worker.start()
        try:
            yield worker
        finally:
            await worker.stop(5)

    return running


@pytest.fixture
def effects(owner: asyncpg.Connection) -> Callable[..., Any]:
    async def count(id: UUID) -> int:
        found: int = await owner.fetchval("SELECT count(*) FROM audit_log WHERE object_id = $1", id)
        return found

    return count


@pytest.fixture
def waiting(owner: asyncpg.Connection) -> Callable[[], Awaitable[int]]:
    async def count() -> int:
        found: int = await owner.fetchval("SELECT count(*) FROM pgqueuer WHERE status <> 'failed'")
        return found

    return count


async def test_a_job_of_a_transaction_that_was_rolled_back_does_not_run(
    app: FastAPI, works: Any, effects: Any, waiting: Any
) -> None:
    undone, kept = new_id(), new_id()
    await ask(app, "write", undone, rollback=True)
    await ask(app, "write", kept)
    async with works({"write": write_down}):
        await until(lambda: effects(kept))
        await until(lambda: _none(waiting))
    assert await effects(undone) == 0


async def test_a_job_acts_for_the_organization_that_asked(
    app: FastAPI, works: Any, owner: asyncpg.Connection
) -> None:
    id = new_id()
    await ask(app, "write", id)
    async with works({"write": write_down}):
        line = await until(lambda: owner.fetchrow("SELECT * FROM audit_log WHERE object_id = $1", id))
    assert (line["organization_id"], line["actor_type"]) == (ORGANIZATION, "system")


async def test_equal_keys_are_one_job_while_the_first_waits(
    app: FastAPI, works: Any, effects: Any, waiting: Any
) -> None:
    id = new_id()
    for _ in range(3):
        await ask(app, "write", id, dedupe_key="same")
    assert await waiting() == 1
    async with works({"write": write_down}):
        await until(lambda: _none(waiting))
    assert await effects(id) == 1


async def test_a_job_that_failed_is_tried_again_and_its_first_try_wrote_nothing(
    app: FastAPI, works: Any, effects: Any, waiting: Any
) -> None:
    id, tries = new_id(), 0

    async def stumble(ctx: Context, payload: Payload) -> None:
        nonlocal tries
        tries += 1
        await write_down(ctx, payload)
        await ctx.session.flush()
        if tries < 3:
            raise RuntimeError("somebody@example.dz is personal")

    await ask(app, "stumble", id)
    async with works({"stumble": stumble}):
        await until(lambda: _none(waiting))
    assert (tries, await effects(id)) == (3, 1)


async def test_a_hopeless_job_is_held_while_others_go_on_and_tells_nothing_personal(
    app: FastAPI, works: Any, effects: Any, owner: asyncpg.Connection
) -> None:
    async def poison(ctx: Context, payload: Payload) -> None:
        raise RuntimeError("somebody@example.dz is personal")

    others = [new_id() for _ in range(20)]
    await ask(app, "poison", new_id())
    await ask(app, "write", *others)
    async with works({"poison": poison, "write": write_down}, first_delay=0.0001):
        held = "SELECT attempts FROM pgqueuer WHERE status = 'failed' AND entrypoint = 'poison'"
        row = await until(lambda: owner.fetchrow(held), 30)
        assert [await effects(id) for id in others] == [1] * 20
    assert row["attempts"] == machinery.MOST_TRIES - 1
    told = await owner.fetch("SELECT traceback::text FROM pgqueuer_log WHERE traceback IS NOT NULL")
    assert len(told) == machinery.MOST_TRIES
    assert not any("example.dz" in row[0] for row in told)


async def test_a_job_that_kills_its_worker_is_held(
    app: FastAPI, works: Any, owner: asyncpg.Connection
) -> None:
    id = new_id()
    await ask(app, "write", id)
    await owner.execute(
        """INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint)
        SELECT id, 'picked', 0, entrypoint FROM pgqueuer, generate_series(1, 3)"""
    )
    async with works({"write": write_down}):
        held = "SELECT id FROM pgqueuer WHERE status = 'failed'"
        await until(lambda: owner.fetchval(held))


async def test_a_job_of_a_dead_worker_is_done_by_another(
    app: FastAPI, works: Any, effects: Any, waiting: Any, owner: asyncpg.Connection
) -> None:
    id = new_id()
    await ask(app, "write", id)
    await owner.execute(  # what a worker killed in the middle of it leaves behind
        "UPDATE pgqueuer SET status = 'picked', queue_manager_id = $1, heartbeat = now() - interval '9 s'",
        uuid4(),
    )
    async with works({"write": write_down}, heartbeat=timedelta(seconds=4)):
        await until(lambda: _none(waiting))
    assert await effects(id) == 1


async def test_a_job_whose_worker_died_after_the_commit_is_not_done_twice(
    app: FastAPI, works: Any, effects: Any, waiting: Any, owner: asyncpg.Connection
) -> None:
    id = new_id()
    await ask(app, "write", id)
    await owner.execute(
        """UPDATE pgqueuer SET status = 'picked', queue_manager_id = $1, heartbeat = now() - interval '9 s',
        headers = '{"done": true}'""",
        uuid4(),
    )
    async with works({"write": write_down}, heartbeat=timedelta(seconds=4)):
        await until(lambda: _none(waiting))
    assert await effects(id) == 0


async def test_a_worker_that_was_silent_too_long_leaves_the_job_to_its_successor(
    app: FastAPI, works: Any, effects: Any, waiting: Any, owner: asyncpg.Connection
) -> None:
    id, successor, gone = new_id(), uuid4(), asyncio.Event()

    async def robbed(ctx: Context, payload: Payload) -> None:
        await write_down(ctx, payload)
        await owner.execute("UPDATE pgqueuer SET queue_manager_id = $1, heartbeat = now()", successor)
        gone.set()

    await ask(app, "robbed", id)
    async with works({"robbed": robbed}):
        await asyncio.wait_for(gone.wait(), 5)
    assert (await effects(id), await waiting()) == (0, 1)


async def test_a_worker_that_must_stop_gives_its_long_job_back(
    app: FastAPI, address: URL, effects: Any, owner: asyncpg.Connection
) -> None:
    id, begun = new_id(), asyncio.Event()

    async def endless(ctx: Context, payload: Payload) -> None:
        await write_down(ctx, payload)
        await ctx.session.flush()
        begun.set()
        await asyncio.sleep(60)

    await ask(app, "endless", id)
    worker = Worker(address, app.state.tools, {"endless": endless}, ())
    worker.start()
    await asyncio.wait_for(begun.wait(), 5)
    await worker.stop(0.1)
    assert await owner.fetchval("SELECT status FROM pgqueuer") == "queued"
    assert await effects(id) == 0


async def test_a_worker_comes_back_when_the_database_does(
    app: FastAPI, works: Any, effects: Any, owner: asyncpg.Connection
) -> None:
    before, after = new_id(), new_id()
    async with works({"write": write_down}):
        await ask(app, "write", before)
        await until(lambda: effects(before))
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'crm-worker'"
            " AND datname = current_database()"
        )
        await ask(app, "write", after)
        await until(lambda: effects(after), 20)


async def test_a_job_cut_off_from_the_database_is_done_later_and_never_held(
    app: FastAPI, works: Any, effects: Any, waiting: Any, owner: asyncpg.Connection
) -> None:
    id, tries = new_id(), 0

    async def cut(ctx: Context, payload: Payload) -> None:
        nonlocal tries
        tries += 1
        await write_down(ctx, payload)
        if tries == 1:
            await (await ctx.session.connection()).execute(
                text("SELECT pg_terminate_backend(pg_backend_pid())")
            )

    await ask(app, "cut", id)
    async with works({"cut": cut}):
        await until(lambda: _none(waiting), 20)
    assert (tries, await effects(id)) == (2, 1)


async def test_a_schedule_fires_once_however_many_workers_there_are(
    app: FastAPI, address: URL, effects: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fired: list[datetime] = []

    class Watched(Worker):
        async def _fire(self, queue: Any, pool: asyncpg.Pool, row: ScheduleRow) -> None:
            fired.append(row.next_run)
            await super()._fire(queue, pool, row)

    done: list[UUID] = []

    async def tick(ctx: Context, _: Payload) -> None:
        done.append(ctx.organization_id)

    organizations = sorted([uuid4(), uuid4()])
    listed = ",".join(f"'{id}'::uuid" for id in organizations)
    monkeypatch.setattr(machinery, "ORGANIZATIONS", f"SELECT unnest(ARRAY[{listed}])")
    workers = [
        Watched(address, app.state.tools, {"tick": tick}, [Schedule("tick", "* * * * * */1")]) for _ in "ab"
    ]
    for worker in workers:
        worker.start()
    await until(lambda: _all(len(fired) >= 3 and len(done) >= 4), 20)
    for worker in workers:
        await worker.stop(5)
    assert len(set(fired)) == len(fired)
    assert sorted(set(done)) == organizations


def test_schedules_are_in_the_time_of_algiers() -> None:
    at_eight = LocalTime.__new__(LocalTime)
    at_eight.parameters = type("Parameters", (), {"expression": "0 8 * * *"})()
    assert at_eight.get_next().astimezone(UTC).hour == 7


async def _none(count: Callable[[], Awaitable[int]]) -> bool:
    return await count() == 0


async def _all(what: bool) -> bool:
    return what
