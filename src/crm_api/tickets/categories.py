"""The tree of what tickets are about: three levels at most."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.tickets.errors import TicketCategoryRetired, TicketCategoryTooDeep, UnknownTicketPart
from crm_api.tickets.models.setup import DEEPEST, TicketCategory
from crm_api.tickets.repository.setup import TicketCategoryRepository
from crm_api.tickets.schemas.setup import (
    TicketCategoryCreate,
    TicketCategoryPage,
    TicketCategoryPatch,
    TicketCategoryQuery,
    TicketCategoryRead,
)


class TicketCategoryService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.categories = TicketCategoryRepository(ctx)

    async def page(self, query: TicketCategoryQuery) -> Json[TicketCategoryPage]:
        return await self.categories.page(query, TicketCategoryPage)

    async def get(self, category_id: UUID) -> Json[TicketCategoryRead]:
        return await self.categories.get(category_id)

    async def create(self, data: TicketCategoryCreate) -> Json[TicketCategoryRead]:
        """Raises TicketCategoryCodeTaken, TicketCategoryTooDeep."""
        self.ctx.begin()
        level = 1 + await self._level(data.parent_id)
        if level > DEEPEST:
            raise TicketCategoryTooDeep
        return await self.categories.add({**dict(data), "level": level})

    async def update(
        self, category_id: UUID, data: TicketCategoryPatch, version: int
    ) -> Json[TicketCategoryRead]:
        """What is below it moves along. Raises TicketCategoryTooDeep."""
        row = await self.categories.load(category_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        given = data.given()
        if "parent_id" in given and given["parent_id"] != row.parent_id:
            await self._refuse_circle(category_id, given["parent_id"])
            row.level = 1 + await self._level(given["parent_id"])
            if row.level + await self.categories.height(category_id) > DEEPEST:
                raise TicketCategoryTooDeep
        for name, value in given.items():
            setattr(row, name, value)
        await self.categories.save(row)
        await self.categories.relevel(category_id, row.level)
        return await self.categories.get(category_id)

    async def usable(self, category_id: UUID) -> None:
        """Raises UnknownTicketPart, TicketCategoryRetired."""
        if not (await self._row(category_id)).is_active:
            raise TicketCategoryRetired

    async def group_of(self, category_id: UUID) -> UUID | None:
        return await self.categories.group_of(category_id)

    async def _level(self, parent_id: UUID | None) -> int:
        return 0 if parent_id is None else (await self._row(parent_id)).level

    async def _row(self, category_id: UUID) -> TicketCategory:
        try:
            return await self.categories.load(category_id)
        except NotFound as unknown:
            raise UnknownTicketPart(what="category", id=str(category_id)) from unknown

    async def _refuse_circle(self, category_id: UUID, parent_id: UUID | None) -> None:
        """Nothing is below itself."""
        while parent_id is not None:
            if parent_id == category_id:
                raise TicketCategoryTooDeep
            parent_id = (await self._row(parent_id)).parent_id
