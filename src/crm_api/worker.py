"""The jobs in a process of their own: what `crm worker` runs."""

import asyncio
import signal

from crm_api.core import telemetry
from crm_api.core.identity import Identity
from crm_api.core.settings import Settings
from crm_api.core.tools import make_tools
from crm_api.core.worker import Worker
from crm_api.registry import AUDIENCE, JOBS, LISTENERS, OBJECTS, SCHEDULES


async def run_worker(settings: Settings) -> None:
    """Until SIGTERM or SIGINT; then running jobs are finished, or given back after 25 seconds."""
    address = settings.app_address
    if address is None:
        raise SystemExit("CRM_DATABASE_URL says where the database is; a worker starts none of its own.")
    telemetry.configure(settings.log_level)
    tools = make_tools(settings, Identity(), LISTENERS, OBJECTS)
    tools.audience.update(AUDIENCE)
    worker = Worker(address, tools, JOBS, SCHEDULES)
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    worker.start()
    await stop.wait()
    await worker.stop()


if __name__ == "__main__":
    asyncio.run(run_worker(Settings()))
