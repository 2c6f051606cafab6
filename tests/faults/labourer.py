"""A worker as a process: `python labourer.py FOLDER`, killed and started again by a test."""

import asyncio
import sys
from pathlib import Path

SOURCE, TESTS = Path(__file__).parents[2] / "src", Path(__file__).parents[1]
sys.path[:0] = [str(SOURCE), str(TESTS)]

from datetime import timedelta  # noqa: E402
from uuid import UUID  # noqa: E402

import actors  # noqa: E402
from crm_api.core.context import Context  # noqa: E402
from crm_api.core.identity import Identity  # noqa: E402
from crm_api.core.jobs import Payload  # noqa: E402
from crm_api.core.settings import Settings, app_url  # noqa: E402
from crm_api.core.tools import make_tools  # noqa: E402
from crm_api.core.worker import Worker  # noqa: E402

JOB = "fault_job"


async def note(ctx: Context, payload: Payload) -> None:
    """One audit line, and then, the first time, so long a breath that it is killed in the middle."""
    ctx.note("fault.worked", "organization", UUID(str(payload["mark"])))
    await ctx.session.flush()
    begun = ctx.tools.settings.data_dir / "begun"
    if not begun.exists():
        begun.touch()
        await asyncio.sleep(60)


async def main() -> None:
    settings = Settings()
    assert settings.owner_url is not None
    tools = make_tools(settings, Identity(actors.lookup), {}, {})
    url = app_url(settings, settings.owner_url)
    quick = timedelta(seconds=1)
    await Worker(url, tools, {JOB: note}, (), heartbeat=quick, poll=quick).run()


if __name__ == "__main__":
    asyncio.run(main())
