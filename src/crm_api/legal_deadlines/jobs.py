from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.legal_deadlines.service import LegalDeadlineService


async def furnish_legal_deadlines(ctx: Context, _: Payload) -> None:
    """An organization older than a limit gets its rows at night; until then it counts by the same ones."""
    await LegalDeadlineService(ctx).seed()


JOBS: Jobs = {"furnish_legal_deadlines": furnish_legal_deadlines}
SCHEDULES = (Schedule("furnish_legal_deadlines", "20 1 * * *"),)
