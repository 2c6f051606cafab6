from crm_api.core.context import Context
from crm_api.legal_deadlines.service import LegalDeadlineService
from crm_api.organizations.events import OrganizationActivated


async def furnish(ctx: Context, _: OrganizationActivated) -> None:
    """An organization that opens knows the legal limits."""
    await LegalDeadlineService(ctx).seed()
