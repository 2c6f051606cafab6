"""Long work that somebody waits for: seen by who started it, cancelled, never half done."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor, principal_of
from chores import done
from crm_api.core.context import Context
from crm_api.core.jobs import Jobs
from crm_api.core.progress import Line, Run, RunOutcome, refused, start, tracked
from crm_api.kit.errors import Conflict
from crm_api.kit.ids import new_id

pytestmark = pytest.mark.anyio
OURS = uuid4()
ANNA = actor(OURS, "jobs:read", "jobs:write")
BOB = actor(OURS, "jobs:read", "jobs:write")
ADMIN = actor(OURS, "jobs:read", "jobs:write", "jobs:manage")
THEIRS = actor(uuid4(), "jobs:read", "jobs:write", "jobs:manage")


async def begun(app: FastAPI, headers: dict[str, str] = ANNA, kind: str = "count") -> UUID:
    ctx = Context(principal_of(headers), app.state.database, app.state.tools)
    id = await start(ctx, kind, input=b"abc")
    await ctx.commit()
    await ctx.close()
    return id


async def test_a_job_tells_how_far_it_is_and_what_became_of_each_line(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    seen: dict[str, Any] = {}
    made = new_id()

    async def count(ctx: Context, run: Run) -> None:
        assert await run.input() == b"abc"
        await run.report(4, 2, 1)
        answer = await client.get(f"/v1/jobs/{run.id}", headers=ANNA)
        seen.update(answer.json(), retry_after=answer.headers["retry-after"])
        await run.succeed(
            [
                Line(1, RunOutcome.CREATED, "16012", made),
                refused(2, "16013", Conflict(), ctx.origin.locale, "code"),
            ]
        )

    id = await begun(app)
    waiting = await client.get(f"/v1/jobs/{id}", headers=ANNA)
    assert (waiting.json()["status"], waiting.headers["retry-after"]) == ("queued", "2")
    await done(app, owner, {"count": tracked(count)})
    assert (seen["status"], seen["progress"], seen["retry_after"]) == ("running", 0.75, "2")
    assert seen["counts"] == {"total": 4, "done": 2, "failed": 1}
    after = await client.get(f"/v1/jobs/{id}", headers=ANNA)
    job = after.json()
    assert (job["status"], job["progress"], job["counts"]) == (
        "succeeded",
        1,
        {"total": 2, "done": 1, "failed": 1},
    )
    assert "retry-after" not in after.headers
    assert job["started_at"] <= job["finished_at"]
    lines = (await client.get(f"/v1/jobs/{id}/results?limit=1", headers=ANNA)).json()
    assert (lines["data"][0]["object_id"], lines["has_more"]) == (str(made), True)
    following = await client.get(f"/v1/jobs/{id}/results?limit=1&cursor={lines['next_cursor']}", headers=ANNA)
    assert following.json()["data"][0]["faults"] == [
        {"pointer": "/code", "code": "conflict", "detail": "Cela contredit ce qui est déjà enregistré."}
    ]
    assert await owner.fetchval("SELECT input FROM job_runs") is None


async def test_what_is_refused_ends_the_job_and_takes_back_what_it_wrote(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    async def refused(ctx: Context, run: Run) -> None:
        ctx.note("test.done", "test", run.id)
        await ctx.session.flush()
        raise Conflict

    async def broken(ctx: Context, run: Run) -> None:
        raise RuntimeError("somebody@example.dz is personal")

    jobs: Jobs = {"refused": tracked(refused), "broken": tracked(broken)}
    first, second = await begun(app, kind="refused"), await begun(app, kind="broken")
    await done(app, owner, jobs)
    job = (await client.get(f"/v1/jobs/{first}", headers=ANNA)).json()
    assert (job["status"], job["error"]["code"]) == ("failed", "conflict")
    assert not await owner.fetchval("SELECT count(*) FROM audit_log WHERE action = 'test.done'")
    job = (await client.get(f"/v1/jobs/{second}", headers=ANNA)).json()
    assert (job["status"], job["error"]["code"]) == ("failed", "internal_error")
    assert "example.dz" not in str(job)


async def test_a_cancelled_job_stops_at_its_next_report_and_leaves_nothing(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    reported = 0

    async def count(ctx: Context, run: Run) -> None:
        nonlocal reported
        ctx.note("test.done", "test", run.id)
        await ctx.session.flush()
        for finished in range(100):
            await run.report(100, finished)
            reported += 1
            if finished == 1:
                answer = await client.post(f"/v1/jobs/{run.id}/cancel", headers=ANNA)
                assert answer.json()["status"] == "cancelled"

    id = await begun(app)
    await done(app, owner, {"count": tracked(count)})
    assert reported == 2
    assert not await owner.fetchval("SELECT count(*) FROM audit_log WHERE action = 'test.done'")
    again = await client.post(f"/v1/jobs/{id}/cancel", headers=ANNA)
    assert (again.status_code, again.json()["code"], again.json()["allowed"]) == (
        409,
        "invalid_transition",
        [],
    )


async def test_a_job_cancelled_before_it_began_never_runs(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    ran = asyncio.Event()

    async def count(ctx: Context, run: Run) -> None:
        ran.set()

    id = await begun(app)
    assert (await client.post(f"/v1/jobs/{id}/cancel", headers=ANNA)).status_code == 200
    await done(app, owner, {"count": tracked(count)})
    assert not ran.is_set()


async def test_a_job_is_seen_by_who_started_it_and_by_administrators(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    id = await begun(app)
    for who, status in (ANNA, 200), (ADMIN, 200), (BOB, 404), (THEIRS, 404):
        assert (await client.get(f"/v1/jobs/{id}", headers=who)).status_code == status
        assert (await client.get(f"/v1/jobs/{id}/results", headers=who)).status_code == status
        listed = (await client.get("/v1/jobs", headers=who)).json()["data"]
        assert [job["id"] for job in listed] == ([str(id)] if status == 200 else [])
    assert (await client.post(f"/v1/jobs/{id}/cancel", headers=BOB)).status_code == 404
    assert (await client.get(f"/v1/jobs/{id}", headers=ANNA)).json()["status"] == "queued"
