"""The organization's own statuses, each of one category that carries how the clocks run."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.tickets.errors import TicketStatusNeeded, UnknownTicketStatus
from crm_api.tickets.models.setup import TicketStatusOption
from crm_api.tickets.models.words import TicketStatus
from crm_api.tickets.repository.setup import TicketStatusRepository
from crm_api.tickets.schemas.setup import (
    TicketStatusCreate,
    TicketStatusPage,
    TicketStatusPatch,
    TicketStatusQuery,
    TicketStatusRead,
)
from crm_api.tickets.seeds import STATUSES


class TicketStatusService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.statuses = TicketStatusRepository(ctx)

    async def page(self, query: TicketStatusQuery) -> Json[TicketStatusPage]:
        return await self.statuses.page(query, TicketStatusPage)

    async def get(self, status_id: UUID) -> Json[TicketStatusRead]:
        return await self.statuses.get(status_id)

    async def create(self, data: TicketStatusCreate) -> Json[TicketStatusRead]:
        """Raises TicketStatusCodeTaken."""
        self.ctx.begin()
        await self.furnish()
        if data.is_default:
            await self.statuses.undefault(data.category)
        return await self.statuses.add(data)

    async def update(self, status_id: UUID, data: TicketStatusPatch, version: int) -> Json[TicketStatusRead]:
        """Raises TicketStatusNeeded where its category would be left without a default."""
        row = await self.statuses.load(status_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        given = data.given()
        if given.get("is_default") and not row.is_default:
            await self.statuses.undefault(row.category)
        if row.is_default and given.get("is_active") is False:
            raise TicketStatusNeeded
        for name, value in given.items():
            setattr(row, name, value)
        await self.statuses.save(row)
        return await self.statuses.get(status_id)

    # --- for tickets

    async def default(self, category: TicketStatus) -> TicketStatusOption:
        """The status of that category when nobody says which."""
        found = await self.statuses.default_of(category)
        if found is None:
            await self.furnish()
            found = await self.statuses.default_of(category)
        if found is None:
            raise UnknownTicketStatus
        return found

    async def chosen(self, category: TicketStatus | None, status_id: UUID | None) -> TicketStatusOption:
        """Raises UnknownTicketStatus."""
        if status_id is None:
            return await self.default(category or TicketStatus.OPEN)
        try:
            row = await self.statuses.load(status_id)
        except NotFound as unknown:
            raise UnknownTicketStatus(id=str(status_id)) from unknown
        if not row.is_active:
            raise UnknownTicketStatus(id=str(status_id))
        return row

    async def furnish(self) -> None:
        """One for each category; what is there stays."""
        self.ctx.begin()
        await self.statuses.furnish(STATUSES)
