"""`python -m benchmarks.export [10k|100k|1m]`: a whole CSV export beside asyncpg's own COPY of the same rows.

The export is the job itself: rights looked up, rows counted, French cells guarded against formulas, the file
sealed, stored and written down. The bare COPY writes the same columns, as they are, into a file.
Ends with 1 when the ratio is below demand or the process has grown too much.
"""

import resource
import sys
import tempfile
from functools import partial
from statistics import median
from time import perf_counter

import asyncpg
import uvloop

from benchmarks.data import ASKER, BUILD, ORGANIZATIONS, SIZES, Cluster, cluster, prepare
from crm_api.core.context import Context
from crm_api.core.identity import Identity
from crm_api.core.plain import table_of
from crm_api.core.pool import LIMITS, Database
from crm_api.core.principal import Principal, system
from crm_api.core.progress import start
from crm_api.core.sealing import vault_of
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import make_tools
from crm_api.exports.asking import Asker, Wanted
from crm_api.exports.entities import EXPORTABLES
from crm_api.exports.jobs import JOBS
from crm_api.exports.schemas import ExportRequest
from crm_api.leads.models import Lead
from crm_api.registry import LISTENERS, OBJECTS
from crm_api.roles.catalogue import BASE_ROLES

DEMAND, MOST_GROWN = 0.8, 100
"""Of the speed of COPY; MiB."""
ROUNDS = 7
ORGANIZATION, LEADS = ORGANIZATIONS[0], EXPORTABLES["leads"]
REQUEST = ExportRequest()


def main() -> int:
    size = sys.argv[1] if len(sys.argv) > 1 else "100k"
    if size not in SIZES:
        raise SystemExit(__doc__)
    with cluster(size) as found:
        return uvloop.run(_measure(found))


async def _measure(found: Cluster) -> int:
    ready = await prepare(found)
    settings = Settings(
        env="test", data_dir=BUILD / "bench-export", database_url=ready.url.render_as_string(False)
    )
    tools = make_tools(settings, Identity(), LISTENERS, OBJECTS)
    database = Database(app_url(settings, ready.url))
    await database.open()
    scopes = frozenset(next(role for role in BASE_ROLES if role.code == "administrator").permissions)
    asker = Principal(ASKER, ORGANIZATION, scopes)
    try:
        acting = Context(asker, database, tools)
        await vault_of(acting)  # as every organization that works, it has a key
        await acting.commit()
        await acting.close()
        acting = Context(asker, database, tools)
        names = [column.name for column in Wanted(acting, LEADS, REQUEST).columns()]
        copy, export = partial(_copied, database, names), partial(_exported, acting)
        rows = await export()
        await copy()
        before = _peak()
        ratios, seconds = [], []
        for _ in range(ROUNDS):
            bare, ours = await _timed(copy), await _timed(export)
            ratios.append(bare / ours)
            seconds.append(ours)
        grown = _peak() - before
    finally:
        await database.close()
    print(
        f"| export CSV | {rows} rows | {rows / median(seconds):.0f} rows/s | {median(seconds):.2f} s", end=" "
    )
    print(f"| ratio to COPY **{median(ratios):.2f}** ({min(ratios):.2f}-{max(ratios):.2f}) |", end=" ")
    print(f"demand {DEMAND} | grown by {grown:.0f} MiB (at most {MOST_GROWN}) |")
    return int(median(ratios) < DEMAND or grown > MOST_GROWN)


async def _copied(database: Database, names: list[str]) -> None:
    known = {column.name for column in table_of(Lead).c}
    columns = ", ".join(name for name in names if name in known)
    connection = await asyncpg.connect(database.dsn, server_settings=LIMITS | {"statement_timeout": "300000"})
    await connection.execute("SELECT set_config('crm.organization', $1, false)", str(ORGANIZATION))
    with tempfile.TemporaryFile(dir=BUILD) as file:
        await connection.copy_from_query(
            f"SELECT {columns} FROM leads WHERE organization_id = $1 AND deleted_at IS NULL",  # noqa: S608
            ORGANIZATION,
            output=file,
            format="csv",
            delimiter=";",
        )
    await connection.close()


async def _exported(acting: Context) -> int:
    """As the worker does it; how many rows."""
    ctx = Context(acting.principal, acting.database, acting.tools)
    stored = Asker(ASKER, "user", acting.principal.scopes).to_json(REQUEST, 0)
    run_id = await start(ctx, LEADS.kind, input=stored)
    await ctx.commit()
    await ctx.close()
    ctx = Context(system(ORGANIZATION), acting.database, acting.tools)
    await JOBS[LEADS.kind](ctx, {"run_id": str(run_id)})
    await ctx.commit()
    told = await ctx.session.connection()
    row = (
        await told.exec_driver_sql("SELECT status, done, error FROM job_runs WHERE id = $1", (run_id,))
    ).one()
    await ctx.close()
    if row[0] != "succeeded":
        raise SystemExit(f"the export {row[0]}: {row[2]}")
    return int(row[1])


async def _timed(work: "partial[object]") -> float:
    began = perf_counter()
    await work()
    return perf_counter() - began


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
