from crm_api.core.context import Context
from crm_api.organizations.events import OrganizationActivated
from crm_api.sla.ruling import SlaPolicyService


async def furnish(ctx: Context, _: OrganizationActivated) -> None:
    """An organization that opens promises the usual."""
    await SlaPolicyService(ctx).seed()
