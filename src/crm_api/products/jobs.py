from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.products.service import ProductService


async def furnish_catalogue(ctx: Context, _: Payload) -> None:
    """An organization that is older than the catalogue gets one; who has any product keeps it as it is."""
    await ProductService(ctx).seed()


JOBS: Jobs = {"furnish_catalogue": furnish_catalogue}
SCHEDULES = (Schedule("furnish_catalogue", "50 2 * * *"),)
