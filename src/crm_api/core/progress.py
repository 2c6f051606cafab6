"""Long work that somebody waits for: a row that tells how far it is, and what became of each line.

A domain starts a run (`start`), writes `async def work(ctx, run)` and registers `tracked(work)` under the
run's kind. What the work writes through `ctx`, the outcome of each line and the final state are one
transaction; reports on the way are short transactions of their own, so that those who wait see them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import ForeignKeyConstraint, Index, bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core import telemetry
from crm_api.core.context import Context
from crm_api.core.db import Entity, newest
from crm_api.core.jobs import Job, Payload, enqueue
from crm_api.core.plain import table_of
from crm_api.core.problems import InternalError, faults_in, refusal_of, told
from crm_api.core.statements import compiled
from crm_api.kit.errors import DomainError, Unavailable
from crm_api.kit.ids import new_id
from crm_api.kit.states import machine


class RunStatus(StrEnum):
    """Where slow work stands: waiting, running, or over in one of three ways."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUN = machine("job_run", "queued: running failed cancelled \n running: succeeded failed cancelled")


class RunOutcome(StrEnum):
    """What became of one line."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class JobRun(Entity):
    __tablename__ = "job_runs"
    label = "job_run"
    private = frozenset({"input"})
    __table_args__ = (
        newest("job_runs"),
        Index("ix_job_runs_creator", "organization_id", "created_by_id", "created_at", "id"),
    )

    kind: Mapped[str]
    status: Mapped[RunStatus] = mapped_column(default=RunStatus.QUEUED)
    total: Mapped[int] = mapped_column(server_default="0", default=0)
    done: Mapped[int] = mapped_column(server_default="0", default=0)
    failed: Mapped[int] = mapped_column(server_default="0", default=0)
    input: Mapped[bytes | None]
    """What was sent in; emptied when the run ends."""
    result: Mapped[dict[str, Any] | None]
    """href and expires_at of what was made."""
    error: Mapped[dict[str, Any] | None]
    """code and detail of what stopped it."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobResult(Entity):
    """One line of a run."""

    __tablename__ = "job_results"
    label = "job_result"
    __table_args__ = (
        Index("ix_job_results_run", "organization_id", "job_id", "number", "id"),
        ForeignKeyConstraint(
            ["organization_id", "job_id"], ["job_runs.organization_id", "job_runs.id"], ondelete="CASCADE"
        ),
    )

    job_id: Mapped[UUID]
    number: Mapped[int]
    outcome: Mapped[RunOutcome]
    key: Mapped[str | None]
    object_id: Mapped[UUID | None]
    faults: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"), default=list)


class RunCancelled(Exception):
    """Somebody cancelled this run; what it wrote is rolled back."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of line `number` (from 1): the object it made or changed, or its faults."""

    number: int
    outcome: RunOutcome
    key: str | None = None
    object_id: UUID | None = None
    faults: tuple[Mapping[str, Any], ...] = ()


