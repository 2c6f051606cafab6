"""`python -m benchmarks.jobs`: from the commit of a use case to the first line of its job, and jobs a second.

A real worker on a server of its own, jobs that do nothing, enqueued as services do: in a transaction of the
application's restricted role. Half are asked for one by one with pauses, as people work; half at once.
"""

import asyncio
import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import uvloop

from crm_api.core import migrate, telemetry
from crm_api.core.context import Context
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.core.identity import Identity
from crm_api.core.jobs import Payload, enqueue
from crm_api.core.pool import Database
from crm_api.core.principal import system
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import Tools, make_tools
from crm_api.core.worker import Worker
from crm_api.kit.ids import new_id

JOB, DEMAND_MS = "bench_job", 50
ONE_BY_ONE, AT_ONCE = 300, 2000


class Stopwatch:
    """When each job was committed, and when it began."""

    def __init__(self) -> None:
        self.asked: dict[str, float] = {}
        self.begun: dict[str, float] = {}
        self._news = asyncio.Event()

    async def __call__(self, _: Context, payload: Payload) -> None:
        self.begun[str(payload["mark"])] = time.perf_counter()
        self._news.set()

    async def all_begun(self) -> None:
        while len(self.begun) < len(self.asked):
            self._news.clear()
            await self._news.wait()

    def waits(self) -> list[float]:
        """Milliseconds, in order."""
        return sorted((self.begun[mark] - asked) * 1000 for mark, asked in self.asked.items())


async def measure(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(env="test", data_dir=Path(folder), database_url=url, embed_worker=False)
        assert settings.owner_url is not None  # noqa: S101 - narrows the type
        tools = make_tools(settings, Identity(), {}, {})
        address = app_url(settings, settings.owner_url)
        database, watch = Database(address), Stopwatch()
        worker = Worker(address, tools, {JOB: watch}, (), poll=timedelta(seconds=5))
        worker.start()
        await database.open()
        await asyncio.sleep(2)  # until it listens
        for _ in range(ONE_BY_ONE):
            await _ask(database, tools, watch)
            await asyncio.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - a benchmark
        await watch.all_begun()
        waits = watch.waits()
        print(
            f"job latency, one by one: p50 {waits[len(waits) // 2]:.1f} ms,"
            f" p99 {waits[len(waits) * 99 // 100]:.1f} ms (demand: p50 under {DEMAND_MS} ms)"
        )
        watch.asked.clear()
        watch.begun.clear()
        began = time.perf_counter()
        await asyncio.gather(*(_ask(database, tools, watch, AT_ONCE // 8) for _ in range(8)))
        await watch.all_begun()
        print(f"{AT_ONCE} jobs at once: {AT_ONCE / (time.perf_counter() - began):.0f} jobs/s")
        await worker.stop()
        await database.close()


async def _ask(database: Database, tools: Tools, watch: Stopwatch, count: int = 1) -> None:
    for _ in range(count):
        mark = new_id()
        ctx = Context(system(_ORGANIZATION), database, tools)
        await enqueue(ctx, JOB, {"mark": str(mark)})
        await ctx.commit()
        watch.asked[str(mark)] = time.perf_counter()
        await ctx.close()


_ORGANIZATION = UUID(int=7)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder))
        url = server.start()
        telemetry.configure("warning")
        try:
            asyncio.run(migrate.upgrade(url))
            uvloop.run(measure(url.render_as_string(hide_password=False)))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
