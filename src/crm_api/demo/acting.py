"""How the demonstration acts: as somebody of the staff, through the use cases of the product."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from crm_api.core.context import Context, Origin
from crm_api.core.db import now
from crm_api.core.pool import Database
from crm_api.core.principal import Principal
from crm_api.core.tools import Tools
from crm_api.roles.catalogue import permissions

Step = Callable[[Context], Awaitable[Any]]


def everybody(user_id: UUID, organization_id: UUID, session_id: UUID | None = None) -> Principal:
    """Somebody of the staff who may do everything, confirmed a moment ago."""
    scopes = frozenset(code for code, known in permissions().items() if known.kind != "machine")
    return Principal(user_id, organization_id, scopes, session_id=session_id, confirmed_at=now())


async def act(step: Step, who: Principal, database: Database, tools: Tools) -> None:
    """One use case, in a transaction of its own."""
    ctx = Context(who, database, tools, Origin("demo"))
    try:
        await step(ctx)
        await ctx.commit()
    finally:
        await ctx.close()
