"""`python -m benchmarks.imports [rows]`: a list of leads imported, beside COPY of the same rows, in turns.

The import is the whole way: read, mapped, validated, compared with those on record, numbered, scored, written
with audit and event lines, a bookmark for each thousand. COPY is PostgreSQL's own into the same table, with
its indexes and the triggers that keep the search words, from a file that is ready, as the superuser.
"""

import csv
import io
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from uuid import UUID, uuid4

import asyncpg
import uvloop
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.data import BUILD, people
from crm_api.core.context import Context
from crm_api.core.db import Base
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.core.identity import Identity
from crm_api.core.pool import Database
from crm_api.core.principal import Principal
from crm_api.core.progress import Run
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import Tools, make_tools
from crm_api.core.worker import PATIENT
from crm_api.imports.models import ImportEntity
from crm_api.imports.running import ImportRun
from crm_api.imports.schemas import ImportCommit, ImportPreviewRequest
from crm_api.imports.service import ImportService
from crm_api.registry import LISTENERS, OBJECTS

HEADER = ["Nom", "Prénom", "Téléphone", "E-mail", "Wilaya", "Code postal", "Besoin", "Échéance", "Référence"]
DEMAND = 0.5
ROUNDS = 3
SCOPES = frozenset({"data:import", "leads:write", "jobs:read"})
EMPTY = "TRUNCATE leads, search_tokens, external_ids, audit_log, event_log, import_parts, job_results CASCADE"


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    server = EmbeddedPostgres(BUILD / "bench-import", {"shared_buffers": "512MB", "max_wal_size": "8GB"})
    try:
        ratios = uvloop.run(_measured(server.start(), rows))
    finally:
        server.stop()
    ratio = median(ratio for *_, ratio in ratios)
    print("| rows | import rows/s | COPY rows/s | ratio |\n|---|---|---|---|")
    for imported, copied, one in ratios:
        print(f"| {rows} | {rows / imported:.0f} | {rows / copied:.0f} | {one:.2f} |")
    print(f"median ratio **{ratio:.2f}**, demand {DEMAND}")
    BUILD.joinpath("bench-import.json").write_text(json.dumps({"rows": rows, "ratio": ratio}) + "\n")
    return int(ratio < DEMAND)


async def _measured(url: URL, rows: int) -> list[tuple[float, float, float]]:
    content = _list(rows)
    async with _house(url) as (database, tools, owner):
        await _import(database, tools, content)  # warms up, and makes the rows that COPY brings
        columns = await _columns(owner)
        with TemporaryDirectory() as folder:
            file = Path(folder) / "leads"
            await owner.copy_from_table("leads", columns=columns, output=str(file), format="binary")
            found = []
            for _ in range(ROUNDS):
                await _emptied(owner)
                imported = await _import(database, tools, content)
                await _emptied(owner)
                copied = await _copy(owner, file, columns)
                found.append((imported, copied, copied / imported))
                print(found[-1], file=sys.stderr, flush=True)
        return found


async def _import(database: Database, tools: Tools, content: bytes) -> float:
    """Seconds of the job; the upload and the preview are not the subject."""
    who = Principal(uuid4(), ORGANIZATION, SCOPES)
    brought = await _do(
        who, database, tools, lambda s: s.bring(ImportEntity.LEAD, "liste.csv", content, None)
    )
    import_id = UUID(str(brought.id))
    mapping = brought.value.mapping
    await _do(
        who, database, tools, lambda s: s.preview(import_id, ImportPreviewRequest(mapping=mapping, rows=1))
    )
    job = await _do(who, database, tools, lambda s: s.take_in(import_id, ImportCommit()))
    ctx = Context(who, database, tools)
    run = Run(ctx, UUID(str(job.id)))
    started, cpu = perf_counter(), process_time()
    await run.begin()
    await ImportRun(ctx, run).work()
    took = perf_counter() - started
    print(f"CPU of the worker: {process_time() - cpu:.1f} s", file=sys.stderr)
    counts = (await _do(who, database, tools, lambda s: s.get(import_id))).value.counts
    assert counts.failed == 0, counts  # noqa: S101
    return took


async def _do(who, database, tools, ask):  # type: ignore[no-untyped-def]
    ctx = Context(who, database, tools)
    try:
        answer = await ask(ImportService(ctx))
        await ctx.commit()
        return answer
    finally:
        await ctx.close()


async def _copy(owner: asyncpg.Connection, file: Path, columns: list[str]) -> float:
    started = perf_counter()
    await owner.copy_to_table("leads", source=str(file), columns=columns, format="binary")
    return perf_counter() - started


async def _emptied(owner: asyncpg.Connection) -> None:
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")  # append-only tables too
        await owner.execute(EMPTY)


async def _columns(owner: asyncpg.Connection) -> list[str]:
    sql = """SELECT column_name FROM information_schema.columns
        WHERE table_name = 'leads' AND is_generated = 'NEVER' ORDER BY ordinal_position"""
    return [row[0] for row in await owner.fetch(sql)]


@asynccontextmanager
async def _house(url: URL) -> AsyncIterator[tuple[Database, Tools, asyncpg.Connection]]:
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


def _list(rows: int) -> bytes:
    """One in fifty leaves an e-mail address only; nobody shares a telephone."""
    random = Random(7)  # noqa: S311 - the same list every time
    known = [(first, last) for _, first, last in people()]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(HEADER)
    for at in range(rows):
        first, last = known[random.randrange(len(known))]
        phone = "" if at % 50 == 0 else f"05{at:08d}"
        day = f"{random.randint(1, 28):02d}/{random.randint(1, 12):02d}/2027"
        wilaya = f"{random.randint(1, 58):02d}"
        need = f"Assurance {random.choice(['auto', 'habitation', 'santé', 'flotte'])}, dossier {at}"
        email = f"{first}.{last}.{at}@example.com".lower().replace(" ", "")
        writer.writerow([last, first, phone, email, wilaya, f"{wilaya}000", need, day, f"R-{at}"])
    return out.getvalue().encode()


ORGANIZATION = UUID(int=0x0B << 120 | 1)


if __name__ == "__main__":
    sys.exit(main())
