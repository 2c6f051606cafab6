from crm_api.core.context import Context
from crm_api.organizations.events import OrganizationActivated
from crm_api.templates.seeds import seed


async def furnish(ctx: Context, _: OrganizationActivated) -> None:
    """An organization that opens has the usual texts, approved."""
    await seed(ctx)
