"""A worker that carries sends, as a process: killed and started again by a test."""

import asyncio
import sys
from pathlib import Path

SOURCE, TESTS = Path(__file__).parents[2] / "src", Path(__file__).parents[1]
sys.path[:0] = [str(SOURCE), str(TESTS)]

from datetime import timedelta  # noqa: E402

import actors  # noqa: E402
from crm_api.core.identity import Identity  # noqa: E402
from crm_api.core.settings import Settings, app_url  # noqa: E402
from crm_api.core.tools import make_tools  # noqa: E402
from crm_api.core.worker import Worker  # noqa: E402
from crm_api.mailings.jobs import JOBS  # noqa: E402
from crm_api.registry import LISTENERS, OBJECTS  # noqa: E402


async def main() -> None:
    settings = Settings()
    assert settings.owner_url is not None
    tools = make_tools(settings, Identity(actors.lookup), LISTENERS, OBJECTS)
    url = app_url(settings, settings.owner_url)
    beat = timedelta(seconds=4)  # less, and a busy machine takes the living for dead
    await Worker(url, tools, JOBS, (), heartbeat=beat, poll=timedelta(seconds=1)).run()


if __name__ == "__main__":
    asyncio.run(main())
