"""`python -m benchmarks.dunning [instalments]`: the nightly pass over a portfolio (500,000 unless told).

Three nights: a usual one (days spread over the year), the one after a week without a worker, and the same
night again (nothing is left to do). Receipts, debts, evidence and journal are all written.
Demand: under 60 s on two cores.
"""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from importlib import resources
from time import perf_counter
from uuid import UUID

import asyncpg
import uvloop
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.data import BUILD
from crm_api.billing.passing import AT_ONCE, BILLED_AT_ONCE, DunningPass
from crm_api.core.context import Context
from crm_api.core.db import Base
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.core.identity import Identity
from crm_api.core.pool import Database
from crm_api.core.principal import system
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import Tools, make_tools
from crm_api.core.worker import PATIENT
from crm_api.kit.clock import today
from crm_api.registry import LISTENERS, OBJECTS

ORGANIZATION = UUID(int=0x0D << 120 | 1)
DEMAND = 60
FILL = resources.files(__package__).joinpath("dunning.sql").read_text("utf-8")


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    server = EmbeddedPostgres(BUILD / "bench-dunning", {"shared_buffers": "512MB", "max_wal_size": "8GB"})
    try:
        nights = uvloop.run(_measured(server.start(), rows))
    finally:
        server.stop()
    print("| night | instalments | billed | moved | seconds |\n|---|---|---|---|---|")
    for name, billed, moved, seconds in nights:
        print(f"| {name} | {rows} | {billed} | {moved} | {seconds:.1f} |")
    slowest = max(seconds for *_, seconds in nights)
    print(f"slowest **{slowest:.1f} s**, demand {DEMAND} s")
    BUILD.joinpath("bench-dunning.json").write_text(json.dumps({"rows": rows, "seconds": slowest}) + "\n")
    return int(slowest > DEMAND)


async def _measured(url: URL, rows: int) -> list[tuple[str, int, int, float]]:
    async with house(url) as (database, tools, owner):
        await fill(owner, ORGANIZATION, rows, today())
        nights = (("usual", today()), ("after a week", today() + timedelta(days=7)), ("again", None))
        found, last = [], today()
        for name, on in nights:
            last = on or last
            before = await _counts(owner)
            seconds = await night(database, tools, last)
            after = await _counts(owner)
            found.append((name, after[0] - before[0], after[1] - before[1], seconds))
            print(found[-1], file=sys.stderr, flush=True)
        return found


async def night(database: Database, tools: Tools, on: date) -> float:
    """Seconds of both jobs, go after go, each in its transaction."""
    started = perf_counter()
    for name, most in (("bill", BILLED_AT_ONCE), ("run", AT_ONCE)):
        more = True
        while more:
            ctx = Context(system(ORGANIZATION), database, tools)
            ctx.begin()
            try:
                more = await getattr(DunningPass(ctx), name)(on, most)
                await ctx.commit()
            finally:
                await ctx.close()
    return perf_counter() - started


async def fill(owner: asyncpg.Connection, organization_id: UUID, rows: int, on: date) -> None:
    """As dunning.sql says; `owner` is a superuser."""
    sql = FILL.replace(":org", f"'{organization_id}'::uuid").replace(":rows", str(rows))
    await owner.execute(sql.replace(":on", f"date '{on}'"))


async def _counts(owner: asyncpg.Connection) -> tuple[int, int]:
    row = await owner.fetchrow(
        """SELECT (SELECT count(*) FROM premium_receipts),
            (SELECT count(*) FROM dunning_steps WHERE kind <> 'notice')"""
    )
    return int(row[0]), int(row[1])


@asynccontextmanager
async def house(url: URL) -> AsyncIterator[tuple[Database, Tools, asyncpg.Connection]]:
    owner = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(False))
    await owner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    settings = Settings(env="test", data_dir=BUILD / "bench-home", database_url=url.render_as_string(False))
    tools = make_tools(settings, Identity(), LISTENERS, OBJECTS)
    database = Database(app_url(settings, url), limits=PATIENT)
    await database.open()
    try:
        yield database, tools, owner
    finally:
        await database.close()
        await owner.close()


if __name__ == "__main__":
    sys.exit(main())
