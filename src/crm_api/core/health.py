"""What machines ask: /livez (is the process there), /readyz (may it get traffic), /metrics (Prometheus).

A worker that is late is told, but takes no traffic away: requests are served without it.
"""

import asyncio
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from crm_api.core.migrate import head
from crm_api.core.worker import BEAT

PATIENCE = 2.0
"""Seconds a check may take."""
LATE = 180
"""Seconds without a sign of any worker."""
SEEN = """SELECT extract(epoch FROM now() - max(coalesce(last_run, created)))
    FROM pgqueuer_schedules WHERE entrypoint = $1"""
REVISION = "SELECT version_num FROM alembic_version"


def mount(app: FastAPI) -> None:
    """Adds the three addresses; `app.state.draining` becomes true when the process must go."""
    app.state.draining = False
    app.state.revision = _newest()
    for path, endpoint in (("/livez", livez), ("/readyz", readyz), ("/metrics", metrics)):
        app.add_route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)


async def livez(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    state = request.app.state
    checks = await _checks(state) | {"draining": "yes" if state.draining else "no"}
    ready = checks["database"] == "ok" and checks["migrations"] != "pending" and not state.draining
    body = {"status": "ok" if ready else "unavailable", "checks": checks}
    return JSONResponse(body, 200 if ready else 503, {} if ready else {"Retry-After": "1"})


async def metrics(_: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _checks(state: Any) -> dict[str, str]:
    """On a connection of its own: a busy pool is no reason to be declared dead."""
    try:
        async with asyncio.timeout(PATIENCE):
            connection = await asyncpg.connect(state.database.dsn)
            try:
                return {
                    "database": "ok",
                    "migrations": await _migrations(connection, state.revision),
                    "worker": await _worker(connection),
                }
            finally:
                await connection.close(timeout=1)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return {"database": "unreachable", "migrations": "unknown", "worker": "unknown"}


async def _migrations(connection: asyncpg.Connection, newest: str | None) -> str:
    try:
        current = await connection.fetchval(REVISION)
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        return "unknown"
    return "ok" if current == newest else "pending"


async def _worker(connection: asyncpg.Connection) -> str:
    seconds = await connection.fetchval(SEEN, BEAT)
    if seconds is None:
        return "never seen"
    return "ok" if seconds < LATE else "late"


def _newest() -> str | None:
    try:
        return head()
    except Exception:  # a wheel without its revisions still serves
        return None
