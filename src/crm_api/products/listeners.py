from crm_api.core.context import Context
from crm_api.organizations.events import OrganizationActivated
from crm_api.products.service import ProductService


async def furnish(ctx: Context, _: OrganizationActivated) -> None:
    """An organization that opens sells what Alliance sells."""
    await ProductService(ctx).seed()
