from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.duplicates.finding import find_new_pairs

FIND = "find_duplicates"


async def find_duplicates(ctx: Context, _: Payload) -> None:
    await find_new_pairs(ctx)


JOBS: Jobs = {FIND: find_duplicates}
SCHEDULES = (Schedule(FIND, "*/5 * * * *"),)
