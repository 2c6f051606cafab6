from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule


async def extend_calendars(ctx: Context, _: Payload) -> None:
    """The holidays of the year after the next are put there while there is time to correct them."""
    await CalendarService(ctx).extend()


JOBS: Jobs = {"extend_calendars": extend_calendars}
SCHEDULES = (Schedule("extend_calendars", "15 3 1 12 *"),)
