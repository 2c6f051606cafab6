"""Audit lines in a test: written by somebody, and sealed."""

from uuid import UUID

import asyncpg
from fastapi import FastAPI

from crm_api.core.context import Context
from crm_api.core.principal import Principal, system
from crm_api.core.seal import seal_audit
from horizon import passed


async def note(
    app: FastAPI, organization: UUID, actor: UUID, action: str, object_id: UUID, outcome: str = "success"
) -> None:
    who = Principal(actor, organization, frozenset())
    ctx = Context(who, app.state.database, app.state.tools)
    kind = action.partition(".")[0]
    ctx.note(
        action, kind, object_id, outcome=outcome, changes={"status": ["new", "lost"]}, reason="Réclamation"
    )
    await ctx.commit()
    await ctx.close()


async def seal(app: FastAPI, organization: UUID) -> None:
    ctx = Context(system(organization), app.state.database, app.state.tools)
    await seal_audit(ctx, {})
    await ctx.commit()
    await ctx.close()


async def seal_until(app: FastAPI, owner: asyncpg.Connection, organization: UUID, count: int) -> None:
    """All that was written, in one go: the head that is signed once a day is then the newest."""
    await passed(owner.fetchval)
    await seal(app, organization)
    sealed = await owner.fetchval("SELECT count(*) FROM audit_seals WHERE organization_id = $1", organization)
    assert sealed == count
