from crm_api.core.context import Context
from crm_api.core.jobs import Jobs
from crm_api.core.progress import Run, tracked
from crm_api.integrations.running import BatchRun
from crm_api.integrations.service import BATCH


async def take_batch(ctx: Context, run: Run) -> None:
    await BatchRun(ctx, run).work()


JOBS: Jobs = {BATCH: tracked(take_batch)}
