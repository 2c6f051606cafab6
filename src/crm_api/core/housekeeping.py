"""What is thrown away, and when: for each organization, every night.

- answers kept for idempotency: after 24 hours;
- rows in the bin: after 30 days, unless something still refers to them (then they wait for it);
- finished runs and their lines: after 30 days; a run whose worker never came back is closed after a day.
What else expires belongs to a domain (sessions, invitations): its own scheduled job throws it away.
"""

from datetime import timedelta

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from crm_api.core.context import Context
from crm_api.core.db import Base, SoftDeleted
from crm_api.core.idempotency import IdempotencyRecord
from crm_api.core.jobs import Payload
from crm_api.core.plain import table_of
from crm_api.core.progress import JobRun, RunStatus

KEPT = timedelta(hours=24)
BIN = timedelta(days=30)
STALE = timedelta(days=1)
AT_ONCE = 500


async def keep_house(ctx: Context, _: Payload) -> None:
    """The scheduled job."""
    session = ctx.session
    aged = IdempotencyRecord.created_at < func.now() - KEPT
    mine = IdempotencyRecord.organization_id == ctx.organization_id
    await session.execute(delete(IdempotencyRecord).where(mine, aged))
    runs = table_of(JobRun)
    ours = runs.c.organization_id == ctx.organization_id
    await session.execute(delete(runs).where(ours, runs.c.finished_at < func.now() - BIN))
    error = {"code": "internal_error", "detail": ""}
    stale = runs.c.finished_at.is_(None), runs.c.updated_at < func.now() - STALE
    await session.execute(
        update(runs)
        .where(ours, *stale)
        .values(status=RunStatus.FAILED, finished_at=func.clock_timestamp(), error=error, input=None)
    )
    for table in binned():
        await _empty(ctx, table)


def binned() -> list[Table]:
    """Every table with a bin, those that refer to others first."""
    kinds = {mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, SoftDeleted)}
    return [table for table in reversed(Base.metadata.sorted_tables) if table in kinds]


async def _empty(ctx: Context, table: Table) -> None:
    """Row by row where many do not go together: one that is still referred to keeps no other."""
    due = (
        select(table.c.id)
        .where(table.c.organization_id == ctx.organization_id, table.c.deleted_at < func.now() - BIN)
        .limit(AT_ONCE)
    )
    for id in (await ctx.session.scalars(due)).all():
        try:
            async with ctx.session.begin_nested():
                await ctx.session.execute(
                    delete(table).where(table.c.organization_id == ctx.organization_id, table.c.id == id)
                )
                ctx.note(f"{_label(table)}.purged", _label(table), id)
        except IntegrityError:
            continue


def _label(table: Table) -> str:
    kinds = (mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)
    return str(next(kinds).label)
