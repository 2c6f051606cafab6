from crm_api.agencies.importing import KIND, AgencyImport
from crm_api.core.context import Context
from crm_api.core.jobs import Jobs
from crm_api.core.progress import Run, tracked


async def import_agencies(ctx: Context, run: Run) -> None:
    await AgencyImport(ctx, run).work()


JOBS: Jobs = {KIND: tracked(import_agencies)}
