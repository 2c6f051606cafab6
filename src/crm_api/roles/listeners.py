from crm_api.core.context import Context
from crm_api.organizations.events import OrganizationActivated
from crm_api.roles.service import GroupService, RoleService


async def furnish(ctx: Context, _: OrganizationActivated) -> None:
    """An organization that opens has its base roles and the usual groups."""
    await RoleService(ctx).seed()
    await GroupService(ctx).seed()
