from typing import Annotated

from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.home.schemas import HomeRead
from crm_api.home.service import HomeService
from crm_api.kit.schemas import Json

router = Router("home")
Anybody = Annotated[Context, requires("organization:read")]


@router.get("")
async def get_home(ctx: Anybody) -> Json[HomeRead]:
    """Read what waits for you.

    One call for the page that you open in the morning: your own work, the most pressing first. Each section
    has ten things at most and says whether there are others.
    """
    return await HomeService(ctx).open()


ROUTERS = (router,)
