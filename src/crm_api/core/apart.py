"""Transactions of their own inside long work: a part of a job stands by itself, a rehearsal never does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crm_api.core.context import Context


@asynccontextmanager
async def committed(ctx: Context) -> AsyncIterator[Context]:
    """What the block writes through `ctx` is durable when it ends, and undone when it raises."""
    try:
        yield ctx
        await ctx.commit()
    finally:
        await ctx.close()


@asynccontextmanager
async def rehearsed(ctx: Context) -> AsyncIterator[Context]:
    """Whatever the block writes through `ctx` is undone."""
    try:
        yield ctx
    finally:
        await ctx.session.rollback()
        await ctx.close()


@asynccontextmanager
async def in_savepoint(ctx: Context, *, kept: bool) -> AsyncIterator[None]:
    """What the block writes is part of the transaction, or (not `kept`) was only tried."""
    point = await ctx.session.begin_nested()
    yield
    await (point.commit() if kept else point.rollback())
