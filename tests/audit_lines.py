"""Audit lines in a test: written by somebody, and sealed."""

import asyncio
from uuid import UUID

import asyncpg
from fastapi import FastAPI

from crm_api.core.context import Context
from crm_api.core.principal import Principal, system
from crm_api.core.seal import seal_audit


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
    """Another database of the same server may hold the horizon back for a moment."""
    sql = "SELECT count(*) FROM audit_seals WHERE organization_id = $1"
    for _ in range(1000):
        await seal(app, organization)
        if await owner.fetchval(sql, organization) == count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{count} lines were not sealed")
