"""A worker as a process that exports: the first time, it stops in the middle of the rows, to be killed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

SOURCE, TESTS = Path(__file__).parents[2] / "src", Path(__file__).parents[1]
sys.path[:0] = [str(SOURCE), str(TESTS)]

from datetime import timedelta  # noqa: E402
from typing import Any  # noqa: E402

import actors  # noqa: E402
from crm_api.core.identity import Identity  # noqa: E402
from crm_api.core.settings import Settings, app_url  # noqa: E402
from crm_api.core.storage import FolderStorage  # noqa: E402
from crm_api.core.tools import make_tools  # noqa: E402
from crm_api.core.worker import Worker  # noqa: E402
from crm_api.registry import JOBS, LISTENERS, OBJECTS  # noqa: E402


class Stopping(FolderStorage):
    """Its first write never gets further than the first chunk."""

    def __init__(self, folder: Path, begun: Path) -> None:
        super().__init__(folder)
        self._begun = begun

    async def write(self, key: str, chunks: Any) -> None:
        await super().write(key, chunks if self._begun.exists() else self._held(chunks))

    async def _held(self, chunks: Any) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            yield chunk
            self._begun.touch()
            await asyncio.sleep(60)


async def main() -> None:
    settings = Settings()
    assert settings.owner_url is not None
    tools = make_tools(settings, Identity(actors.lookup), LISTENERS, OBJECTS)
    storage = Stopping(settings.data_dir / "files", settings.data_dir / "begun")
    object.__setattr__(tools, "storage", storage)
    quick = timedelta(seconds=1)
    await Worker(app_url(settings, settings.owner_url), tools, JOBS, (), heartbeat=quick, poll=quick).run()


if __name__ == "__main__":
    asyncio.run(main())
