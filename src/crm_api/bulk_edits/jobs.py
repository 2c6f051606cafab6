from crm_api.bulk_edits.running import BulkEditRun
from crm_api.bulk_edits.service import KIND
from crm_api.core.context import Context
from crm_api.core.jobs import Jobs
from crm_api.core.progress import Run, tracked


async def bulk_edit(ctx: Context, run: Run) -> None:
    await BulkEditRun(ctx, run).work()


JOBS: Jobs = {KIND: tracked(bulk_edit)}
