from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.organizations.events import OrganizationActivated


async def furnish(ctx: Context, _: OrganizationActivated) -> None:
    """An organization that opens has the usual calendars and the public holidays."""
    await CalendarService(ctx).seed()
