"""How the organization handles tickets: its choices, else the defaults."""

from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.tickets.models.setup import TicketSettings
from crm_api.tickets.repository.setup import TicketSettingsRepository
from crm_api.tickets.schemas.settings import TicketSettingsPut, TicketSettingsRead

_KNOWN = "ticket settings"
"""What they are remembered under, for seconds, by each process."""


class TicketSettingsService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.kept = TicketSettingsRepository(ctx)

    async def chosen(self) -> TicketSettingsPut:
        """Read at most every few seconds by each process."""
        key = _KNOWN, self.ctx.organization_id
        known: TicketSettingsPut | None = self.ctx.tools.memory.get(key)
        if known is None:  # read apart: what an open transaction sees may never come true
            content, _, _ = await TicketSettingsRepository(self.ctx.apart()).kept()
            known = TicketSettingsPut.model_validate(content)
            self.ctx.tools.memory.put(key, known)
        return known

    async def read(self) -> TicketSettingsRead:
        content, version, _ = await self.kept.kept()
        return TicketSettingsRead(**dict(TicketSettingsPut.model_validate(content)), version=version)

    async def put(self, data: TicketSettingsPut, version: int) -> TicketSettingsRead:
        """As a whole. Raises VersionConflict."""
        self.ctx.begin()
        _, current, id = await self.kept.kept()
        if version not in (current, ANY_VERSION):
            raise VersionConflict(current_version=current)
        row = TicketSettings() if id is None else await self.kept.load(id)
        row.content = data.model_dump(mode="json")
        await self.kept.save(row)
        self.ctx.tools.memory.forget((_KNOWN, self.ctx.organization_id))
        return await self.read()
