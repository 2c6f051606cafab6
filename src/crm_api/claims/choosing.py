"""How the organization handles claims: its choices, else the defaults."""

from crm_api.claims.models.claim import ClaimSettings
from crm_api.claims.repository.parts import ClaimSettingsRepository
from crm_api.claims.schemas.settings import ClaimSettingsPut, ClaimSettingsRead
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict

_KNOWN = "claim settings"
"""What they are remembered under, for seconds, by each process."""


class ClaimSettingsService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.kept = ClaimSettingsRepository(ctx)

    async def chosen(self) -> ClaimSettingsPut:
        """Read at most every few seconds by each process."""
        key = _KNOWN, self.ctx.organization_id
        known: ClaimSettingsPut | None = self.ctx.tools.memory.get(key)
        if known is None:
            content, _, _ = await self.kept.kept()
            known = ClaimSettingsPut.model_validate(content)
            if not self.ctx.begun:  # what an open transaction sees may never come true
                self.ctx.tools.memory.put(key, known)
        return known

    async def read(self) -> ClaimSettingsRead:
        content, version, _ = await self.kept.kept()
        return ClaimSettingsRead(**dict(ClaimSettingsPut.model_validate(content)), version=version)

    async def put(self, data: ClaimSettingsPut, version: int) -> ClaimSettingsRead:
        """As a whole. Raises VersionConflict."""
        self.ctx.begin()
        _, current, id = await self.kept.kept()
        if version not in (current, ANY_VERSION):
            raise VersionConflict(current_version=current)
        row = ClaimSettings() if id is None else await self.kept.load(id)
        row.content = data.model_dump(mode="json")
        await self.kept.save(row)
        self.ctx.tools.memory.forget((_KNOWN, self.ctx.organization_id))
        return await self.read()
