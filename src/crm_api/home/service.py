from crm_api.core.context import Context
from crm_api.home.repository import HomeRepository
from crm_api.home.schemas import HomeRead
from crm_api.home.sections import SECTIONS
from crm_api.kit.schemas import Json


class HomeService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.pages = HomeRepository(ctx)

    async def open(self) -> Json[HomeRead]:
        held = self.ctx.principal.scopes
        return await self.pages.page([name for name, section in SECTIONS.items() if section.scope in held])
