"""Health data of a claim (class P4): sealed in a table of its own, for who holds health:read; audited."""

from uuid import UUID

from crm_api.claims.errors import UnknownClaimParticipant
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import ClaimHealth
from crm_api.claims.repository.parts import Apart, ParticipantRepository
from crm_api.claims.schemas.apart import ClaimHealthRead, ClaimHealthReveal, ClaimHealthWrite
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.sealing import vault_of
from crm_api.kit.errors import NotFound

LABEL = "claim_health"


class HealthDesk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.apart = ClaimDesk(ctx), Apart(ctx)

    async def write(self, claim_id: UUID, data: ClaimHealthWrite) -> ClaimHealthRead:
        """As a whole. Raises UnknownClaimParticipant, ClaimFileClosed."""
        claim = await self.desk.take_open(claim_id)
        known = {each.id for each in await ParticipantRepository(self.ctx).of(claim.id)}
        if any(injury.participant_id not in known for injury in data.injuries):
            raise UnknownClaimParticipant
        row = await self.apart.health(claim.id) or ClaimHealth(id=claim.id, version=0)
        vault = await vault_of(self.ctx)
        content = data.model_dump(mode="json")
        row.sealed = vault.seal(content, table=ClaimHealth.__tablename__, row_id=claim.id)
        row.version, row.updated_at = row.version + 1, now()
        await self.apart.keep(row)
        self.ctx.note(f"{LABEL}.written", LABEL, claim.id)
        return ClaimHealthRead(claim_id=claim.id, **dict(data))

    async def reveal(self, claim_id: UUID, data: ClaimHealthReveal) -> ClaimHealthRead:
        """Raises NotFound where there is none."""
        claim = await self.desk.take(claim_id)
        row = await self.apart.health(claim.id)
        if row is None or row.sealed is None:
            raise NotFound(id=str(claim_id))
        vault = await vault_of(self.ctx)
        kept = vault.open(row.sealed, table=ClaimHealth.__tablename__, row_id=claim.id)
        self.ctx.note(f"{LABEL}.read", LABEL, claim.id, reason=data.reason)
        return ClaimHealthRead(claim_id=claim.id, **dict(ClaimHealthWrite.model_validate(kept)))
