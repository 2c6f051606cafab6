"""Recourses: what another insurer owes us, or we him (e-recours, IDA)."""

from uuid import UUID

from crm_api.claims.errors import RecoveryAboveAgreement
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.handling import Recovery
from crm_api.claims.models.words import RECOVERY, RecoveryDirection, RecoveryStatus
from crm_api.claims.repository.parts import RecoveryRepository
from crm_api.claims.schemas.money import (
    RecoveryAgree,
    RecoveryCompensate,
    RecoveryOpen,
    RecoveryPage,
    RecoveryQuery,
    RecoveryRead,
)
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count
from crm_api.kit.money import Money, in_french
from crm_api.kit.schemas import Json


class Recovering:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.recoveries = ClaimDesk(ctx), RecoveryRepository(ctx)

    async def page(self, query: RecoveryQuery) -> Json[RecoveryPage]:
        return await self.recoveries.page(query, RecoveryPage)

    async def count(self, query: RecoveryQuery) -> Count:
        return await self.recoveries.count(query)

    async def get(self, recovery_id: UUID) -> Json[RecoveryRead]:
        return await self.recoveries.get(recovery_id)

    async def open(self, claim_id: UUID, data: RecoveryOpen) -> Json[RecoveryRead]:
        """Also of a claim that is closed: recourses outlive it."""
        claim = await self.desk.take(claim_id)
        given = dict(data) | {"opened_on": data.opened_on or today()}
        row = await self.recoveries.save(Recovery(**given, id=new_id(), claim_id=claim.id))
        return await self.recoveries.get(row.id)

    async def agree(self, recovery_id: UUID, data: RecoveryAgree, version: int) -> Json[RecoveryRead]:
        _, row = await self._step(recovery_id, RecoveryStatus.AGREED, version)
        row.agreed, row.agreed_at = data.agreed, now()
        row.external_reference = data.external_reference or row.external_reference
        return await self._kept(row)

    async def compensate(
        self, recovery_id: UUID, data: RecoveryCompensate, version: int
    ) -> Json[RecoveryRead]:
        """What comes in lowers what the claim cost us. Raises RecoveryAboveAgreement."""
        claim, row = await self._step(recovery_id, RecoveryStatus.COMPENSATED, version)
        agreed = row.agreed.centimes if row.agreed else 0
        if data.received.centimes > agreed:
            raise RecoveryAboveAgreement(agreed=in_french(agreed))
        row.received, row.ended_at = data.received, now()
        if row.direction is RecoveryDirection.EXERCISED:
            claim.recovery_amount = Money.of(claim.recovery_amount.centimes + data.received.centimes)
            await self.desk.keep(claim)
        return await self._kept(row)

    async def close(self, recovery_id: UUID, version: int) -> Json[RecoveryRead]:
        _, row = await self._step(recovery_id, RecoveryStatus.CLOSED, version)
        row.ended_at = row.ended_at or now()
        return await self._kept(row)

    async def abandon(self, recovery_id: UUID, version: int) -> Json[RecoveryRead]:
        _, row = await self._step(recovery_id, RecoveryStatus.ABANDONED, version)
        row.ended_at = now()
        return await self._kept(row)

    async def _step(self, recovery_id: UUID, wanted: RecoveryStatus, version: int) -> tuple[Claim, Recovery]:
        """The claim is locked first, as everywhere."""
        found = (await self.recoveries.get(recovery_id)).value
        claim = await self.desk.take(found.claim_id)
        row = await self.recoveries.load(recovery_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        RECOVERY.check(row.status, wanted)
        row.status = wanted
        return claim, row

    async def _kept(self, row: Recovery) -> Json[RecoveryRead]:
        await self.recoveries.save(row)
        return await self.recoveries.get(row.id)
