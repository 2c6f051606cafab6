"""Work that cannot be one transaction, because something outside happens in between: several of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crm_api.core.context import Context


@asynccontextmanager
async def step(ctx: Context) -> AsyncIterator[Context]:
    """A transaction of its own for the same actor: it stands when the block ends, whatever comes after."""
    own = ctx.apart()
    own.begin()
    try:
        yield own
        await own.commit()
    finally:
        await own.close()