class Run:
    """What a job function holds of its run."""

    def __init__(self, ctx: Context, id: UUID) -> None:
        self._ctx, self.id = ctx, id

    async def begin(self) -> None:
        await self._tell("begin", {"status": RunStatus.RUNNING, "started_at": func.clock_timestamp()})

    async def input(self) -> bytes:
        mine = JobRun.organization_id == self._ctx.organization_id, JobRun.id == self.id
        return await self._ctx.session.scalar(select(JobRun.input).where(*mine)) or b""

    async def report(self, total: int, done: int, failed: int = 0) -> None:
        """Seen at once by those who wait. Raises RunCancelled."""
        await self._tell(
            "report",
            {name: bindparam(f"n_{name}") for name in ("total", "done", "failed")},
            {"n_total": total, "n_done": done, "n_failed": failed},
        )

    async def keep(self, ctx: Context, lines: Sequence[Line]) -> None:
        """Of a run in parts: the lines of one part, in the transaction (`ctx`) that did it."""
        if lines:
            rows = [
                {"organization_id": ctx.organization_id, "id": new_id(), "job_id": self.id, **_columns(line)}
                for line in lines
            ]
            await ctx.session.execute(insert(table_of(JobResult)), rows)

    async def close(self, *, href: str | None = None) -> None:
        """Of a run in parts: the last one is done. Raises RunCancelled."""
        result = {"href": href, "expires_at": None} if href else None
        await self._tell(
            "close",
            {"result": bindparam("made", type_=JobRun.result.type), **_ending(RunStatus.SUCCEEDED)},
            {"made": result},
        )

    async def succeed(
        self, lines: Sequence[Line], *, href: str | None = None, expires_at: datetime | None = None
    ) -> None:
        """In the transaction of the work itself. Raises RunCancelled."""
        session, mine = self._ctx.session, {"organization_id": self._ctx.organization_id}
        await session.execute(delete(JobResult).where(JobResult.job_id == self.id))
        if lines:
            rows = [{**mine, "id": new_id(), "job_id": self.id, **_columns(line)} for line in lines]
            await session.execute(insert(table_of(JobResult)), rows)
        failed = sum(line.outcome is RunOutcome.FAILED for line in lines)
        ended = {"total": len(lines), "done": len(lines) - failed, "failed": failed} if lines else {}
        result = {"href": href, "expires_at": expires_at and expires_at.isoformat()} if href else None
        statement = (
            update(JobRun)
            .where(JobRun.id == self.id, JobRun.status == RunStatus.RUNNING)
            .values(**ended, result=result, **_ending(RunStatus.SUCCEEDED))
            .execution_options(synchronize_session=False)
            .returning(JobRun.id)
        )
        if (await session.execute(statement)).first() is None:
            raise RunCancelled

    async def fail(self, error: Mapping[str, str]) -> None:
        await self._tell(
            "fail",
            {"error": bindparam("problem", type_=JobRun.error.type), **_ending(RunStatus.FAILED)},
            {"problem": error},
        )

    async def _tell(
        self, what: str, changes: Mapping[str, Any], values: Mapping[str, Any] | None = None
    ) -> None:
        """One statement on a connection of its own. Raises RunCancelled when the run is no longer open."""
        table = table_of(JobRun)
        statement = compiled(
            (Run, what),
            lambda: (
                update(table)
                .where(
                    table.c.organization_id == bindparam("organization_id"),
                    table.c.id == bindparam("id"),
                    table.c.finished_at.is_(None),
                )
                .values(version=table.c.version + 1, updated_at=func.clock_timestamp(), **changes)
                .returning(table.c.id)
            ),
        )
        bound = {"organization_id": self._ctx.organization_id, "id": self.id, **(values or {})}
        if not await self._ctx.database.fetch(self._ctx.organization_id, statement, bound):
            raise RunCancelled


def refused(number: int, key: str | None, error: DomainError, locale: str, column: str = "") -> Line:
    """The line of an expected refusal, in the words of whoever sent the table."""
    fault = {"pointer": column and f"/{column}", **told(error, locale)}
    return Line(number, RunOutcome.FAILED, key, faults=(fault,))


def invalid(number: int, key: str | None, error: ValidationError, locale: str) -> Line:
    """The line of a schema's refusal."""
    return Line(number, RunOutcome.FAILED, key, faults=tuple(faults_in(error, locale)))


Work = Callable[[Context, Run], Awaitable[None]]


async def start(ctx: Context, kind: str, *, input: bytes | None = None, total: int = 0) -> UUID:
    """A run to be done after this transaction, by the job that is registered under `kind`; its id."""
    run = JobRun(id=new_id(), kind=kind, input=input, total=total)
    ctx.session.add(run)
    await ctx.session.flush()
    await enqueue(ctx, kind, {"run_id": run.id})
    return run.id


def tracked(work: Work) -> Job:
    """The job that does `work`. A refusal or a bug ends the run; only an unreachable database is retried."""

    async def job(ctx: Context, payload: Payload) -> None:
        run = Run(ctx, UUID(payload["run_id"]))
        try:
            await run.begin()
            await work(ctx, run)
        except RunCancelled:
            await ctx.session.rollback()
        except Exception as error:
            refusal = refusal_of(error)
            if isinstance(refusal, Unavailable):
                raise
            await ctx.session.rollback()
            if refusal is None:
                telemetry.broke(f"run {run.id}", error)
            await run.fail(told(refusal or InternalError(), ctx.origin.locale))

    return job


def _ending(status: RunStatus) -> dict[str, Any]:
    return {"status": status, "finished_at": func.clock_timestamp(), "input": None}


def _columns(line: Line) -> dict[str, Any]:
    return {
        "number": line.number,
        "outcome": line.outcome,
        "key": line.key,
        "object_id": line.object_id,
        "faults": [dict(fault) for fault in line.faults],
    }
